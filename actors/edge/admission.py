"""From a handshake to a signed-in connection (contract, section 1, "Connecting").

Theory of operation
===================

The gate has read and checked the handshake (`actors/edge/gate.py`, `protocol/handshake.py`).
Admission checks the origin (403) and reads the claim in the URL: a signed URL, or a token of the
operator. The deciding side checks the claim (`actors/games/sign_ins.py`), and registers the
connection until it ends. A refusal is an HTTP status, sent before a WebSocket is made.

The handshake's task ends with the handshake, and the connection lives on in a task of its own. That
is trio-websocket's reading task. It is started while the handshake is performed, because the
library reads the request too.

When the connection ends, it is no longer registered. Once every request in flight has its reply,
`DecidingSide.disconnected` is called.

Serving a connection: `actors/edge/connection.py`.
"""

import re
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from functools import partial
from typing import cast
from urllib.parse import parse_qs

import structlog
import trio
from trio_websocket import ConnectionClosed, WebSocketConnection, wrap_server_stream

from actors.counters import Counters
from actors.edge.addresses import neighbourhood
from actors.edge.closing import LAGGING
from actors.edge.connection import Connection, MessageHandler
from actors.edge.connection_tasks import ConnectionTasks, Start
from actors.edge.gate import Visitor, close_lingering, refuse
from actors.edge.heartbeat import Heartbeat
from actors.edge.socket_reader import SocketReader
from actors.edge.wire import Wire
from actors.link.claim import NO_CLAIM, AnyClaim, Claim, NotAdmittedError, TokenClaim
from actors.link.sides import DecidingSide
from protocol.handshake import bare
from protocol.limits import Limits
from protocol.request_head import RequestHead
from storage.errors import StorageError

log = structlog.get_logger()

_USER_ID = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
LONGEST_NONCE = 64
_FORMS = ({"id", "n", "h"}, {"token"}, {"guest"})
"""The parts of each form of a claim. A query has those of one."""
GUEST_QUERY = "guest=1"
"""The query of a client that connects without a user."""


class ReadingStarter:
    """What trio-websocket uses as a nursery: starts its reading task by `live`."""

    def __init__(self, start: Start, live: Callable[..., Awaitable[None]]) -> None:
        self._start, self._live = start, live
        self.has_started = False

    def start_soon(self, read: Callable[[], Awaitable[None]]) -> None:
        """Start the connection's own task, which reads by `read`."""
        self.has_started = True
        self._start(self._live, read)


