"""The moments of the kills, and how the test detects that the server has reached one."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from itertools import islice
from pathlib import Path
from random import Random
from typing import Final

LIVES: Final = 10
"""The lives of a season. Then its games are settled and others opened."""


class Moment(StrEnum):
    """What the server is doing when it is killed."""

    BETTING = "in the betting"
    WORKERS = "in the betting, after workers were killed"
    CHECKPOINT = "in a checkpoint"
    STARTING = "while it starts, or everybody comes back"
    SETTLING = "while games are settled and closed"


_OF_A_SEASON: Final = [*[Moment.BETTING] * 4, *[Moment.CHECKPOINT] * 3, *[Moment.STARTING] * 2]
_WITH_WORKERS: Final = [*[Moment.WORKERS] * 6, Moment.BETTING, Moment.CHECKPOINT, Moment.STARTING]

_KILL_IN_CHECKPOINT: Final = """
import os, signal, sys, time
path, process = sys.argv[1], int(sys.argv[2])
before, until = os.stat(path).st_mtime_ns, time.monotonic() + 10
while os.stat(path).st_mtime_ns == before and time.monotonic() < until:
    time.sleep(0.0002)
os.kill(process, signal.SIGKILL)
"""
"""Only a checkpoint writes to the database file. All other writes go to the write-ahead log."""

_DONE, _BEGUN = 96, 128
"""Offsets in the index of a write-ahead log: how many frames a checkpoint has copied, and how many
it attempted (SQLite's "WAL-mode File Format", `nBackfill` and `nBackfillAttempted`)."""


def moments(dice: Random, cycles: int, workers: int = 1) -> Iterator[tuple[Moment, bool]]:
    """Yield the moments of `cycles` kills, each with whether a season ends after it."""
    of_a_season = _OF_A_SEASON if workers == 1 else _WITH_WORKERS
    return islice(_moments(dice, of_a_season), cycles)


def _moments(dice: Random, of_a_season: list[Moment]) -> Iterator[tuple[Moment, bool]]:
    while True:
        for moment in dice.sample(of_a_season, LIVES - 1):
            yield moment, False
        yield Moment.SETTLING, True


@contextmanager
def killed_in_checkpoint(database: Path, process_id: int) -> Iterator[None]:
    """Kill the server within the block as soon as a checkpoint writes.

    A separate process does this, because this one is too busy to react in time.
    """
    command = [sys.executable, "-S", "-c", _KILL_IN_CHECKPOINT, str(database), str(process_id)]
    with subprocess.Popen(command) as killer:
        try:
            yield
        finally:
            killer.kill()


def workers_of(process_id: int) -> list[int]:
    """Return the process ids of a server's workers."""
    threads = Path(f"/proc/{process_id}/task").glob("*/children")
    return sorted(int(child) for thread in threads for child in thread.read_text().split())


def is_checkpoint_half_done(database: Path) -> bool:
    """Return whether the index says so. It also does after a recovery, until the next write."""
    index = Path(f"{database}-shm").read_bytes()
    done, begun = (
        int.from_bytes(index[where : where + 4], sys.byteorder) for where in (_DONE, _BEGUN)
    )
    return begun > done
