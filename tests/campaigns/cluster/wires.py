"""What connects the nodes and the engine: proxies that cut it, or hold up what is on the way.

Each node reaches the servers of the engine through proxies of its own. Other nodes reach it through
one proxy, at the address that it publishes. Only a trial with cuts uses them, for they cost time.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from itertools import combinations
from random import Random
from typing import Final

from tests.support.engine import Engine, free_port
from tests.support.process import Process
from tests.support.proxy import LossyProxy


class Path(StrEnum):
    """What a cut separates."""

    LEADER_AND_ENGINE = "leader and engine"
    LEADER_AND_EDGES = "leader and edges"
    EDGES_AND_ENGINE = "edges and engine"


CUTS: Final = (*((path,) for path in Path), *combinations(Path, 2))
"""What is cut at once: one path, or two of them."""


class Wires:
    """The proxies of a trial. Made by `laid`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._exits = ExitStack()
        self._to_engine: dict[Process, list[LossyProxy]] = {}
        self._to_node: dict[Process, LossyProxy] = {}

    @classmethod
    @contextmanager
    def laid(cls, engine: Engine) -> Iterator["Wires"]:
        """Run the proxies of the block."""
        wires = cls(engine)
        with wires._exits:
            yield wires

    def connect(self, node: Process, url: str) -> None:
        """Let a node that does not run use proxies of its own to the engine at this URL."""
        listens_at = free_port()
        self._to_node[node] = self._proxy(listens_at)
        self._to_engine[node] = []
        for server in self._engine.servers:
            proxy = self._proxy(server.port)
            self._to_engine[node].append(proxy)
            url = url.replace(f":{server.port}", f":{proxy.port}")
        node.options = (
            *("--workers", "1", "--cluster", url),
            *("--node-listen", f"127.0.0.1:{listens_at}"),
            *("--node-address", f"127.0.0.1:{self._to_node[node].port}"),
        )

    @contextmanager
    def cut(self, leader: Process, dice: Random) -> Iterator[str]:
        """Cut one path or two of them for the block. Return what is cut, and how."""
        paths, is_silent = dice.choice(CUTS), dice.random() < 0.5
        proxies = [proxy for path in paths for proxy in self._along(path, leader)]
        for proxy in proxies:
            proxy.hold() if is_silent else proxy.refuse()
        try:
            yield f"{', '.join(paths)}, {'silent' if is_silent else 'closed'}"
        finally:
            for proxy in proxies:
                proxy.release() if is_silent else proxy.accept()

    def _along(self, path: Path, leader: Process) -> list[LossyProxy]:
        match path:
            case Path.LEADER_AND_ENGINE:
                return self._to_engine[leader]
            case Path.LEADER_AND_EDGES:
                return [self._to_node[leader]]
            case Path.EDGES_AND_ENGINE:
                others = (own for node, own in self._to_engine.items() if node is not leader)
                return [proxy for own in others for proxy in own]

    def _proxy(self, port: int) -> LossyProxy:
        return self._exits.enter_context(LossyProxy.before(port))
