"""The edges of a simulated server with workers. Their links have faults like those of clients.

`SimulatedEdges` starts one when the deciding side asks for a worker. Its link may be slow, stall or
be cut. It may be killed: then its connections break.
"""

from collections.abc import Collection, Sequence

import trio
from trio.testing import memory_stream_pair

from actors.clock import Clock
from actors.edge.connection import Connection
from actors.edge.gate import NO_SITE
from actors.link.messages import Readiness, WorkerSettings
from actors.local_edge import LocalEdge
from actors.worker_edge import EdgeSetup, WorkerEdge
from protocol.limits import Limits
from tests.campaigns.dice import Dice
from tests.campaigns.sim.network import Link
from tests.support.world import MemoryListener

KILLED = -9


class SimulatedWorker:
    """A `WorkerProcess` that is a task."""

    def __init__(self, pid: int, stream: trio.abc.Stream, link: Link) -> None:
        self.pid, self.stream = pid, stream
        self.link = link
        self.edge: WorkerEdge | None = None
        self._life = trio.CancelScope()
        self._ended = trio.Event()

    async def run(
        self, number: int, listener: MemoryListener, limits: Limits, clock: Clock
    ) -> None:
        """Serve until the link has ended, or until it is killed."""

        async def prepare(_edge: WorkerEdge, _message: WorkerSettings) -> EdgeSetup:
            return EdgeSetup(
                listeners=[Shared(listener)],
                site=NO_SITE,
                limits=limits,
                clock=clock,
                version="sim",
            )

        try:
            with self._life:
                self.edge = WorkerEdge(number, self.link, prepare, _ignore)
                await self.edge.run()
        finally:
            self._ended.set()

    async def wait(self) -> int:
        """Wait until it has ended."""
        await self._ended.wait()
        return KILLED if self._life.cancelled_caught else 0

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return not self._ended.is_set()

    def kill(self) -> None:
        """End it, and with it its connections."""
        self._life.cancel()


class Shared(trio.abc.Listener[trio.abc.Stream]):
    """A listener that several edges share. Closing it closes none of the others."""

    def __init__(self, listener: MemoryListener) -> None:
        self._listener = listener

    async def accept(self) -> trio.abc.Stream:
        return await self._listener.accept()

    async def aclose(self) -> None:
        await trio.lowlevel.checkpoint()


class SimulatedEdges:
    """Starts edges as tasks. `workers` are those that were started, the dead ones too."""

    def __init__(
        self,
        listener: MemoryListener,
        limits: Limits,
        clock: Clock,
        dice: Dice,
        nursery: trio.Nursery,
    ) -> None:
        self._listener, self._limits, self._clock = listener, limits, clock
        self._dice, self._nursery = dice, nursery
        self.workers: list[SimulatedWorker] = []

    async def start(self, number: int) -> SimulatedWorker:
        """Start an edge."""
        await trio.lowlevel.checkpoint()
        ours, theirs = memory_stream_pair()
        pid = len(self.workers) + 1
        worker = SimulatedWorker(pid, ours, Link(theirs, self._dice.another(pid)))
        self.workers.append(worker)
        self._nursery.start_soon(worker.run, number, self._listener, self._limits, self._clock)
        return worker

    def stop_listening(self) -> None:
        """Do nothing: the world's listener stays open for the next life."""

    @property
    def living(self) -> Sequence[SimulatedWorker]:
        """The edges that have not ended."""
        return [worker for worker in self.workers if worker.is_alive]

    @property
    def connections(self) -> Collection[Connection]:
        """The connections of all edges."""
        return [each for edge in self.local_edges for each in edge.admission.open]

    @property
    def local_edges(self) -> Collection[LocalEdge]:
        """The edges that serve."""
        edges = [worker.edge.edge for worker in self.living if worker.edge is not None]
        return [edge for edge in edges if edge is not None]


def _ignore(_: Readiness) -> None:
    """A simulated edge has no health."""
