"""One task reads all plain sockets: none misses its input, and none delays the others."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
import trio.testing

from actors.edge.socket_reader import SocketReader


@asynccontextmanager
async def reading() -> AsyncIterator[SocketReader]:
    """Run a reader."""
    reader = SocketReader()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(reader.run)
        yield reader
        nursery.cancel_scope.cancel()


async def test_the_task_sleeps_until_a_value_is_returned() -> None:
    """Input that is handled immediately wakes no task."""
    ours, theirs = socket.socketpair()
    received = []

    def receive() -> bytes | None:
        received.append(theirs.recv(1))
        return received[-1] if len(received) == 3 else None

    with ours, theirs:
        async with reading() as reader:
            ours.sendall(b"abcd")
            assert await reader.read(theirs.fileno(), receive) == b"c"
    assert received == [b"a", b"b", b"c"]  # the fourth is left for the next reader


async def test_an_error_reaches_the_task_of_its_socket() -> None:
    """No other task receives it."""
    pairs = [socket.socketpair() for _ in range(2)]
    failed = []

    def fails() -> None:
        raise trio.BrokenResourceError("gone")

    async def one_fails(reader: SocketReader) -> None:
        with pytest.raises(trio.BrokenResourceError):
            await reader.read(pairs[0][1].fileno(), fails)
        failed.append(True)

    async with reading() as reader, trio.open_nursery() as nursery:
        for ours, _ in pairs:
            ours.sendall(b"x")
        nursery.start_soon(one_fails, reader)
        assert await reader.read(pairs[1][1].fileno(), lambda: pairs[1][1].recv(1)) == b"x"
    assert failed
    for ours, theirs in pairs:
        ours.close()
        theirs.close()


async def test_closing_a_socket_wakes_its_reader() -> None:
    """Another socket may have the same number afterwards."""
    ours, theirs = socket.socketpair()

    async def close(reader: SocketReader) -> None:
        await trio.testing.wait_all_tasks_blocked()
        reader.release(theirs.fileno())

    with ours, theirs:
        async with reading() as reader, trio.open_nursery() as nursery:
            nursery.start_soon(close, reader)
            with pytest.raises(trio.ClosedResourceError):
                await reader.read(theirs.fileno(), lambda: None)
            ours.sendall(b"x")
            assert await reader.read(theirs.fileno(), lambda: theirs.recv(1)) == b"x"
            reader.release(theirs.fileno())  # no task reads from it: nothing happens
            theirs.close()
            reader.release(theirs.fileno())  # nor after it is closed


async def test_a_cancelled_task_reads_no_more() -> None:
    """This includes input that had arrived before."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        async with reading() as reader:
            with trio.move_on_after(0):
                await reader.read(theirs.fileno(), lambda: theirs.recv(1))
            ours.sendall(b"x")
            await trio.testing.wait_all_tasks_blocked()
            assert theirs.recv(1) == b"x"


async def test_a_reading_that_is_ended_in_the_same_round_is_not_called() -> None:
    """The other socket is readable too, but its task was cancelled."""
    pairs = [socket.socketpair() for _ in range(2)]
    scopes = [trio.CancelScope() for _ in pairs]
    received = []

    async def read(reader: SocketReader, me: int) -> None:
        def receive() -> None:
            received.append(pairs[me][1].recv(1))
            scopes[1 - me].cancel()

        with scopes[me]:
            await reader.read(pairs[me][1].fileno(), receive)

    reader = SocketReader()
    async with trio.open_nursery() as nursery:
        for me in range(2):
            nursery.start_soon(read, reader, me)
        await trio.testing.wait_all_tasks_blocked()
        for ours, _ in pairs:
            ours.sendall(b"x")
        nursery.start_soon(reader.run)
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    assert len(received) == 1
    for ours, theirs in pairs:
        ours.close()
        theirs.close()


async def test_a_reading_that_ends_itself_ends_no_other() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        async with reading() as reader:
            with trio.CancelScope() as scope:
                ours.sendall(b"ab")

                def receive() -> bytes:
                    scope.cancel()
                    return theirs.recv(1)

                await reader.read(theirs.fileno(), receive)
            assert await reader.read(theirs.fileno(), lambda: theirs.recv(1)) == b"b"


async def test_other_tasks_run_between_many_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """This holds for any number of readable sockets."""
    monkeypatch.setattr("actors.edge.socket_reader.SOCKETS_AT_ONCE", 4)
    pairs = [socket.socketpair() for _ in range(24)]
    order: list[str] = []

    async def read(reader: SocketReader, theirs: socket.socket) -> None:
        def receive() -> bytes:
            order.append("read")
            return theirs.recv(1)

        await reader.read(theirs.fileno(), receive)

    async def work() -> None:
        while order.count("read") < len(pairs):
            order.append("work")
            await trio.lowlevel.checkpoint()

    reader = SocketReader()
    async with trio.open_nursery() as nursery:
        for ours, theirs in pairs:
            nursery.start_soon(read, reader, theirs)
            ours.sendall(b"x")
        await trio.testing.wait_all_tasks_blocked()
        nursery.start_soon(reader.run)
        await work()
        nursery.cancel_scope.cancel()
    reads = "".join("r" if each == "read" else " " for each in order).split()
    assert max(map(len, reads)) <= 2 * 4  # in turn, in any order
    for ours, theirs in pairs:
        ours.close()
        theirs.close()
