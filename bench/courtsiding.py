"""What a robot in the stadium wins, without a bet delay and with one.

Each round plays the same match several times: half an hour on simulated time, through the whole
server. Ten players bet now and then on who scores next. The robot bets 300 ms after each goal. The
host sees the goal on a stream that is about 3 s late, and registers it up to a second later, with
the time at which it was seen. The rounds are different matches: their number is the seed.
"""

import logging
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import structlog
import trio
from attrs import define, frozen
from trio.testing import MockClock

from bench.question import Plan, command
from bench.sample import OURS, Sample
from protocol.op import Response
from tests.support.people import bet, open_game, open_pool, players
from tests.support.world import NOW, World
from toteboard_client import Client, Message

QUIET = structlog.make_filtering_bound_logger(logging.WARNING)
DELAYS_MS = (0, 5_000)
LASTS_S, GOALS, PLAYERS = 1_800.0, 6, 10
ROBOT_AFTER_S, ROBOT_STAKE = 0.3, 200
STREAM_LATE_S, HOST_NEEDS_S = (2.5, 3.5), (0.3, 1.0)
PAUSE_S, STAKES = (10.0, 40.0), (5, 50)
TEAMS = ("argentina:1", "brazil:7")


@frozen
class Goal:
    """A goal of the match; times in seconds after its beginning."""

    at: float
    team: str
    seen_at: float
    registered_at: float


@define
class Match:
    """A match that is being played, with its open pool. `answers` counts the players' bets."""

    host: Client
    game_id: str
    pool_id: str
    began: float
    accepted: int = 0
    refused: int = 0

    async def until(self, second: float) -> None:
        """Wait until a moment of the match."""
        await trio.sleep_until(self.began + second)

    async def register(self, goals: list[Goal]) -> None:
        """Register each goal at its time. A new pool opens in place of the one that it decides."""
        for goal in goals:
            await self.until(goal.registered_at)
            happened_at = NOW + round(1_000 * goal.seen_at)
            event: Message = {"action_id": "goal", "target_id": goal.team}
            await self.host.call(395, game_id=self.game_id, happened_at=happened_at, **event)
            listed = await self.host.call(387, game_id=self.game_id)
            [self.pool_id] = listed["pools_list"]

    async def play(self, player: Client, dice: Random) -> None:
        """Bet now and then on one of the teams, until the match is over."""
        while (at := trio.current_time() - self.began + dice.uniform(*PAUSE_S)) < LASTS_S:
            await self.until(at)
            target = dice.choice(TEAMS).partition(":")[0]
            reply = await bet(player, self.pool_id, target, dice.randint(*STAKES))
            self.accepted += reply["res"] == Response.BET_PLACED
            self.refused += reply["res"] != Response.BET_PLACED

    async def cheat(self, robot: Client, goals: list[Goal]) -> None:
        """Bet on each team that has just scored."""
        for goal in goals:
            await self.until(goal.at + ROBOT_AFTER_S)
            await bet(robot, self.pool_id, goal.team.partition(":")[0], ROBOT_STAKE)


def ask(plan: Plan) -> Iterator[Sample]:
    """Play a match in each round, once with each delay."""
    structlog.configure(wrapper_class=QUIET)
    for number in range(plan.rounds):
        for delay_ms in DELAYS_MS:
            title = f"delay of {delay_ms / 1_000:g} s"
            if plan.wants(title):
                with TemporaryDirectory(prefix="toteboard-bench-") as folder:
                    run = partial(_run, Path(folder), delay_ms, number)
                    won, refused = trio.run(run, clock=MockClock(autojump_threshold=0))
                yield Sample(f"{title}: the robot wins", OURS, number, won)
                yield Sample(f"{title}: refused bets of players, %", OURS, number, refused)


async def _run(folder: Path, delay_ms: int, seed: int) -> tuple[float, float]:
    """Return what the robot wins, and the per cent of the players' bets that are refused."""
    async with World(folder, ping_interval=24 * 3_600_000) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id, bet_delay=delay_ms, recreate_on_end=True)
        people = await players(world, *(f"player{n}" for n in range(PLAYERS)), balance=10**7)
        [robot] = await players(world, "robot", balance=10**7)
        match = Match(host, game_id, pool_id, trio.current_time())
        goals = _goals(Random(seed))
        before = (await robot.call(800))["current_balance"]
        async with trio.open_nursery() as nursery:
            nursery.start_soon(match.register, goals)
            nursery.start_soon(match.cheat, robot, goals)
            for number, player in enumerate(people):
                nursery.start_soon(match.play, player, Random(f"{seed} {number}"))
        await host.call(375, game_id=game_id)
        won = (await robot.call(800))["current_balance"] - before
        return won, 100 * match.refused / (match.refused + match.accepted)


def _goals(dice: Random) -> list[Goal]:
    """Return the goals of a match, at least half a minute apart."""
    goals = []
    for number in range(GOALS):
        at = LASTS_S / GOALS * number + dice.uniform(60, LASTS_S / GOALS - 30)
        seen_at = at + dice.uniform(*STREAM_LATE_S)
        goals.append(Goal(at, dice.choice(TEAMS), seen_at, seen_at + dice.uniform(*HOST_NEEDS_S)))
    return goals


if __name__ == "__main__":
    sys.exit(command("courtsiding", ask, rounds=5, seconds=1.0)())
