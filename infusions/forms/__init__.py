"""What was given, as it is typed."""
