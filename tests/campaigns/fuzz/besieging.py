"""`make frames`: run a siege with a progress line, and report the result."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import trio

from tests.campaigns.fuzz.siege import Siege


def besiege(frames: int, seed: int) -> int:
    """Run a siege and print the result. Return the exit code."""
    with click.progressbar(length=frames, label="frames", show_pos=True) as bar:
        siege = Siege(frames, seed, bar.update)
        why = _failure_of(siege)
    if why is not None:
        click.echo(f"\nafter {siege.count} of seed {seed}: {why[:5_000]}")
        return 1
    click.echo(
        f"{siege.count} malformed frames and handshakes on {siege.connections} connections in"
        f" {siege.seconds:.0f} s, {siege.count / siege.seconds:.0f} a second: all held\n"
        f"the client beside them was answered {siege.neighbour} times, at the slowest within"
        f" {siege.slowest_s * 1_000:.0f} ms"
    )
    for counts in (siege.ends, siege.kinds):
        for name, count in counts.most_common():
            click.echo(f"  {count:>8} {name}")
    return 0


def found_in(mutation: str, seed: int, most: int) -> str | None:
    """Run with a mutation. Return the rest of its table row, or None if it is not found."""
    siege = Siege(most, seed)
    why = _failure_of(siege, mutation)
    return None if why is None else f"{siege.count} | {_in_short(why)}"


def _in_short(why: str) -> str:
    return re.split(r"['\"]", why + "'")[1] if why.startswith("(") else why[:60]


def _failure_of(siege: Siege, mutation: str = "") -> str | None:
    """Return the failed check, or None."""
    why = None
    with TemporaryDirectory(prefix="siege") as folder:
        try:
            trio.run(siege.lay, Path(folder), mutation)
        except* AssertionError as errors:
            why = first(errors)
    return why


def first(error: BaseException) -> str:
    """Return the text of the first assertion."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error)
