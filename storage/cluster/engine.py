"""The engine as a node uses it for its lease and its looks: one session, made anew when it failed.

Every method blocks until its deadline at most, raises EngineUnclearError or EngineFullError if the
engine did not confirm, and belongs to one thread at a time.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from storage.cluster import checks, lease, nodes, safety
from storage.cluster.appender import Appender
from storage.cluster.checks import FileReport
from storage.cluster.connection import Deadline, EngineConnection, connect_engine
from storage.cluster.lease import Lease
from storage.cluster.log import LogPartitions, read_records
from storage.cluster.look import LogLook, look_at_log
from storage.cluster.nodes import NodeReport
from storage.cluster.tables import refuse_other_cluster
from storage.errors import StorageError
from storage.records import LogPlace, LogRecord

Result = TypeVar("Result")


class ClusterEngine:
    """The engine at a URL, for a file of the cluster `cluster`."""

    def __init__(self, url: str, cluster: str) -> None:
        self._url, self.cluster = url, cluster
        self._session: EngineConnection | None = None

    def look(self, deadline: Deadline, place: LogPlace) -> LogLook:
        """Look at the lease, and at the log behind a place."""
        return self._run(look_at_log, deadline, place)

    def renew(self, deadline: Deadline, epoch: int, node: NodeReport) -> Lease | None:
        """Renew the lease of a node and note its report; return None if another one has it."""
        renewed = self._run(lease.renew_lease, deadline, epoch, node.id)
        if renewed is not None:
            self._run(nodes.report_node, deadline, node)
        return renewed

    def report(self, deadline: Deadline, node: NodeReport) -> None:
        """Note the report of a node."""
        self._run(nodes.report_node, deadline, node)

    def campaign(
        self, deadline: Deadline, seen: Lease, least: int, node: NodeReport
    ) -> Lease | None:
        """Take a lease that is over, with an epoch above `least`; return None if that failed."""
        return self._run(lease.campaign, deadline, seen, least, node.id, node.address)

    def release(self, deadline: Deadline, epoch: int, node: str) -> None:
        """End the lease of a node, if it still has it."""
        self._run(lease.release_lease, deadline, epoch, node)

    def halt(self, deadline: Deadline) -> None:
        """Let no node lead, until an operator decides: the log has lost a confirmed record."""
        self._run(lease.halt_lease, deadline)

    def hand_over(self, deadline: Deadline, mine: Lease, successor: NodeReport) -> Lease | None:
        """Give a lease to another node; return None if it is not `mine`."""
        return self._run(lease.hand_over, deadline, mine, successor.id, successor.address)

    def name_successor(self, deadline: Deadline, epoch: int, address: str) -> bool:
        """Ask the holder of a lease to hand it over; return False if the lease has moved."""
        return self._run(lease.name_successor, deadline, epoch, address)

    def nodes(self, deadline: Deadline) -> list[tuple[NodeReport, float]]:
        """Return the last report of each node, and its age in seconds."""
        return self._run(nodes.list_nodes, deadline)

    def trim(self, deadline: Deadline, before: int) -> int:
        """Drop what every node has applied and is older than `before` (epoch ms), in partitions.

        Return how many were dropped.
        """
        below = self._run(nodes.least_applied, deadline)
        return self._run(LogPartitions().trim, deadline, below, before)

    def request_check(self, deadline: Deadline, check_id: str) -> None:
        """Ask the leader for a mark with the id of a check."""
        self._run(checks.request_check, deadline, check_id)

    def report_check(self, deadline: Deadline, check_id: str, report: FileReport) -> None:
        """Note what a node's file holds."""
        self._run(checks.report_check, deadline, check_id, report)

    def check_reports(self, deadline: Deadline, check_id: str) -> dict[str, FileReport]:
        """Return the reports of a check so far, by address."""
        return self._run(checks.check_reports, deadline, check_id)

    def records(self, deadline: Deadline, after: int) -> list[LogRecord]:
        """Return a page of the records after an idx."""
        return self._run(read_records, deadline, after)

    def unsafe(self, deadline: Deadline) -> list[str]:
        """Return a line for each unsafe setting of the engine (`safety.py`)."""
        return self._run(safety.unsafe_settings, deadline)

    def appender(self, place: LogPlace) -> Appender:
        """Return an appender behind a place, with a session of its own."""
        return Appender(self._url, place)

    def another(self) -> "ClusterEngine":
        """Return the same engine with a session of its own, for another thread."""
        return ClusterEngine(self._url, self.cluster)

    def close(self) -> None:
        """Close the session."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _run(self, work: Callable[..., Result], deadline: Deadline, *values: Any) -> Result:
        try:
            if self._session is None:
                self._session = connect_engine(self._url, deadline)
                refuse_other_cluster(self._session, deadline, self.cluster)
            return work(self._session, deadline, *values)
        except StorageError:
            self.close()
            raise
