"""Requests at times that are fixed beforehand, however long the answers take: an open loop.

A client that waits for an answer before it sends the next request asks less while the server is
slow, so slow moments count too little. Here the latency of a request starts at its scheduled time,
even if the request was sent later.
"""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import cycle
from random import Random

from attrs import frozen

from bench.crowd import Crowd, Heard, percentiles_ms
from bench.line import Line, mark_of
from protocol.op import Response

LOOK_S = 0.000_2
"""The longest sleep between two reads, in seconds."""
WITHIN_S = 1.0
"""A request without an answer this long after its scheduled time counts as unanswered."""


def schedule(rate: float, seconds: float, seed: int = 11) -> Iterator[float]:
    """Yield the times of requests in seconds from the start, on average `rate` a second.

    The gaps are random, as those of many independent players are. A seed always yields the same
    times.
    """
    random, at = Random(seed), 0.0
    while (at := at + random.expovariate(rate)) < seconds:
        yield at


def latencies_ms(heard: Heard) -> list[float]:
    """Return the 1st to the 99th percentile in milliseconds, of all scheduled requests.

    An unanswered request counts as `WITHIN_S`. Raise `CrowdError` for fewer than two requests.
    """
    return percentiles_ms([*heard.answers, *[WITHIN_S] * heard.unanswered])


@frozen
class Offered:
    """The lines of a voice take turns to send requests, `rate` a second in all, for `seconds`."""

    voice: str
    requests: Sequence[bytes]
    res: Response
    rate: float
    seconds: float

    def __call__(self, crowd: Crowd) -> Heard:
        """Run the task on a crowd."""
        heard, lines = Heard(), crowd.voices[self.voice]
        waiting = {line: Waiting(line, self.res) for line in lines}
        begin = time.monotonic()
        times = schedule(self.rate, self.seconds)
        for at, line, request in zip(times, cycle(lines), cycle(self.requests), strict=False):
            due_at = begin + at
            _hear_until(due_at, crowd, waiting, heard)
            heard.sent_late.append(time.monotonic() - due_at)
            waiting[line].due_at.append(due_at)
            line.socket.sendall(request)
        end = begin + self.seconds + WITHIN_S
        while any(each.due_at for each in waiting.values()) and time.monotonic() < end:
            _hear_until(time.monotonic() + LOOK_S, crowd, waiting, heard)
        heard.unanswered += sum(len(each.due_at) for each in waiting.values())
        heard.took = time.monotonic() - begin
        return heard


class Waiting:
    """The unanswered requests of a line, and how their answers are recognised."""

    def __init__(self, line: Line, res: Response) -> None:
        line.mark = mark_of(res)
        self._answers, self._refusals = line, Line(line.socket, mark_of(Response.ERROR))
        self.due_at = deque[float]()

    def hear(self, data: bytes, now: float, heard: Heard) -> None:
        """Note the answers in the received bytes. A refusal leaves its request unanswered."""
        # What exceeds the requests answers those of an earlier task.
        for _ in range(min(self._refusals.count(data), len(self.due_at))):
            self.due_at.popleft()
            heard.unanswered += 1
        for _ in range(min(self._answers.count(data), len(self.due_at))):
            latency = now - self.due_at.popleft()
            if latency <= WITHIN_S:
                heard.answers.append(latency)
            else:
                heard.unanswered += 1


def _hear_until(at: float, crowd: Crowd, waiting: dict[Line, Waiting], heard: Heard) -> None:
    """Read what has arrived, at least once, until the time `at`."""
    while True:
        for line in crowd.arrivals(0):
            data = line.take()
            waiting[line].hear(data, time.monotonic(), heard)
        # A poll would wait for whole milliseconds.
        if (left := at - time.monotonic()) <= 0:
            return
        time.sleep(min(left, LOOK_S))
