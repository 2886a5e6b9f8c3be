"""The simulated disk keeps everything that was synced, and may lose anything else."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.campaigns.power.disk import PAGE, SECTOR, Disk, Fate, in_order, kept, lost, scattered
from tests.campaigns.power.recording import (
    FOLDER,
    Created,
    Entry,
    Removed,
    SyncBegun,
    Synced,
    Truncated,
    Wrote,
)

A, B = b"a" * 2 * PAGE, b"b" * 2 * PAGE


def played(*entries: Entry) -> Disk:
    disk = Disk()
    for entry in entries:
        disk.take(entry)
    return disk


def sync(name: str) -> tuple[Entry, Entry]:
    return SyncBegun(name, 1), Synced(name, 1)


MADE = Created("file"), Wrote("file", 0, A), *sync("file"), *sync(FOLDER)


@st.composite
def fates(draw: st.DrawFn) -> Fate:
    dice = Random(draw(st.integers()))
    kinds = lost(), kept(), in_order(2, dice), scattered(SECTOR, dice), scattered(PAGE, dice)
    return draw(st.sampled_from(kinds))


@given(fates())
def test_what_was_synced_is_there_whatever_chance_leaves(fate: Fate) -> None:
    assert played(*MADE).after(fate) == {"file": A}
    later = played(*MADE, Wrote("file", PAGE, B)).after(fate)["file"]
    assert later[:PAGE] == A[:PAGE]


@given(fates())
def test_a_sector_is_there_whole_or_not_at_all(fate: Fate) -> None:
    left = played(*MADE, Wrote("file", 0, B)).after(fate)["file"]
    sectors = {bytes(left[start : start + SECTOR]) for start in range(0, len(left), SECTOR)}
    assert sectors <= {A[:SECTOR], B[:SECTOR]}


def test_writes_arrive_in_any_order_and_in_parts() -> None:
    disk = played(*MADE, Wrote("file", 0, B[:PAGE]), Wrote("file", PAGE, B[:PAGE]))
    left = {bytes(disk.after(scattered(PAGE, Random(seed)))["file"]) for seed in range(50)}
    assert left == {A, B, A[:PAGE] + B[:PAGE], B[:PAGE] + A[:PAGE]}
    torn = disk.after(in_order(2, Random(1)))["file"]
    assert torn[PAGE:] == A[PAGE:]
    assert A[:SECTOR] in torn[:PAGE]
    assert B[:SECTOR] in torn[:PAGE]


def test_what_is_written_while_a_sync_is_under_way_need_not_be_there() -> None:
    begun, done = sync("file")
    disk = played(*MADE, Wrote("file", 0, B[:PAGE]), begun, Wrote("file", PAGE, B[:PAGE]), done)
    assert disk.after(lost())["file"] == B[:PAGE] + A[:PAGE]


def test_bytes_beside_those_that_are_written_stay() -> None:
    left = played(*MADE, Wrote("file", 100, b"b" * 10), *sync("file")).after(lost())["file"]
    assert left == A[:100] + b"b" * 10 + A[110:]


def test_a_name_is_there_once_its_folder_is_synced() -> None:
    new = Created("file"), Wrote("file", 0, A), *sync("file")
    assert played(*new).after(lost()) == {}
    assert played(*new).after(kept()) == {"file": A}
    assert played(*new, *sync(FOLDER)).after(lost()) == {"file": A}


def test_a_file_that_was_removed_comes_back_unless_its_folder_is_synced() -> None:
    assert played(*MADE, Removed("file")).after(lost()) == {"file": A}
    assert played(*MADE, Removed("file"), *sync(FOLDER)).after(lost()) == {}
    made_anew = played(*MADE, Removed("file"), Created("file"), Wrote("file", 0, B))
    assert made_anew.after(lost()) == {"file": A}
    assert made_anew.after(kept()) == made_anew.seen() == {"file": B}


def test_a_size_is_a_change_like_others() -> None:
    disk = played(*MADE, Truncated("file", PAGE))
    assert disk.after(lost()) == {"file": A}
    assert disk.after(kept()) == {"file": A[:PAGE]}
