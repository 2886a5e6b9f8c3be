"""Many clients in few processes: some send requests, some listen, and all messages are counted.

A process keeps its connections open and runs the tasks that it receives through a pipe, one at a
time. The benchmarks define the requests and interpret the numbers.
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
    with_new_key,
)
from protocol.op import Response

QUIET_S = 0.25
"""Silence after which a crowd has received everything. A joined 361 is delayed by 0.1 s."""
PRESENCE_S = 1.1
"""Silence after the crowd has joined: the last message about it is delayed by up to 1 s."""
ERROR = mark_of(Response.ERROR)
_PROCESSES = multiprocessing.get_context("forkserver")  # imports modules once for all processes


@frozen
class Cast:
    """The users that connect: subscribers, subscribers that stop reading, and named voices.

    A voice is a group of connections that send requests.
    """

    listeners: Sequence[Person] = ()
    stalled: Sequence[Person] = ()
    voices: Mapping[str, Sequence[Person]] = Factory(dict)
    join: bytes = b""
    """The first request of each listener, and of the voices in `joined_voices`."""
    joined_voices: Sequence[str] = ()


@frozen
class Part:
    """The requests that the first `lines` of a voice repeat, and the `res` of the reply."""

    voice: str
    requests: Sequence[bytes]
    res: Response
    lines: int
    in_flight: int = 1


@define
class Heard:
    """The result of a task. Times are in seconds."""

    deliveries: int = 0
    """Messages that arrived at subscribers."""
    answers: list[float] = Factory(list)
    """The latency of each answer."""
    delays: list[float] = Factory(list)
    """The time from the request to each delivery. Only `Lone` measures it."""
    took: float = 0.0
    """From the first request to the last answer."""
    unanswered: int = 0
    """Scheduled requests (`bench/open_loop.py`) that were refused or not answered in time."""
    sent_late: list[float] = Factory(list)
    """The time from the scheduled time of each of them until it was sent."""


class Task(Protocol):
    """Something for a crowd to do. A pipe carries it, so it must be picklable."""

    def __call__(self, crowd: "Crowd") -> Heard:
        """Run the task on a crowd."""


Crew = Callable[[Task], Callable[[], Heard]]
"""Starts a task in another process and returns a function that waits for its result."""


@define(eq=False)
class Crowd:
    """The connections of one process. One loop reads all of them."""

    listeners: list[Line]
    voices: dict[str, list[Line]]
    stalled: list[Line]
    """No loop reads these. A task that reads them also closes them."""
    arrivals: Callable[[float], list[Line]]
    _asked_at: dict[Line, deque[float]]

    def ask(self, line: Line, requests: Iterator[bytes], count: int) -> None:
        """Send `count` requests in one write."""
        now = time.monotonic()
        self._asked_at[line].extend(repeat(now, count))
        line.socket.sendall(b"".join(with_new_key(next(requests)) for _ in range(count)))

    def hear(self, within: float, heard: Heard) -> list[tuple[Line, int]]:
        """Read what has arrived. Return the answered lines and how many answers each received.

        Raise `CrowdError` if the server refused a request or closed a connection.
        """
        answered = []
        for line in self.arrivals(within):
            asked_at = self._asked_at.get(line)
            if asked_at is None:
                heard.deliveries += line.hear()
                continue
            data = line.take()
            if ERROR in data:
                raise CrowdError(f"refused: {data[:500]!r}")
            # A joined connection also receives publications with the mark of its replies.
            if count := min(line.count(data), len(asked_at)):
                now = time.monotonic()
                heard.answers += [now - asked_at.popleft() for _ in range(count)]
                answered.append((line, count))
        return answered

    def until_quiet(self, heard: Heard, quiet_s: float = QUIET_S) -> None:
        """Listen until nothing has arrived for `quiet_s`."""
        before = -1
        while heard.deliveries > before:
            before, end = heard.deliveries, time.monotonic() + quiet_s
            while (left := end - time.monotonic()) > 0:
                self.hear(left, heard)


@frozen
class Lone:
    """Cause one publication at a time: the next when all subscribers have received it."""

    part: Part
    seconds: float

    def __call__(self, crowd: Crowd) -> Heard:
        """Run the task on a crowd."""
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
    """All lines keep sending requests for `seconds`; then wait for the outstanding answers."""

    parts: Sequence[Part]
    seconds: float

    def __call__(self, crowd: Crowd) -> Heard:
        """Run the task on a crowd."""
        heard, requests, under_way = Heard(), dict[Line, Iterator[bytes]](), 0
        begin = time.monotonic()
        for part in self.parts:
            # The lines of a voice share one cycle, so together they send every request in turn.
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
    """Receive publications for `seconds` and send nothing."""

    seconds: float

    def __call__(self, crowd: Crowd) -> Heard:
        """Run the task on a crowd."""
        heard, end = Heard(took=self.seconds), time.monotonic() + self.seconds
        while (left := end - time.monotonic()) > 0:
            crowd.hear(left, heard)
        return heard


@contextmanager
def gathered(port: int, cast: Cast) -> Iterator[Crew]:
    """Run a crowd in a process of its own until the block ends.

    The crowd connects in the background, and the first task waits for that. The functions that
    wait for a result raise `CrowdError` if the task failed.
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
    """Return the 1st to the 99th percentile in milliseconds.

    Raise `CrowdError` for fewer than two values.
    """
    if len(seconds) < 2:
        raise CrowdError("too few answers")
    return quantiles((each * 1_000 for each in seconds), n=100)


def raise_file_limit() -> None:
    """Raise the limit of open files to the maximum, for this process and its children."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _work(pipe: Pipe, port: int, cast: Cast) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent process ends it
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
    """Subscribe in groups that fit into the game's mailbox. Raise `CrowdError` if refused."""
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
