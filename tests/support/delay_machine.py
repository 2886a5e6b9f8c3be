"""A state machine of bets that wait for their delay: each refusal, clocks that jump, keys.

Every rule changes the model (`delay_model.py`), and notes what has to be done on a server and what
must be answered by then. In the end a server plays it all in simulated time (`delay_player.py`).
"""

import tempfile
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import trio
from attrs import define, evolve
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from trio.testing import MockClock

from tests.support.delay_model import Answer, DelayModel, ModelPool, Request
from tests.support.delay_player import LEAVES, USERS, WEALTH, DelayPlayer, comparable

POOLS = ("direct", "short", "long", "corner")
ENDINGS = ("time", "time", "close", "stop")
LONG_AFTER_MS = 200_000

users = st.sampled_from(USERS)
pools = st.sampled_from(["short", "short", "long", "long", "corner", "direct"])
targets = st.sampled_from(["argentina", "brazil", "none"])
sides = st.sampled_from(["argentina", "brazil"])
amounts = st.sampled_from([1, 2_000, 4_000, 4_000, 20_000, 60_000])
keys = st.sampled_from([None, None, "k", "l"])
laters = st.sampled_from([None, None, 1_000, 3_000, 5_000])
durations = st.sampled_from([300, 1_000, 1_000, 2_000, 3_000, 5_000])

Do = Callable[[DelayPlayer], Awaitable[None]]


@define
class Step:
    """Something to do, what must be answered then, and what must be set aside then."""

    name: str
    do: Do
    answers: list[Answer]
    set_aside: int


