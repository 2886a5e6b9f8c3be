"""Offered load: the latency of bets of players who do not wait for each other.

Each round starts our server once. Bets are offered at two rates, in one pool and in fifty pools of
a game, at times that are fixed beforehand (`bench/open_loop.py`). Only our server is measured.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import frozen

from bench.betting_database import generate
from bench.crowd import Cast, gathered, percentiles_ms
from bench.field import Contender, ours, present
from bench.line import Person, request
from bench.open_loop import Offered, latencies_ms
from bench.question import Plan, command
from bench.sample import BEFORE, OURS, Sample
from protocol.op import Response

PLAYERS = 200
RATES = (5_000, 8_000)
MANY_POOLS = 50
WARM_UP_S = 0.3
LEAST_S = 2.0
"""The shortest scene. At 5,000 a second it has a hundred bets above p99."""


@frozen
class Scene:
    """A rate of bets a second, and the number of pools of the game."""

    rate: int
    pools: int

    @property
    def title(self) -> str:
        """Return the name of the scene, as figures show it."""
        pools = "one pool" if self.pools == 1 else "fifty pools"
        return f"{self.rate:,} bets a second offered, {pools}"


SCENES = tuple(Scene(rate, pools) for rate in RATES for pools in (1, MANY_POOLS))


def ask(plan: Plan) -> Iterator[Sample]:
    """Measure every contender once in each round, with a new server process."""
    with TemporaryDirectory(prefix="toteboard-bench-") as directory:
        pools = [(scene.pools, 0) for scene in SCENES]
        made = generate(Path(directory) / "generated.db", PLAYERS, pools)
        trees = {OURS: plan.tree, BEFORE: plan.against}
        for number in range(plan.rounds):
            for name in present(plan):
                if tree := trees.get(name):
                    with ours(name, tree, made.path) as contender:
                        figures = _life(plan, contender, made.people, made.games)
                        for figure, value in figures:
                            yield Sample(figure, name, number, value)


def _life(
    plan: Plan, contender: Contender, people: list[Person], games: list[tuple[str, list[str]]]
) -> Iterator[tuple[str, float]]:
    with gathered(contender.port, Cast(voices={"player": people})) as crew:
        for scene, (_, pool_ids) in zip(SCENES, games, strict=True):
            if not plan.wants(scene.title):
                continue
            bets = [
                request("place_bet_in_betting_pool", pool_id=pool_id, target="brazil", amount=1)
                for pool_id in pool_ids
            ]
            crew(Offered("player", bets, Response.BET_PLACED, scene.rate / 2, WARM_UP_S))()
            seconds = max(plan.seconds, LEAST_S)
            used = contender.server.cpu_s()
            heard = crew(Offered("player", bets, Response.BET_PLACED, scene.rate, seconds))()
            used = contender.server.cpu_s() - used
            percentiles = latencies_ms(heard)
            yield f"{scene.title}: p50, ms", percentiles[49]
            yield f"{scene.title}: p99, ms", percentiles[98]
            share = heard.unanswered / (heard.unanswered + len(heard.answers))
            yield f"{scene.title}: not answered, %", share * 100
            yield f"{scene.title}: CPU a bet, us", used / len(heard.answers) * 1e6
            yield f"{scene.title}: sent late p99, ms", percentiles_ms(heard.sent_late)[98]


if __name__ == "__main__":
    sys.exit(command("offered", ask, rounds=5, seconds=LEAST_S)())
