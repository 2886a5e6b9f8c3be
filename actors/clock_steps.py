"""Decides which time is right when the machine's clock is set while the server runs.

The wall clock is compared with the elapsed time, which cannot be set. Their difference, the offset,
moves slowly while a clock is corrected and jumps when it is set. Small changes are followed. A step
of more than `LARGEST_FOLLOWED` may be a mistake, and would close games permanently or accept bets
after their time. So the old offset stays in force for a while, in case the clock returns:

    in force -- large step --> stepped -- clock back within `patience` --> in force (RETURNED)
                                  |
                                  +------ step lasts for `patience` -----> new offset (ACCEPTED)

Pure: both clocks are arguments, in nanoseconds. `actors/clock.py` reads them.
"""

from enum import Enum, auto

from attrs import define

LARGEST_FOLLOWED = 30 * 10**9


class ClockEvent(Enum):
    """What has happened to the machine's clock."""

    STEPPED = auto()
    RETURNED = auto()
    ACCEPTED = auto()


@define
class Offset:
    """The offset in force: the wall clock minus the elapsed time, in nanoseconds.

    `patience` is how long a large step must last before it is followed, in nanoseconds.
    """

    in_force: int
    patience: int
    _stepped_to: int | None = None
    _stepped_at: int = 0

    def look(self, wall: int, elapsed: int) -> ClockEvent | None:
        """Compare the clocks. Return what has happened since the last call, if anything."""
        offset = wall - elapsed
        if abs(offset - self.in_force) <= LARGEST_FOLLOWED:
            return self._follow(offset, ClockEvent.RETURNED)
        if self._stepped_to is None or abs(offset - self._stepped_to) > LARGEST_FOLLOWED:
            self._stepped_to, self._stepped_at = offset, elapsed
            return ClockEvent.STEPPED
        self._stepped_to = offset
        if self.accepts_at is not None and elapsed >= self.accepts_at:
            return self._follow(offset, ClockEvent.ACCEPTED)
        return None

    @property
    def step(self) -> int:
        """Return how far the machine's clock is ahead after a step that is not accepted, or 0."""
        return 0 if self._stepped_to is None else self._stepped_to - self.in_force

    @property
    def accepts_at(self) -> int | None:
        """Return the elapsed time at which the step is accepted if it lasts; None if none is."""
        return None if self._stepped_to is None else self._stepped_at + self.patience

    def _follow(self, offset: int, event: ClockEvent) -> ClockEvent | None:
        had_stepped = self._stepped_to is not None
        self.in_force, self._stepped_to = offset, None
        return event if had_stepped else None
