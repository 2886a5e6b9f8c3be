"""`toteboard serve --cluster`: a server whose role changes (`actors/cluster/node.py`).

Each role is a server of its own, with new state: `serve` while this node leads, and while it
follows a server that reads the file and decides nothing. The files, the listening sockets and the
engine's session stay. This module is imported for nodes alone, because the engine's client is an
extra.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any, NoReturn, Self
from uuid import uuid4

import trio
from attrs import evolve

from actors.clock import FlooredClock, SystemClock, WatchedClock, elapsed_s
from actors.cluster.node import Node, Term
from actors.cluster.upkeep import Upkeep
from actors.commit.disk_thread import disk_thread
from actors.commit.writer import Writer, inline
from actors.edge.connection import Connection
from actors.link.caller import Continuation
from actors.local_edge import LocalEdge
from actors.server import Server
from storage.cluster.engine import ClusterEngine
from storage.cluster.following import FollowingDatabase
from storage.cluster.nodes import NodeReport
from storage.errors import StorageError
from storage.membership import cluster_of_file
from storage.migrations import latest_version
from storage.write import Values, Write
from toteboard import __version__
from toteboard.cluster_metrics import ClusterMetrics
from toteboard.http.account_service import PerformsWrites
from toteboard.http.cluster_view import ClusterView
from toteboard.http.side import HttpSide
from toteboard.operator.control import controlled
from toteboard.ports import Ports, Sockets, announce, operator_url
from toteboard.process import Process, secured

Serve = Callable[[Process, Ports, trio.Event, Writer, WatchedClock], Awaitable[None]]


class NodeProcess:
    """A node with its sockets. `serve` runs a server that decides until an event is set."""

    def __init__(
        self,
        process: Process,
        sockets: Sockets,
        serve: Serve,
        clock: SystemClock,
        node: Node,
        upkeep: Upkeep,
    ) -> None:
        self._sockets, self._serve = sockets, serve
        self._clock, self._node, self._upkeep = clock, node, upkeep
        self._store = RoleStore()
        view = ClusterView(
            (node.trouble, self._leader_elsewhere),
            lambda: upkeep.unsafe,
            [ClusterMetrics(node, upkeep)],
        )
        self._process = evolve(process, control=self._store.used, cluster=view)

    @classmethod
    @contextmanager
    def opened(cls, process: Process, sockets: Sockets, serve: Serve) -> Iterator[Self]:
        """Make a node for the files of a process, with a session of the engine for the block."""
        settings, files = process.settings, process.files
        url, address = settings.cluster or "", settings.node_address or ""
        cluster = cluster_of_file(Path(settings.database)) or ""
        report = NodeReport(str(uuid4()), address, __version__, latest_version(), 0)
        with (
            closing(ClusterEngine(url, cluster)) as engine,
            disk_thread() as engine_thread,
        ):
            clock = SystemClock(settings.clock_patience)
            off_loop = files.disk.perform, engine_thread.perform
            node = Node(files.writing, engine, report, clock, elapsed_s, *off_loop)
            upkeep = Upkeep(node, engine, node.thread, clock, settings.cluster_keep)
            yield cls(process, sockets, serve, clock, node, upkeep)

    async def run(self, stop: trio.Event) -> None:
        """Live until `stop` is set. Raise DatabaseUnusableError."""
        path, commands = Path(self._process.settings.database), self._node.commands.perform
        async with trio.open_nursery() as nursery, controlled(path, self._store, commands):
            nursery.start_soon(self._clock.watch)
            nursery.start_soon(self._upkeep.run)
            await self._node.run(stop, self._follow, self._lead)
            nursery.cancel_scope.cancel()

    async def _lead(self, term: Term) -> None:
        clock = FlooredClock(self._clock, term.since)

        async def off_loop(work: Callable[..., Any], *arguments: Any) -> Any:
            term.database.at = clock.now()
            return await self._process.files.disk.perform(work, *arguments)

        writer = Writer(term.database, off_loop=off_loop)
        await self._serve(self._process, self._sockets.ports(), term.stop, writer, clock)

    async def _follow(self) -> None:
        """Serve what needs no decision, until cancelled: health, metrics, the page."""
        settings, files, ports = self._process.settings, self._process.files, self._sockets.ports()
        reading = FollowingDatabase(files.reading)
        server = Server(
            clock=self._clock,
            limits=settings.limits,
            reading=reading,
            writer=Writer(reading, off_loop=inline),
            version=__version__,
        )
        side = HttpSide(
            settings,
            server,
            files.counting,
            trio.Event(),
            ports.port,
            operator_url=operator_url(settings, ports),
            keys=self._process.keys,
            cluster=self._process.cluster,
        )
        edge = LocalEdge(
            NobodyDecides(),
            settings.limits,
            secured(ports.public, ports.tls),
            side.public,
            server.services.counters,
        )
        async with trio.open_nursery() as nursery:
            await nursery.start(side.run, ports.operator)
            await nursery.start(edge.run)
            side.health.started()
            announce(settings, ports)
            await trio.sleep_forever()

    def _leader_elsewhere(self) -> str | None:
        leader = self._node.leadership.leader
        return None if leader is None or leader.is_here else f"{leader.address} leads"


class RoleStore:
    """The store of the present role. The control socket of a node outlives its roles."""

    def __init__(self) -> None:
        self._store: PerformsWrites | None = None

    @asynccontextmanager
    async def used(self, store: PerformsWrites) -> AsyncIterator[None]:
        """Let commands perform their writes by a store, for the block."""
        self._store = store
        try:
            yield
        finally:
            self._store = None

    async def perform(self, write: Write) -> Values:
        """Commit a write and return its values. Raise StorageError if this node does not lead."""
        if self._store is None:
            raise StorageError("this node does not lead: run the command at the leader")
        return await self._store.perform(write)


class NobodyDecides:
    """A `DecidingSide` of a node that follows: it admits no client."""

    async def admit(self, *_: Any) -> NoReturn:
        """Raise StorageError: the client tries again, here or at another node."""
        raise StorageError("this node does not lead")

    def unregister(self, client: Connection) -> None:
        """Do nothing: no client was admitted."""

    def receive(self, client: Connection, text: str | bytes) -> Continuation | None:
        """Do nothing: no client was admitted."""

    def failed(self, client: Connection, text: str | bytes, trace_id: str) -> Continuation | None:
        """Do nothing: no client was admitted."""

    async def disconnected(self, client: Connection) -> None:
        """Do nothing: no client was admitted."""
