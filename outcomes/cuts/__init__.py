"""Frozen cuts: a cohort's file as it was, kept, and compared with what it would be today."""
