"""HTTP put together from the settings: the services of the public port and the operator port.

`toteboard/app.py` opens the ports and runs this.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

import trio

from actors.edge.accept_loop import accept_all
from actors.edge.gate import Gate
from actors.local_edge import Listeners
from actors.server import Server
from actors.survival import survive
from storage.database import Database
from toteboard.http.account_service import LocalAccountService
from toteboard.http.accounts import Accounts
from toteboard.http.health import Health, Trouble
from toteboard.http.operator_site import operator_site
from toteboard.http.page import PAGE_FOLDER
from toteboard.http.serving import HttpService
from toteboard.http.site import HEALTH, addresses_of, public_service
from toteboard.metrics import Metrics
from toteboard.settings import Settings

EVERYTHING: Final = (*HEALTH, b"/metrics")


class HttpSide:
    """The HTTP of a deciding process.

    `counting` is a database connection for metrics, `stop` is set when the server begins to stop.
    `/readyz` asks the `troubles` in order. `service` is for the accounts, also of workers.
    """

    def __init__(
        self,
        settings: Settings,
        server: Server,
        counting: Database,
        stop: trio.Event,
        public_port: int,
        page: Path = PAGE_FOLDER,
        troubles: Sequence[Trouble] = (),
    ) -> None:
        services, limits = server.services, settings.limits
        self.health = Health(services.writer, stop, troubles)
        self.service = LocalAccountService(server.store)
        self._accounts = Accounts(
            self.service, services.reads, limits, self.health, has_signup=settings.signup
        )
        self.public = public_service(settings, self._accounts, self.health, public_port, page)
        operator = HttpService(
            operator_site(
                self.health,
                Metrics(services, counting, server.outboxes),
                addresses_of(settings, public_port),
            ),
            always=EVERYTHING,
            per_address=limits.http_connections_per_address,
            trusted_hops=0,
        )
        self._operator_gate = Gate(
            head_timeout_s=limits.handshake_timeout / 1_000, on_request=operator.serve
        )

    async def run(
        self,
        operator_listeners: Listeners,
        task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
    ) -> None:
        """Serve the operator port, and run the tasks of both ports, until cancelled."""
        await self._accounts.passwords.prepare()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self.health.run)
            receive = partial(survive, self._operator_gate.receive, event="http_failed")
            nursery.start_soon(accept_all, operator_listeners, partial(nursery.start_soon, receive))
            task_status.started()
