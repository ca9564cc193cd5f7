"""Figures and tables in words: from a dashboard's codes to what charts and templates draw."""
