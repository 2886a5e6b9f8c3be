"""Durable bets: throughput, latency and CPU time.

Each round starts our server once. Bettors bet in one pool and in fifty pools of a game, each with
one bet in flight, without subscribers and with a thousand. `bench/durable.py` compares with peers,
`bench/growth.py` varies the number of bets.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import frozen

from bench.betting_database import Generated, generate
from bench.crowd import Busy, Cast, Crew, Heard, Listen, Part, gathered, percentiles_ms
from bench.field import Contender, ours, present
from bench.line import keyed_request, request
from bench.question import Plan, command
from bench.sample import BEFORE, OURS, Sample
from protocol.op import Response

BETTORS, WATCHERS = 200, 1_000
CONNECTIONS_PER_WATCHER = 20
MANY_POOLS = 50
WARM_UP_S, LAST_361_S = 0.3, 0.2

Figures = Iterator[tuple[str, float]]


@frozen
class Scene:
    """The bettors and subscribers of one game, and the number of its pools."""

    pools: int
    is_watched: bool

    @property
    def title(self) -> str:
        """Return the name of the scene, as figures show it."""
        pools = "one pool" if self.pools == 1 else "fifty pools"
        return f"{BETTORS} bettors, {pools}, {WATCHERS if self.is_watched else 0:,} watching"


SCENES = tuple(Scene(pools, watched) for watched in (False, True) for pools in (1, MANY_POOLS))


@frozen
class Ground:
    """A server, its generated database, and the crowd that bets."""

    contender: Contender
    made: Generated
    crew: Crew
    seconds: float

    def bet(
        self, pool_ids: list[str], seconds: float, bettors: int = BETTORS, *, keyed: bool = False
    ) -> tuple[Heard, float]:
        """Let the bettors bet for `seconds`, each bet with an idempotency key if `keyed`.

        Return what they received, and the server's processor time in seconds.
        """
        made = keyed_request if keyed else request
        bets = [
            made("place_bet_in_betting_pool", pool_id=pool_id, target="brazil", amount=1)
            for pool_id in pool_ids
        ]
        used = self.contender.server.cpu_s()
        heard = self.crew(Busy([Part("bettor", bets, Response.BET_PLACED, bettors)], seconds))()
        return heard, self.contender.server.cpu_s() - used


def ask(plan: Plan) -> Iterator[Sample]:
    """Measure every contender once in each round, with a new server process."""
    with TemporaryDirectory(prefix="toteboard-bench-") as directory:
        path = Path(directory) / "generated.db"
        pools = [(scene.pools, 0) for scene in SCENES]
        made = generate(path, BETTORS + WATCHERS // CONNECTIONS_PER_WATCHER, pools)
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
        for scene, (game_id, pool_ids) in zip(SCENES, made.games, strict=True):
            if plan.wants(scene.title):
                yield from rates(ground, scene, game_id, pool_ids)


def rates(ground: Ground, scene: Scene, game_id: str, pool_ids: list[str]) -> Figures:
    """Let every bettor send its next bet when the last is answered, and yield the figures."""
    watchers = ground.made.people[BETTORS:] * CONNECTIONS_PER_WATCHER if scene.is_watched else []
    cast = Cast(watchers, join=request("join_game", game_id=game_id))
    with gathered(ground.contender.port, cast) as watching:
        watching(Listen(0))()
        warmed = watching(Listen(WARM_UP_S + LAST_361_S))
        ground.bet(pool_ids, WARM_UP_S)
        warmed()
        watched = watching(Listen(ground.seconds))
        heard, used = ground.bet(pool_ids, ground.seconds)
        percentiles = percentiles_ms(heard.answers)
        yield f"{scene.title}: bets a second", len(heard.answers) / heard.took
        yield f"{scene.title}: p50, ms", percentiles[49]
        yield f"{scene.title}: p99, ms", percentiles[98]
        yield f"{scene.title}: CPU a bet, us", used / len(heard.answers) * 1e6
        if scene.is_watched:
            yield f"{scene.title}: 361s a second", watched().deliveries / ground.seconds


if __name__ == "__main__":
    sys.exit(command("bets", ask, rounds=3, seconds=2.0)())
