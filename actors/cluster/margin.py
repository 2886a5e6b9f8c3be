"""The lease's margin: how long a leader may speak after it last renewed its lease.

The lease ends on the engine's clock, three seconds after the renewal reached it. A leader stops
`MARGIN_S` after it began the renewal, by a clock that also runs while the machine sleeps. So it is
silent before another node may lead, however long the renewal or a pause took.
"""

from collections.abc import Callable
from typing import Final

MARGIN_S: Final = 2.0
"""Seconds from the beginning of a renewal, less than `LEASE_S`."""


class Margin:
    """When a leader has to be silent. `elapsed` returns seconds, also those of a sleep."""

    def __init__(self, elapsed: Callable[[], float]) -> None:
        self.elapsed = elapsed
        self._ends_at = elapsed()

    def renewed(self, began_at: float) -> None:
        """Note that a renewal, begun at this time of `elapsed`, was confirmed."""
        self._ends_at = max(self._ends_at, began_at + MARGIN_S)

    @property
    def ends_at(self) -> float:
        """The end, in the time of `elapsed`."""
        return self._ends_at

    def left_s(self) -> float:
        """Return the seconds until the end; 0 or less once it is over."""
        return self._ends_at - self.elapsed()

    def is_over(self) -> bool:
        """Whether the leader has to be silent."""
        return self.left_s() <= 0
