"""Where the nodes of a cluster call each other: the listener of `--node-listen`, and the call.

    TCP, TLS if set --> proof of both sides -+-> link --> the leading node's `NodeEdges`
                        (link/node_auth.py)  +-> copy of the database (cluster/copies.py)

The listener is open for the life of the process. A node that does not lead says so and hangs
up on a caller that wants a link.

Strangers. A connection that has not proved itself has `PROOF_S` seconds and a fixed number of
bytes. At most `MOST_STRANGERS` are waited for; then the address with the most of them loses its
oldest, so that silent connections from one address do not keep another node out.
"""

import ssl
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import structlog
import trio

from actors.cluster.calling import PROOF_S, called
from actors.edge.accept_loop import accept_all
from actors.edge.addresses import neighbourhood, peer_address
from actors.edge.closing import GONE
from actors.edge.gate import PendingHeads
from actors.link.carrier import NODE_LINK, StreamLink
from actors.link.node_auth import NotTrustedError, answer_caller, call_listener
from actors.local_edge import Listeners
from actors.node_edges import NodeEdges
from actors.survival import survive

log = structlog.get_logger()

MOST_STRANGERS: Final = 100

ServeCaller = Callable[[], Awaitable[None]]
Give = Callable[[trio.abc.Stream, bytes], Awaitable[None]]


class NodeListener:
    """Accepts the calls of other nodes. `leading` returns the edges while this node leads.

    `give` gives a copy of the database; it is passed the key of the copy's frames.
    """

    def __init__(
        self,
        listeners: Listeners,
        secret: bytes,
        leading: Callable[[], NodeEdges | None],
        give: Give,
    ) -> None:
        self._listeners, self._secret, self._leading = listeners, secret, leading
        self._give = give
        self._strangers = PendingHeads(MOST_STRANGERS)

    async def run(self) -> None:
        """Accept calls until cancelled."""
        async with trio.open_nursery() as nursery:
            receive = partial(nursery.start_soon, survive, self._receive)
            await accept_all(self._listeners, receive)

    async def _receive(self, stream: trio.abc.Stream) -> None:
        serve = None
        try:
            serve = await self._proved(stream)
        except NotTrustedError as error:
            log.warning("node_refused", address=peer_address(stream), reason=str(error))
        except (*GONE, ssl.SSLError):
            log.warning("node_refused", address=peer_address(stream), reason="it hung up")
        finally:
            if serve is None:
                await trio.aclose_forcefully(stream)
        if serve is not None:
            await serve()

    async def _proved(self, stream: trio.abc.Stream) -> ServeCaller | None:
        """Return what serves a caller that has proved itself in time, None if nothing does.

        Raise as `answer_caller`, and `ssl.SSLError`.
        """
        edges, serve = self._leading(), None
        with self._strangers.place(neighbourhood(peer_address(stream))) as scope:
            scope.deadline = trio.current_time() + PROOF_S
            copy_key = await answer_caller(stream, self._secret, leads=edges is not None)
            if copy_key is not None:
                serve = partial(self._give_copy, stream, copy_key)
            elif edges is not None:
                serve = partial(self._link, stream, edges)
        return serve

    async def _link(self, stream: trio.abc.Stream, edges: NodeEdges) -> None:
        if not edges.accept(StreamLink(stream, NODE_LINK, edges.may_send)):
            await trio.aclose_forcefully(stream)

    async def _give_copy(self, stream: trio.abc.Stream, key: bytes) -> None:
        try:
            await self._give(stream, key)
        finally:
            await trio.aclose_forcefully(stream)


async def call_node(address: str, secret: bytes, tls: ssl.SSLContext | None) -> StreamLink:
    """Return a link to the leading node with this address, "HOST:PORT".

    Raise OSError, `trio.BrokenResourceError`, `trio.TooSlowError`, `NotTrustedError` and
    `DoesNotLeadError`.
    """
    stream, _ = await called(address, tls, lambda stream: call_listener(stream, secret))
    return StreamLink(stream, NODE_LINK)
