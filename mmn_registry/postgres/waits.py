"""How long anybody waits for PostgreSQL: nobody for ever.

The server ends what takes too long and lets go of its locks; the network's own timers end what a
lost server can no longer end. What a person waits for is short, a command may take its time.
"""

from contextvars import ContextVar
from dataclasses import dataclass

# A server that is gone is noticed within seconds, whatever the machine's defaults are.
NETWORK = {
    "connect_timeout": 3,  # seconds
    "keepalives": 1,
    "keepalives_idle": 2,  # seconds
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 4000,  # milliseconds
}


@dataclass(frozen=True)
class Waits:
    """The longest that a session may wait. [s]"""

    statement: int
    lock: int
    idle_in_transaction: int

    def options(self) -> str:
        """As libpq hands them to a new session."""
        limits = {
            "statement_timeout": self.statement,
            "lock_timeout": self.lock,
            "idle_in_transaction_session_timeout": self.idle_in_transaction,
        }
        return " ".join(f"-c {name}={seconds}s" for name, seconds in limits.items())


# Below the 35 s after which the web server ends a worker that does not come back.
PAGE = Waits(statement=20, lock=3, idle_in_transaction=30)
# Outcomes are derived by one at a time: who comes second waits for the first, and then has them.
DERIVING = Waits(statement=30, lock=20, idle_in_transaction=60)
COMMAND = Waits(statement=60 * 60, lock=10 * 60, idle_in_transaction=10 * 60)
# What is streamed to somebody who asked for all of it.
EXPORT_STATEMENT_SECONDS = 10 * 60

# The faults that statements met while one request is answered: a library may swallow one, and go
# on as if it had been told something.
met: ContextVar[list[Exception] | None] = ContextVar("mmn_faults_met", default=None)
