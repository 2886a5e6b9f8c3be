"""What storage raises."""


class StorageError(Exception):
    """The disk or SQLite said no. Nothing of the transaction at issue was kept."""


class RowRefusedError(StorageError):
    """One of the rows cannot be: the same transaction without it may succeed."""


class DatabaseUnusableError(StorageError):
    """The file cannot be used at all; the text is one line for a person."""


class DatabaseInUseError(DatabaseUnusableError):
    """Another process holds the server's lock: a server, or a command for a moment."""
