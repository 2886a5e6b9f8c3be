"""The one clock. Nothing else in the product imports time.

Everyone asks a `Clock` for epoch milliseconds and waits on trio's clock, so that a test can let a
season pass in milliseconds.
"""

import math
import time
from typing import Protocol

import trio


class Clock(Protocol):
    """Tells the time and turns a time into a deadline of trio's."""

    def now(self) -> int:
        """Epoch milliseconds, UTC."""

    def deadline(self, at: int | None) -> float:
        """The trio time at which to look again for a time in epoch ms; None: never.

        May be early for a time far ahead: whoever wakes up asks `now` again.
        """


class SystemClock:
    """The machine's clock. A long wait is cut, so that a clock that was set is noticed."""

    LONGEST_WAIT_MS = 60_000

    def now(self) -> int:
        """Epoch milliseconds, UTC."""
        return time.time_ns() // 1_000_000

    def deadline(self, at: int | None) -> float:
        """See `Clock.deadline`."""
        wait_ms = self.LONGEST_WAIT_MS if at is None else at - time.time_ns() / 1_000_000
        return trio.current_time() + max(0.0, min(wait_ms, self.LONGEST_WAIT_MS)) / 1_000


class SteadyClock:
    """A clock that starts at a given moment and then follows trio's, simulated or not."""

    def __init__(self, epoch_ms: int) -> None:
        self._offset = epoch_ms - trio.current_time() * 1_000

    def now(self) -> int:
        """Epoch milliseconds, UTC."""
        return math.floor(trio.current_time() * 1_000 + self._offset + 0.01)

    def deadline(self, at: int | None) -> float:
        """See `Clock.deadline`."""
        return math.inf if at is None else (at - self._offset) / 1_000
