"""The only clock. No other file of the product imports `time`.

All code reads epoch milliseconds from a `Clock` and waits on trio's clock. So a test can let a
season pass in milliseconds.
"""

import math
import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

import structlog
import trio

from actors.clock_steps import ClockEvent, Offset

log = structlog.get_logger()

LOOK_EVERY_NS = 100_000_000
"""Nanoseconds until the two clocks of the machine are compared again."""
TOGETHER_NS = 10_000_000
"""If more time passes between the readings of the two clocks, the process was paused: the readings
cannot be compared."""
WATCH_S = 1.0


class Clock(Protocol):
    """Returns the time, and turns a time into a deadline of trio's."""

    def now(self) -> int:
        """Return the time in epoch milliseconds, UTC."""

    def deadline(self, at: int | None) -> float:
        """Return the trio time at which to check for a time in epoch ms; infinity for None.

        It may be early for a time far ahead, so the caller must read `now` again.
        """


class WatchedClock(Clock, Protocol):
    """A clock that follows the machine's, and notices when that is set."""

    def trouble(self) -> str | None:
        """Return why the server is not ready (`/readyz`): its time is not the machine's."""

    async def watch(self) -> None:
        """Notice steps also while no code reads the time. Run until cancelled."""


# Count the time in which the machine slept. On Linux, CLOCK_MONOTONIC leaves it out.
_elapsed_ns = partial(time.clock_gettime_ns, getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def elapsed_s() -> float:
    """Return seconds since a moment in the past, those in which the machine slept included."""
    return _elapsed_ns() / 1_000_000_000


class SystemClock:
    """The machine's clock. A large step is followed only after `patience_ms`.

    `wall` reads the clock that can be set, `elapsed` the one that cannot; both in nanoseconds.
    """

    LONGEST_WAIT_MS = 60_000
    """Longer waits are cut, so that a clock that was set is noticed."""

    def __init__(
        self,
        patience_ms: int = 60_000,
        *,
        wall: Callable[[], int] = time.time_ns,
        elapsed: Callable[[], int] = _elapsed_ns,
    ) -> None:
        self._wall, self._elapsed = wall, elapsed
        wall_ns, elapsed_ns = self._read()
        self._offset = Offset(wall_ns - elapsed_ns, patience_ms * 1_000_000)
        self._look_at = elapsed_ns + LOOK_EVERY_NS

    def now(self) -> int:
        """Return the time in epoch milliseconds, UTC."""
        elapsed = self._elapsed()
        if elapsed >= self._look_at:
            elapsed = self._look()
        return (elapsed + self._offset.in_force) // 1_000_000

    def deadline(self, at: int | None) -> float:
        """See `Clock.deadline`."""
        now = self.now()
        wait_ms = math.inf if at is None else at - now
        return trio.current_time() + max(0.0, min(wait_ms, self._longest_wait_ms())) / 1_000

    def trouble(self) -> str | None:
        """Return why the server is not ready (`/readyz`): its time is not the machine's."""
        self.now()
        return None if self._offset.accepts_at is None else "clock stepped"

    async def watch(self) -> None:
        """Notice steps also while no code reads the time. Run until cancelled."""
        while True:
            self.now()
            await trio.sleep(WATCH_S)

    def _look(self) -> int:
        """Compare the clocks. Return the elapsed time."""
        wall, elapsed = self._read()
        self._look_at = elapsed + LOOK_EVERY_NS
        step_before = self._offset.step
        event = self._offset.look(wall, elapsed)
        if event is not None:
            _write_line(event, round((self._offset.step or step_before) / 1_000_000))
        return elapsed

    def _read(self) -> tuple[int, int]:
        """Read both clocks at the same moment."""
        while True:
            before, wall, after = self._elapsed(), self._wall(), self._elapsed()
            if after - before < TOGETHER_NS:
                return wall, after

    def _longest_wait_ms(self) -> float:
        """Return how long a wait may be. It ends when a step may be accepted."""
        accepts_at = self._offset.accepts_at
        if accepts_at is None:
            return self.LONGEST_WAIT_MS
        left_ms = (accepts_at - self._elapsed()) / 1_000_000 + 1
        return max(1.0, min(self.LONGEST_WAIT_MS, left_ms))


def _write_line(event: ClockEvent, step_ms: int) -> None:
    match event:
        case ClockEvent.STEPPED:
            log.error("clock_stepped", step_ms=step_ms)
        case ClockEvent.RETURNED:
            log.warning("clock_returned", step_ms=step_ms)
        case ClockEvent.ACCEPTED:
            log.warning("clock_accepted", step_ms=step_ms)


class FlooredClock:
    """A clock that is never before `floor` (epoch ms), the time of what is already recorded."""

    def __init__(self, clock: WatchedClock, floor: int) -> None:
        self._clock, self._floor = clock, floor
        self.trouble, self.watch = clock.trouble, clock.watch

    def now(self) -> int:
        """Return the time in epoch milliseconds, UTC."""
        return max(self._clock.now(), self._floor)

    def deadline(self, at: int | None) -> float:
        """See `Clock.deadline`."""
        if at is not None and at <= self._floor:
            return trio.current_time()
        return self._clock.deadline(at)


class SteadyClock:
    """A clock that starts at a given moment and then follows trio's, simulated or not."""

    def __init__(self, epoch_ms: int) -> None:
        self._offset = epoch_ms - trio.current_time() * 1_000

    def now(self) -> int:
        """Return the time in epoch milliseconds, UTC."""
        return math.floor(trio.current_time() * 1_000 + self._offset + 0.01)

    def deadline(self, at: int | None) -> float:
        """See `Clock.deadline`."""
        return math.inf if at is None else (at - self._offset) / 1_000
