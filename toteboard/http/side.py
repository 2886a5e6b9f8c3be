"""HTTP put together from the settings: the services of the public port and the operator port.

`toteboard/app.py` opens the ports and runs this.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import trio
from prometheus_client.registry import Collector

from actors.edge.accept_loop import accept_all
from actors.edge.gate import Gate
from actors.local_edge import Listeners
from actors.server import Server
from actors.survival import survive
from storage.database import Database
from toteboard import __version__
from toteboard.api.books import EXPORT_S
from toteboard.api.desk import READS_AT_ONCE, Desk, ListsNodes
from toteboard.api.site import ApiSite
from toteboard.http.account_service import LocalAccountService
from toteboard.http.accounts import Accounts
from toteboard.http.cluster_view import ALONE, ClusterView
from toteboard.http.health import IS_READY, Health, Trouble
from toteboard.http.operator_site import operator_site
from toteboard.http.page import PAGE_FOLDER
from toteboard.http.serving import HttpService
from toteboard.http.site import HEALTH, addresses_of, public_service
from toteboard.metrics import Metrics
from toteboard.settings import Settings
from toteboard.tokens.key_sources import KeySource

EVERYTHING: Final = (*HEALTH, b"/metrics")


class HttpSide:
    """The HTTP of a deciding process.

    `counting` is a database connection for metrics, `stop` is set when the server begins to stop.
    `/readyz` asks the `troubles` in order. `keys`: those of tokens, if they are switched on.
    `cluster`: what a node of a cluster adds. `collectors` have metrics of their own. `service` and
    `api` are for other processes too.
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
        operator_url: str | None = None,
        keys: KeySource | None = None,
        cluster: ClusterView = ALONE,
        collectors: Sequence[Collector] = (),
    ) -> None:
        services, limits = server.services, settings.limits
        troubles = (*troubles, *cluster.troubles)
        self.health = Health(services.writer, stop, troubles, cluster.warnings)
        self._keys = keys
        self.service = LocalAccountService(server.store, server.token_desk)
        self._accounts = Accounts(
            self.service, services.reads, limits, self.health, has_signup=settings.signup
        )
        self.public = public_service(settings, self._accounts, self.health, public_port, page)
        nodes = cluster.nodes or partial(_alone, self.health)
        self.api = ApiSite(_desk(settings, server, nodes), self.health, operator_url)
        operator = HttpService(
            operator_site(
                self.health,
                Metrics(services, counting, server.outboxes, (*cluster.metrics, *collectors)),
                addresses_of(settings, public_port),
                cluster.forward(self.api),
            ),
            always=EVERYTHING,
            per_address=0,
            trusted_hops=0,
            exchange_s=EXPORT_S,
            is_throttled=False,
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
            if self._keys is not None:
                nursery.start_soon(self._keys.run)
            receive = partial(survive, self._operator_gate.receive, event="http_failed")
            nursery.start_soon(accept_all, operator_listeners, partial(nursery.start_soon, receive))
            task_status.started()


async def _alone(health: Health) -> dict[str, Any]:
    """Return the answer of GET /v1/nodes for a server that belongs to no cluster."""
    is_ready = await health.status() == IS_READY
    of_a_cluster = dict.fromkeys(("address", "applied", "skew_ms"))
    node = {**of_a_cluster, "role": "single", "version": __version__, "ready": is_ready}
    return {"cluster": None, "epoch": None, "log": None, "nodes": [node]}


def _desk(settings: Settings, server: Server, nodes: ListsNodes) -> Desk:
    return Desk(
        server.store,
        server.reading,
        Path(settings.database),
        settings.limits,
        trio.CapacityLimiter(READS_AT_ONCE),
        server.services.clock.now,
        nodes,
    )
