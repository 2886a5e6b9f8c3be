"""Many clients in few processes: some ask, some listen, and all that they hear is counted.

A process keeps its connections and does what it is told through its pipe, one task at a time. What
is asked, and what the numbers mean, is the business of the questions beside this file.
"""

import multiprocessing
import resource
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import cycle, repeat
from multiprocessing.connection import Connection as Pipe
from statistics import quantiles
from typing import Protocol

from attrs import Factory, define, frozen

from bench.line import (
    AT_ONCE,
    PATIENCE_S,
    CrowdError,
    Line,
    Person,
    connected,
    listening_to,
    mark_of,
    wait,
)
from protocol.op import Response

QUIET_S = 0.25
"""A crowd that has heard nothing for so long has heard it all: a joined 361 waits 0.1 s."""
PRESENCE_S = 1.1
"""After the joining, the last message about it waits up to a second."""
ERROR = mark_of(Response.ERROR)
_PROCESSES = multiprocessing.get_context("forkserver")  # what they import is imported once


@frozen
class Cast:
    """Who connects: those who subscribe, those who then stop reading, and those who speak."""

    listeners: Sequence[Person] = ()
    stalled: Sequence[Person] = ()
    voices: Mapping[str, Sequence[Person]] = Factory(dict)
    join: bytes = b""
    """What every listener says first, and the voices that have joined."""
    joined_voices: Sequence[str] = ()


@frozen
class Part:
    """What the first `lines` of a voice ask again and again; a `res` answers."""

    voice: str
    requests: Sequence[bytes]
    res: Response
    lines: int
    in_flight: int = 1


@define
class Heard:
    """What came of a task. Times in seconds."""

    deliveries: int = 0
    """Messages that arrived at subscribers."""
    answers: list[float] = Factory(list)
    """How long each answer was waited for."""
    delays: list[float] = Factory(list)
    """How long after it was asked for each delivery arrived; only where one is out at a time."""
    took: float = 0.0
    """From the first request to the last answer."""


class Task(Protocol):
    """Something to do for a crowd; it crosses a pipe."""

    def __call__(self, crowd: "Crowd") -> Heard:
        """Do it."""


Crew = Callable[[Task], Callable[[], Heard]]
"""Starts a task in another process; gives what waits for its end."""


@define(eq=False)
class Crowd:
    """The connections of one process, all read by one loop."""

    listeners: list[Line]
    voices: dict[str, list[Line]]
    stalled: list[Line]
    """Nobody reads these; who does, on their behalf, closes them."""
    arrivals: Callable[[float], list[Line]]
    _asked_at: dict[Line, deque[float]]

    def ask(self, line: Line, requests: Iterator[bytes], count: int) -> None:
        """Send so many requests in one go."""
        now = time.monotonic()
        self._asked_at[line].extend(repeat(now, count))
        line.socket.sendall(b"".join(next(requests) for _ in range(count)))

    def hear(self, within: float, heard: Heard) -> list[tuple[Line, int]]:
        """Take what has come; gives who was answered, and how often. Raises `CrowdError`."""
        answered = []
        for line in self.arrivals(within):
            asked_at = self._asked_at.get(line)
            if asked_at is None:
                heard.deliveries += line.hear()
                continue
            data = line.take()
            if ERROR in data:
                raise CrowdError(f"refused: {data[:500]!r}")
            # Who has joined also hears, with the same mark, what it has not asked for.
            if count := min(line.count(data), len(asked_at)):
                now = time.monotonic()
                heard.answers += [now - asked_at.popleft() for _ in range(count)]
                answered.append((line, count))
        return answered

    def until_quiet(self, heard: Heard, quiet_s: float = QUIET_S) -> None:
        """Listen until nothing has come for so long."""
        before = -1
        while heard.deliveries > before:
            before, end = heard.deliveries, time.monotonic() + quiet_s
            while (left := end - time.monotonic()) > 0:
                self.hear(left, heard)


@frozen
class Lone:
    """One publication at a time: the next when all have heard of it. The asker has joined."""

    part: Part
    seconds: float

    def __call__(self, crowd: Crowd) -> Heard:
        """Do it."""
        heard, requests = Heard(), cycle(self.part.requests)
        line = crowd.voices[self.part.voice][0]
        line.mark = mark_of(self.part.res)
        begin = time.monotonic()
        while (asked_at := time.monotonic()) < begin + self.seconds:
            crowd.ask(line, requests, 1)
            self._all_hear(crowd, heard, asked_at)
        heard.took = time.monotonic() - begin
        return heard

    def _all_hear(self, crowd: Crowd, heard: Heard, asked_at: float) -> None:
        goal, answers = heard.deliveries + len(crowd.listeners), len(heard.answers)
        while heard.deliveries < goal or len(heard.answers) == answers:
            before, now = heard.deliveries, time.monotonic()
            if now > asked_at + PATIENCE_S:
                raise CrowdError(f"{goal - before} of {len(crowd.listeners)} heard nothing")
            crowd.hear(0.5, heard)
            heard.delays += repeat(time.monotonic() - asked_at, heard.deliveries - before)


