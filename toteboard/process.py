"""What every process that serves does first: the deciding one, and each worker."""

import gc
import resource
import ssl
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from typing import TYPE_CHECKING, Protocol

import trio
from attrs import frozen

from actors.edge.arrivals import Arrivals
from actors.local_edge import Listeners
from toteboard.files import Files
from toteboard.http.account_service import PerformsWrites
from toteboard.http.cluster_view import ALONE, ClusterView
from toteboard.logs import LineSink
from toteboard.settings import Settings
from toteboard.tls_files import load_certificate
from toteboard.tokens.key_sources import KeySource

if TYPE_CHECKING:  # a worker loads nothing that decides
    from actors.games.local_side import LocalDecidingSide
    from actors.games.presence import Presence
    from actors.link.sides import EdgeSide
    from actors.server import Server
    from toteboard.http.side import HttpSide


class Front(Protocol):
    """What holds the clients of a node, whichever role it has."""

    def presence(self) -> "Presence":
        """Return who is in which game, for a server that begins to decide."""

    def edges(
        self, server: "Server", side: "HttpSide", deciding: "LocalDecidingSide"
    ) -> "EdgeSide":
        """Return the edges for which that server decides."""


@frozen
class Process:
    """What a process that decides has from its start to its end.

    `keys`: those of tokens. `control` lets commands perform writes by a store, for a block. `front`
    has the clients of a node.
    """

    settings: Settings
    files: Files
    sink: LineSink
    keys: KeySource | None
    control: Callable[[PerformsWrites], AbstractAsyncContextManager[None]]
    cluster: ClusterView = ALONE
    front: Front | None = None


def collect_less_often() -> None:
    """Run the garbage collector in small steps, and hardly ever over everything.

    Games and connections live long. Scanning them repeatedly takes a third of the time with many
    timers. A collection stops the event loop for as long as it scans objects, and every bet leaves
    some: so an object is scanned twice while it is young, among at most 15,000, which takes 3 ms.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 1, 2_000)


def open_as_many_files_as_allowed() -> None:
    """Raise the limit of open files: each connection is one, and the default is often 1,024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def tls_context(settings: Settings) -> ssl.SSLContext | None:
    """Return the TLS of the public port, None for none. Raise UnusableTlsError."""
    if settings.tls_cert is None or settings.tls_key is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.set_alpn_protocols(["http/1.1"])
    load_certificate(context, settings.tls_cert, settings.tls_key)
    return context


def arrivals(listeners: Sequence[trio.SocketListener]) -> list[Arrivals]:
    """Return listeners that accept all connections that wait."""
    return [Arrivals(each) for each in listeners]


def secured(listeners: Sequence[Arrivals], tls: ssl.SSLContext | None) -> Listeners:
    """Return the listeners of the public port, with TLS if there is a certificate."""
    return listeners if tls is None else [trio.SSLListener(each, tls) for each in listeners]
