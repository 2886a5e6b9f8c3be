"""The nodes of a simulated cluster: edges that outlive the term of a leader.

One file stands for the log and for the files of all nodes, so a node that takes over knows all that
was committed. What is simulated is what lies between the nodes: links that are slow, stall, break
within a turn or are cut; leaders that end in order or are killed, and their nodes with them.
"""

from collections.abc import Collection, Sequence

import trio
from trio.testing import memory_stream_pair

from actors.clock import Clock
from actors.cluster.leadership import Leader, Leadership
from actors.counters import Counters
from actors.edge.gate import NO_SITE
from actors.games.local_side import LocalDecidingSide
from actors.games.presence import PresenceTable
from actors.link.carrier import NODE_LINK, RunningLink, StreamLink, always
from actors.link.messages import Readiness
from actors.link.node_auth import DoesNotLeadError
from actors.local_edge import LocalEdge
from actors.node_edge import NodeEdge
from actors.node_edges import NodeEdges
from actors.worker_edge import EdgeSetup
from protocol.limits import Limits
from tests.campaigns.dice import Dice
from tests.campaigns.sim.edges import Shared
from tests.campaigns.sim.network import Link, Network

NODES = 3


class SimulatedNode:
    """A node: its edge, for one life of its process."""

    def __init__(self, number: int, life: int, nodes: "SimulatedNodes", dice: Dice) -> None:
        self.number, self._nodes, self._dice = number, nodes, dice
        self.leadership = Leadership()
        name = f"node {number}, life {life}"
        self.edge = NodeEdge(
            name, self.leadership, self._call, lambda _: None, trio.lowlevel.checkpoint
        )
        self.link: Link | None = None
        self.life = trio.CancelScope()

    async def run(self, setup: EdgeSetup, task_status: trio.TaskStatus[None]) -> None:
        """Serve clients until the node is killed."""
        with self.life:
            await self.edge.run(setup, task_status)

    async def _call(self, leader: Leader) -> RunningLink:
        await trio.lowlevel.checkpoint()
        edges = self._nodes.edges
        if edges is None:
            raise DoesNotLeadError
        if leader.is_here:
            self.link = None
            return edges.connect()
        ours, theirs = memory_stream_pair()
        if not edges.accept(StreamLink(ours, NODE_LINK, edges.may_send)):
            raise DoesNotLeadError
        self.link = Link(theirs, self._dice.another(self._dice.random()))
        return StreamLink(self.link, NODE_LINK)


class SimulatedNodes:
    """The nodes of one cluster. `edges` are those of the present term."""

    def __init__(
        self, network: Network, limits: Limits, clock: Clock, dice: Dice, nursery: trio.Nursery
    ) -> None:
        self._network, self._limits, self._clock = network, limits, clock
        self._dice, self._nursery = dice, nursery
        self._nodes: dict[int, SimulatedNode] = {}
        self._lives = 0
        self._epoch = 0
        self.leading = 0
        self.edges: NodeEdges | None = None

    async def start_missing(self) -> None:
        """Start the nodes that do not run."""
        for number in range(1, NODES + 1):
            if number not in self._nodes:
                self._lives += 1
                dice = self._dice.another(f"life {self._lives}")
                node = SimulatedNode(number, self._lives, self, dice)
                self._nodes[number] = node
                await self._nursery.start(node.run, self._setup())
        self._tell()

    def _setup(self) -> EdgeSetup:
        return EdgeSetup(
            listeners=[Shared(self._network)],
            site=NO_SITE,
            limits=self._limits,
            clock=self._clock,
            version="sim",
        )

    # Terms.

    def candidate(self) -> PresenceTable:
        """Choose the next leader. Return who is in which game, as it knows."""
        self._epoch += 1
        self.leading = self._dice.choice(sorted(self._nodes))
        return PresenceTable(former=self._nodes[self.leading].edge.presence)

    def making(
        self, side: LocalDecidingSide, presence: PresenceTable, counters: Counters
    ) -> NodeEdges:
        """Make the edges of a term."""
        self.edges = NodeEdges(side, {}, counters, self._clock, presence, _ready, always, 0)
        return self.edges

    def begun(self) -> None:
        """Let every node know the leader."""
        self._tell()

    def ended(self) -> None:
        """Let every node know that none leads."""
        self.edges, self.leading = None, 0
        self._tell()

    def _tell(self) -> None:
        for number, node in self._nodes.items():
            is_here = number == self.leading
            known = Leader(self._epoch, f"node {self.leading}", is_here) if self.leading else None
            node.leadership.know(known)

    # Deaths.

    def kill_leader(self) -> None:
        """Kill the node that leads."""
        self._nodes.pop(self.leading).life.cancel()

    def kill_another(self) -> None:
        """Kill a node that does not lead."""
        number = self._dice.choice(sorted(self._nodes.keys() - {self.leading}))
        self._nodes.pop(number).life.cancel()

    # What is looked at.

    @property
    def links(self) -> Sequence[Link]:
        """The links of the nodes that follow."""
        return [node.link for node in self._nodes.values() if node.link is not None]

    @property
    def local_edges(self) -> Collection[LocalEdge]:
        """The edges of the living nodes."""
        return [node.edge.edge for node in self._nodes.values()]


async def _ready() -> Readiness:
    return Readiness(False, "ready")
