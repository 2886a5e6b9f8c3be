"""The server: the tasks that run side by side, the order of the start, the order of the stop.

    start   writer -> actors (what was due while the server was down) -> listeners
    stop    listeners -> replies to what was asked -> connections (1001) -> actors -> writer

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
from actors.edge.connection import GOING_AWAY, Connection
from actors.edge.gate import NO_SITE, Gate, Site
from actors.edge.heartbeat import Heartbeat
from actors.edge.socket_reader import SocketReader
from actors.games.bank import Bank
from actors.games.costs import Costs
from actors.games.idempotency import IdempotencyStore
from actors.games.router import Router
from actors.games.signals import Disconnected
from actors.games.supervisor import Supervisor, survive, survive_message
from actors.operator_desk import OperatorDesk
from actors.services import Services
from game.limits import Limits
from storage.changes import StaleRepliesForgotten
from storage.database import Database
from storage.errors import StorageError
from storage.kept_replies import KEPT_MS, has_stale_replies

log = structlog.get_logger()

Listeners = Sequence[trio.abc.Listener[trio.abc.Stream]]

REPLIES_S = 4.0
"""How long a stop waits for the replies to what was asked."""

CLOSES_S = 4.0
"""How long a stop waits for the connections to close."""

TIDY_S = 24 * 3_600


class Server:
    """All parts of a server. The writer has a database connection of its own.

    `desk` executes the requests of operators while `serve` runs.
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
        self.services = Services(
            clock=clock,
            limits=limits,
            database=reading,
            writer=writer,
            connections=Connections(limits.connections_per_user),
            bank=Bank(reading),
            counters=writer.counters,
            costs=Costs(limits.cost_limit),
        )
        self._version = version
        self.desk = OperatorDesk(self.services)
        self._idempotency = IdempotencyStore(reading, clock)

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
                admission = self._make_admission(supervisor, reader)
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
                receive = partial(survive, self._make_gate(admission, site).receive)
                listening.start_soon(
                    partial(trio.serve_listeners, handler_nursery=connections), receive, listeners
                )
                on_ready()
                await stop.wait()
                log.info("shutdown", connections=len(self.services.connections.all()))
                admission.shut()
                listening.cancel_scope.cancel()
            await self._close_connections(supervisor, site)
            connections.cancel_scope.cancel()

    def _make_gate(self, admission: Admission, site: Site) -> Gate:
        return Gate(
            head_timeout_s=self.services.limits.handshake_timeout / 1_000,
            on_request=site.serve,
            on_websocket=admission.receive,
        )

    def _make_admission(self, supervisor: Supervisor, reader: SocketReader) -> Admission:
        router = Router(self.services, supervisor, self._idempotency, self._version)
        heartbeat = Heartbeat(self.services.limits.ping_interval / 1_000)

        async def on_disconnect(connection: Connection) -> None:
            await supervisor.disconnected(Disconnected(connection))

        receive = partial(survive_message, router.receive, router.failed)
        return Admission(self.services, receive, reader, heartbeat, on_disconnect)

    async def _close_connections(self, supervisor: Supervisor, site: Site) -> None:
        """Answer what was asked, then close every connection. Both have a time limit."""
        connections = self.services.connections
        for connection in connections.all():
            connection.stop_listening()
        with trio.move_on_after(REPLIES_S):
            await supervisor.drain()
            for connection in connections.all():
                await connection.all_answered()
            await site.all_answered()
        for connection in connections.all():
            connection.close(GOING_AWAY, "the server is shutting down")
        with trio.move_on_after(CLOSES_S):
            await connections.empty()

    async def _tidy(self) -> None:
        """Delete stored replies that have expired, once a day."""
        while True:
            now = self.services.clock.now()
            try:
                if has_stale_replies(self.services.database, now):
                    await self.services.writer.commit([StaleRepliesForgotten(now - KEPT_MS)])
            except StorageError as error:
                log.error("storage_failed", error=str(error))
            await trio.sleep(TIDY_S)
