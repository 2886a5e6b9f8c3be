import socket
from collections import deque
from collections.abc import Iterator
from contextlib import suppress

import pytest

from bench import open_loop
from bench.crowd import Crowd, Heard
from bench.line import Line, mark_of
from bench.open_loop import WITHIN_S, Offered, Waiting, latencies_ms, schedule
from protocol.op import Response

ANSWER = mark_of(Response.BET_PLACED) + b"..."
REFUSAL = mark_of(Response.ERROR) + b"..."


Ends = tuple[socket.socket, socket.socket]


@pytest.fixture
def ends() -> Iterator[Ends]:
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    with ours, theirs:
        yield ours, theirs


@pytest.fixture
def line(ends: Ends) -> Line:
    return Line(ends[0])


def waiting(line: Line, *due_at: float) -> Waiting:
    made = Waiting(line, Response.BET_PLACED)
    made.due_at.extend(due_at)
    return made


def test_a_schedule_has_its_rate_and_ends_in_time() -> None:
    times = list(schedule(1_000, 10.0))
    assert len(times) == pytest.approx(10_000, rel=0.05)
    assert times == sorted(times)
    assert times[0] > 0
    assert times[-1] < 10.0


def test_a_seed_always_yields_the_same_schedule() -> None:
    assert list(schedule(100, 1.0)) == list(schedule(100, 1.0))
    assert list(schedule(100, 1.0, seed=1)) != list(schedule(100, 1.0, seed=2))


def test_a_latency_starts_at_the_scheduled_time(line: Line) -> None:
    heard, asked = Heard(), waiting(line, 10.0, 10.25)
    asked.hear(ANSWER, 10.5, heard)
    asked.hear(ANSWER, 10.75, heard)
    assert heard.answers == [0.5, 0.5]
    assert heard.unanswered == 0


def test_a_refusal_and_a_late_answer_leave_their_requests_unanswered(line: Line) -> None:
    heard, asked = Heard(), waiting(line, 10.0, 10.0, 10.0)
    asked.hear(REFUSAL + ANSWER, 10.5, heard)
    asked.hear(ANSWER, 10.0 + WITHIN_S + 0.1, heard)
    assert heard.answers == [0.5]
    assert heard.unanswered == 2


def test_an_answer_to_an_earlier_task_is_not_counted(line: Line) -> None:
    heard = Heard()
    waiting(line).hear(ANSWER + REFUSAL, 10.0, heard)
    assert (heard.answers, heard.unanswered) == ([], 0)


def test_unanswered_requests_count_in_the_percentiles() -> None:
    percentiles = latencies_ms(Heard(answers=[0.001] * 90, unanswered=10))
    assert percentiles[49] == pytest.approx(1)
    assert percentiles[98] == pytest.approx(WITHIN_S * 1_000)


class Clock:
    """A clock that only a sleep moves. It stands in for the module `time`."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(open_loop, "time", made)
    return made


TASK = Offered("player", [b"bet"], Response.BET_PLACED, 2_000, 0.05)
TIMES = list(schedule(TASK.rate, TASK.seconds))


def test_a_silent_server_does_not_delay_what_is_sent(line: Line, clock: Clock) -> None:
    crowd = Crowd([], {"player": [line]}, [], lambda within: [], {line: deque()})
    heard = TASK(crowd)
    assert heard.unanswered == len(TIMES)
    assert heard.answers == []
    assert heard.sent_late == pytest.approx([0.0] * len(TIMES))


def test_a_late_request_has_its_latency_from_the_scheduled_time(ends: Ends, clock: Clock) -> None:
    """The client stalls for half a second at the start; then every answer comes immediately."""
    (ours, theirs), stalls = ends, iter([0.5])
    line = Line(ours)

    def arrivals(within: float) -> list[Line]:
        clock.now += next(stalls, 0.0)
        with suppress(BlockingIOError):
            theirs.sendall(ANSWER * theirs.recv(1 << 16).count(b"bet"))
            return [line]
        return []

    heard = TASK(Crowd([], {"player": [line]}, [], arrivals, {line: deque()}))
    assert heard.sent_late == pytest.approx([0.5 - at for at in TIMES])
    assert heard.answers == pytest.approx(heard.sent_late)
    assert heard.unanswered == 0
