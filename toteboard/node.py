"""`toteboard serve --cluster`: a server whose role changes (`actors/cluster/node.py`).

Each role is a server of its own, with new state: `serve` while this node leads, and while it
follows a server that reads the file and decides nothing. The files, the listening sockets, the
clients (`toteboard/node_front.py`) and the engine's session stay. This module is imported for nodes
alone, because the engine's client is an extra.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import trio
from attrs import evolve
from starlette.types import ASGIApp

from actors.clock import FlooredClock, SystemClock, WatchedClock, elapsed_s
from actors.cluster.node import Node, Term
from actors.cluster.upkeep import Upkeep
from actors.commit.disk_thread import disk_thread
from actors.commit.writer import Writer, inline
from actors.server import Server
from storage.cluster.engine import ClusterEngine
from storage.cluster.following import FollowingDatabase
from storage.cluster.nodes import NodeReport
from storage.membership import cluster_of_file
from storage.migrations import latest_version
from toteboard import __version__
from toteboard.api.forwarding import ForwardingApi
from toteboard.cluster_metrics import ClusterMetrics
from toteboard.http.account_service import PerformsWrites
from toteboard.http.cluster_view import ClusterView
from toteboard.http.side import HttpSide
from toteboard.node_front import NodeFront
from toteboard.operator.control import controlled
from toteboard.operator.forwarding import RemoteStore
from toteboard.ports import Ports, Sockets, announce, operator_url
from toteboard.process import Process

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
        view = ClusterView(
            (node.trouble,),
            lambda: upkeep.unsafe,
            [ClusterMetrics(node, upkeep)],
            self._forwarding,
            self._nodes,
        )
        self._front = NodeFront(evolve(process, cluster=view), sockets, node, clock)
        self._process = evolve(process, control=_no_control, cluster=view, front=self._front)

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
            node = Node(
                Path(settings.database), files.writing, engine, report, clock, elapsed_s, *off_loop
            )
            upkeep = Upkeep(node, engine, node.thread, clock, settings.cluster_keep)
            yield cls(process, sockets, serve, clock, node, upkeep)

    async def run(self, stop: trio.Event) -> None:
        """Live until `stop` is set. Raise DatabaseUnusableError."""
        path, commands = Path(self._process.settings.database), self._node.commands.perform
        store = RemoteStore(self._front.edge.calls)
        is_in_place = self._process.files.lock.is_in_place
        async with (
            trio.open_nursery() as nursery,
            controlled(path, store, commands, is_in_place=is_in_place),
        ):
            nursery.start_soon(self._clock.watch)
            nursery.start_soon(self._upkeep.run)
            await nursery.start(self._front.run)
            async with trio.open_nursery() as ending:
                ending.start_soon(self._front.close_at, stop)
                await self._node.run(stop, self._follow, self._lead)
            nursery.cancel_scope.cancel()

    def _forwarding(self, api: ASGIApp) -> ASGIApp:
        return ForwardingApi(api, self._front.edge.calls)

    async def _nodes(self) -> dict[str, Any]:
        """Return the answer of GET /v1/nodes. Raise StorageError."""
        state = await self._node.commands.status()
        names = ("address", "role", "version", "applied", "skew_ms", "ready")
        nodes = [{name: node[name] for name in names} for node in state["nodes"]]
        return {**{name: state[name] for name in ("cluster", "epoch", "log")}, "nodes": nodes}

    async def _lead(self, term: Term) -> None:
        clock = FlooredClock(self._clock, term.since)

        async def off_loop(work: Callable[..., Any], *arguments: Any) -> Any:
            term.database.at = clock.now()
            result = await self._process.files.disk.perform(work, *arguments)
            self._front.confirm(term.database.place.idx)  # before the commit is answered
            return result

        writer = Writer(term.database, off_loop=off_loop)
        with self._front.leading(term):
            await self._serve(self._process, self._sockets.ports(), term.stop, writer, clock)

    async def _follow(self) -> None:
        """Serve the operator port until cancelled: health, metrics, and what the leader does."""
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
            troubles=(self._front.trouble,),
            operator_url=operator_url(settings, ports),
            keys=self._process.keys,
            cluster=self._process.cluster,
        )
        async with trio.open_nursery() as nursery:
            await nursery.start(side.run, ports.operator)
            side.health.started()
            announce(settings, ports)
            await trio.sleep_forever()


@asynccontextmanager
async def _no_control(_store: PerformsWrites) -> AsyncIterator[None]:
    """Open no control socket for a role: that of the node outlives its roles."""
    yield
