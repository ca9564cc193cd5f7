"""The cohort page in words and drawings, panel by panel."""
