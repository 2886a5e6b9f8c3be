"""When the server is killed: in what, and how it is known that it was in that."""

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
"""Of a season: then its games are settled, and others opened."""


class Moment(StrEnum):
    """In what the server is killed."""

    BETTING = "in the betting"
    CHECKPOINT = "in a checkpoint"
    STARTING = "while it starts, or everybody comes back"
    SETTLING = "while games are settled and closed"


_OF_A_SEASON: Final = [*[Moment.BETTING] * 4, *[Moment.CHECKPOINT] * 3, *[Moment.STARTING] * 2]

_KILL_IN_CHECKPOINT: Final = """
import os, signal, sys, time
path, process = sys.argv[1], int(sys.argv[2])
before, until = os.stat(path).st_mtime_ns, time.monotonic() + 10
while os.stat(path).st_mtime_ns == before and time.monotonic() < until:
    time.sleep(0.0002)
os.kill(process, signal.SIGKILL)
"""
"""Only a checkpoint writes to the database itself: all else goes into the write-ahead log."""

_DONE, _BEGUN = 96, 128
"""Where the index of a write-ahead log says how many frames a checkpoint has dealt with, and how
many it wanted to (SQLite's "WAL-mode File Format", `nBackfill` and `nBackfillAttempted`)."""


def moments(dice: Random, cycles: int) -> Iterator[tuple[Moment, bool]]:
    """The moments of so many kills; and whether a season ends after it."""
    return islice(_moments(dice), cycles)


def _moments(dice: Random) -> Iterator[tuple[Moment, bool]]:
    while True:
        for moment in dice.sample(_OF_A_SEASON, LIVES - 1):
            yield moment, False
        yield Moment.SETTLING, True


@contextmanager
def killed_in_checkpoint(database: Path, process_id: int) -> Iterator[None]:
    """Within the block the server is killed as soon as a checkpoint writes.

    By a process that does nothing else: this one is too busy to see it in time.
    """
    command = [sys.executable, "-S", "-c", _KILL_IN_CHECKPOINT, str(database), str(process_id)]
    with subprocess.Popen(command) as killer:
        try:
            yield
        finally:
            killer.kill()


def is_checkpoint_half_done(database: Path) -> bool:
    """Whether the index says so. It does after a recovery too, until something is written."""
    index = Path(f"{database}-shm").read_bytes()
    done, begun = (
        int.from_bytes(index[where : where + 4], sys.byteorder) for where in (_DONE, _BEGUN)
    )
    return begun > done
