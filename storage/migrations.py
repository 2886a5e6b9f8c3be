"""The version of a database file, and the upgrade of an older one.

`storage/schema` holds numbered scripts. The number of the last one applied is the version of a file
(`user_version`). An upgrade applies the missing scripts in one transaction, each followed by its
step in Python, if it has one (`storage/upgrades.py`). Before that, a copy of the file is made, so
that an operator can go back.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, nullcontext, suppress
from pathlib import Path

from storage.connection import connect_to_file
from storage.copying import vacuum_into
from storage.database import Database
from storage.errors import DatabaseUnusableError, StorageError
from storage.files import make_private, sync
from storage.lock import ServerLock
from storage.progress import OnProgress, unobserved
from storage.upgrades import STEPS, Upgrade

SCHEMA = Path(__file__).parent / "schema"


def latest_version() -> int:
    """Return the version that this release of the product writes."""
    return len(_scripts())


def version_of(connection: sqlite3.Connection, path: Path) -> int:
    """Return the version of a file, 0 for an empty one.

    Raise DatabaseUnusableError if it is from a newer release, or not a database of Toteboard.
    """
    # Read both in one statement, because another process may be creating the file.
    version, tables = connection.execute(
        "SELECT user_version, (SELECT count(*) FROM sqlite_master) FROM pragma_user_version"
    ).fetchone()
    if version > latest_version():
        raise DatabaseUnusableError(f"{path} is from a newer version of toteboard")
    if version == 0 and tables:
        raise DatabaseUnusableError(f"{path} is not a toteboard database")
    return int(version)


def upgrade(
    database: Database,
    connection: sqlite3.Connection,
    path: Path,
    *,
    lock_held: bool,
    is_copy: bool,
    on_progress: OnProgress,
) -> None:
    """Apply all the missing scripts, or none, once a copy of the file is on disk.

    Processes that open the file at the same time take turns by SQLite's write lock; the later ones
    find the work done. `is_copy` says that no copy is needed.
    """
    with database.transaction():
        version = version_of(connection, path)
        if 0 < version < latest_version():
            if not lock_held:
                ServerLock(path).probe()
            if not is_copy:
                database.upgraded_from = path.with_name(f"{path.name}.v{version}")
                _copy(path, database.upgraded_from)
        for number, script in enumerate(_scripts()[version:], start=version + 1):
            for statement in _statements(script.read_text()):
                connection.execute(statement)
            if step := STEPS.get(number):
                step(Upgrade(connection, database.key_file, on_progress))
            connection.execute(f"PRAGMA user_version = {number}")


def scrub(database: Database, path: Path, *, lock_held: bool) -> None:
    """Rewrite a file whose free pages may still hold session keys in plain text.

    Such pages are left from the versions before keys were sealed. If the rewrite is not possible
    now (a server runs, the disk is full, a reader holds the WAL open), the next process that opens
    the file tries again.
    """
    if database.row("SELECT 1 FROM local_scrubbing WHERE NOT is_scrubbed") is None:
        return
    with suppress(StorageError), nullcontext() if lock_held else ServerLock(path):
        database.execute("VACUUM")
        if database.checkpoint():
            database.execute("UPDATE local_scrubbing SET is_scrubbed = 1")


def new_in_memory() -> sqlite3.Connection:
    """Return an empty in-memory database of the latest version, to compare definitions with."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for script in _scripts():
        for statement in _statements(script.read_text()):
            connection.execute(statement)
    return connection


def _scripts() -> list[Path]:
    return sorted(SCHEMA.glob("[0-9]*.sql"))


def _statements(script: str) -> Iterator[str]:
    # executescript() would commit the open transaction, so run the statements one by one.
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _copy(path: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    make_private(target)
    with closing(connect_to_file(path, "ro")) as reader:
        vacuum_into(reader, target, unobserved)
    # SQLite may not have synced the copy or the removal of the copy's journal. A journal that
    # reappeared after a power cut would roll the copy back.
    for written in (target, target.parent):
        sync(written)
