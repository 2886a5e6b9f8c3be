"""The server: the tasks that run side by side, the order of the start, the order of the stop.

    start   writer -> actors (what was due while the server was down) -> listeners
    stop    listeners -> replies to open requests, refusals of bets that wait for their delay
            -> connections (1001) -> actors -> writer

Files, settings and signals: `toteboard/app.py`.
"""

from collections.abc import Callable, Sequence

import structlog
import trio

from actors.clock import Clock
from actors.commit.writer import Writer
from actors.connections import Connections
from actors.costs import Costs
from actors.edge.closing import GOING_AWAY
from actors.edge.gate import NO_SITE, Site
from actors.fact_watches import FactWatches
from actors.games.bank import Bank
from actors.games.bettors import Bettors
from actors.games.idempotency import IdempotencyStore
from actors.games.local_side import LocalDecidingSide
from actors.games.moderation import Moderation
from actors.games.presence import NO_PRESENCE, Presence
from actors.games.requested_writes import RequestedWrites
from actors.games.source_admins import SourceAdmins
from actors.games.supervisor import Supervisor
from actors.games.tokens import Tokens, VerifiesTokens
from actors.link.sides import EdgeSide
from actors.local_edge import CLOSES_S, Listeners, LocalEdge
from actors.services import Services
from actors.store import Store
from protocol.limits import Limits
from storage.changes import StaleRepliesForgotten
from storage.database import Database
from storage.errors import StorageError
from storage.kept_replies import KEPT_MS
from storage.operator_changes import StaleApiRepliesForgotten
from storage.reads import Reads

log = structlog.get_logger()

REPLIES_S = 4.0
"""How long a stop waits for the replies to open requests."""

TIDY_S = 24 * 3_600

MakeTokenDesk = Callable[[Store, Services], VerifiesTokens]


class Server:
    """All parts of a server. The writer has a database connection of its own.

    `store` performs named writes while `serve` runs, and `edge` has the clients. `reading` is the
    connection for short reads on the event loop. `presence`: for the next leader of a cluster.
    `make_token_desk`: None if sign-in by token is switched off.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        limits: Limits,
        reading: Database,
        writer: Writer,
        version: str,
        presence: Presence = NO_PRESENCE,
        make_token_desk: MakeTokenDesk | None = None,
    ) -> None:
        reads = Reads(reading)
        self.services = Services(
            clock=clock,
            limits=limits,
            reads=reads,
            writer=writer,
            connections=Connections(limits.connections_per_user),
            bank=Bank(reads, clock),
            bettors=Bettors(reads),
            moderation=Moderation(reads, clock),
            source_admins=SourceAdmins(reads),
            counters=writer.counters,
            costs=Costs(limits.cost_limit),
            presence=presence,
            fact_watches=FactWatches(),
        )
        self._version = version
        self.reading = reading
        self.store = Store(self.services)
        self.token_desk = make_token_desk and make_token_desk(self.store, self.services)
        self._idempotency = IdempotencyStore(reads, clock)
        self.edge: EdgeSide | None = None
        self._tokens = Tokens(self.token_desk, clock)

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
        limits, counters = self.services.limits, self.services.counters
        await self.serve_edges(
            lambda side: LocalEdge(side, limits, listeners, site, counters), stop, on_ready
        )

    async def serve_edges(
        self,
        make_edge: Callable[[LocalDecidingSide], EdgeSide],
        stop: trio.Event,
        on_ready: Callable[[], None],
    ) -> None:
        """Decide for the connections of an edge until `stop` is set.

        Call `on_ready` once, unless the stop comes before the edge serves.
        """
        async with trio.open_nursery() as writing:
            writing.start_soon(self.services.writer.run)
            async with trio.open_nursery() as acting:
                supervisor = Supervisor(self.services, acting)
                await supervisor.start()
                acting.start_soon(self._tidy)
                acting.start_soon(self.store.run)
                acting.start_soon(self._tokens.run)
                side = self._deciding_side(supervisor)
                self.edge = make_edge(side)
                async with trio.open_nursery() as serving:
                    if await _starts(self.edge, serving, stop):
                        on_ready()
                    await stop.wait()
                    side.stop_admitting()
                    await self._stop(supervisor, self.edge)
                    serving.cancel_scope.cancel()
                acting.cancel_scope.cancel()
            self.services.writer.stop()

    def outboxes(self) -> Sequence[int]:
        """How many batches wait for each client."""
        return () if self.edge is None else self.edge.outboxes

    def _deciding_side(self, supervisor: Supervisor) -> LocalDecidingSide:
        return LocalDecidingSide(
            self.services,
            supervisor,
            self._idempotency,
            self._version,
            self._tokens,
            RequestedWrites(self.services, self.store),
        )

    async def _stop(self, supervisor: Supervisor, edge: EdgeSide) -> None:
        """Answer the open requests, then close every connection. Both have a time limit."""
        log.info("shutdown", connections=len(self.services.connections.all()))
        edge.stop_reading()
        with trio.move_on_after(REPLIES_S):
            await supervisor.drain()
            await edge.all_answered()
        with trio.move_on_after(CLOSES_S):
            await edge.close_all(GOING_AWAY, "the server stops")

    async def _tidy(self) -> None:
        """Delete stored replies that have expired, once a day."""
        while True:
            now = self.services.clock.now()
            try:
                if self.services.reads.has_stale_replies(now):
                    stale = now - KEPT_MS
                    forgotten = StaleRepliesForgotten(stale), StaleApiRepliesForgotten(stale)
                    await self.services.writer.commit(forgotten)
            except StorageError as error:
                log.error("storage_failed", error=str(error))
            await trio.sleep(TIDY_S)


async def _starts(edge: EdgeSide, serving: trio.Nursery, stop: trio.Event) -> bool:
    """Start an edge. Return whether it serves: a stop does not wait for workers that start."""
    serves = False
    async with trio.open_nursery() as racing:
        racing.start_soon(_cancel_at, stop, racing.cancel_scope)
        await serving.start(edge.run)
        serves = True
        racing.cancel_scope.cancel()
    return serves


async def _cancel_at(stop: trio.Event, scope: trio.CancelScope) -> None:
    await stop.wait()
    scope.cancel()
