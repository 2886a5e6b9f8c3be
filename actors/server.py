"""The server as a whole: what runs beside what, what starts first and what stops last.

Start: writer, actors (what fell due first), listeners last. Stop: listeners, what was asked is
answered, connections are closed with 1001, the writer. Files, settings and signals are
`toteboard/app.py`.
"""

from collections.abc import Callable, Sequence
from functools import partial

import structlog
import trio

from actors.actor import Departed
from actors.answers import Answers
from actors.bank import Bank
from actors.clock import Clock
from actors.connection import GOING_AWAY, Connection
from actors.costs import Costs
from actors.door import Door
from actors.gate import NO_SITE, Gate, Site
from actors.heartbeat import Heartbeat
from actors.lobby import Lobby
from actors.operator_desk import OperatorDesk
from actors.reader import Reader
from actors.router import Router
from actors.services import Services
from actors.supervisor import Supervisor, survive, survive_at_once
from actors.writer import Writer
from game.limits import Limits
from storage.answers import KEPT_MS, has_stale_answers
from storage.changes import StaleAnswersForgotten
from storage.database import Database
from storage.errors import StorageError

log = structlog.get_logger()

Listeners = Sequence[trio.abc.Listener[trio.abc.Stream]]

ANSWERING_S = 4.0
"""How long a server that stops waits for its actors, and again for its connections."""
GOODBYES_S = 4.0
TIDY_S = 24 * 3_600


class Server:
    """Everything that waits, put together. The writer has a database connection of its own.

    `desk` does what operators ask for, as long as `serve` runs.
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
            lobby=Lobby(limits.connections_per_user),
            bank=Bank(reading),
            tally=writer.tally,
            costs=Costs(limits.cost_limit),
        )
        self._version = version
        self.desk = OperatorDesk(self.services)
        self._answers = Answers(reading, clock)

    async def serve(
        self,
        listeners: Listeners,
        stop: trio.Event,
        on_ready: Callable[[], None],
        site: Site = NO_SITE,
    ) -> None:
        """Serve what the listeners accept until `stop` is set.

        A request that is no WebSocket's goes to `site`.
        """
        async with trio.open_nursery() as writing:
            writing.start_soon(self.services.writer.run)
            async with trio.open_nursery() as acting:
                supervisor = Supervisor(self.services, acting)
                await supervisor.start()
                acting.start_soon(self._tidy)
                reader = Reader()
                acting.start_soon(reader.run)  # for longer than there are connections
                door = self._door(supervisor, reader)
                await self._receive(supervisor, door, site, listeners, stop, on_ready)
                acting.cancel_scope.cancel()
            self.services.writer.stop()

    async def _receive(
        self,
        supervisor: Supervisor,
        door: Door,
        site: Site,
        listeners: Listeners,
        stop: trio.Event,
        on_ready: Callable[[], None],
    ) -> None:
        async with trio.open_nursery() as connections:
            connections.start_soon(door.heartbeat.run)
            async with trio.open_nursery() as listening:
                receive = partial(survive, self._gate(door, site).receive)
                listening.start_soon(
                    partial(trio.serve_listeners, handler_nursery=connections), receive, listeners
                )
                on_ready()
                await stop.wait()
                log.info("shutdown", connections=len(self.services.lobby.everyone()))
                door.shut()
                listening.cancel_scope.cancel()
            await self._say_goodbye(supervisor, site)
            connections.cancel_scope.cancel()

    def _gate(self, door: Door, site: Site) -> Gate:
        return Gate(
            head_timeout_s=self.services.limits.handshake_timeout / 1_000,
            on_request=site.serve,
            on_websocket=door.receive,
        )

    def _door(self, supervisor: Supervisor, reader: Reader) -> Door:
        router = Router(self.services, supervisor, self._answers, self._version)
        heartbeat = Heartbeat(self.services.limits.ping_interval / 1_000)

        async def on_departure(connection: Connection) -> None:
            await supervisor.departed(Departed(connection))

        listen = partial(survive_at_once, router.take, router.failed)
        return Door(self.services, listen, reader, heartbeat, on_departure)

    async def _say_goodbye(self, supervisor: Supervisor, site: Site) -> None:
        """Answer what was asked, then close every connection, neither for ever."""
        lobby = self.services.lobby
        for connection in lobby.everyone():
            connection.stop_listening()
        with trio.move_on_after(ANSWERING_S):
            await supervisor.drain()
            for connection in lobby.everyone():
                await connection.all_answered()
            await site.all_answered()
        for connection in lobby.everyone():
            connection.close(GOING_AWAY, "the server stops")
        with trio.move_on_after(GOODBYES_S):
            await lobby.empty()

    async def _tidy(self) -> None:
        """Forget replies that no longer count."""
        while True:
            now = self.services.clock.now()
            try:
                if has_stale_answers(self.services.database, now):
                    await self.services.writer.commit([StaleAnswersForgotten(now - KEPT_MS)])
            except StorageError as error:
                log.error("storage_failed", error=str(error))
            await trio.sleep(TIDY_S)
