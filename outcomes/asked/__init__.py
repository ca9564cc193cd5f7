"""The cohort that somebody asks for: its form, its address, its sentence, its patients."""
