"""The files of a server: the lock, the connections to the database, the thread of the disk.

`toteboard/app.py` opens them, and completes the database file when the server stops.
"""

from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

import structlog
import trio
from attrs import frozen

from actors.commit.disk_thread import DiskThread, disk_thread
from storage.completion import complete
from storage.database import Database
from storage.errors import DatabaseInUseError, StorageError
from storage.lock import ServerLock
from storage.membership import refuse_cluster_file, refuse_standalone_file
from storage.opening import open_database, open_for_reading
from storage.sealing import KeyFile
from storage.session_keys import adopt, is_scrubbed, refuse_other_secret
from toteboard.progress import progress_bar

SERVER_LOCK_PATIENCE_S: Final = 2.0
SERVER_LOCK_PAUSE_S: Final = 0.02

log = structlog.get_logger()


class IncompleteError(Exception):
    """The server has stopped, and some commits are not in the database file."""


@frozen
class Files:
    """The database: connections for reads on the event loop, for the writer, and for metrics.

    Only work in the thread `disk` uses `writing`.
    """

    lock: ServerLock
    reading: Database
    writing: Database
    counting: Database
    disk: DiskThread


def is_missing(path: Path) -> bool:
    """Return whether there is no database: the lock of a server leaves an empty file."""
    return not path.exists() or (path.is_file() and not path.stat().st_size)


async def locked(path: Path) -> ServerLock:
    """Return the lock, taken. Retry, because a command without a server may hold it briefly."""
    lock = ServerLock(path)
    with trio.move_on_after(SERVER_LOCK_PATIENCE_S):
        while True:
            with suppress(DatabaseInUseError):
                lock.take()
                return lock
            await trio.sleep(SERVER_LOCK_PAUSE_S)
    lock.take()
    return lock


def open_files_of(
    path: Path, keys: KeyFile, lock: ServerLock, open_files: ExitStack, *, in_cluster: bool
) -> Files:
    """Open the database until `open_files` is closed, and then complete the file.

    Refuse a file that belongs to a cluster if not `in_cluster`, and otherwise one that does not.
    Raise DatabaseUnusableError.
    """
    (refuse_standalone_file if in_cluster else refuse_cluster_file)(path)
    with progress_bar("upgrading the database") as on_progress:
        reading = open_database(path, lock_held=True, on_progress=on_progress, key_file=keys)
    writing = open_database(path, lock_held=True, key_file=keys)
    counting = open_for_reading(path)
    for database in (reading, writing, counting):
        open_files.callback(database.close)
    open_files.callback(_complete, path, lock, writing)
    if in_cluster:
        refuse_other_secret(writing)
    else:
        _adopt_secret(writing)
    _look_after_keys(reading, writing)
    disk = open_files.enter_context(disk_thread())
    return Files(lock, reading, writing, counting, disk)


def _adopt_secret(writing: Database) -> None:
    """Note this server's secret in the database."""
    if sealed := adopt(writing):
        log.warning("key_file_changed", key_file=str(writing.key_file.path), session_keys=sealed)


def _look_after_keys(reading: Database, writing: Database) -> None:
    """Log an upgrade, and where plain-text session keys remain."""
    if reading.upgraded_from is not None:
        log.warning("database_upgraded", copy=str(reading.upgraded_from))
    if not is_scrubbed(writing):
        log.warning("database_not_scrubbed")


def _complete(path: Path, lock: ServerLock, writing: Database) -> None:
    """Move all commits into the database file, which SQLite does not do if the file was moved.

    If this fails, raise IncompleteError, unless the file is in its place: then the next start finds
    the `-wal`.
    """
    try:
        saved = complete(writing, lock, path)
    except (StorageError, OSError) as error:
        log.error("storage_failed", error=str(error))
        if not lock.is_in_place():
            raise IncompleteError(str(error)) from error
    else:
        if saved is not None:
            log.error("database_saved", copy=str(saved))
