"""The deciding side of a server: signs clients in, and answers what they send.

Edges use it, in this process or over a link (`actors/link/sides.py`).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from actors.games.idempotency import IdempotencyStore
from actors.games.requested_writes import RequestedWrites
from actors.games.router import Router
from actors.games.sign_ins import SignIns
from actors.games.signals import Disconnected, Returned
from actors.games.supervisor import Supervisor
from actors.games.tokens import Tokens
from actors.link.caller import ClientConnection
from actors.link.claim import Claim, Identity
from actors.link.encoded_message import encode, single
from actors.link.sides import Connected
from actors.services import Services
from protocol.pool_messages import balance_update

LATELY_MS: Final = 60_000
"""Longer than an edge keeps its clients without a leader."""


class LocalDecidingSide:
    """A `ReturningSide` in this process."""

    def __init__(
        self,
        services: Services,
        supervisor: Supervisor,
        idempotency: IdempotencyStore,
        version: str,
        tokens: Tokens,
        writes: RequestedWrites,
    ) -> None:
        self._services, self._supervisor = services, supervisor
        self._sign_ins = SignIns(services, tokens)
        router = Router(services, supervisor, idempotency, version, tokens, writes)
        self.receive, self.failed = router.receive, router.failed
        self.admit, self.unregister = self._sign_ins.admit, self._sign_ins.unregister
        self.stop_admitting = self._sign_ins.stop

    async def disconnected(self, client: ClientConnection) -> None:
        """Note that a connection has ended and has every reply."""
        await self._supervisor.disconnected(Disconnected(client))

    def readmit(
        self, claim: Claim, identity: Identity, connect: Callable[[Identity], Connected]
    ) -> Connected:
        """Register a client that had signed in. Return its connection.

        Raise `NotAdmittedError` if its sign-in has ended meanwhile, and `StorageError`.
        """
        return self._sign_ins.readmit(claim, identity, connect)

    def resume_balances(self, client: ClientConnection) -> None:
        """Send a client that came back its balances that have changed lately: it may not know.

        Raise `StorageError`.
        """
        now = self._services.clock.now()
        for entry in self._services.reads.recent_entries(client.user_id, now - LATELY_MS):
            where = {key: entry[key] for key in ("pool_id", "game_id") if entry[key] is not None}
            balance = entry["current"], entry["available"], entry["cause"]
            client.send(single(encode(balance_update(entry["currency"], *balance, **where), now)))

    async def rejoin(
        self,
        game_id: str,
        members: Sequence[tuple[ClientConnection, int]],
        present: Mapping[int, str],
    ) -> None:
        """Send members of a game what they missed after these positions; they are members again.

        `present`: the users who were in the game as far as the members were told.
        A connection for which that is not possible is closed (1012).
        """
        await self._supervisor.rejoin(game_id, Returned(members, present))

    async def forget_absent(self) -> None:
        """Expect no more users of the former leader: those who have not come back have left."""
        await self._supervisor.forget_absent()
