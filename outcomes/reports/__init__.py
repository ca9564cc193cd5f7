"""Reports as PDF: the cohort, and one patient on one page."""