class DelayMachine(RuleBasedStateMachine):
    """A game in play, two players and a host."""

    answered: set[str] = set()  # noqa: RUF012 - what all runs have seen
    """The codes of all answers, and whether they were repeated."""

    @initialize(
        finish_at=st.sampled_from([None, None, 4_000, 7_000]),
        stop_at=st.sampled_from([None, None, 2_000, 6_000]),
        ending=st.sampled_from(ENDINGS),
    )
    def open(self, finish_at: int | None, stop_at: int | None, ending: str) -> None:
        self.opened = {
            "direct": ModelPool(),
            "short": ModelPool(delay=1_000, of_user=30_000),
            "long": ModelPool(delay=5_000, finish_at=finish_at),
            "corner": ModelPool(delay=3_000, stop_at=stop_at, action="corner"),
        }
        self.ending = ending
        self.model = DelayModel(
            {name: evolve(pool, bets=[]) for name, pool in self.opened.items()},
            dict.fromkeys(USERS, WEALTH),
        )
        self.script: list[Step] = []
        self.keyed: list[Request] = []
        self.numbers = count(1)

    def _step(self, name: str, do: Do) -> None:
        answers, self.model.answers = self.model.answers, []
        self.script.append(Step(name, do, answers, self.model.set_aside()))

    def _is_open(self, *names: str) -> bool:
        return all(not self.model.pools[name].has_ended for name in names)

    # The players.

    def _bet(self, request: Request) -> None:
        if request.key is not None:
            self.keyed.append(request)
        self.model.bet(request)
        self._step(str(request), lambda player: player.bet(request))

    @rule(user=users, pool=pools, on=targets, amount=amounts, key=keys)
    def bets(self, user: str, pool: str, on: str, amount: int, key: str | None) -> None:
        self._bet(Request(next(self.numbers), user, pool, on, amount, key))

    @rule(user=users, pool=pools)
    def bets_one_more_than_there_is(self, user: str, pool: str) -> None:
        free = self.model.available[user] - self.model.set_aside(user)
        self._bet(Request(next(self.numbers), user, pool, "brazil", free + 1))

    @precondition(lambda self: self.keyed)
    @rule(nth=st.integers(0, 3), more=st.sampled_from([0, 0, 0, 1]))
    def repeats(self, nth: int, more: int) -> None:
        known = self.keyed[-1 - nth % len(self.keyed)]
        self._bet(evolve(known, number=next(self.numbers), amount=known.amount + more))

    @rule(user=users, pool=st.sampled_from(["short", "long"]), key=st.sampled_from([None, "many"]))
    def bets_very_often(self, user: str, pool: str, key: str | None) -> None:
        for _ in range(22):
            self._bet(Request(next(self.numbers), user, pool, "argentina", 1, key))

    # The host.

    def _host(self, op: int, pool: str | None = None, **parameters: Any) -> None:
        name = f"{op} {pool} {parameters}"
        self._step(name, lambda player: player.host(op, pool, **parameters))

    @rule(pool=pools, later=laters)
    def blocks(self, pool: str, later: int | None) -> None:
        if self._is_open(pool):
            at = None if later is None else self.model.now + later
            self.model.block(pool, at)
            self._host(397, pool, **_unless_none(block_at=at))

    @rule(action=st.sampled_from(["goal", "corner"]), later=laters)
    def blocks_an_action(self, action: str, later: int | None) -> None:
        at = None if later is None else self.model.now + later
        self.model.block_action(action, at)
        self._host(3975, action=action, **_unless_none(block_at=at))

    @rule(pool=pools)
    def allows(self, pool: str) -> None:
        if self._is_open(pool):
            self.model.allow(pool)
            self._host(398, pool)

    @rule(
        action=st.sampled_from(["goal", "corner", "throw-in", "throw-in"]),
        winner=sides,
        is_material=st.booleans(),
    )
    def registers(self, action: str, winner: str, is_material: bool) -> None:
        self.model.event(action, winner, is_material=is_material)
        what = {"action_id": action, "target_id": LEAVES[winner]}
        self._host(395, **what, is_material=is_material)

    @precondition(lambda self: self._is_open("short"))
    @rule()
    def cancels(self) -> None:
        self.model.cancel("short")
        self._host(399, "short")

    @rule(pool=pools, side=sides)
    def scratches(self, pool: str, side: str) -> None:
        if self._is_open(pool) and side in self.model.pools[pool].targets:
            self.model.scratch(pool, side)
            self._host(3994, pool, target=side, reason="lame")

    # What befalls the server.

    @rule(ms=durations)
    def time_passes(self, ms: int) -> None:
        self.model.time_passes(ms)
        self._step(f"time passes: {ms}", lambda player: player.time_passes(ms))

    @rule(ms=st.sampled_from([400, 1_000, 1_500, 6_000]))
    def the_machine_sleeps(self, ms: int) -> None:
        self.model.the_machine_sleeps(ms)
        self._step(f"the machine sleeps: {ms}", lambda player: player.the_machine_sleeps(ms))

    @rule(ms=st.sampled_from([700, 1_000, 3_500, -700, -1_000, -3_500, -60_000]))
    def the_clock_is_set(self, ms: int) -> None:
        self.model.the_clock_is_set(ms)
        self._step(f"the clock is set: {ms}", lambda player: player.the_clock_is_set(ms))

    @precondition(lambda self: self._is_open("direct"))
    @rule(user=users)
    def a_commit_fails(self, user: str) -> None:
        request = Request(next(self.numbers), user, "direct", "brazil", 1)
        if self.model.would_accept(request):
            self.model.fail(request)
            self._step("a commit fails", lambda player: player.fail_to_commit(request))

    # The end.

    def teardown(self) -> None:
        if not hasattr(self, "script"):
            return
        match self.ending:
            case "close":
                self.model.close()
                self._host(375)
            case "stop":
                self.model.stop()
                self._step("the server stops", lambda player: player.restart())
            case _:
                self.model.time_passes(LONG_AFTER_MS)
                self._step("the end", lambda player: player.time_passes(LONG_AFTER_MS))
        assert not self.model.waiting
        clock = MockClock()
        trio.run(self._play, clock, clock=clock)

    async def _play(self, clock: MockClock) -> None:
        with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
            player = DelayPlayer(Path(folder), clock, patched)
            async with player.world, trio.open_nursery() as listeners:
                try:
                    await player.open(self.opened, listeners)
                    for step in self.script:
                        await self._take(step, player)
                    # Bets that begin anew at the same moment do so in any order.
                    assert sorted(player.accepted()) == sorted(self.model.accepted)
                    assert await player.available() == self.model.available
                finally:
                    clock.autojump_threshold = 0  # the server takes its time to stop
                    listeners.cancel_scope.cancel()

    async def _take(self, step: Step, player: DelayPlayer) -> None:
        await step.do(player)
        answers = player.take_answers()
        expected = comparable(step.answers)
        if comparable(answers) != expected:
            note("\n".join(each.name for each in self.script))
        assert comparable(answers) == expected, step.name
        assert player.set_aside == step.set_aside, step.name
        self.answered.update(f"{a.code}{' repeated' * a.is_repeated}" for a in answers)


def _unless_none(**parameters: int | None) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if value is not None}
