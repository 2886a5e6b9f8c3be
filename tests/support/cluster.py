"""Several nodes in one process, on memory streams and simulated time.

`async with Nodes(path) as nodes` starts three nodes of which the first leads. One database file
stands for the log and for the files of all nodes: what one term has committed, the next one knows.
`nodes.connect("ann", 2)` signs a user in at a node. Use it with `autojump_clock`.
"""

from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

import trio
from trio.testing import memory_stream_pair

from actors.clock import SteadyClock
from actors.cluster.leadership import Leader, Leadership
from actors.commit.writer import Writer, inline
from actors.edge.gate import NO_SITE
from actors.games.local_side import LocalDecidingSide
from actors.games.presence import PresenceTable
from actors.link.carrier import NODE_LINK, RunningLink, StreamLink, always
from actors.link.edge_peer import Calls
from actors.link.messages import Readiness
from actors.link.node_auth import DoesNotLeadError
from actors.node_edge import NodeEdge
from actors.node_edges import NodeEdges
from actors.server import Server
from actors.worker_edge import EdgeSetup
from protocol.limits import Limits
from storage.database import Database
from storage.errors import LeadershipLostError
from storage.store import AddUser, NewUser
from tests.support.disks import open_unsynced
from tests.support.streams import AnyioStream
from tests.support.world import NOW, MemoryListener
from toteboard_client import Client, signed_url
from toteboard_client.websocket import WebSocket


class Node:
    """A node: its edge, and what it knows of the leader."""

    def __init__(self, number: int, nodes: "Nodes") -> None:
        self.number, self._nodes = number, nodes
        self.leadership = Leadership()
        self.listener = MemoryListener()
        self.edge = NodeEdge(
            f"node {number}", self.leadership, self._call, lambda _: None, trio.lowlevel.checkpoint
        )
        self.life = trio.CancelScope()
        self.links: list[StreamLink] = []
        self.is_cut_off = False
        self._ends: list[trio.abc.Stream] = []

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Serve clients until the node is killed. Then their connections break."""
        setup = EdgeSetup(
            listeners=[self.listener],
            site=NO_SITE,
            limits=self._nodes.limits,
            clock=self._nodes.clock,
            version="test",
        )
        with self.life:
            await self.edge.run(setup, task_status)
        for end in self._ends:
            await trio.aclose_forcefully(end)

    async def open(self) -> trio.abc.Stream:
        """Open a connection to the node, and return the client's end."""
        ours = await self.listener.open()
        self._ends.append(ours)
        return ours

    def cut_off(self) -> None:
        """Cut the links to the leader, and let no other be made until `is_cut_off` is false."""
        self.is_cut_off = True
        for link in self.links:
            link.give_up("cut")

    async def _call(self, leader: Leader) -> RunningLink:
        await trio.lowlevel.checkpoint()
        edges = self._nodes.edges
        if edges is None:
            raise DoesNotLeadError
        if leader.is_here:
            return edges.connect()
        if self.is_cut_off:
            raise OSError("no route to host")
        ours, theirs = memory_stream_pair()
        if not edges.accept(StreamLink(ours, NODE_LINK, edges.may_send)):
            raise DoesNotLeadError
        self.links.append(StreamLink(theirs, NODE_LINK))
        return self.links[-1]


