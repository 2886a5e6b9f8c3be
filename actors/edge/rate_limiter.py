"""How fast a connection may send (contract, section 9, `rate_limit`)."""

import math
from array import array

import trio

from actors.token_bucket import TokenBucket
from game.refusals import Refusal, rate_limited

WINDOW_S = 10.0
"""A connection that sends more in any such time than a burst and its rate for as long is closed."""
GRAIN_S = 0.01
"""Messages that come so soon after one another are forgotten together."""
SPARE = 0.1
"""The part of a burst that is left when a connection is told to wait for longer."""


class SlidingWindow:
    """Counts what happened in the last `span` seconds, in at most `span / grain + 1` marks.

    A mark stands for all that came within `grain` seconds of its first, and is forgotten when its
    first is. So the count is never more than what came in the last `span` seconds, and never less
    than what came in the last `span - grain`; it is exact if nothing came in between.
    """

    __slots__ = ("_counts", "_grain", "_marks", "_span", "total")

    def __init__(self, span: float, grain: float) -> None:
        self._span, self._grain = span, grain
        self._marks, self._counts = array("d"), array("I")
        self.total = 0
        """The count, as of the latest `add`."""

    def add(self, now: float) -> None:
        """Count one more."""
        while self._marks and now - self._marks[0] >= self._span:
            self._marks.pop(0)
            self.total -= self._counts.pop(0)
        if self._marks and now - self._marks[-1] < self._grain:
            self._counts[-1] += 1
        else:
            self._marks.append(now)
            self._counts.append(1)
        self.total += 1

    def wait(self, most: int, now: float) -> float:
        """Return in how many seconds the count is no more than `most` if nothing is added."""
        left = self.total
        for mark, count in zip(self._marks, self._counts, strict=True):
            left -= count
            if left <= most:
                return mark + self._span - now
        return 0.0


class RateLimiter:
    """`rate` ops a second and a burst; a rate of 0 is none.

    An op takes a token if it is granted. Everything that is sent is counted, granted or not: more
    than `burst` and ten times `rate` in any ten seconds is too much. Before it comes to that, a
    connection that is being refused is told to wait until there is room for a burst again. So a
    client that waits as it is told is never closed, though what is refused counts.
    """

    __slots__ = ("_bucket", "_excused_until", "_most", "_refused_at", "_window", "is_hopeless")

    def __init__(self, rate: int, burst: int) -> None:
        self._bucket = TokenBucket(rate, burst)
        self._window = SlidingWindow(WINDOW_S, GRAIN_S)
        self._most = burst + WINDOW_S * rate
        self._refused_at = -math.inf
        self._excused_until = -math.inf
        self.is_hopeless = False
        """Whether the connection has sent so much that it is to be closed."""

    def spend(self) -> Refusal | None:
        """Count an op; return the refusal if it comes too fast."""
        if not self._bucket.rate:
            return None
        now = trio.current_time()
        if now >= self._excused_until:
            self._window.add(now)
        self.is_hopeless = self._window.total > self._most
        if wait := self._wait(now):
            self._refused_at = now
            return rate_limited("More than {rate} ops a second", wait, rate=self._bucket.rate)
        self._bucket.take(now)
        return None

    def excuse(self) -> None:
        """The process stood still: what was sent meanwhile comes at once, and is not counted."""
        self._excused_until = trio.current_time() + WINDOW_S

    def _wait(self, now: float) -> float:
        """Return in how many seconds the op is granted, and does not end the connection."""
        wait = self._bucket.wait(now)
        is_refused = wait > 0 or now - self._refused_at < WINDOW_S
        if is_refused and self._window.total > self._most - self._bucket.burst * SPARE:
            room = round(self._most) - self._bucket.burst
            wait = max(wait, self._window.wait(room, now) + GRAIN_S)  # never a moment too short
        return wait
