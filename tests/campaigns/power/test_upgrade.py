"""A power cut leaves an upgrade done or not done, with a backup of the old version."""

import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

import pytest

from storage.migrations import SCHEMA
from storage.opening import open_database
from tests.campaigns.power import recording
from tests.campaigns.power.cuts import DATABASE, FATES, Cut, lay_out
from tests.campaigns.power.disk import Disk
from tests.campaigns.power.recording import FOLDER, Entry, SyncBegun, Synced
from tests.campaigns.power.sqlite_files import hides_sqlite
from tests.campaigns.power.upgrade import FILLED
from tests.support.depth import depth
from tests.support.process import environment
from tests.support.version_1 import dump

COPY = f"{DATABASE}.v1"
STRIDE = depth(gate=9, deep=1)
"""The power is cut before every STRIDE-th entry."""
TABLES = 9
"""The number of tables with rows in version 1."""

pytestmark = pytest.mark.skipif(hides_sqlite(), reason="SQLite is hidden within this Python")


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Entry]:
    """Return all changes of the files, from the first on."""
    folder = tmp_path_factory.mktemp("upgrade")
    entries = tmp_path_factory.mktemp("recording") / "entries"
    command = [sys.executable, "-m", "tests.campaigns.power.upgrade", str(entries)]
    subprocess.run(command, check=True, cwd=folder, env=environment())
    return recording.read(entries)


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as database:
        (number,) = database.execute("PRAGMA user_version").fetchone()
        return int(number)


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows of version 1 in a file, empty if it is missing or has no such tables.

    Acts are left out, because an upgrade adds an act for each existing user.
    """
    with closing(sqlite3.connect(path)) as database, suppress(sqlite3.OperationalError):
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return {table: kept for table, kept in dump(database).items() if table != "operator_acts"}
    return {}


def has_digests(path: Path) -> bool:
    """Return whether there are facts and acts, and all of them have digests."""
    with closing(sqlite3.connect(path)) as database:
        lengths = "SELECT length(digest) FROM facts UNION SELECT length(digest) FROM operator_acts"
        return database.execute(lengths).fetchall() == [(32,)]


def found(entries: Sequence[Entry], folder: Path) -> set[int]:
    """Upgrade what each cut leaves, and return the versions that were found."""
    disk, begun, versions = Disk(), entries.index(FILLED), dict[bytes, int]()
    for position, entry in enumerate(entries):
        for fate in FATES if position > begun and position % STRIDE == 0 else ():
            left = lay_out(folder, Cut(position, f"upgrade {position}", fate), disk)
            if left not in versions:
                versions[left] = upgraded_again(folder)
        disk.take(entry)
    return {*versions.values()}


def upgraded_again(folder: Path) -> int:
    """Upgrade again, check the rows and the backup, and return the version that was found."""
    database, copy = folder / DATABASE, folder / COPY
    before = version(database)
    if before > 1:
        assert has_digests(database)
        assert rows(copy) == rows(database), "no copy"
    open_database(database).close()
    assert rows(copy) == rows(database), "the copy is another"
    assert len(rows(database)) == TABLES
    assert version(database) > 1
    return before


@pytest.mark.deep
def test_an_upgrade_is_all_or_nothing_and_leaves_a_copy_whenever_the_power_goes(
    upgraded: Sequence[Entry], tmp_path: Path
) -> None:
    assert found(upgraded, tmp_path / "left") == {1, len([*SCHEMA.glob("*.sql")])}


def test_a_copy_whose_name_is_not_synced_is_noticed(
    upgraded: Sequence[Entry], tmp_path: Path
) -> None:
    begun = upgraded.index(FILLED)
    hasty = [
        entry
        for position, entry in enumerate(upgraded)
        if position < begun or not (isinstance(entry, SyncBegun | Synced) and entry.name == FOLDER)
    ]
    with pytest.raises(AssertionError, match="no copy"):
        found(hasty, tmp_path / "left")
