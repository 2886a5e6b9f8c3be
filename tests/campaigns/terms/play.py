"""Run one seed: a cluster, its payers and random faults, step by step, with all checks."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import trio
from trio.testing import MockClock

from actors.cluster.follower import WENT_BACK
from storage.records import LogRecord
from tests.campaigns.dice import Dice, seeded
from tests.campaigns.log import Line, log_received_by
from tests.campaigns.real_time import StuckError, bounded_real_time
from tests.campaigns.story import Outcome, Story, first_of
from tests.campaigns.terms import invariants
from tests.campaigns.terms.cluster import SimulatedCluster, folder_in_memory
from tests.campaigns.terms.faults import Faults
from tests.campaigns.terms.machine import machines
from tests.campaigns.terms.nodes import Acknowledged
from tests.campaigns.terms.payers import Payer
from tests.campaigns.terms.wire import wired

WELL_AGAIN_S: Final = 15.0
"""Simulated seconds in which one node leads and all have caught up, once faults have ended."""
CLOCKS_JUMP: Final = 0.25
"""In how many of the worlds the engine's clock may be wrong."""
STAYS_S: Final = 5.0
"""For how long nobody must be answered once records were lost, in simulated seconds."""
LOOK_S: Final = 0.04
WRONG_PROMOTIONS: Final = 0.15
"""How many of the worlds end with the promotion of a standby that lags."""


def play(seed: int, steps: int) -> Outcome:
    """Run a seed to its end or to the first failed check."""
    story, clock = Story(), MockClock(autojump_threshold=0)
    with folder_in_memory() as folder, seeded(seed) as dice:
        world = _World(folder, dice, story, clock)
        try:
            with bounded_real_time(), log_received_by(world.note_logged):
                trio.run(world.live, steps, clock=clock)
        except (Exception, BaseExceptionGroup, StuckError) as error:
            return Outcome(seed, story, first_of(error))
    return Outcome(seed, story)


