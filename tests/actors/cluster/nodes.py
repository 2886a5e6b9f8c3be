"""Nodes in the test's process, each with a file and threads of its own, on a real engine."""

from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager, closing
from pathlib import Path
from shutil import copy

import trio

from actors.clock import SystemClock, elapsed_s
from actors.cluster.engine_thread import OffLoop
from actors.cluster.node import Node, Term
from actors.commit.disk_thread import disk_thread
from storage.changes import SourceOpened
from storage.cluster.engine import ClusterEngine
from storage.cluster.founding import found_cluster
from storage.cluster.nodes import NodeReport
from storage.errors import LeadershipLostError
from storage.migrations import latest_version
from storage.opening import open_database
from tests.support.cluster_sessions import soon
from tests.support.process import PATIENCE_S


class TestNode:
    """A node, the terms that it has led, and whether it follows."""

    __test__ = False

    def __init__(self, node: Node, report: NodeReport, perform: OffLoop) -> None:
        self.node, self.report = node, report
        self.stop = trio.Event()
        self.terms: list[Term] = []
        self.leads, self.follows = trio.Event(), trio.Event()
        self._perform = perform
        self._lost: LeadershipLostError | None = None

    async def run(self) -> None:
        """Live until the node stops."""
        await self.node.run(self.stop, self._follow, self._lead)

    async def write(self, source_id: str) -> None:
        """Commit a source, as the writer does."""
        self.terms[-1].database.at = 1
        changes = [SourceOpened(source_id, source_id, None, 1)]
        try:
            await self._perform(self.terms[-1].database.write, changes)
        except LeadershipLostError as error:
            self._lost = error
            self.terms[-1].stop.set()
            raise

    async def _follow(self) -> None:
        self.follows.set()
        await trio.sleep_forever()

    async def _lead(self, term: Term) -> None:
        self.terms.append(term)
        self.leads.set()
        await term.stop.wait()
        if self._lost is not None:
            raise self._lost


class TestCluster:
    """Makes nodes for one cluster, each from the file of the first."""

    __test__ = False

    def __init__(self, folder: Path, url: str, files: ExitStack) -> None:
        self._folder, self._url, self._files = folder, url, files
        self._count = 0
        with closing(open_database(folder / "origin.db")) as database:
            self.cluster = found_cluster(database, url, soon())

    def node(self, url: str | None = None, releases_later: int = 0) -> TestNode:
        """Make a node; `url`: how it reaches the engine, `releases_later`: how new it says it is.

        All of them write records that all can read.
        """
        self._count += 1
        path = self._folder / f"{self._count}.db"
        copy(self._folder / "origin.db", path)
        database = self._files.enter_context(closing(open_database(path)))
        # Closed after its threads, which may be asking until they end.
        engine = self._files.enter_context(closing(ClusterEngine(url or self._url, self.cluster)))
        disk, asking = (self._files.enter_context(disk_thread()) for _ in range(2))
        level = latest_version() + releases_later
        report = NodeReport(f"n{self._count}", f"n{self._count}:1", "1", level, 0)
        node = Node(
            path, database, engine, report, SystemClock(), elapsed_s, disk.perform, asking.perform
        )
        return TestNode(node, report, disk.perform)


async def until(holds: Callable[[], bool]) -> None:
    """Wait until a condition of other threads holds."""
    while True:
        if holds():
            return
        await trio.sleep(0.02)


@asynccontextmanager
async def cluster_in(folder: Path, url: str) -> AsyncIterator[tuple[TestCluster, trio.Nursery]]:
    """Make a cluster, and a nursery for its nodes, which are cancelled at the end."""
    with ExitStack() as files:
        cluster = TestCluster(folder, url, files)
        with trio.fail_after(PATIENCE_S):
            async with trio.open_nursery() as nursery:
                yield cluster, nursery
                nursery.cancel_scope.cancel()
