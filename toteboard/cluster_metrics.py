"""The metrics of a node of a cluster, beside those of every server (`toteboard/metrics.py`)."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from actors.cluster.node import Node
from actors.cluster.upkeep import Upkeep

ROLES = ("leader", "edge")


class ClusterMetrics(Collector):
    """The families of metrics of one node."""

    def __init__(self, node: Node, upkeep: Upkeep) -> None:
        self._node, self._upkeep = node, upkeep

    def describe(self) -> Iterator[Metric]:
        """Describe nothing: the families are made when they are read."""
        yield from ()

    def collect(self) -> Iterator[Metric]:
        """Yield every family of metrics."""
        node, leads = self._node, self._node.term is not None
        about = "The role of this node: 1 for the present one."
        roles = GaugeMetricFamily("toteboard_cluster_role", about, labels=["role"])
        for role, is_present in zip(ROLES, (leads, not leads), strict=True):
            roles.add_metric([role], int(is_present))
        yield roles
        yield _gauge("epoch", "The epoch of the last record that this node has.", node.place.epoch)
        about = "The idx of the last record that this node's file has."
        yield _gauge("applied", about, node.place.idx)
        about = "How far this node's clock is ahead of the engine's, in seconds."
        yield _gauge("skew_seconds", about, node.follower.skew_ms / 1_000)
        about = "Whether the engine's settings lose no confirmed record: 1 for yes."
        yield _gauge("engine_durable", about, int(not self._upkeep.unsafe))
        about = "How often this node has begun to lead."
        yield CounterMetricFamily("toteboard_cluster_takeovers", about, value=node.takeovers)


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"toteboard_cluster_{name}", about, value=value)
