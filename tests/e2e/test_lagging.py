"""Stalled readers of a real server, with the system's default socket buffers.

`tests/actors/edge/test_lagging.py` tests on simulated time what an outbox holds and merges.
`bench/slow_readers.py` measures the cost of many more stalled readers.
"""

import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import orjson
import trio
from attrs import Factory, define
from wsproto import ConnectionType, WSConnection
from wsproto.events import CloseConnection, TextMessage

from protocol.codec import to_json
from tests.e2e.bettors import open_games
from tests.support.process import PATIENCE_S, Process
from tests.support.wire import Wire, frame
from toteboard_client import Client, Message, signed_url

STALLED, OTHERS = 12, 12
MOST_POOLS = 300
"""The most pools to open until every stalled reader has been closed."""
LAGGING = 1008, "lagging"


@define
class Reader:
    """Follows the pools of a game over its connections. `seq` is the greatest position it knows."""

    game_id: str
    seq: int = 0
    pools: set[str] = Factory(set)

    async def join(self, wire: Wire, since: int | None = None) -> None:
        await wire.send(frame(to_json({"op": 363, "game_id": self.game_id, "since": since})))
        while (message := await wire.receive())["res"] != 333:
            pass
        assert "resync" not in message
        self._follow(message)

    async def read(self, wire: Wire, until: int) -> CloseConnection | None:
        """Read up to a position, or until the server closes."""
        while self.seq < until:
            event = await wire.hear()
            if not isinstance(event, TextMessage):
                assert isinstance(event, CloseConnection), event
                return event
            self._note(orjson.loads(event.data))
        return None

    def _note(self, message: Message) -> None:
        if "seq" in message:
            self._follow(message)
        if message["res"] == 352:
            self.pools.add(message["pool_id"])

    def _follow(self, message: Message) -> None:
        assert message.get("prev_seq", 0) <= self.seq <= message["seq"], "something was missed"
        self.seq = message["seq"]


@asynccontextmanager
async def narrow(server: Process, name: str) -> AsyncIterator[Wire]:
    """Open a signed-in connection with a small receive buffer."""
    own = trio.socket.socket()
    own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    await own.connect(("127.0.0.1", server.port))
    async with trio.SocketStream(own) as stream:
        wire = Wire(stream, WSConnection(ConnectionType.CLIENT))
        await wire.handshake(signed_url("/", *server.keys[name]))
        yield wire


async def open_until(host: Client, game_id: str, server: Process) -> set[str]:
    """Open pools until every stalled reader has been closed. Return all of them."""
    pools: set[str] = set()
    while server.events().count("subscriber_lagging") < STALLED:
        assert len(pools) < MOST_POOLS, "somebody is still waited for"
        pool = await host.call(385, game_id=game_id, description="a goal?", action="goal")
        pools.add(pool["pool_id"])
    return pools


async def assert_comes_back_without_a_gap(server: Process, reader: Reader, until: int) -> None:
    async with narrow(server, "ben") as again:
        await reader.join(again, since=reader.seq)
        assert await reader.read(again, until) is None


async def test_who_stalls_is_closed_as_lagging_and_comes_back_without_a_gap(
    tmp_path: Path,
) -> None:
    async with AsyncExitStack() as exits:
        server = await exits.enter_async_context(Process(tmp_path, "--outbox-size", "20"))
        for name in ("ann", "ben", "cat"):
            server.add_user(name, can_host=True)
        host = await exits.enter_async_context(server.connect("ann"))
        (game_id,) = await open_games(host, 1)
        many = [f"target {number}" for number in range(100)]
        assert (await host.call(373, game_id=game_id, targets=many))["res"] == 343
        people = [(Reader(game_id), name) for name in ["ben"] * STALLED + ["cat"] * OTHERS]
        seats = [
            (reader, await exits.enter_async_context(narrow(server, name)))
            for reader, name in people
        ]
        for reader, wire in seats:
            await reader.join(wire)
        with trio.fail_after(PATIENCE_S):
            async with trio.open_nursery() as reading:
                for reader, wire in seats[STALLED:]:
                    reading.start_soon(reader.read, wire, 2**53)
                pools = await open_until(host, game_id, server)
                last = (await host.call(372, game_id=game_id))["seq"]
                for reader, wire in seats[:STALLED]:
                    closed = await reader.read(wire, last)
                    assert closed is not None
                    assert (closed.code, closed.reason) == LAGGING
                    assert reader.pools < pools
                    await assert_comes_back_without_a_gap(server, reader, last)
                while any(reader.seq < last for reader, _ in people):
                    await trio.lowlevel.checkpoint()
                reading.cancel_scope.cancel()
        assert all(reader.pools == pools for reader, _ in people)
        assert server.events().count("subscriber_lagging") == STALLED, "and nobody else"
