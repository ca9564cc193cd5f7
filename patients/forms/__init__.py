"""Forms: what is typed, read into records that then clean themselves."""
