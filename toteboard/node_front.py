"""The ports of a node for clients and for other nodes: open for the life of its process.

    public port --> NodeEdge --> the node that leads, this one or another (actors/node_edge.py)
    node port  <--- the edges of other nodes, while this node leads (actors/node_listener.py)

The roles of a node come and go (`toteboard/node.py`); the connections of its clients stay.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

import trio
from starlette.requests import Request
from starlette.responses import Response

from actors.clock import SystemClock
from actors.cluster.copies import CopyGiver
from actors.cluster.leadership import Leader
from actors.cluster.node import Node, Term
from actors.edge.closing import GOING_AWAY
from actors.games.local_side import LocalDecidingSide
from actors.games.presence import PresenceTable
from actors.link.carrier import RunningLink
from actors.link.messages import Readiness
from actors.link.node_auth import DoesNotLeadError
from actors.local_edge import CLOSES_S
from actors.node_edge import NodeEdge
from actors.node_edges import NodeEdges
from actors.node_listener import NodeListener, call_node
from actors.server import REPLIES_S, Server
from actors.worker_edge import EdgeSetup
from storage.errors import StorageError
from storage.opening import open_for_reading
from storage.reads import Reads
from toteboard import __version__
from toteboard.api.forwarding import api_calls
from toteboard.http.account_service import RemoteAccountService
from toteboard.http.accounts import Accounts
from toteboard.http.cluster_view import ClusterView
from toteboard.http.health import IS_READY, readiness
from toteboard.http.page import PAGE_FOLDER
from toteboard.http.responses import json_answer
from toteboard.http.side import HttpSide
from toteboard.http.site import public_service
from toteboard.operator.forwarding import operator_calls
from toteboard.ports import Sockets
from toteboard.process import Process, arrivals, secured

APPLIES_S: Final = 5.0
"""How long a call may wait until this node's file has applied the log."""


class NodeFront:
    """What clients and other nodes connect to."""

    def __init__(self, process: Process, sockets: Sockets, node: Node, clock: SystemClock) -> None:
        self._process, self._sockets, self._node, self._clock = process, sockets, node, clock
        self._secret = process.files.reading.key_file.sealer().node_secret
        self._edges: NodeEdges | None = None
        self._confirmed = 0
        self._term: Term | None = None
        self.edge = NodeEdge(
            str(uuid4()), node.leadership, self._call, self._note_confirmed, self._has_applied
        )

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Serve clients and other nodes until cancelled."""
        database = open_for_reading(Path(self._process.settings.database))
        try:
            async with trio.open_nursery() as nursery:
                setup = await self._setup(Reads(database))
                await nursery.start(self.edge.run, setup)
                path = Path(self._process.settings.database)
                listener = NodeListener(
                    secured(arrivals(self._sockets.nodes), self._sockets.node_tls.listening),
                    self._secret,
                    lambda: self._edges,
                    CopyGiver(path).give,
                )
                nursery.start_soon(listener.run)
                task_status.started()
        finally:
            database.close()

    async def _setup(self, reads: Reads) -> EdgeSetup:
        settings, port = self._process.settings, self._sockets.port
        health = FrontHealth(self, self._process.cluster)
        service = RemoteAccountService(self.edge.calls)
        accounts = Accounts(service, reads, settings.limits, health, has_signup=settings.signup)
        await accounts.passwords.prepare()
        return EdgeSetup(
            listeners=secured(arrivals(self._sockets.public), self._sockets.tls),
            site=public_service(settings, accounts, health, port, PAGE_FOLDER),
            limits=settings.limits,
            clock=self._clock,
            version=__version__,
        )

    # The node that leads.

    async def _call(self, leader: Leader) -> RunningLink:
        """Return a link to the leader. Raise as `call_node`."""
        if not leader.is_here:
            tls = self._sockets.node_tls.calling
            return await call_node(leader.address, self._secret, tls)
        await trio.lowlevel.checkpoint()
        if self._edges is None:
            raise DoesNotLeadError
        return self._edges.connect()

    def _note_confirmed(self, idx: int) -> None:
        self._confirmed = max(self._confirmed, idx)
        self._node.follower.confirmed(idx)

    async def _has_applied(self) -> None:
        """Wait until the file has what the leader has confirmed. Raise StorageError."""
        if self._term is not None:
            return
        with trio.move_on_after(APPLIES_S) as patience:
            await self._node.follower.has_applied(self._confirmed)
        if patience.cancelled_caught:
            raise StorageError("this node's file is behind the log")

    # This node leads.

    @contextmanager
    def leading(self, term: Term) -> Iterator[None]:
        """Make `edges` those of a term, for the block."""
        self._term = term
        try:
            yield
        except BaseException:  # the term did not end in order
            self.edge.depose()
            raise
        finally:
            self._term = self._edges = None

    def presence(self) -> PresenceTable:
        """Return who is in which game, for a term that begins."""
        return PresenceTable(former=self.edge.presence)

    def edges(self, server: Server, side: HttpSide, deciding: LocalDecidingSide) -> NodeEdges:
        """Return the edges of the present term."""
        term, services = self._term, server.services
        assert term is not None
        assert isinstance(services.presence, PresenceTable)

        async def status() -> Readiness:
            return Readiness(side.health.is_stopping, await side.health.status_once_started())

        calls = side.service.calls, operator_calls(server.store), api_calls(side.api)
        self._edges = NodeEdges(
            deciding,
            {name: call for each in calls for name, call in each.items()},
            services.counters,
            services.clock,
            services.presence,
            status,
            lambda: not term.margin.is_over(),
            term.database.place.idx,
        )
        return self._edges

    def confirm(self, idx: int) -> None:
        """Report to the other nodes that the log is confirmed up to `idx`."""
        if self._edges is not None:
            self._edges.confirm(idx)

    # The end of the process.

    def trouble(self) -> str | None:
        """Return why this node cannot serve clients, None if it can."""
        status = self.edge.readiness.status
        return None if status == IS_READY else status

    async def close_at(self, stop: trio.Event) -> None:
        """Wait for a stop. Then answer the open requests, and close every connection."""
        await stop.wait()
        edge = self.edge.edge
        edge.stop_reading()
        with trio.move_on_after(REPLIES_S):
            await edge.all_answered()
        with trio.move_on_after(CLOSES_S):
            await edge.close_all(GOING_AWAY, "the server stops")


class FrontHealth:
    """The health of a node's public port: that of the node, and of its link to the leader."""

    def __init__(self, front: NodeFront, view: ClusterView) -> None:
        self._front, self._view = front, view

    @property
    def is_serving(self) -> bool:
        """Whether the leader serves."""
        return not self._front.edge.readiness.is_stopping

    async def alive(self, _request: Request) -> Response:
        """Answer GET /healthz: a process that can answer is alive."""
        return json_answer({"status": "alive"})

    async def ready(self, _request: Request) -> Response:
        """Answer GET /readyz."""
        troubles = [trouble() for trouble in (*self._view.troubles, self._front.trouble)]
        status = next(filter(None, troubles), IS_READY)
        return readiness(status, self._view.warnings())
