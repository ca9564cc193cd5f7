"""PostgreSQL for a machine that has none: found or unpacked, started, shared, and stopped again.

Nothing here but ``engine`` and ``pytest_plugin`` knows Django, so that the supervisor stays small.
"""


class PostgresProblem(RuntimeError):
    """Something about the embedded server that a person must put right; the text says what."""
