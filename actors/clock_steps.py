"""What to make of a machine's clock that is set while the server runs.

The wall clock is compared with the time that has passed, which nobody sets. What is left when one
is taken from the other, the offset, moves slowly while a clock is corrected and jumps when it is
set. Small changes are followed. A step of more than `LARGEST_FOLLOWED` may be a mistake, and would
close games for good or let bets past their time: so the old offset stays in force for a while, in
case the clock comes back, and only then is the new one accepted.

Pure: both clocks are arguments, in nanoseconds. `actors/clock.py` reads them.
"""

from enum import Enum, auto

from attrs import define

LARGEST_FOLLOWED = 30 * 10**9


class ClockEvent(Enum):
    """What has happened to the clock."""

    STEPPED = auto()
    RETURNED = auto()
    ACCEPTED = auto()


@define
class Offset:
    """The offset in force: the wall clock less the time that has passed, in nanoseconds.

    `patience`: for how long a large step is not followed.
    """

    in_force: int
    patience: int
    _stepped_to: int | None = None
    _stepped_at: int = 0

    def look(self, wall: int, elapsed: int) -> ClockEvent | None:
        """Compare the clocks; return what is new about them."""
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
        """How far ahead of ours the machine's clock is since a step that is not accepted, or 0."""
        return 0 if self._stepped_to is None else self._stepped_to - self.in_force

    @property
    def accepts_at(self) -> int | None:
        """The elapsed time at which the step is accepted if it lasts; None: there is none."""
        return None if self._stepped_to is None else self._stepped_at + self.patience

    def _follow(self, offset: int, event: ClockEvent) -> ClockEvent | None:
        had_stepped = self._stepped_to is not None
        self.in_force, self._stepped_to = offset, None
        return event if had_stepped else None
