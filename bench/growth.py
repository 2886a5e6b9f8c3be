"""What a bet costs as its surroundings grow: bets in flight, bets in its pool, bets in the file.

Each round starts our server on generated databases. It measures the processor time of a bet, and
with a long journal also the start and the memory. `python -m bench.growth --bets 1000000` takes the
curves to a million bets; `make bench` ends them at a hundred thousand. Only our server is measured.
"""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import frozen

from bench.betting_database import Generated, generate
from bench.crowd import Busy, Cast, Crew, Heard, Part, gathered, percentiles_ms
from bench.field import Contender, ours, present
from bench.line import Person, call, connected, request
from bench.question import Plan, command
from bench.sample import BEFORE, OURS, Sample
from bench.server_process import ServerProcess, written_at
from protocol.op import Response

BETTORS = 200
FLIGHTS = {1: (1, 1), 10: (10, 1), 100: (100, 1), 1_000: (BETTORS, 5)}
"""Bets in flight: the number of bettors, and how many bets each has in flight."""
WARM_UP_S = 0.3

SIZES = (10, 1_000, 100_000, 1_000_000)
"""The number of bets that are already there. Those above `--bets` are left out."""
SLICES = 9
"""How often a round measures each size. The small sizes use a new pool every time."""
SLICE_S = 0.15
CURVE_BETTORS = (50, 1)
REPLAY_S = 300.0
"""The timeout of the first bet in a game, which waits for the replay of its journal."""

Figures = Iterator[tuple[str, float]]


@frozen
class Ground:
    """A running server and its bettors."""

    contender: Contender
    people: Sequence[Person]
    crew: Crew

    def bet(self, pool_id: str, flight: tuple[int, int], seconds: float) -> tuple[Heard, float]:
        """Let bettors bet, as many and each with as many bets in flight as `flight` says.

        Return what they received, and the server's processor time in seconds.
        """
        used = self.contender.server.cpu_s()
        part = Part("bettor", [_bet(pool_id)], Response.BET_PLACED, *flight)
        heard = self.crew(Busy([part], seconds))()
        return heard, self.contender.server.cpu_s() - used


Place = tuple[Ground, Sequence[str]]
"""A server, and the pools there in which to bet."""


@frozen
class Files:
    """The generated databases: one with pools of every size, and one for each size."""

    pools: Generated
    sized: Mapping[int, Generated]


def ask(plan: Plan) -> Iterator[Sample]:
    """Measure every contender once in each round, with new server processes."""
    trees = {OURS: plan.tree, BEFORE: plan.against}
    with TemporaryDirectory(prefix="toteboard-bench-") as directory:
        files = _generated(Path(directory), [size for size in SIZES if size <= plan.bets])
        for number in range(plan.rounds):
            for name in present(plan):
                if tree := trees.get(name):
                    for figure, value in _round(plan, name, tree, files):
                        yield Sample(figure, name, number, value)


def _generated(directory: Path, sizes: Sequence[int]) -> Files:
    # Generating a large pool is slow, so all slices share one.
    pools = [(SLICES if size <= SIZES[1] else 1, size) for size in sizes]
    sized = {
        size: generate(directory / f"{size}.db", BETTORS, [(1, 0), (1, size)]) for size in sizes
    }
    return Files(generate(directory / "pools.db", BETTORS, [(1, 0), *pools]), sized)


def _round(plan: Plan, name: str, tree: Path, files: Files) -> Figures:
    (_, first), *sized = files.pools.games
    with ExitStack() as ends:
        ground = _started(name, tree, files.pools, ends)
        if plan.wants("in flight"):
            yield from in_flight(ground, first[0], plan.seconds)
        if plan.wants("pool of"):
            places = {
                size: (ground, pool_ids)
                for size, (_, pool_ids) in zip(files.sized, sized, strict=True)
            }
            yield from curve("pool of", places)
    if plan.wants("file of"):
        yield from _file_sizes(name, tree, files.sized)


