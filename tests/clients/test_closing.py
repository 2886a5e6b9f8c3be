"""A client says goodbye in order, whatever the server says meanwhile."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import memory_stream_pair
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Request

from tests.clients.sessions import Seat, sitting
from tests.support.streams import AnyioStream
from tests.support.world import World
from toteboard_client import ConnectionClosedError, Session
from toteboard_client.connection import CLOSE_S, converse

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
async def served(on_goodbye: Answers) -> AsyncIterator[AnyioStream]:
    """A client's stream to a server that answers so."""
    ours, theirs = memory_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve, theirs, on_goodbye)
        yield AnyioStream(ours)


def pings_first(websocket: WSConnection, goodbye: CloseConnection) -> bytes:
    """What a server does whose ping crosses the client's goodbye."""
    return bytes([0x89, 0]) + websocket.send(goodbye.response())


def only_pings(_: WSConnection, __: CloseConnection) -> bytes:
    """And one that never says goodbye."""
    return bytes([0x89, 0])


@pytest.mark.parametrize("on_goodbye", [pings_first, only_pings])
async def test_a_ping_during_the_close_does_no_harm(
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


async def ends(world: World, *, how: str, session: bool) -> None:
    """A client signs in, asks something, and its block ends in one of three ways."""
    seat = Seat(world, "ann")
    opened = sitting(seat) if session else seat.dial(False)
    with trio.CancelScope() as scope:
        async with opened as client:
            await (client.ask(1) if isinstance(client, Session) else client.call(1))
            if how == "cancelled":
                scope.cancel()
                await trio.sleep_forever()
            if how == "raises":
                raise KeyError("mine")


@pytest.mark.parametrize("session", [False, True], ids=["connection", "session"])
@pytest.mark.parametrize("how", ["returns", "cancelled", "raises"])
async def test_a_client_whose_block_ends_closes_with_1000_however_it_ends(
    tmp_path: Path, autojump_clock: object, how: str, session: bool
) -> None:
    with capture_logs() as lines:
        async with World(tmp_path) as world:
            world.add_user("ann")
            if how == "raises":
                with pytest.raises(KeyError, match="mine"):
                    await ends(world, how=how, session=session)
            else:
                await ends(world, how=how, session=session)
            await trio.sleep(10)
    closed = [line["reason"] for line in lines if line["event"] == "connection_closed"]
    assert closed == ["1000"]


async def test_a_cancelled_client_waits_no_longer_than_the_close_timeout(
    autojump_clock: object,
) -> None:
    async with served(lambda _, __: b"") as stream:
        began = trio.current_time()
        with trio.CancelScope() as scope:
            async with converse(stream, "host", "/"):
                scope.cancel()
                await trio.sleep_forever()
        assert trio.current_time() - began == pytest.approx(CLOSE_S)


async def test_sending_while_the_connection_closes_reports_that_it_is_closed(
    autojump_clock: object,
) -> None:
    async with (
        served(lambda _, __: b"") as stream,
        converse(stream, "host", "/") as client,
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(client.socket.aclose)
        await trio.testing.wait_all_tasks_blocked()
        with pytest.raises(ConnectionClosedError):
            await client.send(1)
        nursery.cancel_scope.cancel()
