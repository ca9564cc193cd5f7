"""How often the database failed, by kind: for /metrics, and without a word of what was asked."""

from prometheus_client import Counter

_faults = Counter(
    "mmn_database_faults",
    "Statements and connections that PostgreSQL, or the way to it, could not serve.",
    ["kind"],
)


def count_fault(fault: Exception) -> None:
    """Under the name that the driver gives to it, as QueryCanceled or AdminShutdown."""
    _faults.labels(type(fault.__cause__ or fault).__name__).inc()
