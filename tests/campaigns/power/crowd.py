"""Make many cuts in parallel on several cores."""

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import click

from tests.campaigns.power import match, recording
from tests.campaigns.power.cuts import DATABASE, Cut, Outcome, made

CHUNK = 50
"""The cuts that a process makes at a time. It replays the recording once for them."""


def all_made(folder: Path, cuts: list[Cut], jobs: int) -> Iterator[Outcome]:
    """Make each cut of the match recorded in a folder and yield its outcome."""
    cuts = sorted(cuts, key=lambda cut: cut.position)
    chunks = [cuts[start : start + CHUNK] for start in range(0, len(cuts), CHUNK)]
    progress = click.progressbar(length=len(cuts), label="cuts", file=sys.stderr)
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool, progress as bar:
        for outcomes in pool.map(partial(_some_made, folder), chunks):
            bar.update(len(outcomes))
            yield from outcomes


def _some_made(folder: Path, cuts: list[Cut]) -> list[Outcome]:
    entries = recording.read(folder / match.RECORDING)
    whole = folder / match.FILES / DATABASE
    return [*made(entries, cuts, whole, folder / f"left-{os.getpid()}")]
