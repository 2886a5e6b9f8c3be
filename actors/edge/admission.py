"""The door: from a handshake to a signed-in connection (contract, section 1, "Connecting").

The gate has read and checked the handshake (`actors/edge/gate.py`, `protocol/handshake.py`); the
door decides who comes in. A refusal is an HTTP status, sent before a WebSocket is made. What
happens afterwards is `actors/edge/connection.py`.
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

from actors.edge.connection import LAGGING, Connection, Listener
from actors.edge.gate import Visitor, hang_up, refuse
from actors.edge.heartbeat import Heartbeat
from actors.edge.socket_reader import SocketReader
from actors.edge.wire import Wire
from actors.services import Services
from protocol.handshake import bare
from protocol.request_head import RequestHead
from storage import users
from storage.changes import NonceSpent
from storage.errors import StorageError
from storage.users import User

log = structlog.get_logger()

_USER_ID = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
LONGEST_NONCE = 64
NO_KEY = "no key: digests are compared all the same"


class NotAdmittedError(Exception):
    """The handshake is refused with this HTTP status."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


@frozen
class Claim:
    """Who a URL says it is, and its proof."""

    user_id: int
    nonce: str
    digest: str


NOBODY = Claim(0, "", "")


class Admission:
    """Lets connections in, serves them, and tells `on_departure` when they are gone."""

    def __init__(
        self,
        services: Services,
        listener: Listener,
        reader: SocketReader,
        heartbeat: Heartbeat,
        on_departure: Callable[[Connection], Awaitable[None]],
    ) -> None:
        self._services = services
        self._listener = listener
        self._on_departure = on_departure
        self._reader, self.heartbeat = reader, heartbeat
        self._nonces_in_use: set[tuple[int, str]] = set()
        self._is_shut = False

    def shut(self) -> None:
        """Let nobody in any more: the server stops."""
        self._is_shut = True

    async def receive(self, visitor: Visitor) -> None:
        """Serve one client to its end."""
        admitted: list[Connection] = []
        try:
            async with trio.open_nursery() as nursery:
                await self._converse(nursery, visitor, admitted)
                nursery.cancel_scope.cancel()
        finally:
            # The gate would do so too, but only once all that is under way has been answered.
            with trio.CancelScope(shield=True):
                await hang_up(visitor.stream)
            for connection in admitted:
                await connection.in_flight.wait_until_empty()
                await self._on_departure(connection)
                connection.forget()

    async def _converse(
        self, nursery: trio.Nursery, visitor: Visitor, admitted: list[Connection]
    ) -> None:
        """The handshake and, if it succeeds, the connection until it ends."""
        with ExitStack() as until_the_end:
            entered = await self._handshake(nursery, visitor, until_the_end)
            if entered is None:
                return
            connection, socket, wire = entered
            admitted.append(connection)
            log.info("connection_opened", **connection.log_fields, user_name=connection.user_name)
            with self.heartbeat.kept(connection):
                reason = await connection.serve(nursery, socket, wire, self._listener)
            if reason == LAGGING:
                self._services.counters.lagged()
            log.info("connection_closed", **connection.log_fields, reason=reason)

    async def _handshake(
        self, nursery: trio.Nursery, visitor: Visitor, until_the_end: ExitStack
    ) -> tuple[Connection, WebSocketConnection, Wire] | None:
        """Let the client in, or refuse it; None too if it does not take the answer in time."""
        with trio.move_on_after(self._services.limits.handshake_timeout / 1_000):
            try:
                connection = await self._admit(visitor.head, until_the_end)
            except (NotAdmittedError, StorageError) as error:
                no = (
                    error
                    if isinstance(error, NotAdmittedError)
                    else NotAdmittedError(503, "try again")
                )
                log.info("handshake_refused", status=no.status)
                await refuse(visitor.stream, no.status, no.text)
                return None
            with suppress(ConnectionClosed):
                return connection, *await self._accepted(nursery, visitor)
        return None

    async def _accepted(
        self, nursery: trio.Nursery, visitor: Visitor
    ) -> tuple[WebSocketConnection, Wire]:
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

    async def _admit(self, head: RequestHead, until_the_end: ExitStack) -> Connection:
        """Sign in, and keep a place until the end. Raises `NotAdmittedError`."""
        self._refuse_origin(head)
        claim = _read_claim(head.query.decode("ascii")) or NOBODY
        user = self._signed_in(claim)
        connections = self._services.connections
        if not connections.has_room(user.id):
            raise NotAdmittedError(429, "too many connections")
        until_the_end.enter_context(connections.place(user.id))
        self._refuse_if_shut()
        await self._spend_nonce(claim)
        connection = Connection(user.id, user.name, user.can_host, self._services.limits)
        until_the_end.enter_context(connections.present(connection))
        self._still_signed_in(claim)
        self._refuse_if_shut()
        return connection

    def _refuse_if_shut(self) -> None:
        if self._is_shut:
            raise NotAdmittedError(503, "the server stops")

    def _refuse_origin(self, head: RequestHead) -> None:
        allowed = self._services.limits.allowed_origins
        origins = [value.decode("latin-1") for value in head.values(b"origin")]
        if allowed and any(origin not in allowed for origin in origins):
            raise NotAdmittedError(403, "origin not allowed")

    def _signed_in(self, claim: Claim) -> User:
        """The user, if the proof is right and new. The same work for every reason to refuse."""
        nonce_is_new = (claim.user_id, claim.nonce) not in self._nonces_in_use
        spent = users.nonce_spent(self._services.database, claim.user_id, claim.nonce)
        user = self._proven(claim)
        if user is None or spent or not nonce_is_new:
            raise NotAdmittedError(401, "not signed in")
        return user

    def _still_signed_in(self, claim: Claim) -> None:
        """A key that ended while we waited opens nothing."""
        if self._proven(claim) is None:
            raise NotAdmittedError(401, "not signed in")

    def _proven(self, claim: Claim) -> User | None:
        database = self._services.database
        user = users.user_by_id(database, claim.user_id)
        key, expires_at = users.session_key_of(database, claim.user_id) or (NO_KEY, 0)
        proof = sha256(f"{claim.user_id}{claim.nonce}{key}".encode()).hexdigest()
        is_right = hmac.compare_digest(proof.encode(), claim.digest.encode())
        is_valid = expires_at is None or self._services.clock.now() < expires_at
        return user if user and is_right and is_valid and not user.disabled else None

    async def _spend_nonce(self, claim: Claim) -> None:
        """On disk before the door opens, so that it opens once even over a power cut."""
        nonce = (claim.user_id, claim.nonce)
        self._nonces_in_use.add(nonce)
        try:
            await self._services.writer.commit([NonceSpent(*nonce)])
        finally:
            self._nonces_in_use.discard(nonce)


def _read_claim(query: str) -> Claim | None:
    """What a query string claims; None unless each part is there once and well-formed."""
    try:
        parts = parse_qs(query, keep_blank_values=True, errors="strict")
        (user_id,), (nonce,), (digest,) = parts["id"], parts["n"], parts["h"]
    except (KeyError, ValueError):
        return None
    is_well_formed = _USER_ID.fullmatch(user_id) and 1 <= len(nonce) <= LONGEST_NONCE
    return Claim(int(user_id), nonce, digest) if is_well_formed else None
