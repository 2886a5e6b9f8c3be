"""`python -m tests.campaigns.fuzz KIND`, which `make fuzz`, `fuzz-http` and `frames` start."""

import os
import sys
from collections.abc import Callable, Mapping
from functools import partial

import click

from tests.campaigns.fuzz import besieging, campaigning, workers
from tests.campaigns.fuzz.hostile import Campaign
from tests.campaigns.fuzz.mutations import BY_KIND
from tests.campaigns.mutations import Mutation

CORES = len(os.sched_getaffinity(0))
MOST = 30_000
"""The number of inputs after which a bug counts as not found."""


@click.group()
def main() -> None:
    """Send malformed input to the server, by the million."""


def _led_by_coverage(kind: str, about: str) -> None:
    """Add a command for a target of this kind."""

    @main.command(kind, help=about)
    @click.option("--inputs", default=100_000, help="How many.")
    @click.option("--seed", default=1, help="Of the first process; the next has the next.")
    @click.option("--jobs", default=CORES, help="Processes side by side; all cores unless said.")
    @click.option("--mutations", is_flag=True, help="Break the server in every way: is it found?")
    def fuzz(inputs: int, seed: int, jobs: int, *, mutations: bool) -> None:
        if not mutations:
            sys.exit(workers.fuzz(kind, inputs, seed, jobs))
        found_in = partial(workers.found_in, kind)
        sys.exit(_break_it_in_every_way("inputs", BY_KIND[kind], found_in, seed))


_led_by_coverage("messages", "Messages through a whole server in each process, led by coverage.")
_led_by_coverage("http", "Connections to both ports of a whole server, led by coverage.")


@main.command("frames")
@click.option("--frames", default=10_000, help="How many malformed ones.")
@click.option("--seed", default=1, help="What is sent comes from it.")
@click.option("--mutations", is_flag=True, help="Break the server in every way: is it found?")
def _frames(frames: int, seed: int, *, mutations: bool) -> None:
    """Send malformed frames and handshakes over real sockets to a server process."""
    if not mutations:
        sys.exit(besieging.besiege(frames, seed))
    sys.exit(_break_it_in_every_way("frames", BY_KIND["frames"], besieging.found_in, seed))


@main.command("hostile")
@click.option("--connections", default=1_000, help="At once, half on each port.")
@click.option("--seconds", default=60, help="For how long.")
@click.option("--addresses", default=1, help="How many they come from, all on loopback.")
@click.option("--seed", default=1, help="What is sent comes from it.")
def _hostile(connections: int, seconds: int, addresses: int, seed: int) -> None:
    """Run hostile clients of all kinds, and time a health check and a player meanwhile."""
    sys.exit(campaigning.fight(Campaign(connections, seconds, addresses, seed)))


def _break_it_in_every_way(
    unit: str,
    mutations: Mapping[str, Mutation],
    found_in: Callable[[str, int, int], str | None],
    seed: int,
) -> int:
    """Print a table row for each mutation. Return how many were not found."""
    click.echo(f"| bug | {unit} | found as |\n|---|---|---|")
    unfound = 0
    for name, mutation in mutations.items():
        found = found_in(name, seed, MOST)
        unfound += found is None
        click.echo(f"| {mutation.what} | {found or f'not in {MOST:,} |'} |")
    return unfound


main()
