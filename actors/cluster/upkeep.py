"""What a node does now and then: look at the engine's settings; as the leader, trim the log."""

from collections.abc import Sequence
from typing import Final

import structlog
import trio

from actors.clock import Clock
from actors.cluster.engine_thread import EngineThread
from actors.cluster.node import Node
from storage.cluster.engine import ClusterEngine
from storage.errors import StorageError

log = structlog.get_logger()

UPKEEP_S: Final = 10.0
TRIM_S: Final = 3_600.0


class Upkeep:
    """Looks after the log of a node's cluster. Records younger than `keep_ms` are kept."""

    def __init__(
        self, node: Node, engine: ClusterEngine, thread: EngineThread, clock: Clock, keep_ms: int
    ) -> None:
        self._node, self._engine, self._thread = node, engine, thread
        self._clock, self._keep_ms = clock, keep_ms
        self._trim_at = float("-inf")
        self.unsafe: Sequence[str] = ()
        """A line for each unsafe setting of the engine."""

    async def run(self) -> None:
        """Look every `UPKEEP_S`, until cancelled."""
        while True:
            try:
                await self._look()
            except StorageError as error:
                log.info("engine_not_examined", error=str(error))
            await trio.sleep(UPKEEP_S)

    async def _look(self) -> None:
        found = await self._thread.ask(self._engine.unsafe)
        for line in found:
            if line not in self.unsafe:
                log.warning("engine_unsafe", problem=line)
        self.unsafe = found
        if self._node.term is not None and trio.current_time() >= self._trim_at:
            before = self._clock.now() - self._keep_ms
            if dropped := await self._thread.ask(self._engine.trim, before):
                log.info("log_trimmed", partitions=dropped)
            self._trim_at = trio.current_time() + TRIM_S
