"""Limits the requests of a connection (contract, section 9, `rate_limit`)."""

import math
from array import array

import trio

from actors.token_bucket import TokenBucket
from game.refusals import Refusal, rate_limited

WINDOW_S = 10.0
"""A connection that sends more than a burst and this many seconds at its rate is closed."""
GRAIN_S = 0.01
"""Messages that arrive within this time of one another are counted by one mark."""
SPARE = 0.1
"""A connection with less than this part of a burst left is asked to wait longer."""


class SlidingWindow:
    """Counts the messages of the last `span` seconds, in at most `span / grain + 1` marks.

    A mark counts all messages within `grain` seconds of its first one, and expires with the first.
    So the count is at most the messages of the last `span` seconds, and at least those of the last
    `span - grain`. It is exact if none arrived in between.
    """

    __slots__ = ("_counts", "_grain", "_marks", "_span", "total")

    def __init__(self, span: float, grain: float) -> None:
        self._span, self._grain = span, grain
        self._marks, self._counts = array("d"), array("I")
        self.total = 0
        """The count, as of the latest `add`."""

    def add(self, now: float) -> None:
        """Count a message."""
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
        """Return in how many seconds the count falls to `most`, if nothing is added."""
        left = self.total
        for mark, count in zip(self._marks, self._counts, strict=True):
            left -= count
            if left <= most:
                return mark + self._span - now
        return 0.0


class RateLimiter:
    """Grants `rate` requests a second and bursts of `burst`. A rate of 0 means no limit.

    A granted request takes a token. Every request is counted, granted or not: a connection that
    sends more than `burst` plus ten times `rate` in any ten seconds has to be closed. Before that,
    refusals ask the client to wait until there is room for a burst again (`retry_after_ms`). So a
    client that waits as asked is never closed, although refused requests count.
    """

    __slots__ = ("_bucket", "_most", "_paused_until", "_refused_at", "_window", "must_close")

    def __init__(self, rate: int, burst: int) -> None:
        self._bucket = TokenBucket(rate, burst)
        self._window: SlidingWindow | None = None  # an idle connection does without
        self._most = burst + WINDOW_S * rate
        self._refused_at = -math.inf
        self._paused_until = -math.inf
        self.must_close = False
        """Whether the connection has sent so much that it has to be closed."""

    def spend(self) -> Refusal | None:
        """Count a request. Return the refusal if it is not granted."""
        if not self._bucket.rate:
            return None
        if self._window is None:
            self._window = SlidingWindow(WINDOW_S, GRAIN_S)
        now = trio.current_time()
        if now >= self._paused_until:
            self._window.add(now)
        self.must_close = self._window.total > self._most
        if wait := self._wait(self._window, now):
            self._refused_at = now
            return rate_limited("More than {rate} ops a second", wait, rate=self._bucket.rate)
        self._bucket.take(now)
        return None

    def on_pause(self) -> None:
        """The process was paused: requests arrive that were sent meanwhile, so count none now."""
        self._paused_until = trio.current_time() + WINDOW_S

    def _wait(self, window: SlidingWindow, now: float) -> float:
        """Return in how many seconds a request is granted and does not close the connection."""
        wait = self._bucket.wait(now)
        is_refused = wait > 0 or now - self._refused_at < WINDOW_S
        if is_refused and window.total > self._most - self._bucket.burst * SPARE:
            room = round(self._most) - self._bucket.burst
            wait = max(wait, window.wait(room, now) + GRAIN_S)  # rounded up, never too short
        return wait
