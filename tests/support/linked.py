"""An edge and the deciding side with a real link between them, without sockets, actors or database.

`async with linked() as ends` runs the link; `ends.connect()` signs a client in. Use it with
`autojump_clock`.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import trio
from trio.testing import memory_stream_pair

from actors.clock import SteadyClock
from actors.counters import Counters
from actors.edge.connection import Connection
from actors.edge.remote_side import RemoteDecidingSide
from actors.link.caller import Continuation
from actors.link.calls import LinkCalls
from actors.link.carrier import StreamLink
from actors.link.claim import AnyClaim, Claim, Identity
from actors.link.edge_peer import DecidingProcess, EdgePeer
from actors.link.remote_client import RemoteClient
from protocol.limits import Limits

OnMessage = Callable[[RemoteClient, str | bytes], Continuation | None]


class Decider:
    """A deciding side that admits every client, and hands its messages to `on_message`."""

    def __init__(self) -> None:
        self.clients: list[RemoteClient] = []
        self.on_message: OnMessage = lambda _client, _text: None

    async def admit(
        self, claim: AnyClaim, connect: Callable[[Identity], RemoteClient]
    ) -> RemoteClient:
        """Admit a client."""
        assert isinstance(claim, Claim)
        name = f"user {claim.user_id}"
        self.clients.append(connect(Identity(name, claim.user_id, name, False)))
        return self.clients[-1]

    def receive(self, client: RemoteClient, text: str | bytes) -> Continuation | None:
        """Handle a message."""
        return self.on_message(client, text)

    def failed(self, client: RemoteClient, text: str | bytes, trace_id: str) -> None:
        """Do nothing: no test here has a failure."""

    def unregister(self, client: RemoteClient) -> None:
        """Do nothing."""

    async def disconnected(self, client: RemoteClient) -> None:
        """Do nothing."""


class Linked:
    """Both ends of a link. `calls` are what the edge may ask."""

    def __init__(self, nursery: trio.Nursery, limits: Limits, calls: Mapping[str, Any]) -> None:
        ours, theirs = memory_stream_pair()
        self.limits, self.decider = limits, Decider()
        self.to_edge, self.to_decider = StreamLink(ours), StreamLink(theirs)
        deciding = DecidingProcess(self.decider, calls, Counters(), lambda _lines: None)
        self.peer = EdgePeer(self.to_edge, deciding, nursery, lambda: None)
        self.calls = LinkCalls(self.to_decider)
        self.edge = RemoteDecidingSide(
            self.to_decider, self.calls, SteadyClock(0), Counters(), limits, "test"
        )

    async def connect(self, user_id: int) -> Connection:
        """Sign a client in. Return its connection at the edge."""
        return await self.edge.admit(
            Claim(user_id, "", ""),
            lambda identity: Connection(identity, self.limits),
        )


@asynccontextmanager
async def linked(
    limits: Limits | None = None, calls: Mapping[str, Any] | None = None
) -> AsyncIterator[Linked]:
    """Run a link between an edge and the deciding side."""
    async with trio.open_nursery() as nursery:
        ends = Linked(nursery, limits or Limits(), calls or {})
        nursery.start_soon(ends.to_edge.run, ends.peer.on_message)
        nursery.start_soon(ends.to_decider.run, ends.edge.on_message)
        yield ends
        nursery.cancel_scope.cancel()


def received(connection: Connection) -> bytes:
    """Return the frames that wait for a client, and take them away."""
    return connection._sender.take_all()