@frozen
class Busy:
    """Everybody keeps asking, for a while; then all that is still on its way is waited for."""

    parts: Sequence[Part]
    seconds: float

    def __call__(self, crowd: Crowd) -> Heard:
        """Do it."""
        heard, requests, under_way = Heard(), dict[Line, Iterator[bytes]](), 0
        begin = time.monotonic()
        for part in self.parts:
            # One cycle for all of a voice: they take turns through what may be asked.
            shared = cycle(part.requests)
            for line in crowd.voices[part.voice][: part.lines]:
                line.mark, requests[line] = mark_of(part.res), shared
                crowd.ask(line, shared, part.in_flight)
                under_way += part.in_flight
        while under_way:
            answered = crowd.hear(0.5, heard)
            now = time.monotonic()
            if now > begin + self.seconds + PATIENCE_S:
                raise CrowdError(f"{under_way} answers did not come")
            for line, count in answered:
                if now < begin + self.seconds:
                    crowd.ask(line, requests[line], count)
                else:
                    under_way -= count
        heard.took = time.monotonic() - begin
        if crowd.listeners:
            crowd.until_quiet(heard)
        return heard


@frozen
class Listen:
    """Hear what others bring about."""

    seconds: float

    def __call__(self, crowd: Crowd) -> Heard:
        """Do it."""
        heard, end = Heard(took=self.seconds), time.monotonic() + self.seconds
        while (left := end - time.monotonic()) > 0:
            crowd.hear(left, heard)
        return heard


@contextmanager
def gathered(port: int, cast: Cast) -> Iterator[Crew]:
    """Run a crowd in a process of its own, which ends with the block.

    It connects meanwhile: the first task waits for that. Their ends raise `CrowdError`.
    """
    ours, theirs = _PROCESSES.Pipe()
    child = _PROCESSES.Process(target=_work, args=(theirs, port, cast), daemon=True)
    child.start()
    theirs.close()

    def start(task: Task) -> Callable[[], Heard]:
        ours.send(task)
        return lambda: _answer(ours)

    try:
        yield start
    finally:
        child.terminate()
        child.join()


def percentiles_ms(seconds: Sequence[float]) -> list[float]:
    """The first to the 99th percentile, in milliseconds. Raises `CrowdError` for fewer than two."""
    if len(seconds) < 2:
        raise CrowdError("too few answers")
    return quantiles((each * 1_000 for each in seconds), n=100)


def raise_file_limit() -> None:
    """Allow this process, and those that it starts, as many connections as it may have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _work(pipe: Pipe, port: int, cast: Cast) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it ends it
    try:
        with _connected(port, cast) as crowd:
            while True:
                task: Task = pipe.recv()
                pipe.send(task(crowd))
    except (CrowdError, OSError) as error:
        pipe.send(error)
    except EOFError:
        return


@contextmanager
def _connected(port: int, cast: Cast) -> Iterator[Crowd]:
    with ExitStack() as ends:
        listeners = ends.enter_context(connected(port, cast.listeners))
        stalled = ends.enter_context(connected(port, cast.stalled, is_narrow=True))
        voices = {
            name: ends.enter_context(connected(port, people))
            for name, people in cast.voices.items()
        }
        for lines in (stalled, listeners, *(voices[name] for name in cast.joined_voices)):
            _join(lines, cast.join)
        asked_at = {line: deque[float]() for lines in voices.values() for line in lines}
        arrivals = ends.enter_context(listening_to([*listeners, *asked_at]))
        crowd = Crowd(listeners, voices, stalled, arrivals, asked_at)
        crowd.until_quiet(Heard(), PRESENCE_S if listeners else 0)
        yield crowd


def _join(lines: Sequence[Line], request: bytes) -> None:
    """Subscribe, no more at a time than may wait at the game. Raises `CrowdError`."""
    for start in range(0, len(lines) if request else 0, AT_ONCE):
        some = lines[start : start + AT_ONCE]
        for line in some:
            line.socket.sendall(request)
        for line in some:
            wait(line, Response.GAME_JOINED)


def _answer(pipe: Pipe) -> Heard:
    try:
        if pipe.poll(3 * PATIENCE_S):
            said = pipe.recv()
            if isinstance(said, Heard):
                return said
            raise CrowdError(str(said)) from said
    except EOFError:
        pass
    raise CrowdError("a process of the crowd has failed, or says nothing")
