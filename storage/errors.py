"""The errors of storage."""


class StorageError(Exception):
    """The disk or SQLite failed. Nothing of the transaction was stored."""


class RowRefusedError(StorageError):
    """SQLite rejected a row. The transaction may succeed without it."""


class DatabaseUnusableError(StorageError):
    """The file cannot be used. The text is one line for a person."""


class DatabaseInUseError(DatabaseUnusableError):
    """Another process holds the server's lock: a server, or briefly a command."""
