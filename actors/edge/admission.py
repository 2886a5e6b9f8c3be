"""From a handshake to a signed-in connection (contract, section 1, "Connecting").

Theory of operation
===================

The gate has read and checked the handshake (`actors/edge/gate.py`, `protocol/handshake.py`).
Admission checks, in this order:

    origin       403   not in `allowed_origins`
    sign-in      401   the signed URL is wrong, expired or used; the user is disabled
    room         429   the user has `connections_per_user` connections
    shutdown     503   the server is shutting down
    nonce        503   could not be stored
    again        401   the key ended while the nonce was being stored
    shutdown     503

A refusal is an HTTP status, sent before a WebSocket is made.

**Same work for every 401.** Whatever is wrong, the same rows are read and one digest is compared,
so the time does not show what was wrong.

**One use.** The nonce is on disk before the connection opens, so a URL opens one connection even
across a power cut. Until then it is in `_nonces_in_use`. A refusal up to and including the first
shutdown check leaves the nonce unused. From the commit on it is spent, even if one of the last two
checks refuses the client. A new session key deletes the user's spent nonces
(`storage/session_keys.py`).


**No gap when a key ends.** The connection is among `Connections` before the key is checked again.
So a key that ends is either seen by that check, or its connections are closed
(`Connections.close_all_of`).

When the connection ends, its place and its entry in `Connections` are released. Once every request
in flight has its reply, `on_disconnect` is called.

Serving a connection: `actors/edge/connection.py`.
"""

import hmac
import re
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, suppress
from hashlib import sha256
from urllib.parse import parse_qs

import structlog
import trio
from attrs import frozen
from trio_websocket import ConnectionClosed, WebSocketConnection, wrap_server_stream

from actors.edge.closing import LAGGING
from actors.edge.connection import Connection, MessageHandler
from actors.edge.gate import Visitor, close_lingering, refuse
from actors.edge.heartbeat import Heartbeat
from actors.edge.socket_reader import SocketReader
from actors.edge.wire import Wire
from actors.services import Services
from protocol.handshake import bare
from protocol.request_head import RequestHead
from storage.changes import NonceSpent
from storage.errors import StorageError
from storage.users import User

log = structlog.get_logger()

_USER_ID = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
LONGEST_NONCE = 64
NO_KEY = "no key"
"""Compared where a user has no key, so that every refusal takes the same work."""


class NotAdmittedError(Exception):
    """The handshake is refused with this HTTP status."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


@frozen
class Claim:
    """The user that a signed URL names, and its proof."""

    user_id: int
    nonce: str
    digest: str


NO_CLAIM = Claim(0, "", "")


class Admission:
    """Signs clients in and serves their connections. Calls `on_disconnect` after each."""

    def __init__(
        self,
        services: Services,
        on_message: MessageHandler,
        reader: SocketReader,
        heartbeat: Heartbeat,
        on_disconnect: Callable[[Connection], Awaitable[None]],
    ) -> None:
        self._services = services
        self._on_message = on_message
        self._on_disconnect = on_disconnect
        self._reader, self.heartbeat = reader, heartbeat
        self._nonces_in_use: set[tuple[int, str]] = set()
        self._is_stopping = False

    def stop(self) -> None:
        """Refuse new connections: the server is shutting down."""
        self._is_stopping = True

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
                await self._on_disconnect(connection)
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
            with self.heartbeat.registered(connection):
                reason = await connection.serve(nursery, socket, wire, self._on_message)
            if reason == LAGGING:
                self._services.counters.lagged()
            log.info("connection_closed", **connection.log_fields, reason=reason)

    async def _handshake(
        self, nursery: trio.Nursery, visitor: Visitor, cleanup: ExitStack
    ) -> tuple[Connection, WebSocketConnection, Wire] | None:
        """Admit the client, or refuse it. Return None if it is refused or takes too long."""
        with trio.move_on_after(self._services.limits.handshake_timeout / 1_000):
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
        longest = self._services.limits.max_message_size
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
        user = self._sign_in(claim)
        connections = self._services.connections
        if not connections.has_room(user.id):
            raise NotAdmittedError(429, "too many connections")
        cleanup.enter_context(connections.place(user.id))
        self._refuse_if_stopping()
        await self._spend_nonce(claim)
        connection = Connection(user.id, user.name, user.can_host, self._services.limits)
        cleanup.enter_context(connections.present(connection))
        self._check_again(claim)
        self._refuse_if_stopping()
        return connection

    def _refuse_if_stopping(self) -> None:
        if self._is_stopping:
            raise NotAdmittedError(503, "the server is shutting down")

    def _refuse_origin(self, head: RequestHead) -> None:
        allowed = self._services.limits.allowed_origins
        origins = [value.decode("latin-1") for value in head.values(b"origin")]
        if allowed and any(origin not in allowed for origin in origins):
            raise NotAdmittedError(403, "origin not allowed")

    def _sign_in(self, claim: Claim) -> User:
        """Return the user if the proof is right and new. Do the same work for every refusal."""
        nonce_is_new = (claim.user_id, claim.nonce) not in self._nonces_in_use
        spent = self._services.reads.nonce_spent(claim.user_id, claim.nonce)
        user = self._verify(claim)
        if user is None or spent or not nonce_is_new:
            raise NotAdmittedError(401, "not signed in")
        return user

    def _check_again(self, claim: Claim) -> None:
        """Refuse a key that has ended while the nonce was being stored."""
        if self._verify(claim) is None:
            raise NotAdmittedError(401, "not signed in")

    def _verify(self, claim: Claim) -> User | None:
        """Return the user if the digest is right, the key valid and the user not disabled."""
        reads = self._services.reads
        user = reads.user_by_id(claim.user_id)
        key, expires_at = reads.session_key_of(claim.user_id) or (NO_KEY, 0)
        proof = sha256(f"{claim.user_id}{claim.nonce}{key}".encode()).hexdigest()
        is_right = hmac.compare_digest(proof.encode(), claim.digest.encode())
        is_valid = expires_at is None or self._services.clock.now() < expires_at
        return user if user and is_right and is_valid and not user.disabled else None

    async def _spend_nonce(self, claim: Claim) -> None:
        """Store the nonce, so that the URL opens no second connection, even after a power cut."""
        nonce = (claim.user_id, claim.nonce)
        self._nonces_in_use.add(nonce)
        try:
            await self._services.writer.commit([NonceSpent(*nonce)])
        finally:
            self._nonces_in_use.discard(nonce)


def _read_claim(query: str) -> Claim | None:
    """Return the claim in a query string. Return None if a part is missing, double or malformed."""
    try:
        parts = parse_qs(query, keep_blank_values=True, errors="strict")
        (user_id,), (nonce,), (digest,) = parts["id"], parts["n"], parts["h"]
    except (KeyError, ValueError):
        return None
    is_well_formed = _USER_ID.fullmatch(user_id) and 1 <= len(nonce) <= LONGEST_NONCE
    return Claim(int(user_id), nonce, digest) if is_well_formed else None