class _World:
    def __init__(self, folder: Path, dice: Dice, story: Story, clock: MockClock) -> None:
        self._folder, self._dice, self._story, self._clock = folder, dice, story, clock
        self._clocks_jump = dice.happens(CLOCKS_JUMP)
        self._watch = invariants.Watch(only_one_speaks=not self._clocks_jump)

    async def live(self, steps: int) -> None:
        with machines():
            async with trio.open_nursery() as nursery:
                size = self._dice.one_of((1, 2), (6, 3), (1, 4))
                self._cluster = SimulatedCluster(
                    self._folder, size, self._dice.another("cluster"), nursery, self._tell
                )
                with wired(self._cluster.wires):
                    nursery.start_soon(self._cluster.wires.run)
                    await self._play(steps, nursery)
                    nursery.cancel_scope.cancel()
            self._cluster.engine.close()

    async def _play(self, steps: int, nursery: trio.Nursery) -> None:
        for name in self._cluster.names:
            await self._cluster.start(name)
        self._payers = [
            Payer(number, self._cluster, self._dice.another(f"payer {number}"))
            for number in range(1, 5)
        ]
        self._faults = Faults(
            self._cluster,
            self._dice.another("faults"),
            nursery,
            self._tell,
            clocks_jump=self._clocks_jump,
        )
        nursery.start_soon(self._look_on)
        for payer in self._payers:
            nursery.start_soon(payer.run)
        await self._become_well()
        for self._story.step in range(1, steps + 1):
            await self._step()
        await self._become_well()
        if self._dice.happens(WRONG_PROMOTIONS):
            await self._lose_records()
        else:
            await self._check()

    def _tell(self, line: str) -> None:
        self._story.tell(f"{self._clock.current_time():9.4f}", line)

    def note_logged(self, level: str, line: Line) -> None:
        """Record what the nodes log, apart from their usual work."""
        if level in ("warning", "error"):
            about = " ".join(f"{name}={value}" for name, value in line.items() if name != "event")
            self._tell(f"{line['event']} {about}")

    async def _look_on(self) -> None:
        while True:
            self._watch.look(self._cluster)
            await trio.sleep(LOOK_S)

    @property
    def _told(self) -> list[Acknowledged]:
        """All answers that payers got."""
        return [each for payer in self._payers for each in payer.acknowledged]

    # Steps.

    async def _step(self) -> None:
        for _ in range(self._dice.one_of((2, 0), (5, 1), (2, 2))):
            self._faults.strike()
        if self._dice.happens(0.15):
            self._nobody_pays_for(self._dice.choice((2, 6)))
        await trio.sleep(self._dice.choice((0.05, 0.3, 1, 2)))
        if self._dice.happens(0.1):
            await self._become_well()

    def _nobody_pays_for(self, seconds: float) -> None:
        """Let a leader have nothing to append, from whose outcome it would see its state."""
        self._tell("nobody pays")
        for payer in self._payers:
            payer.rests_until = trio.current_time() + seconds

    # Checks.

    async def _become_well(self) -> None:
        """Let all faults end. One node must lead soon, and all others know it."""
        await self._faults.end()
        await self._in_time(self._is_well, "it does not become well")
        self._tell(f"is well at {self._cluster.engine.end}")

    def _is_well(self) -> bool:
        known = all(node.knows_leader for node in self._cluster.living)
        return len(self._cluster.leaders) == 1 and known

    def _is_quiet(self) -> bool:
        """Return whether all payments are confirmed, and all files have the whole log."""
        end = self._cluster.engine.end
        is_paid = all(payer.waits_for is None for payer in self._payers)
        return is_paid and self._is_well() and all(n.place.idx == end for n in self._cluster.living)

    def _have_noticed(self) -> bool:
        return all(node.node.trouble() == WENT_BACK for node in self._cluster.living)

    async def _in_time(self, holds: Callable[[], bool], problem: str) -> None:
        with trio.move_on_after(WELL_AGAIN_S) as patience:
            while not holds():  # noqa: ASYNC110 - there is no one event to wait for
                await trio.sleep(0.1)
        nodes = [(n.name, n.place.idx, n.node.trouble()) for n in self._cluster.living]
        waiting = [payer.waits_for for payer in self._payers]
        assert not patience.cancelled_caught, (problem, nodes, waiting)

    # Ends of a world.

    async def _check(self) -> None:
        """Let all payments end. All files must be what the log is."""
        for payer in self._payers:
            payer.is_stopping = True
        await self._in_time(self._is_quiet, "it does not become quiet")
        log = self._cluster.engine.records()
        self._must_be_true(log)
        for name in self._cluster.names:
            invariants.file_is_the_log(self._cluster.path(name), self._cluster.path("oracle"))

    async def _lose_records(self) -> None:
        """Promote a standby that lags. The nodes must notice it, and then none leads any more."""
        engine = self._cluster.engine
        engine.laggard_stalls = True
        await trio.sleep(self._dice.choice((0.3, 1, 3)))
        engine.stop()
        await trio.sleep(self._dice.choice((0.1, 1, 4)))
        log, places = engine.records(), [node.place for node in self._cluster.living]
        engine.promote(laggard=True)
        self._tell(f"a standby that lags is promoted: {engine.end} records of {len(log)}")
        if all(place.idx <= engine.end for place in places):
            return await self._check()
        answers = len(self._told)
        await self._in_time(self._have_noticed, "lost records were not noticed")
        await trio.sleep(STAYS_S)
        assert len(self._told) == answers, ("answers after records were lost", self._told[answers:])
        self._must_be_true(log)

    def _must_be_true(self, log: Sequence[LogRecord]) -> None:
        """Check all that was seen and told against the log."""
        self._story.counts.update(records=len(log), answers=len(self._told))
        invariants.the_log_is_sound(log)
        self._watch.was_true(log)
        if not self._clocks_jump:
            invariants.epochs_do_not_fall(self._told)
        oracle = self._cluster.path("oracle")
        invariants.books_are_zero(oracle, log)
        invariants.replies_are_borne_out(oracle, self._told)
        self._tell(f"{len(log)} records, {len(self._told)} answers, {log[-1].chain.hex()}")
