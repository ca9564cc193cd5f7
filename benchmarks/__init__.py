"""Figures and drills, each against its own limit; `make prove` runs them all."""
