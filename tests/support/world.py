"""A whole server in one process, on memory streams and simulated time, with a real database file.

`async with World(path) as world` starts it; `world.connect("ann")` returns a signed-in client.
`tests/support/process.py` is for tests of a real process on real sockets.
"""

from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Self

import pytest
import trio
from trio.testing import memory_stream_pair

from actors.clock import SteadyClock
from actors.commit.writer import Writer, inline
from actors.edge.connection import Connection
from actors.local_edge import LocalEdge
from actors.server import MakeTokenDesk, Server
from protocol.limits import Limits
from storage.database import Database
from storage.store import AddUser, NewUser
from storage.write import Values, Write
from tests.support.disks import open_unsynced
from tests.support.raw_client import socket_pair
from tests.support.streams import AnyioStream
from toteboard_client import Client, signed_url
from toteboard_client.websocket import WebSocket

NOW = 1_800_000_000_000
"""The epoch milliseconds at which every simulated world begins."""


class MemoryListener(trio.abc.Listener[trio.abc.Stream]):
    """Accepts the streams that clients in the same process open."""

    def __init__(self) -> None:
        self._send, self._receive = trio.open_memory_channel[trio.abc.Stream](1_000)

    async def open(self) -> trio.abc.Stream:
        """Open a connection and return the client's end."""
        ours, theirs = memory_stream_pair()
        await self._send.send(theirs)
        return ours

    async def accept(self) -> trio.abc.Stream:
        return await self._receive.receive()

    async def aclose(self) -> None:
        self._receive.close()


@asynccontextmanager
async def on_sockets() -> AsyncIterator[None]:
    """Run the worlds of the block on sockets, whose buffers can be full."""
    async with AsyncExitStack() as until_the_end:

        def pair() -> tuple[trio.abc.Stream, trio.abc.Stream]:
            ours, theirs = socket_pair()
            until_the_end.push_async_callback(trio.aclose_forcefully, ours)
            return ours, theirs

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("tests.support.world.memory_stream_pair", pair)
            yield


class World:
    """A server, its database and its users. Use it with `autojump_clock`."""

    make_token_desk: MakeTokenDesk | None = None
    """Set it before the start to let users sign in with tokens."""

    def __init__(self, path: Path, **limits: Any) -> None:
        self.path = path / "world.db"
        self.limits = Limits(**{"rate_limit": 0, "cost_limit": 0} | limits)
        self.keys: dict[str, tuple[int, str]] = {}
        self.epoch = NOW

    async def __aenter__(self) -> Self:
        self._exits = AsyncExitStack()
        self.nursery = await self._exits.enter_async_context(trio.open_nursery())
        self._clients = await self._exits.enter_async_context(trio.open_nursery())
        self.clock = SteadyClock(self.epoch)
        self.operator = open_unsynced(self.path)
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
        self.operator.close()
        self._clients.cancel_scope.cancel()
        self.nursery.cancel_scope.cancel()
        await self._exits.aclose()

    async def start(self) -> None:
        """Start the server. Return when it listens."""
        self.reading, self.writing = self.open_databases()
        self.server = Server(
            clock=self.clock,
            limits=self.limits,
            reading=self.reading,
            writer=Writer(self.writing, off_loop=inline),
            version="test",
            make_token_desk=self.make_token_desk,
        )
        self.listener = MemoryListener()
        self._stopping, self._stopped, ready = trio.Event(), trio.Event(), trio.Event()
        self.nursery.start_soon(self._run, ready.set)
        await ready.wait()

    @property
    def open(self) -> Collection[Connection]:
        """The connections of the server."""
        assert isinstance(self.server.edge, LocalEdge)
        return self.server.edge.admission.open

    def open_databases(self) -> tuple[Database, Database]:
        """Open the server's two connections to the file: one for reading, one for the writer."""
        return open_unsynced(self.path), open_unsynced(self.path)

    async def stop(self) -> None:
        """Stop the server gracefully."""
        self._stopping.set()
        await self._stopped.wait()
        self.reading.close()
        self.writing.close()

    async def restart(self, *, down_ms: int = 0) -> None:
        """Stop the server, wait for `down_ms`, and start it again."""
        await self.stop()
        await trio.sleep(down_ms / 1_000)
        await self.start()

    def now(self) -> int:
        """Return the simulated time in epoch milliseconds."""
        return self.clock.now()

    def add_user(self, name: str, *, can_host: bool = False, balance: int = 100_000) -> int:
        """Add a user (`balance` in hundredths of DON) and return the id."""
        write = AddUser(name, can_host, {"DON": balance}, None)
        user = NewUser(**write.perform(self.operator, self.now()))
        self.keys[name] = (user.id, user.session_key)
        return user.id

    async def operate(self, write: Write) -> Values:
        """Let the running server perform a write for an operator."""
        return await self.server.store.perform(write)

    async def connect(self, name: str) -> Client:
        """Open a signed-in connection of a user."""
        return await self.connect_by(signed_url("/", *self.keys[name]))

    async def connect_guest(self) -> Client:
        """Open a connection without a user."""
        return await self.connect_by("/?guest=1")

    async def connect_by(self, address: str) -> Client:
        """Open a connection by a path with a query. Raise ConnectionRejectedError."""
        socket = WebSocket(AnyioStream(await self.listener.open()))
        await socket.handshake("toteboard.test", address)
        self._clients.start_soon(socket.pump)
        return Client(socket)

    def kept(self) -> dict[str, list[dict[str, Any]]]:
        """Return the rows of every table that an op may change."""
        tables = (
            *("facts", "games", "sources", "source_admins", "game_admins", "pools", "answers"),
            *("sanctions", "slow_modes", "own_limits", "breaks"),
        )
        return {table: self.operator.rows(f"SELECT * FROM {table}") for table in tables}

    async def _run(self, on_ready: object) -> None:
        assert callable(on_ready)
        await self.server.serve([self.listener], self._stopping, on_ready)
        self._stopped.set()
