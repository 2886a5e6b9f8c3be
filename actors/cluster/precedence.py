"""Which of several nodes leads first while a cluster is upgraded: one of the oldest release.

A leader writes records of its own release's level, and a node of an older release ends when it
meets one. A newer program cannot write an older level, because its facts may need the new tables.
So nodes of newer releases follow until no older one is left:

    the lease is over, and an older node is present ---> leave the lease to it, `PATIENCE_S` at most
    the lease is over, and none is present ------------> campaign

Present means a report within `PRESENT_S`, the length of a lease. A leader reports with each
renewal, so if it was killed, it is away when its lease is over, and no time is lost. After an
outage of the engine, no node campaigns before its session is settled, and all of them report
meanwhile.

A leader that stops in order was present a moment ago. If only newer nodes are left, it gives the
lease to one of them, so that they do not wait for it.
"""

from collections.abc import Callable
from typing import Final

import structlog

from actors.cluster.engine_thread import EngineThread
from storage.cluster.engine import ClusterEngine
from storage.cluster.lease import Lease
from storage.cluster.nodes import NodeReport, older_than, present

log = structlog.get_logger()

PATIENCE_S: Final = 5.0
"""How long a lease that is over is left to older nodes that are present, in seconds.

An older node that can lead campaigns within some 0.1 s, or 1 s after a new session with the engine.
One whose clock is wrong or whose disk is full is present too, and never campaigns.
"""


class Precedence:
    """What one node knows of older ones. `elapsed` returns seconds."""

    def __init__(
        self,
        engine: ClusterEngine,
        thread: EngineThread,
        report: NodeReport,
        elapsed: Callable[[], float],
    ) -> None:
        self._engine, self._thread = engine, thread
        self._report, self._elapsed = report, elapsed
        self._epoch, self._since = -1, 0.0

    async def others_first(self, lease: Lease) -> bool:
        """Return whether to leave a lease that is over to nodes of an older release.

        Raise StorageError.
        """
        older = older_than(self._report.level, await self._thread.ask(self._engine.nodes))
        if not older:
            return False
        addresses = [node.address for node in older]
        if lease.epoch != self._epoch:
            self._epoch, self._since = lease.epoch, self._elapsed()
            log.warning("campaign_postponed", older=addresses)
        if self._elapsed() - self._since < PATIENCE_S:
            return True
        log.warning("older_nodes_passed_over", older=addresses)
        return False

    async def heir(self) -> NodeReport | None:
        """Return to which node a leader that stops gives the lease, None if any may campaign.

        Raise StorageError.
        """
        nodes = present(await self._thread.ask(self._engine.nodes))
        others = [node for node in nodes if node.id != self._report.id]
        if any(node.level <= self._report.level for node in others):
            return None
        return next((node for node in others if node.ready), None)
