"""The one door to the database file: opening, locking, upgrading, reading, writing.

SQLite in WAL mode with synchronous=FULL: what `write` has returned from survives a power cut.
A `Database` belongs to one thread at a time. What the rows mean is in the modules beside this one.
"""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext, suppress
from functools import cache
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

import sqlite_utils
from attrs import fields

from storage.changes import Change
from storage.connection import LOCK_PATIENCE_S, connect
from storage.copying import vacuum_into
from storage.errors import DatabaseUnusableError, RowRefusedError, StorageError
from storage.files import make_private, sync
from storage.lock import ServerLock, real, refuse_strange_use
from storage.progress import OnProgress, unobserved
from storage.sealing import KeyFile
from storage.upgrades import STEPS, Upgrade

SCHEMA = Path(__file__).parent / "schema"
WAL_TRIES = 100
"""How often a new file is tried while others open it too."""
WAL_BYTES = 4_194_304
"""The size to which the WAL is cut back, in bytes. A reader that holds it open makes it longer."""


class Database:
    """One connection to the file. Make it with `open_database`.

    `key_file` has the secret for the session keys in it. `upgraded_from`: the copy of the file as
    it was, if opening it has upgraded it.
    """

    upgraded_from: Path | None = None

    def __init__(self, connection: sqlite3.Connection, key_file: KeyFile) -> None:
        self._connection = connection
        self._tables = sqlite_utils.Database(connection)
        self.key_file = key_file

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """What a SELECT gives, a dict a row."""
        with _as_storage_error():
            return list(self._tables.query(sql, tuple(parameters)))

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> dict[str, Any] | None:
        """The first row of a SELECT, or None."""
        return next(iter(self.rows(sql, parameters)), None)

    def write(self, changes: Iterable[Change]) -> None:
        """Commit all the changes, durably, or none of them (`StorageError`)."""
        with self.transaction():
            self.put(changes)

    def put(self, changes: Iterable[Change]) -> None:
        """Write changes inside a transaction that is open: rows of a kind together, in order."""
        with _as_storage_error():
            for kind, rows in _by_kind(changes):
                parameters = _parameters_of(kind)  # type: ignore[arg-type]  # a class is hashable
                self._connection.executemany(kind.statement, map(parameters, rows))

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run one statement; gives the id of the row that it inserted, if it did."""
        with _as_storage_error():
            return self._connection.execute(sql, tuple(parameters)).lastrowid or 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What happens inside is committed at the end, or undone if it raises."""
        with _as_storage_error():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                self._undo()
                raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """What is read inside is as of one moment, whoever writes meanwhile."""
        with _as_storage_error():
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._undo()

    def probe(self) -> None:
        """Write and commit something that changes nothing. Raises `StorageError`."""
        with self.transaction():
            version = self._connection.execute("PRAGMA user_version").fetchone()[0]
            self._connection.execute(f"PRAGMA user_version = {version}")

    def checkpoint(self, *, patience_s: float = 0.0) -> bool:
        """Move all commits from the WAL into the file and empty the WAL; return whether it is.

        Readers that began before the last commit prevent it; wait for them as long as given.
        Raises `StorageError`.
        """
        with _as_storage_error():
            self._connection.execute(f"PRAGMA busy_timeout={int(patience_s * 1_000)}")
            try:
                busy, _, _ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                self._connection.execute(f"PRAGMA busy_timeout={int(LOCK_PATIENCE_S * 1_000)}")
        return not busy

    def wal_bytes(self) -> int:
        """Return the size of the WAL in bytes, 0 if there is none or it cannot be told."""
        with suppress(sqlite3.Error, OSError):
            name = self._connection.execute("PRAGMA database_list").fetchone()[2]
            return os.stat(f"{name}-wal").st_size
        return 0

    def copy_into(self, empty: Path, on_progress: OnProgress = unobserved) -> None:
        """Copy all of it, as of one moment and without deleted rows, into an empty file.

        `on_progress` is told of bytes. Raises `StorageError` and KeyboardInterrupt.
        """
        with _as_storage_error():
            vacuum_into(self._connection, empty, on_progress)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _undo(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def open_database(
    path: Path,
    *,
    lock_held: bool = False,
    must_exist: bool = False,
    is_copy: bool = False,
    on_progress: OnProgress = unobserved,
    key_file: KeyFile | None = None,
) -> Database:
    """Open the file, made and upgraded as needed; whoever comes second waits for the first.

    `lock_held`: the caller holds the `ServerLock`; without it, no upgrade under a running server.
    `must_exist`: a file that is not there is not made. `is_copy`: the caller has another, so an
    upgrade makes none. `on_progress` is told of an upgrade that takes long. `key_file`:
    `<path>.key` if not given. Raises `DatabaseUnusableError`.
    """
    with _unusable_if_it_fails(path):
        if not lock_held:
            refuse_strange_use(path)
        if not must_exist:
            with suppress(FileExistsError):
                make_private(path)
        connection = connect(path, "rw")
        with _closed_if_it_fails(connection):
            version = _version(connection, path)
            _use_wal(connection)
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute(f"PRAGMA journal_size_limit={WAL_BYTES}")
            connection.execute("PRAGMA foreign_keys=ON")
            database = Database(connection, key_file or KeyFile(key_path(path)))
            if version < len(_migrations()):
                _upgrade(database, path, lock_held, is_copy, on_progress)
            _scrub(database, path, lock_held)
            return database


def key_path(path: Path) -> Path:
    """Return where the key file of a database is unless another is named."""
    path = real(path)
    return path.with_name(f"{path.name}.key")


def open_for_reading(path: Path) -> Database:
    """Open an existing, up-to-date file without the right to change it.

    Raises `DatabaseUnusableError`.
    """
    with _unusable_if_it_fails(path):
        refuse_strange_use(path)
        connection = connect(path, "ro")
        with _closed_if_it_fails(connection):
            version = _version(connection, path)
            if version == 0:
                raise DatabaseUnusableError(f"{path} is not a toteboard database")
            if version < len(_migrations()):
                raise DatabaseUnusableError(
                    f"{path} is from an older version: start the server once"
                )
            return Database(connection, KeyFile(key_path(path)))


def copy_database(source: Path, empty: Path, on_progress: OnProgress = unobserved) -> None:
    """Copy a database of this version or an older one into an empty file.

    Raises `DatabaseUnusableError`.
    """
    with _unusable_if_it_fails(source):
        refuse_strange_use(source)
        with closing(connect(source, "ro")) as connection:
            if not _version(connection, source):
                raise DatabaseUnusableError(f"{source} is not a toteboard database")
            vacuum_into(connection, empty, on_progress)


def fold_wal(path: Path) -> None:
    """Move all commits from the WAL into the file, whatever its version. Raises `StorageError`.

    Read first: of a file that it cannot read, SQLite would delete the WAL.
    """
    with _unusable_if_it_fails(path):
        for mode, sql in ("ro", "SELECT * FROM sqlite_master"), ("rw", "PRAGMA wal_checkpoint"):
            with closing(connect(path, mode)) as connection:
                connection.execute(sql).fetchall()


def new_in_memory() -> sqlite3.Connection:
    """Make an empty database of this version in memory, to compare a file's definitions with."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for migration in _migrations():
        for statement in _statements(migration.read_text()):
            connection.execute(statement)
    return connection


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch a new file to WAL. Two that switch at once make SQLite refuse without waiting.

    A write does wait: so an empty one comes before each next try.
    """
    for _ in range(WAL_TRIES):
        with suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA journal_mode=WAL")
            return
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode=WAL")


def _migrations() -> list[Path]:
    return sorted(SCHEMA.glob("[0-9]*.sql"))


def _version(connection: sqlite3.Connection, path: Path) -> int:
    # In one statement, so that both are as of one moment while another process makes the file.
    version, tables = connection.execute(
        "SELECT user_version, (SELECT count(*) FROM sqlite_master) FROM pragma_user_version"
    ).fetchone()
    if version > len(_migrations()):
        raise DatabaseUnusableError(f"{path} is from a newer version of toteboard")
    if version == 0 and tables:
        raise DatabaseUnusableError(f"{path} is not a toteboard database")
    return int(version)


def _upgrade(
    database: Database, path: Path, lock_held: bool, is_copy: bool, on_progress: OnProgress
) -> None:
    """Apply the migrations that are missing, all or none, once a copy of the file is on disk.

    SQLite's own write lock lets those who come at once take turns: the later finds it done.
    """
    connection = database._connection
    with database.transaction():
        version = _version(connection, path)
        if 0 < version < len(_migrations()):
            if not lock_held:
                ServerLock(path).probe()
            if not is_copy:
                database.upgraded_from = path.with_name(f"{path.name}.v{version}")
                _copy(path, database.upgraded_from)
        for number, migration in enumerate(_migrations()[version:], start=version + 1):
            for statement in _statements(migration.read_text()):
                connection.execute(statement)
            if step := STEPS.get(number):
                step(Upgrade(connection, database.key_file, on_progress))
            connection.execute(f"PRAGMA user_version = {number}")


def _scrub(database: Database, path: Path, lock_held: bool) -> None:
    """Rewrite a file whose free pages may hold session keys in plain, from an older version.

    If it cannot be done now (a server runs, the disk is full, a reader holds the WAL open), the
    next to open the file tries again.
    """
    if database.row("SELECT 1 FROM sealing WHERE NOT is_scrubbed") is None:
        return
    with suppress(StorageError), nullcontext() if lock_held else ServerLock(path):
        database.execute("VACUUM")
        if database.checkpoint():
            database.execute("UPDATE sealing SET is_scrubbed = 1")


def _statements(script: str) -> Iterator[str]:
    # executescript() would commit the transaction that it is called in.
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _copy(path: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    make_private(target)
    with closing(connect(path, "ro")) as reader:
        vacuum_into(reader, target, unobserved)
    # SQLite need not have done it; and the copy's journal, if it came back, would undo the copy.
    for written in (target, target.parent):
        sync(written)


def _by_kind(changes: Iterable[Change]) -> Iterator[tuple[type[Change], Iterable[Change]]]:
    """Changes grouped by class; a family of classes (`Change.after`) where it first appears.

    Within a family the order stays: an admin who comes, goes and comes again is one.
    """
    order: dict[type[Change], int] = {}
    ranked = [
        (order.setdefault(change.after or type(change), len(order)), change) for change in changes
    ]
    ranked.sort(key=lambda pair: pair[0])
    yield from groupby((change for _, change in ranked), key=type)


@cache
def _parameters_of(kind: Any) -> Callable[[Change], tuple[Any, ...]]:
    """What gives the parameters of a row of this kind, in order."""
    names = [field.name for field in fields(kind)]
    return attrgetter(*names) if len(names) > 1 else lambda change: (getattr(change, names[0]),)


@contextmanager
def _as_storage_error() -> Iterator[None]:
    try:
        yield
    except (sqlite3.IntegrityError, OverflowError) as error:
        raise RowRefusedError(str(error)) from error
    except (sqlite3.Error, OSError) as error:
        raise StorageError(str(error)) from error


@contextmanager
def _closed_if_it_fails(connection: sqlite3.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise


@contextmanager
def _unusable_if_it_fails(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DatabaseUnusableError(f"cannot open {path}: {error.strerror or error}") from error
    except DatabaseUnusableError:
        raise
    except (sqlite3.Error, StorageError) as error:
        raise DatabaseUnusableError(f"cannot use {path} as a database: {error}") from error
