"""Taking a cohort out of the registry: its tables, their codebook, and how they are written."""
