"""An echo server for conformance suites, which want every message back unchanged.

Admission, connection and stream are the product's. Only the sign-in is missing, and messages are
echoed instead of read. With `--tls` the server is behind TLS, where nothing is written directly;
with `--plain` it is trio-websocket alone, for comparison. The usual conformance suite is that of
Autobahn, which is not part of this repository, so fetch it:

    python -m tests.e2e.echo --port 9001 &
    pip install kosoku && kosoku 127.0.0.1:9001 -x '12.*' -x '13.*'

Or, on Python 2.7, `wstest -m fuzzingclient` of the package autobahntestsuite, which also supports
TLS. 12 and 13 are compression, which the server does not offer. The gate's own conformance test is
`tests/e2e/test_websocket_conformance.py`.
"""

import ssl
import struct
from functools import partial
from typing import cast

import click
import trio
import trustme
from trio_websocket import ConnectionClosed, WebSocketRequest, serve_websocket

from actors.counters import Counters
from actors.edge.accept_loop import accept_all
from actors.edge.admission import Admission
from actors.edge.arrivals import Arrivals
from actors.edge.connection import Connection
from actors.edge.gate import NO_SITE, Gate, Visitor
from actors.edge.heartbeat import Heartbeat
from actors.edge.socket_reader import SocketReader
from actors.link.caller import ClientConnection
from actors.link.claim import Identity
from actors.link.encoded_message import EncodedMessage, frame_batch
from actors.link.sides import DecidingSide
from protocol.frames import text_frame
from protocol.limits import Limits
from toteboard.process import secured

LONGEST = 64 * 1_024 * 1_024
"""Suites send 16 MiB, and up to a thousand messages without waiting."""
BINARY = 0x82
HOST = "127.0.0.1"


class OpenAdmission(Admission):
    """Admits every client."""

    async def _admit(self, visitor: Visitor) -> Connection:
        return Connection(Identity("echo", 1, "echo", False), self._limits)


class NobodyDecides:
    """A deciding side that need not know which connections end."""

    def unregister(self, _: ClientConnection) -> None:
        """Do nothing: no list of connections is kept."""

    async def disconnected(self, _: ClientConnection) -> None:
        """Do nothing: no list of connections is kept."""


def _binary_frame(data: bytes) -> bytes:
    """A server's binary frame: the product never sends one."""
    return struct.pack("!B", BINARY) + text_frame(data)[1:]


def _echo(connection: Connection, message: str | bytes) -> None:
    frame = _binary_frame(message) if isinstance(message, bytes) else text_frame(message.encode())
    connection.send(frame_batch([EncodedMessage(frame, {})]))


async def _echo_plain(request: WebSocketRequest) -> None:
    socket = await request.accept()
    try:
        while True:
            await socket.send_message(await socket.get_message())
    except ConnectionClosed:
        pass


async def _serve(port: int, *, plain: bool, tls: bool) -> None:
    context = _own_certificate() if tls else None
    if plain:
        await serve_websocket(_echo_plain, HOST, port, context, max_message_size=LONGEST)
    limits = Limits(max_message_size=LONGEST, outbox_bytes=4 * LONGEST)
    reader = SocketReader()
    listeners = await trio.open_tcp_listeners(port, host=HOST)
    async with trio.open_nursery() as nursery:
        admission = OpenAdmission(
            cast(DecidingSide[Connection], NobodyDecides()),
            _echo,
            NO_SITE.address_of,
            nursery.start_soon,
            limits,
            reader,
            Heartbeat(20.0),
            Counters(),
        )
        gate = Gate(head_timeout_s=10.0, on_request=NO_SITE.serve, on_websocket=admission.receive)
        nursery.start_soon(reader.run)
        arrivals = [Arrivals(each) for each in listeners]
        await accept_all(
            secured(arrivals, context), lambda stream: nursery.start_soon(gate.receive, stream)
        )


def _own_certificate() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert(HOST).configure_cert(context)
    return context


@click.command()
@click.option("--port", default=9001, show_default=True)
@click.option("--plain", is_flag=True, help="trio-websocket alone")
@click.option("--tls", is_flag=True, help="behind TLS, with a certificate that nobody trusts")
def main(port: int, *, plain: bool, tls: bool) -> None:
    """Echo every message until interrupted."""
    trio.run(partial(_serve, port, plain=plain, tls=tls))


if __name__ == "__main__":
    main()
