"""SQLite connections to a database file, counted: `storage/lock.py`, "Closing", says why."""

import os
import sqlite3
from pathlib import Path
from typing import Final

from game.names import folded
from storage.lock import DESCRIPTORS, Inode, inode_of, real

LOCK_PATIENCE_S: Final = 5.0
"""How long a write waits for another process, such as a command, to finish its write."""


class CountedConnection(sqlite3.Connection):
    """A connection that reports its end to `DESCRIPTORS`."""

    file: Inode | None = None

    def close(self) -> None:
        """Close the connection, and the descriptors that had to wait for it."""
        super().close()
        if self.file is not None:
            DESCRIPTORS.disconnected(self.file)
            self.file = None


def connect_to_file(path: Path, mode: str) -> CountedConnection:
    """Open an existing file with the mode `ro` or `rw`. Raise OSError and sqlite3.Error."""
    path = real(path)
    file = inode_of(os.stat(path))
    DESCRIPTORS.connected(file)
    try:
        connection = sqlite3.connect(
            f"{path.as_uri()}?mode={mode}",
            uri=True,
            timeout=LOCK_PATIENCE_S,
            isolation_level=None,
            check_same_thread=False,
            factory=CountedConnection,
        )
    except BaseException:
        DESCRIPTORS.disconnected(file)
        raise
    connection.file = file
    connection.create_function("folded", 1, folded, deterministic=True)
    return connection
