"""The trail's words: closed lists, the same for Python and for PostgreSQL."""

from enum import StrEnum


class EntryKind(StrEnum):
    """What happened. Only the database itself writes entries of the first kind."""

    WRITE = "write"
    READ = "read"
    IDENTITY = "identity"  # who a patient is was looked at
    EXPORT = "export"
    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    SIGN_IN_FAILED = "sign_in_failed"
    LOCKED_OUT = "locked_out"
    REFUSAL = "refusal"


class Operation(StrEnum):
    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"


# Who acts where the context names nobody: whoever has a session in the database.
DATABASE_ACTOR = "database"

NOTED_KINDS = tuple(kind for kind in EntryKind if kind is not EntryKind.WRITE)