class Admission:
    """Signs clients in and serves their connections. Their tasks are started by `start`.

    `address_of` returns the IP address of a client, which may be behind proxies.
    """

    def __init__(
        self,
        deciding_side: DecidingSide[Connection],
        on_message: MessageHandler,
        address_of: Callable[[Visitor], str],
        start: Start,
        limits: Limits,
        reader: SocketReader,
        heartbeat: Heartbeat,
        counters: Counters,
    ) -> None:
        self._deciding_side = deciding_side
        self._on_message, self._start = on_message, start
        self._address_of = address_of
        self._limits, self._timeout_s = limits, limits.handshake_timeout / 1_000
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
        """Perform a handshake. If it succeeds, the connection lives on in a task of its own."""
        connection, deadline = None, trio.current_time() + self._timeout_s
        try:
            connection = await self._admit_or_refuse(visitor, deadline)
        finally:
            if connection is None:
                with trio.CancelScope(shield=True):
                    await close_lingering(visitor.stream)
        if connection is not None:
            with trio.move_on_at(deadline):
                await self._accept(visitor, connection)

    async def _admit_or_refuse(self, visitor: Visitor, deadline: float) -> Connection | None:
        """Return the admitted connection; None if it was refused, or not decided by `deadline`."""
        try:
            with trio.fail_at(deadline):
                return await self._admit(visitor)
        except NotAdmittedError as error:
            refusal = error
        except (StorageError, trio.TooSlowError):
            refusal = NotAdmittedError(503, "try again")
        log.info("handshake_refused", status=refusal.status)
        await refuse(visitor.stream, refusal.status, refusal.text)
        return None

    async def _accept(self, visitor: Visitor, connection: Connection) -> None:
        """Complete the handshake. The connection's own task takes the stream over."""
        tasks = ConnectionTasks(self._start)
        live = partial(self._live, connection, tasks, visitor.stream)
        reading = ReadingStarter(self._start, live)
        is_open = False
        try:
            with suppress(ConnectionClosed):
                await self._perform_handshake(visitor, connection, reading)
                is_open = True
        finally:
            if not is_open:
                tasks.lifetime.cancel()
            if not reading.has_started:  # after a bug: there is no task of its own that would leave
                await self._leave(connection, visitor.stream)

    async def _perform_handshake(
        self, visitor: Visitor, connection: Connection, reading: ReadingStarter
    ) -> None:
        """Accept the handshake, and open the connection. `reading` starts its own task."""
        longest = self._limits.max_message_size
        wire = Wire(
            visitor.stream,
            longest,
            self._reader,
            handshake=bare(visitor.head).encoded(),
            received=visitor.received,
        )
        starter = cast(trio.Nursery, reading)
        request = await wrap_server_stream(starter, wire, max_message_size=longest)
        self._open_connection(connection, await request.accept(), wire)

    def _open_connection(
        self, connection: Connection, socket: WebSocketConnection, wire: Wire
    ) -> None:
        log.info("connection_opened", **connection.log_fields, user_name=connection.user_name)
        self._heartbeat.add(connection)
        self._open[connection] = None
        connection.open(socket, wire, self._on_message)

    async def _live(
        self,
        connection: Connection,
        tasks: ConnectionTasks,
        stream: trio.abc.Stream,
        read: Callable[[], Awaitable[None]],
    ) -> None:
        """Serve a connection until it ends. This is its own task; `read` reads from the client."""
        try:
            await connection.run(read, tasks)
        finally:
            await self._leave(connection, stream)

    async def _leave(self, connection: Connection, stream: trio.abc.Stream) -> None:
        """Give back what the connection holds, once all its requests have their replies."""
        connection.end()
        if connection in self._open:
            self._note_closed(connection)
        self._deciding_side.unregister(connection)
        with trio.CancelScope(shield=True):
            await close_lingering(stream)
        await connection.in_flight.wait_until_empty()
        await self._deciding_side.disconnected(connection)
        connection.release()

    def _note_closed(self, connection: Connection) -> None:
        self._heartbeat.remove(connection)
        del self._open[connection]
        self._closed.set()
        self._closed = trio.Event()
        if connection.close_reason == LAGGING:
            self._counters.lagged()
        log.info("connection_closed", **connection.log_fields, reason=connection.close_reason)

    async def _admit(self, visitor: Visitor) -> Connection:
        """Sign the client in. Return its connection, which the deciding side has registered.

        Raise `NotAdmittedError` and `StorageError`.
        """
        self._refuse_origin(visitor.head)
        claim = self._claim(visitor)
        connect = partial(Connection, limits=self._limits)
        return await self._deciding_side.admit(claim, connect)

    def _claim(self, visitor: Visitor) -> AnyClaim:
        query = visitor.head.query.decode("ascii")
        if query == GUEST_QUERY:
            address = neighbourhood(self._address_of(visitor))
            return Claim(0, "", "", guest_from=address)
        return _read_claim(query) or NO_CLAIM

    def _refuse_origin(self, head: RequestHead) -> None:
        allowed = self._limits.allowed_origins
        origins = [value.decode("latin-1") for value in head.values(b"origin")]
        if allowed and any(origin not in allowed for origin in origins):
            raise NotAdmittedError(403, "origin not allowed")


def _read_claim(query: str) -> AnyClaim | None:
    """Return the claim in a query string.

    Return None if a part is missing, double or malformed, or stands beside those of another form.
    """
    try:
        parts = parse_qs(query, keep_blank_values=True, errors="strict")
        if sum(not form.isdisjoint(parts) for form in _FORMS) > 1:
            return None
        if "token" in parts:
            (token,) = parts["token"]
            return TokenClaim(token)
        (user_id,), (nonce,), (digest,) = parts["id"], parts["n"], parts["h"]
    except (KeyError, ValueError):
        return None
    is_well_formed = _USER_ID.fullmatch(user_id) and 1 <= len(nonce) <= LONGEST_NONCE
    return Claim(int(user_id), nonce, digest) if is_well_formed else None
