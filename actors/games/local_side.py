"""The deciding side of a server: signs clients in, and answers what they send.

Edges use it, in this process or over a link (`actors/link/sides.py`).
"""

from actors.games.idempotency import IdempotencyStore
from actors.games.router import Router
from actors.games.signals import Disconnected
from actors.games.signed_urls import SignedUrls
from actors.games.supervisor import Supervisor
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
    ) -> None:
        self._supervisor = supervisor
        self._signed_urls = SignedUrls(services)
        router = Router(services, supervisor, idempotency, version)
        self.receive, self.failed = router.receive, router.failed
        self.admit, self.unregister = self._signed_urls.admit, self._signed_urls.unregister
        self.stop_admitting = self._signed_urls.stop

    async def disconnected(self, client: ClientConnection) -> None:
        """Note that a connection has ended and has every reply."""
        await self._supervisor.disconnected(Disconnected(client))
