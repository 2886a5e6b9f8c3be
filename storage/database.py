"""A connection to the database file: rows to read, changes to write, transactions.

SQLite runs in WAL mode with synchronous=FULL, so what `write` has committed survives a power cut. A
`Database` belongs to one thread at a time. It is opened by `storage/opening.py`; the modules named
after what they keep know what the rows mean.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlite_utils

from storage.changes import Change, by_kind, values_of
from storage.connection import LOCK_PATIENCE_S
from storage.copying import vacuum_into
from storage.errors import SQLITE_ERRORS, RowRefusedError, StorageError, reason
from storage.header import Versions
from storage.lock import Inode, inode_of
from storage.progress import OnProgress, unobserved
from storage.sealing import KeyFile

Row = dict[str, Any]
"""A row by column."""


class Database:
    """One connection to the file. `storage/opening.py` makes it.

    `key_file` holds the secret that seals the session keys. `upgraded_from` is the path of the copy
    made before an upgrade, or None if opening the file did not upgrade it.
    """

    upgraded_from: Path | None = None

    def __init__(self, connection: sqlite3.Connection, key_file: KeyFile) -> None:
        self._connection = connection
        self._tables = sqlite_utils.Database(connection)
        self.key_file = key_file

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Run a SELECT and return its rows, each a dict by column. Raise StorageError."""
        with _as_storage_error():
            return list(self._tables.query(sql, tuple(parameters)))

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        """Run a SELECT and return its first row, or None. Raise StorageError."""
        # Without sqlite-utils, which puts a savepoint around each query: each request with an
        # idempotency key comes here.
        with _as_storage_error():
            cursor = self._connection.execute(sql, tuple(parameters))
            row = cursor.fetchone()
            names = (column[0] for column in cursor.description)
            return None if row is None else dict(zip(names, row, strict=True))

    def each(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Run a SELECT and yield its rows, read one at a time. Raise StorageError."""
        with _as_storage_error():
            yield from self._connection.execute(sql, tuple(parameters))

    def write(self, changes: Iterable[Change]) -> None:
        """Commit all the changes durably, or none of them. Raise StorageError."""
        with self.transaction():
            self.put(changes)

    def put(self, changes: Iterable[Change]) -> None:
        """Write changes in the open transaction, grouped by kind. Raise StorageError."""
        with _as_storage_error():
            for kind, rows in by_kind(changes):
                self._connection.executemany(kind.statement, map(values_of(kind), rows))

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Run one statement. Raise StorageError."""
        with _as_storage_error():
            self._connection.execute(sql, tuple(parameters))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what the block writes, or roll it back if the block raises."""
        with _as_storage_error():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                self._roll_back()
                raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let the block read the database as of one moment, whatever is written meanwhile."""
        with _as_storage_error():
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._roll_back()

    def probe(self) -> None:
        """Commit a write that changes nothing. Raise StorageError."""
        with self.transaction():
            version = self._connection.execute("PRAGMA user_version").fetchone()[0]
            self._connection.execute(f"PRAGMA user_version = {version}")

    def checkpoint(self, *, patience_s: float = 0.0) -> bool:
        """Move all commits from the WAL into the file; return whether the WAL is now empty.

        A reader that began before the last commit prevents it; wait up to `patience_s` seconds for
        such readers. Raise StorageError.
        """
        with _as_storage_error():
            self._connection.execute(f"PRAGMA busy_timeout={int(patience_s * 1_000)}")
            try:
                busy, _, _ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                self._connection.execute(f"PRAGMA busy_timeout={int(LOCK_PATIENCE_S * 1_000)}")
        return not busy

    def wal_bytes(self) -> int:
        """Return the size of the WAL in bytes; 0 if it is missing or unreadable."""
        about = self._about_wal()
        return 0 if about is None else about.st_size

    def wal_inode(self) -> Inode | None:
        """Return what identifies the WAL of this name; None if it is missing or unreadable."""
        about = self._about_wal()
        return None if about is None else inode_of(about)

    def _about_wal(self) -> os.stat_result | None:
        with suppress(*SQLITE_ERRORS, OSError):
            name = self._connection.execute("PRAGMA database_list").fetchone()[2]
            return os.stat(f"{name}-wal")
        return None

    def versions(self) -> Versions:
        """Return the versions of the schema as of the last commit. Raise StorageError."""
        with _as_storage_error():
            tables = "pragma_schema_version, pragma_user_version"
            sql = f"SELECT schema_version, user_version FROM {tables}"
            schema, ours = self._connection.execute(sql).fetchone()
        return schema, ours

    def copy_into(self, empty: Path, on_progress: OnProgress = unobserved) -> None:
        """Copy the database into an empty file: one consistent snapshot, without deleted rows.

        Report progress in bytes. Raise StorageError, and KeyboardInterrupt if a signal ends it.
        """
        with _as_storage_error():
            vacuum_into(self._connection, empty, on_progress)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


@contextmanager
def _as_storage_error() -> Iterator[None]:
    """Raise errors of SQLite as StorageError; as RowRefusedError if a row is at fault."""
    try:
        yield
    except (sqlite3.IntegrityError, OverflowError) as error:
        raise RowRefusedError(str(error)) from error
    except (*SQLITE_ERRORS, OSError) as error:
        raise StorageError(reason(error)) from error