def _file_sizes(name: str, tree: Path, sized: Mapping[int, Generated]) -> Figures:
    """Start a server for each file, replay its long journal, and bet in another game there."""
    with ExitStack() as ends:
        places = dict[int, Place]()
        for size, made in sized.items():
            (_, fresh), (_, long) = made.games
            ground = _started(name, tree, made, ends)
            yield from start(ground, long[0], size)
            places[size] = ground, fresh
        yield from curve("file of", places)


def _started(name: str, tree: Path, made: Generated, ends: ExitStack) -> Ground:
    contender = ends.enter_context(ours(name, tree, made.path))
    cast = Cast(voices={"bettor": made.people})
    return Ground(contender, made.people, ends.enter_context(gathered(contender.port, cast)))


def in_flight(ground: Ground, pool_id: str, seconds: float) -> Figures:
    """Keep few and many bets in flight in one pool, and yield the cost of a bet."""
    for number, flight in FLIGHTS.items():
        ground.bet(pool_id, flight, WARM_UP_S)
        heard, used = ground.bet(pool_id, flight, seconds)
        percentiles = percentiles_ms(heard.answers)
        title = f"{number:,} in flight"
        yield f"{title}: bets a second", len(heard.answers) / heard.took
        yield f"{title}: p50, ms", percentiles[49]
        yield f"{title}: p99, ms", percentiles[98]
        yield f"{title}: CPU a bet, us", used / len(heard.answers) * 1e6


def curve(title: str, places: Mapping[int, Place]) -> Figures:
    """Bet at each size in turn, and yield the cost of a bet, also against the smallest size."""
    sizes = list(places)
    for ground, pool_ids in places.values():
        _first_bet(ground, pool_ids[0])
    used, placed = dict.fromkeys(sizes, 0.0), dict.fromkeys(sizes, 0)
    for number in range(SLICES):
        # The first size of a slice meets cold caches, so rotate the order.
        first = number % len(sizes)
        for size in sizes[first:] + sizes[:first]:
            ground, pool_ids = places[size]
            pool_id = pool_ids[min(number, len(pool_ids) - 1)]
            heard, cpu_s = ground.bet(pool_id, CURVE_BETTORS, SLICE_S)
            used[size] += cpu_s
            placed[size] += len(heard.answers)
    costs = {size: used[size] / placed[size] for size in sizes}
    for size in sizes:
        yield f"{title} {size:,} bets: CPU a bet, us", costs[size] * 1e6
    for size in sizes[1:]:
        against = f"{title} {size:,} bets against one of {sizes[0]}"
        yield f"{against}: CPU, ratio", costs[size] / costs[sizes[0]]


def start(ground: Ground, pool_id: str, size: int) -> Figures:
    """Yield the time of the start, and the time and memory of the replay of `size` bets."""
    server = ground.contender.server
    assert isinstance(server, ServerProcess)
    title = f"file of {size:,} bets"
    listening_at = written_at(server.lines("listening")[0])
    yield f"{title}: start to listening, s", (listening_at - server.started_at) / 1_000
    before_kb = server.rss_kb()
    yield f"{title}: first bet in their game, s", _first_bet(ground, pool_id)
    yield f"{title}: memory at the start, kB", before_kb
    yield f"{title}: memory of their game, kB", server.rss_kb() - before_kb


def _first_bet(ground: Ground, pool_id: str) -> float:
    """Return the seconds until the answer, which waits for the replay of the game."""
    with connected(ground.contender.port, ground.people[:1]) as (line,):
        begin = time.monotonic()
        call(line, _bet(pool_id), Response.BET_PLACED, REPLAY_S)
        return time.monotonic() - begin


def _bet(pool_id: str) -> bytes:
    return request("place_bet_in_betting_pool", pool_id=pool_id, target="brazil", amount=1)


if __name__ == "__main__":
    sys.exit(command("growth", ask, rounds=3, seconds=1.0)())
