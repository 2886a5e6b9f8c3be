"""A node's file as another node gets it: all that the log says, and nothing that is local.

Tables named `local_*` are about the pages of one file (`storage/digest.py`): whether they may still
hold session keys in plain text. A snapshot has no such pages, because VACUUM INTO copies no free
ones, and so its `local_*` tables are empty.

A file that arrived replaces the old one by `storage/copies.py`.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from storage.connection import connect_to_file
from storage.database import Database
from storage.errors import SQLITE_ERRORS, DatabaseUnusableError, StorageError, reason
from storage.migrations import version_of
from storage.opening import key_path, open_for_reading
from storage.position import FilePosition, position_of
from storage.progress import OnProgress, unobserved
from storage.sealing import KeyFile

_LOCAL: Final = "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'local_*'"


def make_snapshot(path: Path, draft: Path, on_progress: OnProgress = unobserved) -> None:
    """Copy the file of a node, as of one moment, to an empty draft. The node may be running.

    Raise StorageError, and KeyboardInterrupt if `on_progress` raises.
    """
    with closing(open_for_reading(path)) as database:
        database.copy_into(draft, on_progress)
    try:
        with closing(connect_to_file(draft, "rw")) as copy:
            _forget_local(copy)
    except SQLITE_ERRORS as error:
        raise StorageError(reason(error)) from error


def position_in(draft: Path) -> FilePosition:
    """Return the position in the log of a snapshot that has arrived.

    Raise DatabaseUnusableError if it is no file of a cluster, or of a newer version.
    """
    try:
        with closing(connect_to_file(draft, "ro")) as connection:
            version_of(connection, draft)
            position = position_of(Database(connection, KeyFile(key_path(draft))))
    except DatabaseUnusableError:
        raise
    except (*SQLITE_ERRORS, StorageError) as error:
        raise DatabaseUnusableError(f"the copy is no database: {reason(error)}") from error
    if position is None:
        raise DatabaseUnusableError("the copy is of a file that belongs to no cluster")
    return position


def _forget_local(copy: sqlite3.Connection) -> None:
    copy.execute("PRAGMA secure_delete=ON")
    for (table,) in copy.execute(_LOCAL).fetchall():
        copy.execute(f"DELETE FROM {table}")
