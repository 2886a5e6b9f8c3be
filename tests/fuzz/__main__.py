"""`python -m tests.fuzz messages` and `frames`: what `make fuzz` and `make frames` start."""

import os
import sys
from collections.abc import Callable, Mapping

import click

from tests.fuzz import besieging, messages
from tests.fuzz.mutations import BY_FRAMES, BY_MESSAGES
from tests.sim.mutations import Mutation

CORES = len(os.sched_getaffinity(0))
MOST = 30_000
"""After so many inputs a bug counts as not found."""


@click.group()
def main() -> None:
    """Bad input, by the million."""


@main.command("messages")
@click.option("--inputs", default=100_000, help="How many.")
@click.option("--seed", default=1, help="Of the first process; the next has the next.")
@click.option("--jobs", default=CORES, help="Processes side by side; all cores unless said.")
@click.option("--mutations", is_flag=True, help="Break the server in every way: is it found?")
def _messages(inputs: int, seed: int, jobs: int, *, mutations: bool) -> None:
    """Messages through a whole server in each process, led by coverage."""
    if not mutations:
        sys.exit(messages.fuzz(inputs, seed, jobs))
    sys.exit(_break_it_in_every_way("inputs", BY_MESSAGES, messages.found_in, seed))


@main.command("frames")
@click.option("--frames", default=10_000, help="How many malformed ones.")
@click.option("--seed", default=1, help="What is sent comes from it.")
@click.option("--mutations", is_flag=True, help="Break the server in every way: is it found?")
def _frames(frames: int, seed: int, *, mutations: bool) -> None:
    """Malformed frames and handshakes over real sockets, at a server of its own."""
    if not mutations:
        sys.exit(besieging.besiege(frames, seed))
    sys.exit(_break_it_in_every_way("frames", BY_FRAMES, besieging.found_in, seed))


def _break_it_in_every_way(
    unit: str,
    mutations: Mapping[str, Mutation],
    found_in: Callable[[str, int, int], str | None],
    seed: int,
) -> int:
    """A row of a table for each mutation; gives how many were not found."""
    click.echo(f"| bug | {unit} | found as |\n|---|---|---|")
    unfound = 0
    for name, mutation in mutations.items():
        found = found_in(name, seed, MOST)
        unfound += found is None
        click.echo(f"| {mutation.what} | {found or f'not in {MOST:,} |'} |")
    return unfound


main()
