"""The ports of a server: listening on them, and telling where it listens."""

import socket
import ssl
from collections.abc import Sequence

import structlog
import trio
from attrs import frozen

from actors.edge.arrivals import Arrivals
from toteboard import __version__
from toteboard.http.addresses import address
from toteboard.node_tls import NodeTls
from toteboard.process import arrivals
from toteboard.settings import Settings
from toteboard.systemd import READY, notify
from toteboard.workers import for_each_worker

log = structlog.get_logger()


class CannotStartError(Exception):
    """The server cannot start. The text is one line for a person."""


@frozen
class Ports:
    """The listeners, and the public port.

    There are none for operators if the operator port is off. Workers have the public ones, if there
    are workers.
    """

    public: Sequence[Arrivals]
    operator: Sequence[Arrivals]
    tls: ssl.SSLContext | None
    port: int
    of_workers: Sequence[Sequence[socket.socket]] = ()


@frozen
class Sockets:
    """The listening sockets of a node, for its life. `nodes`: where other nodes call.

    `tls` is that of the public port, `node_tls` that between nodes.
    """

    public: Sequence[trio.SocketListener]
    operator: Sequence[trio.SocketListener]
    nodes: Sequence[trio.SocketListener]
    tls: ssl.SSLContext | None
    node_tls: NodeTls

    @property
    def port(self) -> int:
        """The public port."""
        return int(self.public[0].socket.getsockname()[1])

    def ports(self) -> Ports:
        """Return the ports of a role, which it may close while these sockets stay open.

        The public port is no role's: `toteboard/node_front.py`.
        """
        return Ports([], arrivals(_copies(self.operator)), self.tls, self.port)


def _copies(listeners: Sequence[trio.SocketListener]) -> list[trio.SocketListener]:
    return [trio.SocketListener(each.socket.dup()) for each in listeners]


async def listen(hosts: str, port: int) -> list[trio.SocketListener]:
    """Listen on each of the comma-separated hosts; port 0 is the same free port on all of them.

    Raise CannotStartError.
    """
    listeners: list[trio.SocketListener] = []
    for host in (each.strip() for each in hosts.split(",")):
        try:
            listeners += await trio.open_tcp_listeners(port, host=host)
        except (OSError, UnicodeError) as error:
            text = getattr(error, "strerror", None) or error
            raise CannotStartError(f"cannot listen on {host}:{port}: {text}") from error
        port = port or listeners[0].socket.getsockname()[1]
    return listeners


def for_workers(
    listeners: Sequence[trio.SocketListener], settings: Settings
) -> Sequence[Sequence[socket.socket]]:
    """Return listening sockets for each worker. Raise CannotStartError."""
    try:
        return for_each_worker(listeners, settings.workers)
    except OSError as error:
        raise CannotStartError(f"cannot listen for each worker: {error.strerror}") from error


def announce(settings: Settings, ports: Ports) -> None:
    """Tell the log and the service manager that the server listens."""
    secure, host = "" if ports.tls is None else "s", settings.host.split(",")[0].strip()
    url, http_url = (address(f"{kind}{secure}", host, ports.port) for kind in ("ws", "http"))
    log.info(
        "listening",
        url=url,
        http_url=http_url,
        operator_url=operator_url(settings, ports),
        version=__version__,
    )
    notify(READY)


def operator_url(settings: Settings, ports: Ports) -> str | None:
    """Return the address of the operator port, None if it is off."""
    if not ports.operator:
        return None
    host = settings.operator_host.split(",")[0].strip()
    return address("http", host, ports.operator[0].port)
