"""Admits the clients of all edges (contract, section 1, "Connecting"), and registers them.

Theory of operation
===================

An edge has checked the handshake and the origin. The checks here, in this order:

                 a signed URL                             a token
    sign-in      401 wrong, expired or used; disabled     401 refused; disabled
    room         429 the user has `connections_per_user` connections
    shutdown     503 the server is shutting down
    nonce        503 could not be stored                  -
    again        401 the key ended meanwhile              -
    shutdown     503                                      -

`actors/games/signed_urls.py` checks signed URLs, `actors/games/tokens.py` checks tokens. A guest
needs only a place (`actors/games/guests.py`).

**No gap when a sign-in ends.** The connection is among `Connections` before a key is checked again,
and a token's user is read in the same step in which the connection is registered. So a key or a
user that ends is either seen by the check, or its connections are closed
(`Connections.close_all_of`).
"""

from collections.abc import Callable
from contextlib import ExitStack
from uuid import uuid4

from attrs import evolve

from actors.games.guests import GUEST_NAME, Guests
from actors.games.signed_urls import SignedUrls
from actors.games.tokens import Tokens
from actors.link.caller import ClientConnection
from actors.link.claim import AnyClaim, Claim, Identity, NotAdmittedError, TokenClaim
from actors.link.sides import Connected
from actors.services import Services
from game.rights import is_guest
from storage.users import User


class SignIns:
    """Admits clients by signed URLs and by tokens, and guests."""

    def __init__(self, services: Services, tokens: Tokens) -> None:
        self._connections = services.connections
        self._signed_urls = SignedUrls(services)
        self._tokens = tokens
        self._guests = Guests(services.limits)
        self._is_stopping = False

    @property
    def is_storing(self) -> bool:
        """Whether a nonce is being stored."""
        return self._signed_urls.is_storing

    def stop(self) -> None:
        """Refuse new connections: the server is shutting down."""
        self._is_stopping = True

    async def admit(self, claim: AnyClaim, connect: Callable[[Identity], Connected]) -> Connected:
        """Sign a client in. Return its connection, which is registered until `unregister`.

        Raise `NotAdmittedError` and `StorageError`.
        """
        if isinstance(claim, Claim) and claim.guest_from is not None:
            return self._admit_guest(claim.guest_from, connect)
        with ExitStack() as undo:
            if isinstance(claim, TokenClaim):
                client = await self._admit_by_token(claim, connect, undo)
            else:
                client = await self._admit_by_url(claim, connect, undo)
            undo.pop_all()
        return client

    def readmit(
        self, claim: Claim, identity: Identity, connect: Callable[[Identity], Connected]
    ) -> Connected:
        """Register a client that signed in under a former leader. Return its connection.

        Its nonce is spent, and its key may have expired since. Raise `NotAdmittedError` if it has a
        new key, if the user was disabled or has other rights, and `StorageError`. A guest gets a
        new number.
        """
        if claim.guest_from is not None:
            number = self._guests.take_place(claim.guest_from, is_back=True)
            client = connect(evolve(identity, user_id=number))
            self._connections.add(client)
            return client
        user = self._signed_urls.holder(claim)
        if user is None or user.can_host != identity.is_host:
            raise NotAdmittedError(401, "the sign-in has ended")
        client = connect(identity)
        self._connections.take_place(user.id)
        self._connections.add(client)
        return client

    def unregister(self, client: ClientConnection) -> None:
        """Note that a connection has ended."""
        self._tokens.forget(client)
        self._connections.remove(client)
        places = self._guests if is_guest(client.user_id) else self._connections
        places.free_place(client.user_id)

    def _admit_guest(self, address: str, connect: Callable[[Identity], Connected]) -> Connected:
        self._refuse_if_stopping()
        number = self._guests.take_place(address)
        client = connect(Identity(str(uuid4()), number, GUEST_NAME, is_host=False))
        self._connections.add(client)
        return client

    async def _admit_by_url(
        self, claim: Claim, connect: Callable[[Identity], Connected], undo: ExitStack
    ) -> Connected:
        user = self._signed_urls.sign_in(claim)
        self._take_place(user, undo)
        await self._signed_urls.spend(claim)
        client = self._register(user, connect, undo)
        self._signed_urls.check_again(claim)
        self._refuse_if_stopping()
        return client

    async def _admit_by_token(
        self, claim: TokenClaim, connect: Callable[[Identity], Connected], undo: ExitStack
    ) -> Connected:
        holder = await self._tokens.sign_in(claim.token)
        self._take_place(holder.user, undo)
        client = self._register(holder.user, connect, undo)
        self._tokens.watch(client, holder.expires_at)
        return client

    def _take_place(self, user: User, undo: ExitStack) -> None:
        """Take one of the user's places. `undo` frees it. Raise `NotAdmittedError`."""
        if not self._connections.has_room(user.id):
            raise NotAdmittedError(429, "too many connections")
        self._connections.take_place(user.id)
        undo.callback(self._connections.free_place, user.id)
        self._refuse_if_stopping()

    def _register(
        self, user: User, connect: Callable[[Identity], Connected], undo: ExitStack
    ) -> Connected:
        """Make and register the connection. `undo` takes it back."""
        client = connect(Identity(str(uuid4()), user.id, user.name, user.can_host))
        self._connections.add(client)
        undo.callback(self._connections.remove, client)
        return client

    def _refuse_if_stopping(self) -> None:
        if self._is_stopping:
            raise NotAdmittedError(503, "the server is shutting down")
