"""The server: the tasks that run side by side, the order of the start, the order of the stop.

    start   writer -> actors (what was due while the server was down) -> listeners
    stop    listeners -> replies to open requests -> connections (1001) -> actors -> writer

Files, settings and signals: `toteboard/app.py`.
"""

from collections.abc import Callable, Sequence
from functools import partial

import structlog
import trio

from actors.clock import Clock
from actors.commit.writer import Writer
from actors.connections import Connections
from actors.edge.admission import Admission
from actors.edge.closing import GOING_AWAY
from actors.edge.connection import Connection
from actors.edge.gate import NO_SITE, Gate, Site
from actors.edge.heartbeat import Heartbeat
from actors.edge.socket_reader import SocketReader
from actors.games.bank import Bank
from actors.games.costs import Costs
from actors.games.idempotency import IdempotencyStore
from actors.games.router import Router
from actors.games.signals import Disconnected
from actors.games.source_admins import SourceAdmins
from actors.games.supervisor import Supervisor, survive, survive_message
from actors.services import Services
from actors.store import Store
from protocol.limits import Limits
from storage.changes import StaleRepliesForgotten
from storage.database import Database
from storage.errors import StorageError
from storage.kept_replies import KEPT_MS
from storage.reads import Reads

log = structlog.get_logger()

Listeners = Sequence[trio.abc.Listener[trio.abc.Stream]]

REPLIES_S = 4.0
"""How long a stop waits for the replies to open requests."""

CLOSES_S = 4.0
"""How long a stop waits for the connections to close."""

TIDY_S = 24 * 3_600


class Server:
    """All parts of a server. The writer has a database connection of its own.

    `store` performs named writes while `serve` runs.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        limits: Limits,
        reading: Database,
        writer: Writer,
        version: str,
    ) -> None:
        reads = Reads(reading)
        self.services = Services(
            clock=clock,
            limits=limits,
            reads=reads,
            writer=writer,
            connections=Connections(limits.connections_per_user),
            bank=Bank(reads),
            source_admins=SourceAdmins(reads),
            counters=writer.counters,
            costs=Costs(limits.cost_limit),
        )
        self._version = version
        self.store = Store(self.services)
        self._idempotency = IdempotencyStore(reads, clock)

    async def serve(
        self,
        listeners: Listeners,
        stop: trio.Event,
        on_ready: Callable[[], None],
        site: Site = NO_SITE,
    ) -> None:
        """Serve the connections of the listeners until `stop` is set. Call `on_ready` once.

        HTTP requests other than a WebSocket handshake go to `site`.
        """
        async with trio.open_nursery() as writing:
            writing.start_soon(self.services.writer.run)
            async with trio.open_nursery() as acting:
                supervisor = Supervisor(self.services, acting)
                await supervisor.start()
                acting.start_soon(self._tidy)
                reader = SocketReader()
                acting.start_soon(reader.run)  # it must outlive the connections
                admission = self._admission(supervisor, reader)
                await self._receive(supervisor, admission, site, listeners, stop, on_ready)
                acting.cancel_scope.cancel()
            self.services.writer.stop()

    async def _receive(
        self,
        supervisor: Supervisor,
        admission: Admission,
        site: Site,
        listeners: Listeners,
        stop: trio.Event,
        on_ready: Callable[[], None],
    ) -> None:
        async with trio.open_nursery() as connections:
            connections.start_soon(admission.heartbeat.run)
            async with trio.open_nursery() as listening:
                receive = partial(survive, self._gate(admission, site).receive)
                listening.start_soon(
                    partial(trio.serve_listeners, handler_nursery=connections), receive, listeners
                )
                on_ready()
                await stop.wait()
                log.info("shutdown", connections=len(self.services.connections.all()))
                admission.stop()
                listening.cancel_scope.cancel()
            await self._close_connections(supervisor, site)
            connections.cancel_scope.cancel()

    def _gate(self, admission: Admission, site: Site) -> Gate:
        return Gate(
            head_timeout_s=self.services.limits.handshake_timeout / 1_000,
            on_request=site.serve,
            on_websocket=admission.receive,
        )

    def _admission(self, supervisor: Supervisor, reader: SocketReader) -> Admission:
        router = Router(self.services, supervisor, self._idempotency, self._version)
        heartbeat = Heartbeat(self.services.limits.ping_interval / 1_000)

        async def on_disconnect(connection: Connection) -> None:
            await supervisor.disconnected(Disconnected(connection))

        on_message = partial(survive_message, router.receive, router.failed)
        return Admission(self.services, on_message, reader, heartbeat, on_disconnect)

    async def _close_connections(self, supervisor: Supervisor, site: Site) -> None:
        """Answer the open requests, then close every connection. Both have a time limit."""
        connections = self.services.connections
        for connection in connections.all():
            connection.stop_reading()
        with trio.move_on_after(REPLIES_S):
            await supervisor.drain()
            for connection in connections.all():
                await connection.wait_until_idle()
            await site.all_answered()
        for connection in connections.all():
            connection.close(GOING_AWAY, "the server stops")
        with trio.move_on_after(CLOSES_S):
            await connections.empty()

    async def _tidy(self) -> None:
        """Delete stored replies that have expired, once a day."""
        while True:
            now = self.services.clock.now()
            try:
                if self.services.reads.has_stale_replies(now):
                    await self.services.writer.commit([StaleRepliesForgotten(now - KEPT_MS)])
            except StorageError as error:
                log.error("storage_failed", error=str(error))
            await trio.sleep(TIDY_S)
