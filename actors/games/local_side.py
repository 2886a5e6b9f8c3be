"""The deciding side of a server: signs clients in, and answers what they send.

Edges use it, in this process or over a link (`actors/link/sides.py`).
"""

from actors.games.idempotency import IdempotencyStore
from actors.games.requested_writes import RequestedWrites
from actors.games.router import Router
from actors.games.sign_ins import SignIns
from actors.games.signals import Disconnected
from actors.games.supervisor import Supervisor
from actors.games.tokens import Tokens
from actors.link.caller import ClientConnection
from actors.services import Services


class LocalDecidingSide:
    """A `DecidingSide` in this process."""

    def __init__(
        self,
        services: Services,
        supervisor: Supervisor,
        idempotency: IdempotencyStore,
        version: str,
        tokens: Tokens,
        writes: RequestedWrites,
    ) -> None:
        self._supervisor = supervisor
        self._sign_ins = SignIns(services, tokens)
        router = Router(services, supervisor, idempotency, version, tokens, writes)
        self.receive, self.failed = router.receive, router.failed
        self.admit, self.unregister = self._sign_ins.admit, self._sign_ins.unregister
        self.stop_admitting = self._sign_ins.stop

    async def disconnected(self, client: ClientConnection) -> None:
        """Note that a connection has ended and has every reply."""
        await self._supervisor.disconnected(Disconnected(client))
