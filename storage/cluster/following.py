"""The file of a node that follows, as its clients use it: it is read, and nobody writes to it.

Only the log changes such a file (`storage/position.py`).
"""

from typing import NoReturn

from storage.database import Database
from storage.errors import StorageError


class FollowingDatabase(Database):
    """A database that refuses every transaction. It shares the connection of `database`."""

    def __init__(self, database: Database) -> None:
        super().__init__(database._connection, database.key_file)

    def transaction(self) -> NoReturn:
        """Raise StorageError."""
        raise StorageError("this node does not lead")

    def probe(self) -> None:
        """Do nothing: what applies the log to the file knows whether it can be written."""
