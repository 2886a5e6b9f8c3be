"""The life of workers, as the deciding process sees it: how they start, fail and are replaced."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import memory_stream_pair

from actors.counters import Counters
from actors.link.carrier import HEARTBEAT_S, MOST_SILENT_WORKER, StreamLink
from actors.link.encoding import pack
from actors.link.messages import (
    VERSION,
    CannotServe,
    EdgeReport,
    Hello,
    LinkMessage,
    Readiness,
    ReadingStopped,
    StopReading,
    WorkerSettings,
)
from actors.remote_edge import (
    ENDING_S,
    LONGEST_PAUSE_S,
    RemoteEdges,
    WorkerFailedError,
)
from toteboard.exits import innermost

SERVES, HANGS, DIES, MUTE = "serves", "hangs", "dies", "mute"
FAILS = CannotServe("the certificate has gone")
OLD = Hello(VERSION - 1, 1)


class FakeWorker:
    """A `WorkerProcess` without a process, that does what `life` says."""

    def __init__(self, number: int, life: str | LinkMessage) -> None:
        self.number, self.pid, self.life = number, number, life
        self.stream, self._theirs = memory_stream_pair()
        self.link = StreamLink(self._theirs)
        self.code: int | None = None
        self.ended = trio.Event()

    async def run(self) -> None:
        """Say the first message, and end with the link unless it hangs or says no more."""
        if self.life == DIES:
            self.link.finish()
        elif self.life not in (HANGS, MUTE):
            self.link.send(Hello(VERSION, self.number) if self.life == SERVES else self.life)  # type: ignore[arg-type]
        if self.life == MUTE:
            await self._theirs.send_all(pack(Hello(VERSION, self.number)))
            await self.ended.wait()
        await self.link.run(self._answer)
        if self.life != HANGS:
            self.end(3 if self.life == DIES else 0)

    def _answer(self, message: LinkMessage) -> None:
        if isinstance(message, StopReading) and self.life == SERVES:
            self.link.send(ReadingStopped())

    async def wait(self) -> int:
        """Wait until it has ended."""
        await self.ended.wait()
        return cast(int, self.code)

    def kill(self) -> None:
        """End it."""
        self.end(-9)

    def end(self, code: int) -> None:
        """End it with this code, unless it has ended."""
        self.code = code if self.code is None else self.code
        self.ended.set()


class Starter:
    """Starts workers that live as `lives` says, one after the other; then all serve."""

    def __init__(self, nursery: trio.Nursery, lives: Sequence[str | LinkMessage | OSError]) -> None:
        self._nursery, self._lives = nursery, list(lives)
        self.started: list[FakeWorker] = []

    def start(self, number: int) -> FakeWorker:
        """Start a worker."""
        life = self._lives.pop(0) if self._lives else SERVES
        if isinstance(life, OSError):
            raise life
        worker = FakeWorker(number, life)
        self.started.append(worker)
        self._nursery.start_soon(worker.run)
        return worker

    def stop_listening(self) -> None:
        """Do nothing."""


class Side:
    """A deciding side that no client reaches."""

    def receive(self, *_: object) -> None:
        """Do nothing."""

    failed = receive


async def _status() -> Readiness:
    return Readiness(False, "ready")


@asynccontextmanager
async def edges(
    *lives: str | LinkMessage | OSError, workers: int = 2
) -> AsyncIterator[tuple[RemoteEdges, Starter, trio.Nursery]]:
    """Make edges whose workers live like this, and a nursery in which to run them."""
    async with trio.open_nursery() as outer:
        starter = Starter(outer, lives)
        side: Any = Side()
        lines: Callable[[bytes], None] = lambda _: None  # noqa: E731
        made = RemoteEdges(
            side, workers, starter, WorkerSettings(0, b""), _status, {}, lines, Counters()
        )
        async with trio.open_nursery() as nursery:
            yield made, starter, nursery
            nursery.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("life", "why"),
    [
        (DIES, "it ended with exit code 3"),
        (FAILS, "the certificate has gone"),
        (OLD, f"an edge of version {VERSION - 1}"),
        (OSError(11, "Resource temporarily unavailable"), "Resource temporarily unavailable"),
    ],
)
async def test_a_worker_that_does_not_begin_to_serve_ends_the_start_and_all_workers(
    autojump_clock: object, life: str | LinkMessage | OSError, why: str
) -> None:
    async with edges(HANGS, life) as (made, starter, nursery):
        with pytest.raises(ExceptionGroup) as raised:
            await nursery.start(made.run)
        error = innermost(raised.value)
        assert isinstance(error, WorkerFailedError)
        assert str(error).endswith(f" cannot start: {why}")
        assert all(each.ended.is_set() for each in starter.started)
        assert [each.code for each in starter.started if each.life == HANGS] == [-9]


async def test_a_start_that_is_cancelled_kills_workers_that_do_not_serve_immediately(
    autojump_clock: object,
) -> None:
    async with edges(SERVES, HANGS) as (made, starter, nursery):
        begun = trio.current_time()
        with trio.move_on_after(1):
            await nursery.start(made.run)
        assert trio.current_time() == begun + 1
        assert [each.code for each in starter.started] == [0, -9]


async def test_a_stop_kills_a_successor_that_does_not_serve_yet_immediately(
    autojump_clock: object,
) -> None:
    async with edges(SERVES, SERVES, HANGS) as (made, starter, nursery):
        await nursery.start(made.run)
        starter.started[0].link.finish()
        await trio.sleep(1)
        assert [each.life for each in starter.started] == [SERVES, SERVES, HANGS]
        begun = trio.current_time()
        made.stop_reading()
        starter.started[1].link.finish()
        await made.close_all(1001, "the server stops")
        await starter.started[2].wait()
        assert (starter.started[2].code, trio.current_time()) == (-9, begun)


async def test_a_worker_that_serves_has_time_to_close_its_connections(
    autojump_clock: object,
) -> None:
    async with edges(SERVES, SERVES) as (made, starter, nursery):
        await nursery.start(made.run)
        slow = starter.started[0]
        slow.life = HANGS
        slow.link.finish()
        begun = trio.current_time()
        await slow.wait()
        assert (slow.code, trio.current_time()) == (-9, begun + ENDING_S)


async def test_later_a_worker_that_does_not_begin_to_serve_is_replaced(
    autojump_clock: object,
) -> None:
    out_of_memory = OSError(12, "Cannot allocate memory")
    lives = (SERVES, SERVES, DIES, FAILS, out_of_memory)
    async with edges(*lives) as (made, starter, nursery):
        await nursery.start(made.run)
        starter.started[0].link.finish()
        await trio.sleep(4 * LONGEST_PAUSE_S)
        first, other, *successors = starter.started
        assert [each.number for each in successors] == [first.number] * 3
        assert [each.ended.is_set() for each in successors] == [True, True, False]
        assert not other.ended.is_set()


async def test_a_bug_in_handling_a_message_of_a_worker_costs_that_worker_alone(
    autojump_clock: object,
) -> None:
    async with edges(SERVES, SERVES) as (made, starter, nursery):
        await nursery.start(made.run)
        failing, other = starter.started
        with capture_logs() as lines:
            failing.link.send(EdgeReport(b"no JSON"))
            await trio.sleep(1)
        events = [line["event"] for line in lines]
        assert events == ["internal_error", "worker_ended", "worker_started"]
        assert [each.number for each in starter.started[2:]] == [failing.number]
        assert not other.ended.is_set()


async def test_a_worker_that_is_silent_for_half_a_minute_is_replaced(
    autojump_clock: object,
) -> None:
    async with edges(MUTE, SERVES) as (made, starter, nursery):
        with capture_logs() as lines:
            await nursery.start(made.run)
            await trio.sleep(HEARTBEAT_S * MOST_SILENT_WORKER - 1)
            assert len(starter.started) == 2
            await trio.sleep(3 + ENDING_S)
        mute, other, successor = starter.started
        assert (mute.code, successor.number) == (-9, mute.number)
        assert "the other side is silent" in [line.get("reason") for line in lines]
        assert not other.ended.is_set()


async def test_nobody_is_served_while_all_workers_are_silent_or_gone(
    autojump_clock: object,
) -> None:
    async with edges(MUTE, SERVES) as (made, starter, nursery):
        await nursery.start(made.run)
        await trio.sleep(5)
        assert made.trouble() is None, "one of two is enough"
        _, other = starter.started
        other.link.finish()
        await trio.sleep(0.01)
        assert made.trouble() == "no worker serves"
        await trio.sleep(5)
        assert made.trouble() is None, "the next one serves"


async def test_a_stop_does_not_wait_longer_for_a_worker_that_does_not_answer(
    autojump_clock: object,
) -> None:
    async with edges(SERVES, SERVES) as (made, starter, nursery):
        await nursery.start(made.run)
        stuck = starter.started[0]
        stuck.life = HANGS
        begun = trio.current_time()
        made.stop_reading()
        await trio.sleep(1)
        stuck.link.give_up("the time of the stop is over")
        await stuck.wait()
        assert (stuck.code, trio.current_time()) == (-9, begun + 1)
