"""The lives of a server over one database file: started, stopped, killed, started again."""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

import trio

from actors.clock import SteadyClock
from actors.commit.writer import Writer
from actors.edge.connection import Connection
from actors.games.local_side import LocalDecidingSide
from actors.games.presence import NO_PRESENCE, Presence, PresenceTable
from actors.games.supervisor import Supervisor
from actors.link.messages import Readiness, WorkerSettings
from actors.local_edge import LocalEdge
from actors.node_edges import ABSENT_S, NodeEdges
from actors.remote_edge import RemoteEdges
from actors.server import Server
from protocol.limits import Limits
from storage.database import Database
from storage.errors import StorageError
from storage.store import AddUser, Credit, NewUser
from tests.campaigns.dice import Dice
from tests.campaigns.sim.disk import Disk, FaultyDatabase
from tests.campaigns.sim.edges import SimulatedEdges
from tests.campaigns.sim.network import Link, Network
from tests.campaigns.sim.nodes import SimulatedNodes
from tests.support.disks import open_unsynced
from tests.support.world import NOW
from toteboard_client import signed_url

LONGEST_STOP_S = 30.0
"""The longest that a server may take to stop or to be killed."""
NODES_HAPPEN = 0.35
"""How many of the worlds are clusters."""


class OpenServer(Server):
    """A server that exposes its supervisor and its deciding side."""

    supervisor: Supervisor
    side: LocalDecidingSide

    def _deciding_side(self, supervisor: Supervisor) -> LocalDecidingSide:
        self.supervisor, self.side = supervisor, super()._deciding_side(supervisor)
        return self.side


