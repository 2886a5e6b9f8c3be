"""Connections that are signed in with a token of the operator: they end with the token.

    /?token=JWT --> sign_in --> watch --- at `exp` --> closed (1008, "token expired")
                                 ^  |
                                 |  +--- op 1010 with a fresh token --> renew --+
                                 +----------------------------------------------+

A token may be used for any number of connections until it expires. So clients that reconnect do not
need the operator's login service each time.

`toteboard/tokens/` verifies tokens, because that needs settings and the issuer's keys.
"""

import heapq
from typing import Protocol

import trio
from attrs import frozen

from actors.clock import Clock
from actors.link.caller import POLICY_VIOLATION, ClientConnection
from actors.link.claim import not_signed_in
from game.refusals import Code, Refusal
from storage.users import OperatorError, User
from storage.write import Values

EXPIRED = "token expired"


@frozen
class TokenHolder:
    """The user of a token that was verified, and when the token expires (epoch ms)."""

    user: User
    expires_at: int


class VerifiesTokens(Protocol):
    """Signs users in with the operator's tokens."""

    async def sign_in(self, token: str) -> Values:
        """Return the user's id, name and session key. Raise `OperatorError`, `StorageError`."""

    async def holder(self, token: str, *, only: int | None = None) -> TokenHolder:
        """Return the holder of a token; a user who is new is added.

        Raise `OperatorError` if the token is refused, the user is disabled, or it is another user
        than the one with the id `only`; then nothing has changed. Raise `StorageError`.
        """


class Tokens:
    """Signs in with tokens, and closes the connections whose token expires.

    `desk` is None if sign-in by token is switched off. `run` must be running.
    """

    def __init__(self, desk: VerifiesTokens | None, clock: Clock) -> None:
        self._desk, self._clock = desk, clock
        self._expires_at: dict[ClientConnection, int] = {}
        self._due: dict[int, dict[ClientConnection, None]] = {}
        self._times: list[int] = []
        self._changed = trio.Event()

    async def sign_in(self, token: str) -> TokenHolder:
        """Return the holder of a token. Raise `NotAdmittedError`, `StorageError`."""
        if self._desk is None:
            raise not_signed_in()
        try:
            return await self._desk.holder(token)
        except OperatorError:
            raise not_signed_in() from None

    async def renew(self, client: ClientConnection, token: str) -> int:
        """Let a connection live until a fresh token of its user expires. Return when (epoch ms).

        Raise `Refusal` and `StorageError`. Then the connection keeps its own time.
        """
        if self._desk is None or client not in self._expires_at:
            text = "This connection was not signed in with a token."
            raise Refusal(Code.NOT_AUTHORIZED, text)
        try:
            holder = await self._desk.holder(token, only=client.user_id)
        except OperatorError:
            text = "The token is not accepted for this connection."
            raise Refusal(Code.NOT_AUTHORIZED, text) from None
        if client in self._expires_at:  # it may have ended meanwhile
            self.watch(client, holder.expires_at)
        return holder.expires_at

    def watch(self, client: ClientConnection, expires_at: int) -> None:
        """Close a connection at `expires_at` (epoch ms), in place of an earlier time."""
        self.forget(client)
        self._expires_at[client] = expires_at
        if expires_at not in self._due:
            self._due[expires_at] = {}
            heapq.heappush(self._times, expires_at)
            self._changed.set()
        self._due[expires_at][client] = None

    def forget(self, client: ClientConnection) -> None:
        """Note that a connection has ended, if it was signed in with a token."""
        expires_at = self._expires_at.pop(client, None)
        if expires_at is not None:
            self._due.get(expires_at, {}).pop(client, None)

    async def run(self) -> None:
        """Close connections when their tokens expire, until cancelled."""
        while True:
            self._changed = trio.Event()
            self._close_expired()
            with trio.move_on_at(self._clock.deadline(self._times[0] if self._times else None)):
                await self._changed.wait()

    def _close_expired(self) -> None:
        now = self._clock.now()
        while self._times and self._times[0] <= now:
            for client in self._due.pop(heapq.heappop(self._times)):
                client.close(POLICY_VIOLATION, EXPIRED)
