"""Completes the database file when the server stops, so that it does not need its WAL.

SQLite does this when the last connection closes, unless the file was moved. Then it leaves the WAL
under the old name, where no database uses it. So the server completes the file before it closes it.
"""

from contextlib import suppress
from itertools import count
from pathlib import Path

from storage.connection import LOCK_PATIENCE_S
from storage.database import Database
from storage.errors import StorageError
from storage.files import private_draft, publish
from storage.lock import ServerLock, real


def complete(database: Database, lock: ServerLock, path: Path) -> Path | None:
    """Move all commits into the file. If it was deleted, write a copy and return its path.

    The copy gets the name of the deleted file if that is free. Raise StorageError or OSError if the
    file is not complete; then it still needs the `-wal` at `path`.
    """
    patience_s = 0.0 if lock.is_in_place() else LOCK_PATIENCE_S
    is_complete = database.checkpoint(patience_s=patience_s)
    if not lock.has_a_name():
        return _saved(database, real(path))
    if not is_complete and not lock.is_in_place():
        raise StorageError(
            "another process reads the moved database, so commits are still in "
            f"{real(path)}-wal: keep that file, and move the database back to its old name"
        )
    return None


def _saved(database: Database, path: Path) -> Path:
    with private_draft(path) as draft:
        database.copy_into(draft)
        for number in count():
            target = path.with_name(f"{path.name}.deleted{number}") if number else path
            with suppress(FileExistsError):
                publish(draft, target)
                return target
    raise AssertionError("some number is free")
