"""Pages that need nothing but what was recorded of treatment."""
