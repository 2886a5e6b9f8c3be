"""Signs clients in by their signed URLs, or as guests (contract, section 1, "Connecting").

Theory of operation
===================

An edge has checked the handshake and the origin. A guest needs only a place
(`actors/games/guests.py`). The checks of a signed URL, in this order:

    sign-in      401   the signed URL is wrong, expired or used; the user is disabled
    room         429   the user has `connections_per_user` connections
    shutdown     503   the server is shutting down
    nonce        503   could not be stored
    again        401   the key ended while the nonce was being stored
    shutdown     503

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
"""

import hmac
from collections.abc import Callable
from contextlib import ExitStack
from hashlib import sha256
from uuid import uuid4

from attrs import evolve

from actors.games.guests import GUEST_NAME, Guests
from actors.link.caller import ClientConnection
from actors.link.claim import Claim, Identity, NotAdmittedError
from actors.link.sides import Connected
from actors.services import Services
from game.rights import is_guest
from storage.changes import NonceSpent
from storage.users import User

NO_KEY = "no key"
"""Compared where a user has no key, so that every refusal takes the same work."""


class SignedUrls:
    """Admits the clients of all edges."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._guests = Guests(services.limits)
        self._nonces_in_use: set[tuple[int, str]] = set()
        self._is_stopping = False

    def stop(self) -> None:
        """Refuse new connections: the server is shutting down."""
        self._is_stopping = True

    async def admit(self, claim: Claim, connect: Callable[[Identity], Connected]) -> Connected:
        """Sign a client in. Return its connection, which is registered until `unregister`.

        Raise `NotAdmittedError` and `StorageError`.
        """
        if claim.guest_from is not None:
            return self._admit_guest(claim.guest_from, connect)
        with ExitStack() as undo:
            client = await self._admit(claim, connect, undo)
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
            number = self._guests.take_place(claim.guest_from)
            client = connect(evolve(identity, user_id=number))
            self._services.connections.add(client)
            return client
        user, _ = self._proved(claim)
        if user is None or user.can_host != identity.is_host:
            raise NotAdmittedError(401, "the sign-in has ended")
        client = connect(identity)
        self._services.connections.take_place(user.id)
        self._services.connections.add(client)
        return client

    def unregister(self, client: ClientConnection) -> None:
        """Note that a connection has ended."""
        self._services.connections.remove(client)
        places = self._guests if is_guest(client.user_id) else self._services.connections
        places.free_place(client.user_id)

    def _admit_guest(self, address: str, connect: Callable[[Identity], Connected]) -> Connected:
        self._refuse_if_stopping()
        number = self._guests.take_place(address)
        client = connect(Identity(str(uuid4()), number, GUEST_NAME, is_host=False))
        self._services.connections.add(client)
        return client

    async def _admit(
        self, claim: Claim, connect: Callable[[Identity], Connected], undo: ExitStack
    ) -> Connected:
        """Sign a client in and register its connection. `undo` takes it back."""
        user = self._sign_in(claim)
        connections = self._services.connections
        if not connections.has_room(user.id):
            raise NotAdmittedError(429, "too many connections")
        connections.take_place(user.id)
        undo.callback(connections.free_place, user.id)
        self._refuse_if_stopping()
        await self._spend_nonce(claim)
        client = connect(Identity(str(uuid4()), user.id, user.name, user.can_host))
        connections.add(client)
        undo.callback(connections.remove, client)
        self._check_again(claim)
        self._refuse_if_stopping()
        return client

    def _refuse_if_stopping(self) -> None:
        if self._is_stopping:
            raise NotAdmittedError(503, "the server is shutting down")

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
        user, expires_at = self._proved(claim)
        is_valid = expires_at is None or self._services.clock.now() < expires_at
        return user if is_valid else None

    def _proved(self, claim: Claim) -> tuple[User | None, int | None]:
        """Return the user if the digest is right and the user not disabled, and the key's end."""
        reads = self._services.reads
        user = reads.user_by_id(claim.user_id)
        key, expires_at = reads.session_key_of(claim.user_id) or (NO_KEY, 0)
        proof = sha256(f"{claim.user_id}{claim.nonce}{key}".encode()).hexdigest()
        is_right = hmac.compare_digest(proof.encode(), claim.digest.encode())
        return user if user and is_right and not user.disabled else None, expires_at

    async def _spend_nonce(self, claim: Claim) -> None:
        """Store the nonce, so that the URL opens no second connection, even after a power cut."""
        nonce = (claim.user_id, claim.nonce)
        self._nonces_in_use.add(nonce)
        try:
            await self._services.writer.commit([NonceSpent(*nonce)])
        finally:
            self._nonces_in_use.discard(nonce)
