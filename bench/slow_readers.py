"""Readers that stop reading: what the others notice of them, and what they cost in memory.

A thousand are told things; then the same with two hundred of them stalled. Our server's alone.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.betting_database import Generated, generate
from bench.crowd import Busy, Cast, Lone, Part, gathered, percentiles_ms
from bench.field import Contender, ours, present
from bench.question import Plan, command
from bench.sample import BEFORE, OURS, Sample
from bench.script import requests

SUBSCRIBERS, STALLED = 1_000, 200
CONNECTIONS_PER_USER = 20
ADMINS, EVENTS_IN_FLIGHT = 2, 32
FILL_S = 1.0
"""How long a busy game fills the buffers of those who do not read."""


def ask(plan: Plan) -> Iterator[Sample]:
    """Each round is two lives of a server: nobody stalled, some stalled."""
    with TemporaryDirectory(prefix="toteboard-bench-") as directory:
        people = 1 + SUBSCRIBERS // CONNECTIONS_PER_USER
        made = generate(Path(directory) / "generated.db", people, [(1, 0)])
        trees = {OURS: plan.tree, BEFORE: plan.against}
        for number in range(plan.rounds):
            for name in present(plan):
                if tree := trees.get(name):
                    yield from _round(plan, name, tree, made, number)


def _round(plan: Plan, name: str, tree: Path, made: Generated, number: int) -> Iterator[Sample]:
    p99s, sizes = {}, {}
    for stalled in (0, STALLED):
        with ours(name, tree, made.path) as contender:
            p99s[stalled], sizes[stalled] = _life(contender, made, stalled, plan.seconds)
        yield Sample(
            f"{stalled} of 1,000 stalled: p99 of the others, ms", name, number, p99s[stalled]
        )
    each = (sizes[STALLED] - sizes[0]) / STALLED
    yield Sample("stalled reader: memory, kB", name, number, each)


def _life(
    contender: Contender, made: Generated, stalled: int, seconds: float
) -> tuple[float, float]:
    """How late the slowest hundredth of the others hear, in ms, and the server's memory, kB."""
    asked, host = requests(made.games[0]), made.people[0]
    everybody = made.people[1:] * CONNECTIONS_PER_USER
    voices = {"chatter": [host], "admin": [host] * ADMINS}
    cast = Cast(everybody[stalled:], everybody[:stalled], voices, asked.join, ["chatter"])
    with gathered(contender.port, cast) as crew:
        crew(Busy([Part("admin", [asked.become_admin], 640, ADMINS)], 0))()
        events = Part("admin", [asked.event], 366, ADMINS, EVENTS_IN_FLIGHT)
        crew(Busy([events], FILL_S))()
        heard = crew(Lone(Part("chatter", [asked.chat], 901, 1), seconds))()
        return percentiles_ms(heard.delays)[98], contender.server.rss_kb()


if __name__ == "__main__":
    sys.exit(command("slow_readers", ask, rounds=3, seconds=2.0)())
