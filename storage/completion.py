"""What a server leaves behind when it stops: a database file that needs no other file.

SQLite does the same when the last connection is closed, unless the file is no longer under its
name: then the WAL stays where it was, and belongs to nothing. So the server does it, before.
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
    """Move all commits into the file; if it was deleted, into a copy, whose path is returned.

    The copy takes the place of the deleted file, if that is free. Raise StorageError and OSError:
    then the `-wal` at `path` is needed still.
    """
    patience_s = 0.0 if lock.is_in_place() else LOCK_PATIENCE_S
    is_complete = database.checkpoint(patience_s=patience_s)
    if not lock.has_a_name():
        return _saved(database, real(path))
    if not is_complete and not lock.is_in_place():
        raise StorageError(
            "another process reads the moved database, so it lacks commits that are in "
            f"{real(path)}-wal: keep that beside the moved file, and put the file back under its "
            "old name"
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
