"""Pages that show what follows from the records."""
