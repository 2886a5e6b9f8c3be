"""The cluster of a world: an engine, nodes with a file each, and what is known of all of them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import trio

from storage.position import FilePosition, join_cluster
from storage.records import LOG_START
from storage.store import AddUser
from tests.campaigns.dice import Dice
from tests.campaigns.terms.engine import Engine
from tests.campaigns.terms.nodes import START_MS, SimulatedNode
from tests.campaigns.terms.wire import Route, Wires
from tests.support.disks import open_unsynced

CLUSTER: Final = "00000000-0000-4000-8000-000000000001"
PAYERS: Final = ("ann", "bob", "cid")
BALANCE: Final = 50_000

MEMORY: Final = Path("/dev/shm")


@cache
def _origin() -> bytes:
    """Return the file with which each node begins."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "origin.db"
        with closing(open_unsynced(path)) as database:
            for name in PAYERS:
                AddUser(name, False, {"DON": BALANCE}, None).perform(database, START_MS)
            join_cluster(database, FilePosition(CLUSTER, LOG_START))
        return path.read_bytes()


class SimulatedCluster:
    """The nodes, by their name, and the engine. All of them live in `nursery`."""

    def __init__(
        self,
        folder: Path,
        size: int,
        dice: Dice,
        nursery: trio.Nursery,
        tell: Callable[[str], None],
    ) -> None:
        self._folder, self._nursery, self._tell = folder, nursery, tell
        self.engine = Engine(START_MS / 1_000 - trio.current_time(), CLUSTER)
        self.wires = Wires(self.engine, dice.another("wires"))
        self.names = [f"n{number}" for number in range(1, size + 1)]
        self.nodes: dict[str, SimulatedNode] = {}
        self._lives = 0
        for name in self.names:
            self.path(name).write_bytes(_origin())
        self.path("oracle").write_bytes(_origin())

    def path(self, name: str) -> Path:
        """Return the path of a node's file."""
        return self._folder / f"{name}.db"

    def route(self, name: str) -> Route:
        """Return a node's way to the engine."""
        return self.wires.route(name)

    async def start(self, name: str) -> None:
        """Start a node."""
        self._lives += 1
        node = SimulatedNode(name, self._lives, self.path(name), CLUSTER, self._tell)
        await self._nursery.start(node.run)
        self.nodes[name] = node

    async def kill(self, name: str) -> None:
        """Kill a node. Return when nothing of it is left."""
        node = self.nodes.pop(name)
        node.machine.kill()
        await node.ended.wait()

    async def stop(self, name: str) -> None:
        """Stop a node in order. Return when nothing of it is left."""
        node = self.nodes.pop(name)
        node.stop.set()
        await node.ended.wait()

    @property
    def living(self) -> Sequence[SimulatedNode]:
        """The nodes that have not been killed."""
        return list(self.nodes.values())

    @property
    def leaders(self) -> Sequence[SimulatedNode]:
        """The nodes that may speak as leader now."""
        return [node for node in self.living if node.leads]


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """Make a folder for the files of a world."""
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        yield Path(folder)
