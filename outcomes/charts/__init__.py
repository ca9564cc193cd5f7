"""Figures as geometry: numbers and words in, coordinates out; templates draw them."""
