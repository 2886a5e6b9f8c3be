"""Where the nodes of a cluster call each other: the listener of `--node-listen`, and the call.

    TCP, TLS if set --> proof of both sides --> link --> the leading node's `NodeEdges`
                        (actors/link/node_auth.py)

The listener is open for the life of the process. A node that does not lead says so and hangs up.

Strangers. A connection that has not proved itself has `PROOF_S` seconds and a fixed number of
bytes. At most `MOST_STRANGERS` are waited for; then the address with the most of them loses its
oldest, so that silent connections from one address do not keep another node out.
"""

import ssl
from collections.abc import Callable
from functools import partial
from typing import Final

import structlog
import trio

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
PROOF_S: Final = 5.0
"""How long the connection, TLS and the proof of both sides may take together."""


class NodeListener:
    """Accepts the calls of other nodes. `leading` returns the edges while this node leads."""

    def __init__(
        self, listeners: Listeners, secret: bytes, leading: Callable[[], NodeEdges | None]
    ) -> None:
        self._listeners, self._secret, self._leading = listeners, secret, leading
        self._strangers = PendingHeads(MOST_STRANGERS)

    async def run(self) -> None:
        """Accept calls until cancelled."""
        async with trio.open_nursery() as nursery:
            receive = partial(nursery.start_soon, survive, self._receive)
            await accept_all(self._listeners, receive)

    async def _receive(self, stream: trio.abc.Stream) -> None:
        edges = None
        try:
            edges = await self._proved(stream)
        except NotTrustedError as error:
            log.warning("node_refused", address=peer_address(stream), reason=str(error))
        except (*GONE, ssl.SSLError):
            log.warning("node_refused", address=peer_address(stream), reason="it hung up")
        finally:
            if edges is None:
                await trio.aclose_forcefully(stream)
        if edges is not None and not edges.accept(StreamLink(stream, NODE_LINK, edges.may_send)):
            await trio.aclose_forcefully(stream)

    async def _proved(self, stream: trio.abc.Stream) -> NodeEdges | None:
        """Return the edges for a caller that has proved itself in time, None if there are none.

        Raise as `answer_caller`, and `ssl.SSLError`.
        """
        edges, proved = self._leading(), None
        with self._strangers.place(neighbourhood(peer_address(stream))) as scope:
            scope.deadline = trio.current_time() + PROOF_S
            await answer_caller(stream, self._secret, leads=edges is not None)
            proved = edges
        return proved


async def call_node(address: str, secret: bytes, tls: ssl.SSLContext | None) -> StreamLink:
    """Return a link to the leading node with this address, "HOST:PORT".

    Raise OSError, `trio.BrokenResourceError`, `trio.TooSlowError`, `NotTrustedError` and
    `DoesNotLeadError`.
    """
    host, _, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    with trio.fail_after(PROOF_S):
        stream: trio.abc.Stream = await trio.open_tcp_stream(host, int(port))
        try:
            if tls is not None:
                stream = trio.SSLStream(stream, tls, server_hostname=host)
            await call_listener(stream, secret)
        except BaseException:
            await trio.aclose_forcefully(stream)
            raise
    return StreamLink(stream, NODE_LINK)
