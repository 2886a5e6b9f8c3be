"""The edge of a worker: at the other end of its link is the deciding side.

                     WorkerSettings
    link opened -----------------> prepare --- Hello ---> serving
                                      |                     |
                                      | CannotServe, end    |
                                                            |
              StopReading ................................. | read no more, ReadingStopped
              CloseConnections ............................ | close all, send what waits, end
              the link ends ............................... | close all with 1012, end

`prepare` makes what the edge needs from its settings: listeners, a site, limits.
"""

from collections.abc import Awaitable, Callable

import orjson
import trio
from attrs import frozen

from actors.clock import Clock
from actors.counters import Counters
from actors.edge.gate import Site
from actors.edge.remote_side import RemoteDecidingSide
from actors.link.caller import SERVICE_RESTARTS, Continuation
from actors.link.calls import LinkCalls
from actors.link.carrier import StreamLink
from actors.link.messages import (
    VERSION,
    CannotServe,
    CloseConnections,
    EdgeReport,
    Hello,
    LinkMessage,
    LogLines,
    Readiness,
    ReadingStopped,
    StopReading,
    WorkerSettings,
)
from actors.local_edge import CLOSES_S, Listeners, LocalEdge
from protocol.limits import Limits

REPORT_S = 1.0
"""How often the counts of this process are sent to the deciding process."""


class CannotServeError(Exception):
    """An edge cannot serve with its settings. The text is one line for a person."""


@frozen(kw_only=True)
class EdgeSetup:
    """What an edge serves, and within which limits."""

    listeners: Listeners
    site: Site
    limits: Limits
    clock: Clock
    version: str


class WorkerEdge:
    """One edge, from the beginning of its link to the end. `number` is that of the worker.

    `calls` asks the deciding side, and `edge` has the clients once it serves. `prepare` may raise
    `CannotServeError`.
    """

    def __init__(
        self,
        number: int,
        stream: trio.abc.Stream,
        prepare: Callable[["WorkerEdge", WorkerSettings], Awaitable[EdgeSetup]],
        on_readiness: Callable[[Readiness], None],
    ) -> None:
        self.number = number
        self._prepare, self._on_readiness = prepare, on_readiness
        self._link = StreamLink(stream)
        self.calls = LinkCalls(self._link)
        self._side: RemoteDecidingSide | None = None
        self._counters = Counters()
        self._settings: WorkerSettings | None = None
        self._has_settings = trio.Event()
        self.edge: LocalEdge | None = None
        self._site: Site | None = None

    @property
    def heard_at(self) -> float:
        """When the deciding process last sent anything, in trio's time."""
        return self._link.heard_at

    def send_lines(self, lines: bytes) -> None:
        """Send log lines to the deciding process, which writes them."""
        self._link.send(LogLines(lines))

    async def run(self) -> None:
        """Serve until the link has ended."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            nursery.start_soon(self._run_link)
            await self._has_settings.wait()
            assert self._settings is not None
            try:
                prepared = await self._prepare(self, self._settings)
            except CannotServeError as error:
                self._link.send(CannotServe(str(error)))
                self._link.finish()
            else:
                await self._serve(prepared)

    async def _serve(self, prepared: EdgeSetup) -> None:
        self._site = prepared.site
        self._side = RemoteDecidingSide(
            self._link,
            self.calls,
            prepared.clock,
            self._counters,
            prepared.limits,
            prepared.version,
        )
        self.edge = LocalEdge(
            self._side, prepared.limits, prepared.listeners, prepared.site, self._counters
        )
        await self._nursery.start(self.edge.run)
        self._link.send(Hello(VERSION, self.number))
        while True:
            await trio.sleep(REPORT_S)
            self._report(self.edge)

    async def _run_link(self) -> None:
        await self._link.run(self._on_message)
        self.calls.ended()
        await self._close(SERVICE_RESTARTS, "the server restarts")
        self._nursery.cancel_scope.cancel()

    def _on_message(self, message: LinkMessage) -> Continuation | None:
        match message:
            case WorkerSettings():
                self._settings = message
                self._has_settings.set()
            case Readiness():
                self._on_readiness(message)
            case StopReading():
                self._nursery.start_soon(self._stop_reading)
            case CloseConnections(code=code, reason=reason):
                self._nursery.start_soon(self._close_and_end, code, reason)
            case _ if self._side is not None:
                return self._side.on_message(message)
        return None

    def _report(self, edge: LocalEdge) -> None:
        outboxes = [each for each in edge.outboxes if each]
        report = {"outboxes": outboxes, "counted": self._counters.take()}
        self._link.send(EdgeReport(orjson.dumps(report)))

    async def _stop_reading(self) -> None:
        if self.edge is not None and self._site is not None:
            self.edge.stop_reading()
            await self._site.all_answered()
        self._link.send(ReadingStopped())

    async def _close_and_end(self, code: int, reason: str) -> None:
        await self._close(code, reason)
        if self.edge is not None:
            self._report(self.edge)
        self._link.finish()

    async def _close(self, code: int, reason: str) -> None:
        if self.edge is not None:
            self.edge.stop_accepting()
            with trio.move_on_after(CLOSES_S):
                await self.edge.close_all(code, reason)
