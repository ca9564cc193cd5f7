"""The formats of an export: each takes tables some rows at a time and leaves files in one ZIP."""
