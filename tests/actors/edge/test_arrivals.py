"""Waiting connections are accepted together, and those that were reset are skipped."""

import socket
import struct
from collections.abc import AsyncIterator

import pytest
import trio

from actors.edge.arrivals import ACCEPTED_AT_ONCE, Arrivals

PATIENCE_S = 30.0
"""A timeout that only prevents hanging tests."""


@pytest.fixture
async def arrivals() -> AsyncIterator[Arrivals]:
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    async with Arrivals(listener) as opened:
        yield opened


def call(arrivals: Arrivals, *, then_resets: bool = False) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", arrivals.port))
    if then_resets:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        made.close()
    return made


async def accepted(arrivals: Arrivals) -> trio.SocketStream:
    with trio.fail_after(PATIENCE_S):
        return await arrivals.accept()


async def test_all_waiting_connections_are_accepted_in_one_turn_of_the_loop(
    arrivals: Arrivals,
) -> None:
    callers = [call(arrivals) for _ in range(ACCEPTED_AT_ONCE)]
    rounds = 0

    async def count() -> None:
        nonlocal rounds
        while True:
            rounds += 1
            await trio.lowlevel.checkpoint()

    async with trio.open_nursery() as nursery:
        streams = [await accepted(arrivals)]
        nursery.start_soon(count)
        streams += [await accepted(arrivals) for _ in callers[1:]]
        assert rounds <= 1
        nursery.cancel_scope.cancel()
    peers = [stream.socket.getpeername() for stream in streams]
    assert peers == [caller.getsockname() for caller in callers], (
        "in the order in which they connected"
    )
    for caller, stream in zip(callers, streams, strict=True):
        caller.close()
        await stream.aclose()


async def test_connections_that_were_reset_are_skipped(arrivals: Arrivals) -> None:
    for _ in range(3):
        call(arrivals, then_resets=True)
    caller = call(arrivals)
    async with await accepted(arrivals) as stream:
        assert stream.socket.getpeername() == caller.getsockname()
    caller.close()


async def test_accepted_connections_are_closed_with_the_listener(arrivals: Arrivals) -> None:
    callers = [call(arrivals) for _ in range(2)]
    await (await accepted(arrivals)).aclose()
    await arrivals.aclose()
    callers[1].settimeout(PATIENCE_S)
    assert callers[1].recv(1) == b""
    with pytest.raises(trio.ClosedResourceError):
        await arrivals.accept()
    for caller in callers:
        caller.close()