class Nodes:
    """The nodes, their users, and the term of the leader. `may_send`: whether its lease lasts.

    `loses_leader`: whether the next write is in the log, but the leader is lost by it. `calls`
    returns what edges may ask of a leader.
    """

    def __init__(
        self,
        path: Path,
        count: int = 3,
        calls: Callable[[Server], Calls] = lambda _: {},
        **limits: Any,
    ) -> None:
        self.path = path / "cluster.db"
        self.limits = Limits(**{"rate_limit": 0, "cost_limit": 0} | limits)
        self._count, self.calls = count, calls
        self.keys: dict[str, tuple[int, str]] = {}
        self.edges: NodeEdges | None = None
        self.may_send: Callable[[], bool] = always
        self.epoch = 0
        self._databases: list[Database] = []

    async def __aenter__(self) -> Self:
        self._exits = AsyncExitStack()
        self.nursery = await self._exits.enter_async_context(trio.open_nursery())
        self._clients = await self._exits.enter_async_context(trio.open_nursery())
        self.clock = SteadyClock(NOW)
        self.operator = self._open()
        self.nodes = {number: Node(number, self) for number in range(1, self._count + 1)}
        for node in self.nodes.values():
            await self.nursery.start(node.run)
        await self.lead(1)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._clients.cancel_scope.cancel()
        self.nursery.cancel_scope.cancel()
        await self._exits.aclose()
        for database in self._databases:
            database.close()

    def _open(self) -> Database:
        self._databases.append(open_unsynced(self.path))
        return self._databases[-1]

    # Terms.

    async def lead(self, number: int) -> None:
        """Let a node lead. Return when its term has begun."""
        self.epoch += 1
        node, ready = self.nodes[number], trio.Event()
        self.leading, self._stop, self._ended = number, trio.Event(), trio.Event()
        self.may_send, self._term = always, trio.CancelScope()
        self.loses_leader = self._has_lost = False
        presence = PresenceTable(former=node.edge.presence)
        reading, writing = self._open(), self._open()
        self.server = Server(
            clock=self.clock,
            limits=self.limits,
            reading=reading,
            writer=Writer(writing, off_loop=self._write),
            version="test",
            presence=presence,
        )
        self.nursery.start_soon(self._lead, presence, ready)
        await ready.wait()
        for each in self.nodes.values():
            address = f"node {number}"
            each.leadership.know(Leader(self.epoch, address, is_here=each.number == number))

    async def _lead(self, presence: PresenceTable, ready: trio.Event) -> None:
        def make(side: LocalDecidingSide) -> NodeEdges:
            counters = self.server.services.counters
            self.edges = NodeEdges(
                side,
                self.calls(self.server),
                counters,
                self.clock,
                presence,
                _ready,
                lambda: self.may_send(),
                0,
            )
            return self.edges

        try:
            with self._term:
                await self.server.serve_edges(make, self._stop, ready.set)
        except* LeadershipLostError:
            self.nodes[self.leading].edge.depose()
            for node in self.nodes.values():
                node.leadership.know(None)
        self.edges = None
        self._ended.set()

    async def _write(self, work: Callable[..., Any], *arguments: Any) -> Any:
        if not self.loses_leader:
            return await inline(work, *arguments)
        await trio.sleep(0.002)  # the way to the disk's thread and back
        if not self._has_lost:
            await inline(work, *arguments)  # the engine has it: the next leader will know it
            self._has_lost = True
        raise LeadershipLostError("the file lacks a confirmed record: disk full")

    async def end_term(self, *, in_order: bool = False, is_deposed: bool = False) -> None:
        """End the term of the leader, whose node lives on. No leader is known then."""
        if is_deposed:
            self.nodes[self.leading].edge.depose()
        if in_order:
            self._stop.set()
        else:
            self._term.cancel()
        await self._ended.wait()
        for node in self.nodes.values():
            node.leadership.know(None)

    async def kill_leader(self) -> None:
        """Kill the node that leads. The clients of the others stay connected."""
        self.nodes[self.leading].life.cancel()
        await self.end_term()

    # Clients.

    def add_user(self, name: str, *, can_host: bool = False, balance: int = 100_000) -> int:
        """Add a user (`balance` in hundredths of DON) and return the id."""
        write = AddUser(name, can_host, {"DON": balance}, None)
        user = NewUser(**write.perform(self.operator, self.clock.now()))
        self.keys[name] = (user.id, user.session_key)
        return user.id

    async def connect(self, name: str, number: int) -> Client:
        """Open a signed-in connection of a user to a node."""
        socket = WebSocket(AnyioStream(await self.nodes[number].open()))
        await socket.handshake("toteboard.test", signed_url("/", *self.keys[name]))
        self._clients.start_soon(socket.pump)
        return Client(socket)


async def _ready() -> Readiness:
    return Readiness(False, "ready")
