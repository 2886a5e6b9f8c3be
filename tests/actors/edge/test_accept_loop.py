"""The accept loop leaves connections open, and survives a shortage of descriptors or memory."""

import errno
import os

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import memory_stream_pair

from actors.edge.accept_loop import SHORTAGE_PAUSE_S, SHORTAGES, accept_all


class Scripted(trio.abc.Listener[trio.abc.Stream]):
    """Accepts what it is told, or raises it; then waits."""

    def __init__(self, *events: trio.abc.Stream | OSError) -> None:
        self._events = list(events)
        self.is_closed = False

    async def accept(self) -> trio.abc.Stream:
        await trio.lowlevel.checkpoint()
        if not self._events:
            await trio.sleep_forever()
        event = self._events.pop(0)
        if isinstance(event, OSError):
            raise event
        return event

    async def aclose(self) -> None:
        self.is_closed = True


async def test_a_connection_stays_open_after_the_task_that_received_it(
    nursery: trio.Nursery,
) -> None:
    ours, theirs = memory_stream_pair()
    received: list[trio.abc.Stream] = []
    nursery.start_soon(accept_all, [Scripted(theirs)], received.append)
    await trio.testing.wait_all_tasks_blocked()
    await received[0].send_all(b"still open")
    assert await ours.receive_some() == b"still open"


@pytest.mark.parametrize("shortage", sorted(SHORTAGES))
async def test_a_shortage_is_logged_and_the_next_connection_accepted_after_a_pause(
    autojump_clock: object, nursery: trio.Nursery, shortage: int
) -> None:
    _, theirs = memory_stream_pair()
    received: list[float] = []
    error = OSError(shortage, os.strerror(shortage))
    began = trio.current_time()
    with capture_logs() as lines:
        nursery.start_soon(
            accept_all,
            [Scripted(error, theirs)],
            lambda _: received.append(trio.current_time() - began),
        )
        await trio.sleep(1)
    assert received == pytest.approx([SHORTAGE_PAUSE_S])
    assert [(line["event"], line["error"]) for line in lines] == [("accept_failed", str(error))]


async def test_any_other_error_ends_accepting() -> None:
    with pytest.raises(BaseExceptionGroup) as raised:
        await accept_all([Scripted(OSError(errno.EBADF, "closed"))], lambda _: None)
    assert raised.group_contains(OSError, match="closed")


async def test_listeners_are_closed_when_accepting_ends(autojump_clock: object) -> None:
    listeners = [Scripted(), Scripted()]
    with trio.move_on_after(1):
        await accept_all(listeners, lambda _: None)
    assert all(listener.is_closed for listener in listeners)
