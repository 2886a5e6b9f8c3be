"""The errors of storage."""

import sqlite3
from typing import Final

SQLITE_ERRORS: Final = (sqlite3.Error, UnicodeDecodeError, MemoryError)
"""What the sqlite3 module raises for a damaged file: UnicodeDecodeError where SQLite's own message
quotes bytes of the file that are not UTF-8, MemoryError where a length in the file is absurd."""


class StorageError(Exception):
    """The disk or SQLite failed. Nothing of the transaction was stored."""


class LeadershipLostError(StorageError):
    """This node of a cluster no longer leads. What was to be stored may be in the log."""


class LogWentBackError(LeadershipLostError):
    """The cluster's log has lost the confirmed record `idx`, which this node has applied."""

    def __init__(self, idx: int) -> None:
        super().__init__(f"the cluster's log has lost the confirmed record {idx}")
        self.idx = idx


class RowRefusedError(StorageError):
    """SQLite rejected a row. The transaction may succeed without it."""


class DamagedRowError(StorageError):
    """A row that was read has a value of a type that its column cannot have."""

    def __init__(self, table: str, column: str) -> None:
        super().__init__(f"{table} has a damaged row ({column}): run `toteboard check`")


class DatabaseUnusableError(StorageError):
    """The file cannot be used. The text is one line for a person."""


class DatabaseInUseError(DatabaseUnusableError):
    """Another process holds the server's lock: a server, or briefly a command."""


def reason(error: Exception) -> str:
    """Return what one of the `SQLITE_ERRORS` says, in words that a person understands."""
    if isinstance(error, UnicodeDecodeError):
        return "it is damaged, with text that is not UTF-8"
    return str(error) or "it needs too much memory"
