"""Durable bets: throughput, latency and CPU time.

Each round starts our server once. Bettors bet in one pool and in fifty pools of a game, each with
one bet in flight, without subscribers and with a thousand. Then some of them bet in pools that
already have few, many and very many bets. The peers have no storage and are not measured.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import frozen

from bench.betting_database import Generated, generate
from bench.crowd import Busy, Cast, Crew, Heard, Listen, Part, gathered, percentiles_ms
from bench.field import Contender, ours, present
from bench.line import request
from bench.question import Plan, command
from bench.sample import BEFORE, OURS, Sample
from protocol.op import Response

BETTORS, WATCHERS = 200, 1_000
CONNECTIONS_PER_WATCHER = 20
MANY_POOLS = 50
WARM_UP_S, LAST_361_S = 0.3, 0.2

SIZES = (10, 1_000, 100_000)
"""The number of bets in each pool of the curve before the measurement."""
SLICES = 9
"""How often a round measures each size. The small sizes use a new pool every time."""
SLICE_S = 0.15
CURVE_BETTORS = 50

Figures = Iterator[tuple[str, float]]


@frozen
class Scene:
    """The bettors and subscribers of one game, and the number of its pools."""

    pools: int
    is_watched: bool
    bettors: int = BETTORS

    @property
    def title(self) -> str:
        """Return the name of the scene, as figures show it."""
        pools = "one pool" if self.pools == 1 else "fifty pools"
        bettors = "1 bettor" if self.bettors == 1 else f"{self.bettors} bettors"
        return f"{bettors}, {pools}, {WATCHERS if self.is_watched else 0:,} watching"


SCENES = (
    *(Scene(1, False, bettors) for bettors in (1, 10, 50, BETTORS)),
    Scene(MANY_POOLS, False),
    Scene(1, True),
    Scene(MANY_POOLS, True),
)


@frozen
class Ground:
    """A server, its generated database, and the crowd that bets."""

    contender: Contender
    made: Generated
    crew: Crew
    seconds: float

    def bet(self, pool_ids: list[str], bettors: int, seconds: float) -> tuple[Heard, float]:
        """Let `bettors` lines bet for `seconds`.

        Return what they received, and the server's processor time in seconds.
        """
        bets = [
            request("place_bet_in_betting_pool", pool_id=pool_id, target="brazil", amount=1)
            for pool_id in pool_ids
        ]
        used = self.contender.server.cpu_s()
        heard = self.crew(Busy([Part("bettor", bets, Response.BET_PLACED, bettors)], seconds))()
        return heard, self.contender.server.cpu_s() - used


def ask(plan: Plan) -> Iterator[Sample]:
    """Measure every contender once in each round, with a new server process."""
    with TemporaryDirectory(prefix="toteboard-bench-") as directory:
        path = Path(directory) / "generated.db"
        scenes = [(scene.pools, 0) for scene in SCENES]
        # Generating a pool of the largest size is slow, so all slices share one.
        sizes = [*((SLICES, size) for size in SIZES[:-1]), (1, SIZES[-1])]
        made = generate(path, BETTORS + WATCHERS // CONNECTIONS_PER_WATCHER, [*scenes, *sizes])
        trees = {OURS: plan.tree, BEFORE: plan.against}
        for number in range(plan.rounds):
            for name in present(plan):
                if tree := trees.get(name):
                    with ours(name, tree, path) as contender:
                        for figure, value in _life(plan, contender, made):
                            yield Sample(figure, name, number, value)


def _life(plan: Plan, contender: Contender, made: Generated) -> Figures:
    cast = Cast(voices={"bettor": made.people[:BETTORS]})
    with gathered(contender.port, cast) as crew:
        ground = Ground(contender, made, crew, plan.seconds)
        for scene, (game_id, pool_ids) in zip(SCENES, made.games, strict=False):
            if plan.wants(scene.title):
                yield from rates(ground, scene, game_id, pool_ids)
        if plan.wants("pool of"):
            yield from curve(ground)


def rates(ground: Ground, scene: Scene, game_id: str, pool_ids: list[str]) -> Figures:
    """Let every bettor send its next bet when the last is answered, and yield the figures."""
    watchers = ground.made.people[BETTORS:] * CONNECTIONS_PER_WATCHER if scene.is_watched else []
    cast = Cast(watchers, join=request("join_game", game_id=game_id))
    with gathered(ground.contender.port, cast) as watching:
        watching(Listen(0))()
        warmed = watching(Listen(WARM_UP_S + LAST_361_S))
        ground.bet(pool_ids, scene.bettors, WARM_UP_S)
        warmed()
        watched = watching(Listen(ground.seconds))
        heard, used = ground.bet(pool_ids, scene.bettors, ground.seconds)
        percentiles = percentiles_ms(heard.answers)
        yield f"{scene.title}: bets a second", len(heard.answers) / heard.took
        yield f"{scene.title}: p50, ms", percentiles[49]
        yield f"{scene.title}: p99, ms", percentiles[98]
        yield f"{scene.title}: CPU a bet, us", used / len(heard.answers) * 1e6
        if scene.is_watched:
            yield f"{scene.title}: 361s a second", watched().deliveries / ground.seconds


def curve(ground: Ground) -> Figures:
    """Place the same bets in pools of each size in turn, and yield the cost of a bet."""
    sized = dict(zip(SIZES, ground.made.games[len(SCENES) :], strict=True))
    for _, pool_ids in sized.values():
        ground.bet(pool_ids[:1], 1, 0)  # the first request waits for the replay
    used, placed = dict.fromkeys(SIZES, 0.0), dict.fromkeys(SIZES, 0)
    for number in range(SLICES):
        # The first size of a slice meets cold caches, so rotate the order.
        first = number % len(SIZES)
        for size in SIZES[first:] + SIZES[:first]:
            pool_ids = sized[size][1]
            pool_id = pool_ids[min(number, len(pool_ids) - 1)]
            heard, cpu_s = ground.bet([pool_id], CURVE_BETTORS, SLICE_S)
            used[size] += cpu_s
            placed[size] += len(heard.answers)
    for size in SIZES:
        yield f"pool of {size:,} bets: CPU a bet, us", used[size] / placed[size] * 1e6
    costs = [used[size] / placed[size] for size in (SIZES[0], SIZES[-1])]
    yield f"pool of {SIZES[-1]:,} bets against one of {SIZES[0]}: CPU, ratio", costs[1] / costs[0]


if __name__ == "__main__":
    sys.exit(command("bets", ask, rounds=3, seconds=2.0)())