class House:
    """The server's side of the world. `operator` is the command line's connection to the file."""

    def __init__(
        self, path: Path, dice: Dice, limits: Limits, make_disk: Callable[[Dice], Disk] = Disk
    ) -> None:
        self.path, self.limits = path / "world.db", limits
        self._make_disk = make_disk
        self._dice = dice
        self._workers = dice.one_of((1, 0), (0.5, 2), (0.5, 3))
        self._has_nodes = dice.another("nodes").happens(NODES_HAPPEN)
        self._nodes: SimulatedNodes | None = None
        self._keys: dict[str, tuple[int, str]] = {}
        self._lives = 0

    async def __aenter__(self) -> Self:
        self._manager = trio.open_nursery()
        self._nursery = await self._manager.__aenter__()
        self.clock = SteadyClock(NOW)
        self.operator = open_unsynced(self.path)
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._nursery.cancel_scope.cancel()
        await self._manager.__aexit__(None, None, None)
        self.operator.close()

    async def start(self) -> None:
        """Start the server. Return when it listens."""
        self._lives += 1
        dice = self._dice.another(f"life {self._lives}")
        self.disk = self._make_disk(dice.another("disk"))
        presence = await self._open(dice)
        self.edges = SimulatedEdges(
            self.network, self.limits, self.clock, dice.another("edges"), self._nursery
        )
        self._files: list[Database] = [FaultyDatabase(self.path, self.disk) for _ in range(2)]
        reading, writing = self._files
        writer = Writer(writing, off_loop=self.disk.perform)
        self.server = OpenServer(
            clock=self.clock,
            limits=self.limits,
            reading=reading,
            writer=writer,
            version="sim",
            presence=presence,
        )
        self._stop, self._ended, ready = trio.Event(), trio.Event(), trio.Event()
        self._life = trio.CancelScope()
        self._nursery.start_soon(self._live, ready)
        await ready.wait()
        if self._nodes is not None:
            self._nodes.begun()

    async def _open(self, dice: Dice) -> Presence:
        """Open the network; in a cluster it stays open. Return who is in which game."""
        if self._nodes is None:
            self.network = Network(dice.another("network"))
        if not self._has_nodes:
            return NO_PRESENCE
        if self._nodes is None:
            self._nodes = SimulatedNodes(
                self.network, self.limits, self.clock, self._dice.another("n"), self._nursery
            )
        await self._nodes.start_missing()
        return self._nodes.candidate()

    async def stop(self) -> None:
        """Stop the server gracefully."""
        self._stop.set()
        await self._has_ended()

    async def kill(self) -> None:
        """Kill the server. What it has not committed is lost."""
        self.disk.is_dead = True
        self._life.cancel()
        if self._nodes is not None:
            self._nodes.kill_leader()
        await self._has_ended()

    def now(self) -> int:
        """Return the simulated time in epoch milliseconds."""
        return self.clock.now()

    def add_user(self, name: str, *, can_host: bool, balance: int) -> int:
        """Add a user and return the id."""
        write = AddUser(name, can_host, {"DON": balance}, None)
        user = NewUser(**write.perform(self.operator, self.now()))
        self._keys[name] = (user.id, user.session_key)
        return user.id

    async def credit(self, name: str, amount: int) -> None:
        """Credit a user, as the command line does. If the disk refuses, nothing is credited."""
        with suppress(StorageError):
            await self.server.store.perform(Credit(name, "DON", amount))

    def address(self, name: str) -> str:
        """Return a URL with which a user can sign in once."""
        return signed_url("/", *self._keys[name])

    async def _live(self, ready: trio.Event) -> None:
        with self._life:
            if self._nodes is not None:
                await self.server.serve_edges(self._node_edges, self._stop, ready.set)
            elif self._workers:
                await self.server.serve_edges(self._remote_edges, self._stop, ready.set)
            else:
                await self.server.serve([self.network], self._stop, ready.set)
        for worker in self.edges.workers:
            worker.kill()
        if self._nodes is not None:
            self._nodes.ended()
        self._ended.set()

    def _remote_edges(self, side: LocalDecidingSide) -> RemoteEdges:
        return RemoteEdges(
            side,
            self._workers,
            self.edges,
            WorkerSettings(0, b""),
            _ready,
            {},
            _no_lines,
            self.server.services.counters,
        )

    def _node_edges(self, side: LocalDecidingSide) -> NodeEdges:
        services = self.server.services
        assert self._nodes is not None
        assert isinstance(services.presence, PresenceTable)
        return self._nodes.making(side, services.presence, services.counters)

    @property
    def settles_s(self) -> float:
        """How long it takes after an end until users who have gone have left their games."""
        return ABSENT_S + 1 if self._has_nodes else 0.0

    async def kill_an_edge(self) -> None:
        """Kill one of the edges at the other end of a link, if there are any."""
        if self._nodes is not None:
            self._nodes.kill_another()
            await self._nodes.start_missing()
        elif self.edges.living:
            self._dice.choice(self.edges.living).kill()

    @property
    def edge_links(self) -> Sequence[Link]:
        """The links to the edges."""
        if self._nodes is not None:
            return self._nodes.links
        return [worker.link for worker in self.edges.living]

    @property
    def local_edges(self) -> Collection[LocalEdge]:
        """All edges of the server, at whichever end of a link."""
        if self._nodes is not None:
            return self._nodes.local_edges
        if self._workers:
            return self.edges.local_edges
        return [self.server.edge] if isinstance(self.server.edge, LocalEdge) else []

    @property
    def connections(self) -> Collection[Connection]:
        """The connections that clients have, at whichever end of a link."""
        return [each for edge in self.local_edges for each in edge.admission.open]

    async def _has_ended(self) -> None:
        with trio.move_on_after(LONGEST_STOP_S) as patience:
            await self._ended.wait()
        assert not patience.cancelled_caught, "the server does not end: a task is left behind"
        if self._nodes is None:
            await self.network.hang_up()
        for file in self._files:
            file.close()


async def _ready() -> Readiness:
    return Readiness(False, "ready")


def _no_lines(_: bytes) -> None:
    """Edges in the same process log by themselves."""
