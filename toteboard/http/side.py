"""The HTTP side put together, from settings to a task (`toteboard/app.py` runs it)."""

import ssl
from collections.abc import Sequence
from pathlib import Path

import trio

from actors.services import Services
from storage.database import Database
from toteboard.http.accounts import Accounts
from toteboard.http.addresses import Addresses
from toteboard.http.health import Health
from toteboard.http.page import PAGE
from toteboard.http.serving import serve
from toteboard.http.site import Rooms, site
from toteboard.metrics import Metrics
from toteboard.settings import Settings


class HttpSide:
    """All of it. `counting`: a database connection for metrics; `stop`: set when it begins to."""

    def __init__(
        self,
        settings: Settings,
        services: Services,
        counting: Database,
        stop: trio.Event,
        page: Path = PAGE,
    ) -> None:
        self._settings = settings
        self._page = page
        self.health = Health(services.writer, services.troubles, stop)
        self._accounts = Accounts(services, self.health, has_signup=settings.signup)
        self._metrics = Metrics(services, counting)

    async def run(
        self,
        listeners: Sequence[trio.SocketListener],
        websocket_port: int,
        tls: ssl.SSLContext | None,
        over: trio.Event,
        task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
    ) -> None:
        """Serve until `over` is set. Browsers are sent to `websocket_port`."""
        settings = self._settings
        await self._accounts.passwords.prepare()
        rooms = Rooms(
            accounts=self._accounts,
            addresses=Addresses(
                settings.host, websocket_port, tls is not None, settings.public_url
            ),
            health=self.health,
            metrics=self._metrics,
            has_signup=settings.signup,
            page=self._page,
        )
        origins = settings.limits.allowed_origins
        app = site(rooms, allowed_origins=origins, trusted_hops=settings.trusted_hops)
        task_status.started()
        await serve(app, listeners, tls, over)
