"""A power cut at any moment of a restore leaves the old database or the new one."""

import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from storage.audit import audit
from storage.lock import ServerLock
from storage.opening import open_database
from storage.sealing import KeyFile
from storage.users import list_users, session_key_of
from tests.campaigns.power import recording
from tests.campaigns.power.cuts import DATABASE, FATES, Cut, lay_out
from tests.campaigns.power.disk import Disk
from tests.campaigns.power.recording import FOLDER, Entry, SyncBegun, Synced
from tests.campaigns.power.restoring import BACKUP, DONE, READY, STAMP
from tests.campaigns.power.sqlite_files import hides_sqlite
from tests.support.depth import depth
from tests.support.process import environment

OLD, NEW = ("ann", "bob", "cat"), ("ann",)

STRIDE = depth(gate=6, deep=1)
"""The power is cut before every STRIDE-th entry."""

pytestmark = pytest.mark.skipif(hides_sqlite(), reason="SQLite is hidden within this Python")


@pytest.fixture(scope="module")
def restored(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Entry]:
    """Return all changes of the files, from the first on."""
    folder = tmp_path_factory.mktemp("restore")
    entries = tmp_path_factory.mktemp("recording") / "entries"
    command = [sys.executable, "-m", "tests.campaigns.power.restoring", str(entries)]
    subprocess.run(command, check=True, cwd=folder, env=environment())
    return recording.read(entries)


def users(database: Path) -> tuple[str, ...]:
    """Return the users of a database, after checking that a server starts on it and all sign in."""
    keys = KeyFile(database.with_name(f"{DATABASE}.key"))
    with (
        ServerLock(database),
        closing(open_database(database, lock_held=True, key_file=keys)) as opened,
    ):
        assert audit(opened) == []
        found = list_users(opened)
        assert all(session_key_of(opened, user.id) for user in found)
        return tuple(user.name for user in found)


def found(entries: Sequence[Entry], folder: Path) -> set[tuple[str, ...]]:
    """Return whose database each cut leaves. After the end, it has to be the new one."""
    disk, begun, seen = Disk(), entries.index(READY), dict[bytes, tuple[str, ...]]()
    for position, entry in enumerate((*entries, DONE)):
        is_cut = position > begun and (position % STRIDE == 0 or position == len(entries))
        for fate in FATES if is_cut else ():
            left = lay_out(folder, Cut(position, f"restore {position}", fate), disk)
            if left not in seen:
                seen[left] = whose(folder)
            assert seen[left] == NEW or position < len(entries), "what was restored is lost"
        disk.take(entry)
    return {*seen.values()}


def whose(folder: Path) -> tuple[str, ...]:
    """Return the users of the database that a cut left. No other file may have changed."""
    left = users(folder / DATABASE)
    assert users(folder / BACKUP) == NEW, "the backup is lost"
    if left == NEW:
        assert users(folder / f"{DATABASE}.before-{STAMP}") == OLD, "the old one is lost"
    return left


@pytest.mark.deep
def test_a_restore_is_all_or_nothing_whenever_the_power_goes(
    restored: Sequence[Entry], tmp_path: Path
) -> None:
    assert found(restored, tmp_path / "left") == {OLD, NEW}


def test_a_restore_whose_names_are_not_synced_is_noticed(
    restored: Sequence[Entry], tmp_path: Path
) -> None:
    begun = restored.index(READY)
    hasty = [
        entry
        for position, entry in enumerate(restored)
        if position < begun or not (isinstance(entry, SyncBegun | Synced) and entry.name == FOLDER)
    ]
    with pytest.raises(AssertionError, match="is lost"):
        found(hasty, tmp_path / "left")
