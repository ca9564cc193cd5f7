"""Records as documents: what REST clients read and write, declared once per kind."""
