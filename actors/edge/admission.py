"""From a handshake to a signed-in connection (contract, section 1, "Connecting").

Theory of operation
===================

The gate has read and checked the handshake (`actors/edge/gate.py`, `protocol/handshake.py`).
Admission checks the origin (403) and reads the claim in the signed URL. The deciding side checks
the claim (`actors/games/signed_urls.py`), and registers the connection until it ends. A refusal is
an HTTP status, sent before a WebSocket is made.

When the connection ends, it is no longer registered. Once every request in flight has its reply,
`DecidingSide.disconnected` is called.

Serving a connection: `actors/edge/connection.py`.
"""

import re
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from urllib.parse import parse_qs

import structlog
import trio
from trio_websocket import ConnectionClosed, WebSocketConnection, wrap_server_stream

from actors.counters import Counters
from actors.edge.closing import LAGGING
from actors.edge.connection import Connection, MessageHandler
from actors.edge.gate import Visitor, close_lingering, refuse
from actors.edge.heartbeat import Heartbeat
from actors.edge.socket_reader import SocketReader
from actors.edge.wire import Wire
from actors.link.claim import NO_CLAIM, Claim, NotAdmittedError
from actors.link.sides import DecidingSide
from protocol.handshake import bare
from protocol.limits import Limits
from protocol.request_head import RequestHead
from storage.errors import StorageError

log = structlog.get_logger()

_USER_ID = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
LONGEST_NONCE = 64


class Admission:
    """Signs clients in and serves their connections."""

    def __init__(
        self,
        deciding_side: DecidingSide[Connection],
        on_message: MessageHandler,
        limits: Limits,
        reader: SocketReader,
        heartbeat: Heartbeat,
        counters: Counters,
    ) -> None:
        self._deciding_side = deciding_side
        self._on_message = on_message
        self._limits = limits
        self._reader, self._heartbeat = reader, heartbeat
        self._counters = counters
        self._open: dict[Connection, None] = {}
        self._closed = trio.Event()

    @property
    def open(self) -> Collection[Connection]:
        """The connections that are being served."""
        return tuple(self._open)

    async def all_closed(self) -> None:
        """Wait until no connection is being served."""
        while self._open:
            await self._closed.wait()

    async def receive(self, visitor: Visitor) -> None:
        """Serve one client until it disconnects."""
        admitted: list[Connection] = []
        try:
            async with trio.open_nursery() as nursery:
                await self._serve(nursery, visitor, admitted)
                nursery.cancel_scope.cancel()
        finally:
            # The gate closes the stream too, but only after the requests in flight have replies.
            with trio.CancelScope(shield=True):
                await close_lingering(visitor.stream)
            for connection in admitted:
                await connection.in_flight.wait_until_empty()
                await self._deciding_side.disconnected(connection)
                connection.release()

    async def _serve(
        self, nursery: trio.Nursery, visitor: Visitor, admitted: list[Connection]
    ) -> None:
        """Perform the handshake. If it succeeds, serve the connection until it ends."""
        with ExitStack() as cleanup:
            entered = await self._handshake(nursery, visitor, cleanup)
            if entered is None:
                return
            connection, socket, wire = entered
            admitted.append(connection)
            log.info("connection_opened", **connection.log_fields, user_name=connection.user_name)
            with self._heartbeat.registered(connection), self._listed(connection):
                reason = await connection.serve(nursery, socket, wire, self._on_message)
            if reason == LAGGING:
                self._counters.lagged()
            log.info("connection_closed", **connection.log_fields, reason=reason)

    @contextmanager
    def _listed(self, connection: Connection) -> Iterator[None]:
        self._open[connection] = None
        try:
            yield
        finally:
            del self._open[connection]
            self._closed.set()
            self._closed = trio.Event()

    async def _handshake(
        self, nursery: trio.Nursery, visitor: Visitor, cleanup: ExitStack
    ) -> tuple[Connection, WebSocketConnection, Wire] | None:
        """Admit the client, or refuse it. Return None if it is refused or takes too long."""
        with trio.move_on_after(self._limits.handshake_timeout / 1_000):
            try:
                connection = await self._admit(visitor.head, cleanup)
            except (NotAdmittedError, StorageError) as error:
                refusal = (
                    error
                    if isinstance(error, NotAdmittedError)
                    else NotAdmittedError(503, "try again")
                )
                log.info("handshake_refused", status=refusal.status)
                await refuse(visitor.stream, refusal.status, refusal.text)
                return None
            with suppress(ConnectionClosed):
                return connection, *await self._accept(nursery, visitor)
        return None

    async def _accept(
        self, nursery: trio.Nursery, visitor: Visitor
    ) -> tuple[WebSocketConnection, Wire]:
        """Complete the handshake."""
        longest = self._limits.max_message_size
        wire = Wire(
            visitor.stream,
            longest,
            self._reader,
            handshake=bare(visitor.head).encoded(),
            received=visitor.received,
        )
        request = await wrap_server_stream(nursery, wire, max_message_size=longest)
        return await request.accept(), wire

    async def _admit(self, head: RequestHead, cleanup: ExitStack) -> Connection:
        """Sign the client in, and register its connection until `cleanup`.

        Raise `NotAdmittedError` and `StorageError`.
        """
        self._refuse_origin(head)
        claim = _read_claim(head.query.decode("ascii")) or NO_CLAIM
        connect = partial(Connection, limits=self._limits)
        return await self._deciding_side.admit(claim, connect, cleanup)

    def _refuse_origin(self, head: RequestHead) -> None:
        allowed = self._limits.allowed_origins
        origins = [value.decode("latin-1") for value in head.values(b"origin")]
        if allowed and any(origin not in allowed for origin in origins):
            raise NotAdmittedError(403, "origin not allowed")


def _read_claim(query: str) -> Claim | None:
    """Return the claim in a query string. Return None if a part is missing, double or malformed."""
    try:
        parts = parse_qs(query, keep_blank_values=True, errors="strict")
        (user_id,), (nonce,), (digest,) = parts["id"], parts["n"], parts["h"]
    except (KeyError, ValueError):
        return None
    is_well_formed = _USER_ID.fullmatch(user_id) and 1 <= len(nonce) <= LONGEST_NONCE
    return Claim(int(user_id), nonce, digest) if is_well_formed else None
