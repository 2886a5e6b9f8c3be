"""What clients were told survives a power cut at any moment, and these tests can fail.

They use a shorter match than `make power`, and fewer cuts.
"""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
import trio
from attrs import frozen
from click.testing import CliRunner

from tests.campaigns.power import match, recording
from tests.campaigns.power.__main__ import main
from tests.campaigns.power.cuts import DATABASE, Cut, Wrong, at_random, at_syncs, at_the_end, made
from tests.campaigns.power.disk import Disk
from tests.campaigns.power.mutations import MUTATIONS
from tests.campaigns.power.recording import FOLDER, Entry, Heard, SyncBegun, Synced, Wrote
from tests.campaigns.power.sqlite_files import hides_sqlite
from tests.support.depth import depth

KEY_FILE = DATABASE + ".key"
RANDOM = depth(gate=60, deep=1_000)
RANDOM_EACH = depth(gate=4, deep=1)
"""Every so many syncs have a second cut, which leaves a random part."""
START_EACH = depth(gate=8, deep=1)
"""The audit runs after every cut. A server starts after every so many."""

pytestmark = pytest.mark.skipif(hides_sqlite(), reason="SQLite is hidden within this Python")


def final_name(name: str) -> str:
    """Return the final name of a file. The key file is first written under a draft name."""
    return KEY_FILE if name.startswith(f".{KEY_FILE}.") else name


@frozen
class Played:
    """A recorded match."""

    entries: Sequence[Entry]
    database: Path

    def wrong_after(self, cuts: Sequence[Cut], folder: Path) -> Counter[Wrong]:
        """Count the violations of each kind after the cuts."""
        outcomes = made(self.entries, cuts, self.database, folder / "left")
        return Counter(kind for each in outcomes for kind in {kind for kind, _ in each.wrong})

    def has(self, wanted: Wrong, cuts: Sequence[Cut], folder: Path) -> bool:
        """Return whether there is a violation of a kind after one of the cuts."""
        outcomes = made(self.entries, cuts, self.database, folder / "left")
        return any(kind is wanted for each in outcomes for kind, _ in each.wrong)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder as `make power` leaves it."""
    folder = tmp_path_factory.mktemp("power")
    trio.run(partial(match.recorded, folder, is_long=False))
    return folder


@pytest.fixture
def played(folder: Path) -> Played:
    return Played(recording.read(folder / match.RECORDING), folder / match.FILES / DATABASE)


def test_all_that_was_done_to_the_files_was_recorded(played: Played) -> None:
    disk = Disk()
    for entry in played.entries:
        disk.take(entry)
    files = {path.name: path.read_bytes() for path in played.database.parent.iterdir()}
    assert {name: bytes(content) for name, content in disk.seen().items()} == files


def test_the_match_has_something_of_all(played: Played) -> None:
    synced = Counter(entry.name for entry in played.entries if isinstance(entry, Synced))
    assert synced[DATABASE + "-wal"] > 50
    assert synced[DATABASE] == 3, "SQLite makes the file, and checkpoints it at each stop"
    assert synced[FOLDER] >= 4
    told = {entry.message["res"] for entry in played.entries if isinstance(entry, Heard)}
    assert told >= {335, 340, 350, 352, 356, 361, 362, 363, 366, 815, 3991, 3411, 341}


@pytest.mark.deep
def test_nothing_that_was_told_is_lost_at_any_sync_and_the_file_is_whole(
    played: Played, tmp_path: Path
) -> None:
    cuts = [*at_syncs(played.entries, start_each=START_EACH, random_each=RANDOM_EACH)]
    assert played.wrong_after(cuts, tmp_path) == {}


@pytest.mark.deep
def test_nothing_that_was_told_is_lost_at_random_moments_and_the_file_is_whole(
    played: Played, tmp_path: Path
) -> None:
    cuts = at_random(played.entries, range(RANDOM), start_each=START_EACH)
    assert played.wrong_after(cuts, tmp_path) == {}


@pytest.mark.parametrize("name", [DATABASE, DATABASE + "-wal", FOLDER, KEY_FILE])
def test_a_disk_that_does_not_do_its_syncs_is_noticed(
    played: Played, tmp_path: Path, name: str
) -> None:
    """Each kind of sync is needed, and completes before the server tells clients anything."""
    honest = [
        entry
        for entry in played.entries
        if not (isinstance(entry, SyncBegun | Synced) and final_name(entry.name) == name)
    ]
    cuts = [at_the_end(honest), *at_random(honest, range(8))]
    # A database without its first page, or an empty key file, cannot be opened at all.
    wrong = Wrong.CORRUPT if name in (DATABASE, KEY_FILE) else Wrong.LOST
    assert Played(honest, played.database).has(wrong, cuts, tmp_path)


def test_a_checkpoint_that_is_not_synced_leaves_a_damaged_file(
    played: Played, tmp_path: Path
) -> None:
    hasty = [
        entry
        for entry in played.entries
        if not (isinstance(entry, SyncBegun | Synced) and entry.name == DATABASE)
    ]
    cuts = [Cut(len(hasty), f"seed {number}", "pages") for number in range(4)]
    assert Played(hasty, played.database).has(Wrong.CORRUPT, cuts, tmp_path)


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_server_that_tells_too_early_is_noticed(tmp_path: Path, mutation: str) -> None:
    with suppress(ExceptionGroup):  # who hears of a game too early may be told that there is none
        trio.run(match.begun, tmp_path, mutation)
    files = tmp_path / match.FILES
    played = Played(recording.read(tmp_path / match.RECORDING), files / DATABASE)
    cuts = [*at_syncs(played.entries, start_each=1_000), at_the_end(played.entries)]
    assert played.has(Wrong.LOST, cuts, tmp_path)


def test_a_cut_can_be_made_again_by_its_number(folder: Path) -> None:
    said = CliRunner().invoke(main, ["--again", "--folder", str(folder), "--cut", "7"])
    assert said.exit_code == 0, said.output
    assert f"SQLite {sqlite3.sqlite_version}" in said.output
    assert "cuts: 1, leaving 1 different disks: 0 corrupt, 0 lost" in said.output


def test_a_recording_is_whole_however_many_write_it(tmp_path: Path) -> None:
    pens = [recording.Pen(tmp_path / "recording") for _ in range(2)]
    entries = [Wrote("file", number, bytes(5_000)) for number in range(10)]
    for number, entry in enumerate(entries):
        pens[number % 2].note(entry)
    for pen in pens:
        pen.close()
    assert recording.read(tmp_path / "recording") == entries
