"""Pages of what is recorded; those that show outcomes are in `outcomes`."""
