"""The one door to the database file: opening, locking, upgrading, reading, writing.

SQLite in WAL mode with synchronous=FULL: what `write` has returned from survives a power cut.
A `Database` belongs to one thread at a time. What the rows mean is in the modules beside this one.
"""

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import cache
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, Self

import sqlite_utils
from attrs import fields

from storage.changes import Change

SCHEMA = Path(__file__).parent / "schema"
LOCK_PATIENCE_S = 5.0
"""How long a write waits for another process, such as the command line, to finish its own."""
WAL_TRIES = 100
"""How often a new file is tried while others open it too."""


class StorageError(Exception):
    """The disk or SQLite said no. Nothing of the transaction at issue was kept."""


class RowRefusedError(StorageError):
    """One of the rows cannot be: the same transaction without it may succeed."""


class DatabaseUnusableError(StorageError):
    """The file cannot be used at all; the text is one line for a person."""


class DatabaseInUseError(DatabaseUnusableError):
    """Another process holds the server's lock: a server, or a command for a moment."""


class ServerLock:
    """Holds `<database>.lock` so that no second server serves the same file.

    The system lets go of it when the process ends, however it ends.
    """

    def __init__(self, path: Path) -> None:
        real = path.resolve()
        self._path = real.with_name(real.name + ".lock")
        self._handle: int | None = None

    def take(self) -> None:
        """Take the lock at once, or raise `DatabaseUnusableError`."""
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise DatabaseUnusableError(f"cannot lock {self._path}: {error.strerror}") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            raise DatabaseInUseError(
                f"the database is in use by another server (lock: {self._path})"
            ) from error
        self._handle = handle

    def probe(self) -> None:
        """Raise `DatabaseUnusableError` if a server holds the lock."""
        self.take()
        self.release()

    def release(self) -> None:
        """Let go of the lock, if held."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def __enter__(self) -> Self:
        self.take()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


class Database:
    """One connection to the file. Make it with `open_database`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._tables = sqlite_utils.Database(connection)

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

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _undo(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def open_database(path: Path, *, lock_held: bool = False, must_exist: bool = False) -> Database:
    """Open the file, made and upgraded as needed; whoever comes second waits for the first.

    `lock_held`: the caller holds the `ServerLock`; without it, no upgrade under a running server.
    `must_exist`: a file that is not there is not made. Raises `DatabaseUnusableError`.
    """
    with _unusable_if_it_fails(path):
        if not must_exist:
            _make_private(path)
        connection = _connect(f"{path.resolve().as_uri()}?mode=rw")
        with _closed_if_it_fails(connection):
            version = _version(connection, path)
            _use_wal(connection)
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA foreign_keys=ON")
            if version < len(_migrations()):
                _upgrade(connection, path, lock_held)
            return Database(connection)


def open_for_reading(path: Path) -> Database:
    """Open an existing, up-to-date file without the right to change it.

    Raises `DatabaseUnusableError`.
    """
    with _unusable_if_it_fails(path):
        connection = _connect(f"{path.resolve().as_uri()}?mode=ro")
        with _closed_if_it_fails(connection):
            if _version(connection, path) < len(_migrations()):
                raise DatabaseUnusableError(
                    f"{path} is from an older version: start the server once"
                )
            return Database(connection)


def _connect(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(
        uri, uri=True, timeout=LOCK_PATIENCE_S, isolation_level=None, check_same_thread=False
    )


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


def _make_private(path: Path) -> None:
    """The file holds session keys: a new one is for its owner alone.

    One that exists is not touched: closing a file ends all locks that a process has on it, those
    of its SQLite connections too.
    """
    if not path.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


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


def _upgrade(connection: sqlite3.Connection, path: Path, lock_held: bool) -> None:
    """Apply the migrations that are missing, all or none, once a copy of the file is on disk.

    SQLite's own write lock lets those who come at once take turns: the later finds it done.
    """
    database = Database(connection)
    with database.transaction():
        version = _version(connection, path)
        if 0 < version < len(_migrations()):
            if not lock_held:
                ServerLock(path).probe()
            _copy(path, path.with_name(f"{path.name}.v{version}"))
        for number, migration in enumerate(_migrations()[version:], start=version + 1):
            for statement in _statements(migration.read_text()):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")


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
    _make_private(target)
    with closing(_connect(f"{path.resolve().as_uri()}?mode=ro")) as reader:
        reader.execute("VACUUM INTO ?", (str(target),))
    # SQLite need not have done it; and the copy's journal, if it came back, would undo the copy.
    for written in (target, target.parent):
        _sync(written)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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
