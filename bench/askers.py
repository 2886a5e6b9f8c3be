"""The latency of bets while other users list all pools of the game (387) at the rate limit.

Each round starts the server once. Bettors bet at a steady rate, first alone, then while other
connections repeat 387, each for its own user. Every second round swaps the two scenes. The result
is how much later the bets are answered. Only our server is measured, with its default limits.
"""

import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from attrs import define, field, frozen

from bench.betting_database import TARGETS, Generated, generate
from bench.crowd import Busy, Cast, Crew, Crowd, Heard, Part, gathered, percentiles_ms
from bench.field import ours, present
from bench.line import MESSAGE, PATIENCE_S, CrowdError, Line, request
from bench.question import Plan, command
from bench.sample import BEFORE, OURS, Sample
from protocol.op import Response

BETTORS, BETS_A_SECOND = 20, 10
"""The number of bettors, and the rate of each."""
ASKERS, QUESTIONS_A_SECOND, QUESTIONS_UNDER_WAY = 20, 190, 4
"""The rate is a little below the default `rate_limit`."""
POOLS, TEAMS = 20, 100
LEAST_S = 5.0
"""The shortest scene: it has to contain a thousand bets."""
RETRY_AFTER = re.compile(rb'"retry_after_ms":([0-9]+)')
SETTINGS = MappingProxyType({"ping_interval": "1h"})


def ask(plan: Plan) -> Iterator[Sample]:
    """Measure every contender once in each round, with a new server process."""
    teams = [*TARGETS, *(f"Team {number}" for number in range(TEAMS - len(TARGETS)))]
    with TemporaryDirectory(prefix="toteboard-bench-") as directory:
        path = Path(directory) / "generated.db"
        made = generate(path, BETTORS + ASKERS, [(POOLS, TEAMS)], teams)
        trees = {OURS: plan.tree, BEFORE: plan.against}
        for number in range(plan.rounds):
            for name in present(plan):
                if tree := trees.get(name):
                    yield from _round(plan, name, tree, made, number)


def _round(plan: Plan, name: str, tree: Path, made: Generated, number: int) -> Iterator[Sample]:
    people, heard = made.people, dict[int, Heard]()
    answers = 0
    with (
        ours(name, tree, made.path, SETTINGS) as contender,
        gathered(contender.port, Cast(voices={"bettor": people[:BETTORS]})) as bettors,
        gathered(contender.port, Cast(voices={"asker": people[BETTORS:]})) as askers,
    ):
        for asking in sorted((0, ASKERS), reverse=bool(number % 2)):
            heard[asking], asked = _scene(made, bettors, askers, asking, plan.seconds)
            answers += asked
    yield from _figures(heard, name, number)
    yield Sample(f"{ASKERS} ask 387: answers a second", name, number, answers / _seconds(plan))


def _scene(
    made: Generated, bettors: Crew, askers: Crew, asking: int, seconds: float
) -> tuple[Heard, int]:
    """Return what the bettors received, and the number of answers to 387, refusals included."""
    game_id, pool_ids = made.games[0]
    bets = [
        request("place_bet_in_betting_pool", pool_id=pool_id, target="brazil", amount=1)
        for pool_id in pool_ids
    ]
    # The first request waits for the replay of the game, so do not measure it.
    bettors(Busy([Part("bettor", bets, Response.BET_PLACED, 1)], 0))()
    seconds = max(seconds, LEAST_S)
    question = request("list_all_betting_pools_for_game", game_id=game_id)
    questions = Steady("asker", [question], QUESTIONS_A_SECOND, seconds, asking)
    answered = askers(questions)
    heard = bettors(Steady("bettor", bets, BETS_A_SECOND, seconds, BETTORS))()
    return heard, len(answered().answers)


def _figures(heard: dict[int, Heard], name: str, number: int) -> Iterator[Sample]:
    alone, beside = (percentiles_ms(heard[asking].answers) for asking in (0, ASKERS))
    for percentile in (50, 99):
        before, after = alone[percentile - 1], beside[percentile - 1]
        yield Sample(f"0 ask 387: p{percentile} of bets, ms", name, number, before)
        yield Sample(f"{ASKERS} ask 387: p{percentile} of bets, ms", name, number, after)
        yield Sample(
            f"{ASKERS} ask 387: p{percentile} of bets, ratio", name, number, after / before
        )


def _seconds(plan: Plan) -> float:
    return max(plan.seconds, LEAST_S)


@define(eq=False)
class _Pace:
    """The requests of a line: when the next is due, and when the unanswered ones were sent."""

    line: Line
    due_at: float
    asked_at: list[float] = field(factory=list)


@frozen
class Steady:
    """Each of the first `lines` of a voice sends `rate` requests a second.

    A line pauses while `QUESTIONS_UNDER_WAY` requests are unanswered. A refusal counts as an
    answer; the next request then waits for its `retry_after_ms`.
    """

    voice: str
    requests: list[bytes]
    rate: float
    seconds: float
    lines: int

    def __call__(self, crowd: Crowd) -> Heard:
        """Run the task on a crowd."""
        begin = time.monotonic()
        lines = crowd.voices[self.voice][: self.lines]
        for line in lines:
            line.mark = MESSAGE
        # Spread the first requests, so that the lines do not send at the same moment.
        paces = [
            _Pace(line, begin + number / (self.rate * len(lines)))
            for number, line in enumerate(lines)
        ]
        heard, end, asked = Heard(), begin + self.seconds, 0
        while any(pace.asked_at for pace in paces) or time.monotonic() < end:
            now = time.monotonic()
            if now > end + PATIENCE_S:
                raise CrowdError("some answers did not come")
            for pace in paces:
                asked += self._ask(pace, now, end, asked)
            self._hear(crowd, {pace.line: pace for pace in paces}, heard)
        heard.took = time.monotonic() - begin
        return heard

    def _ask(self, pace: _Pace, now: float, end: float, asked: int) -> int:
        if now < pace.due_at or now >= end or len(pace.asked_at) >= QUESTIONS_UNDER_WAY:
            return 0
        pace.due_at = max(pace.due_at + 1 / self.rate, now)
        pace.asked_at.append(now)
        pace.line.socket.sendall(self.requests[asked % len(self.requests)])
        return 1

    def _hear(self, crowd: Crowd, paces: dict[Line, _Pace], heard: Heard) -> None:
        for line in crowd.arrivals(0.001):
            data, now = line.take(), time.monotonic()
            count = line.count(data)
            if (pace := paces.get(line)) is not None:
                done = pace.asked_at[:count]
                del pace.asked_at[:count]
                heard.answers += [now - at for at in done]
                if refused := RETRY_AFTER.findall(data):
                    pace.due_at = max(pace.due_at, now + int(refused[-1]) / 1_000)


if __name__ == "__main__":
    sys.exit(command("askers", ask, rounds=5, seconds=LEAST_S)())
