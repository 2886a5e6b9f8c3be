"""Opening the database file: to read and write it, to read it, to copy it.

Each function first refuses a file that another process uses in a way that could harm it
(`storage/lock.py`). A file of an older version is upgraded when it is opened for writing
(`storage/migrations.py`).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from storage.connection import connect_to_file
from storage.copying import vacuum_into
from storage.database import Database
from storage.errors import SQLITE_ERRORS, DatabaseUnusableError, StorageError, reason
from storage.files import make_private
from storage.lock import real, refuse_strange_use
from storage.migrations import latest_version, scrub, upgrade, version_of
from storage.progress import OnProgress, unobserved
from storage.sealing import KeyFile

WAL_TRIES = 100
"""How often to try to switch a new file to WAL while other processes open it too."""
WAL_BYTES = 4_194_304
"""The size to which SQLite cuts the WAL back, in bytes. It can grow beyond while a reader runs."""


def open_database(
    path: Path,
    *,
    lock_held: bool = False,
    must_exist: bool = False,
    is_copy: bool = False,
    on_progress: OnProgress = unobserved,
    key_file: KeyFile | None = None,
) -> Database:
    """Open the file for reading and writing; create or upgrade it as needed.

    `lock_held`: the caller holds the `ServerLock`. Without it, a file that a server uses is not
    upgraded. `must_exist`: refuse a missing file. `is_copy`: the caller has another copy, so an
    upgrade makes none. `on_progress`: receives the progress of a long upgrade. `key_file`: None for
    `<path>.key`. Raise DatabaseUnusableError.
    """
    with _unusable_if_it_fails(path):
        if not lock_held:
            refuse_strange_use(path)
        if not must_exist:
            with suppress(FileExistsError):
                make_private(path)
        connection = connect_to_file(path, "rw")
        with _closed_if_it_fails(connection):
            version = version_of(connection, path)
            _use_wal(connection)
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute(f"PRAGMA journal_size_limit={WAL_BYTES}")
            connection.execute("PRAGMA foreign_keys=ON")
            database = Database(connection, key_file or KeyFile(key_path(path)))
            if version < latest_version():
                upgrade(
                    database,
                    connection,
                    path,
                    lock_held=lock_held,
                    is_copy=is_copy,
                    on_progress=on_progress,
                )
            scrub(database, path, lock_held=lock_held)
            return database


def key_path(path: Path) -> Path:
    """Return the default path of a database's key file."""
    path = real(path)
    return path.with_name(f"{path.name}.key")


def open_for_reading(path: Path) -> Database:
    """Open an existing file of the latest version, read-only. Raise DatabaseUnusableError."""
    with _unusable_if_it_fails(path):
        refuse_strange_use(path)
        connection = connect_to_file(path, "ro")
        with _closed_if_it_fails(connection):
            version = version_of(connection, path)
            if version == 0:
                raise DatabaseUnusableError(f"{path} is not a toteboard database")
            if version < latest_version():
                raise DatabaseUnusableError(
                    f"{path} is from an older version: start the server once to upgrade it"
                )
            return Database(connection, KeyFile(key_path(path)))


def copy_database(source: Path, empty: Path, on_progress: OnProgress = unobserved) -> None:
    """Copy a database of this version or an older one into an empty file.

    Raise DatabaseUnusableError.
    """
    with _unusable_if_it_fails(source):
        refuse_strange_use(source)
        with closing(connect_to_file(source, "ro")) as connection:
            if not version_of(connection, source):
                raise DatabaseUnusableError(f"{source} is not a toteboard database")
            vacuum_into(connection, empty, on_progress)


def fold_wal(path: Path) -> None:
    """Move all commits from the WAL into the file, whatever its version.

    Read the file first, because SQLite deletes the WAL of a file that it cannot read. Raise
    DatabaseUnusableError.
    """
    with _unusable_if_it_fails(path):
        for mode, sql in ("ro", "SELECT * FROM sqlite_master"), ("rw", "PRAGMA wal_checkpoint"):
            with closing(connect_to_file(path, mode)) as connection:
                connection.execute(sql).fetchall()


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch a new file to WAL.

    If two processes switch at the same time, SQLite refuses one immediately. A write waits for the
    other process, so an empty one comes before each retry.
    """
    for _ in range(WAL_TRIES):
        with suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA journal_mode=WAL")
            return
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode=WAL")


@contextmanager
def _closed_if_it_fails(connection: sqlite3.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise


@contextmanager
def _unusable_if_it_fails(path: Path) -> Iterator[None]:
    """Raise errors of the system and of SQLite as DatabaseUnusableError."""
    try:
        yield
    except OSError as error:
        raise DatabaseUnusableError(f"cannot open {path}: {error.strerror or error}") from error
    except DatabaseUnusableError:
        raise
    except (*SQLITE_ERRORS, StorageError) as error:
        text = f"cannot use {path} as a database: {reason(error)}"
        raise DatabaseUnusableError(text) from error
