"""SQLite's connections to a file, counted: see `storage/lock.py`, "Closing"."""

import os
import sqlite3
from pathlib import Path
from typing import Final

from storage.lock import DESCRIPTORS, Inode, inode_of, real

LOCK_PATIENCE_S: Final = 5.0
"""How long a write waits for another process, such as the command line, to finish its own."""


class Connection(sqlite3.Connection):
    """A connection that says when it is closed."""

    file: Inode | None = None

    def close(self) -> None:
        """Close it, and the descriptors that waited for it."""
        super().close()
        if self.file is not None:
            DESCRIPTORS.disconnected(self.file)
            self.file = None


def connect(path: Path, mode: str) -> Connection:
    """Open an existing file, `ro` or `rw`. Raises OSError and sqlite3.Error."""
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
            factory=Connection,
        )
    except BaseException:
        DESCRIPTORS.disconnected(file)
        raise
    connection.file = file
    return connection
