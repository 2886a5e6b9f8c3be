"""A client says goodbye in order, whatever the server says meanwhile."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import trio
from trio.testing import memory_stream_pair
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Request

from toteboard.client.connection import converse

Answers = Callable[[WSConnection, CloseConnection], bytes]


async def serve(stream: trio.abc.Stream, on_goodbye: Answers) -> None:
    """Shake hands, and answer a goodbye."""
    websocket = WSConnection(ConnectionType.SERVER)
    while data := await stream.receive_some():
        websocket.receive_data(bytes(data))
        for event in websocket.events():
            match event:
                case Request():
                    await stream.send_all(websocket.send(AcceptConnection()))
                case CloseConnection():
                    await stream.send_all(on_goodbye(websocket, event))


@asynccontextmanager
async def served(on_goodbye: Answers) -> AsyncIterator[trio.abc.Stream]:
    """A client's stream to a server that answers so."""
    ours, theirs = memory_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve, theirs, on_goodbye)
        yield ours


def pings_first(websocket: WSConnection, goodbye: CloseConnection) -> bytes:
    """What a server does whose ping crosses the client's goodbye."""
    return bytes([0x89, 0]) + websocket.send(goodbye.response())


def only_pings(_: WSConnection, __: CloseConnection) -> bytes:
    """And one that never says goodbye."""
    return bytes([0x89, 0])


@pytest.mark.parametrize("on_goodbye", [pings_first, only_pings])
async def test_a_ping_that_crosses_a_goodbye_does_no_harm(
    autojump_clock: object, on_goodbye: Answers
) -> None:
    async with served(on_goodbye) as stream, converse(stream, "host", "/"):
        pass


@pytest.mark.parametrize("on_goodbye", [pings_first, only_pings])
async def test_what_is_raised_meanwhile_is_raised_as_it_is(
    autojump_clock: object, on_goodbye: Answers
) -> None:
    async with served(on_goodbye) as stream:
        with pytest.raises(KeyError, match="mine"):
            async with converse(stream, "host", "/"):
                raise KeyError("mine")
