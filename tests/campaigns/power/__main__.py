"""`python -m tests.campaigns.power`: record a match; cut the power at each sync and at random."""

import os
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from shutil import rmtree

import click
import trio

from storage.opening import open_for_reading
from tests.campaigns.power import crowd, match, recording
from tests.campaigns.power.cuts import DATABASE, Outcome, Wrong, at_random, at_syncs
from tests.campaigns.power.promises import Promises
from tests.campaigns.power.recording import Entry, Heard, Synced, Wrote

MOST_SHOWN = 10


@click.command()
@click.option("--cuts", default=10_000, help="At random moments, besides those at each sync.")
@click.option("--folder", type=click.Path(path_type=Path), default=Path("build/power"))
@click.option("--again", is_flag=True, help="Cut the match that was recorded last.")
@click.option("--cut", type=int, help="Only this one of the random cuts.")
@click.option("--jobs", default=0, help="Processes side by side; all cores unless said otherwise.")
def main(cuts: int, folder: Path, again: bool, cut: int | None, jobs: int) -> None:
    """Print what is wrong after any of the cuts. Exit with 1 if anything is."""
    if not again:
        rmtree(folder, ignore_errors=True)
        trio.run(partial(match.recorded, folder, is_long=True))
    entries = recording.read(folder / match.RECORDING)
    chosen = at_random(entries, range(1, cuts + 1) if cut is None else [cut])
    chosen += at_syncs(entries) if cut is None else []
    click.echo(f"{_about(entries)}, {_told(entries, folder / match.FILES / DATABASE)} facts told")
    outcomes = crowd.all_made(folder, chosen, jobs or len(os.sched_getaffinity(0)))
    sys.exit(_tell(outcomes))


def _tell(outcomes: Iterable[Outcome]) -> bool:
    """Print the results of the cuts. Return whether anything is wrong."""
    left, wrong = Counter[bytes](), Counter[Wrong]()
    for outcome in outcomes:
        left[outcome.left] += 1
        wrong.update({kind for kind, _ in outcome.wrong})
        for kind, line in outcome.wrong[:MOST_SHOWN]:
            click.echo(f"\n{outcome.cut}: {kind}: {line[:500]}")
    counts = ", ".join(f"{wrong[kind]} {kind}" for kind in Wrong)
    click.echo(f"cuts: {left.total()}, leaving {len(left)} different disks: {counts}")
    return bool(wrong)


def _about(entries: Sequence[Entry]) -> str:
    with closing(sqlite3.connect(":memory:")) as connection:
        (source_id,) = connection.execute("SELECT sqlite_source_id()").fetchone()
    kinds = Counter(type(entry) for entry in entries)
    synced = Counter(entry.name for entry in entries if isinstance(entry, Synced))
    of_each = ", ".join(f"{count} of {name or 'the folder'}" for name, count in synced.items())
    return (
        f"SQLite {sqlite3.sqlite_version} ({source_id})\n{kinds[Wrote]} writes, "
        f"{kinds[Synced]} syncs ({of_each}), {kinds[Heard]} messages heard"
    )


def _told(entries: Sequence[Entry], database: Path) -> int:
    with closing(open_for_reading(database)) as whole:
        promises = Promises.of(whole)
        for entry in entries:
            promises.take(entry)
    return len(promises.needed)


if __name__ == "__main__":
    main()
