"""What a node of a cluster adds to health and metrics."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen
from starlette.types import ASGIApp

from toteboard.http.health import Trouble

if TYPE_CHECKING:
    from prometheus_client.registry import Collector  # a worker does without it


@frozen
class ClusterView:
    """`troubles` are reasons not to be ready; `warnings` returns what is unsafe meanwhile."""

    troubles: Sequence[Trouble]
    warnings: Callable[[], Sequence[str]]
    metrics: "Sequence[Collector]"
    forward: Callable[[ASGIApp], ASGIApp] = lambda api: api
    """Makes the operator's API of a node from that of its role."""
    nodes: Callable[[], Awaitable[dict[str, Any]]] | None = None
    """Returns the cluster and its nodes, for GET /v1/nodes. Raises StorageError."""


ALONE: Final = ClusterView((), tuple, ())
"""A server that stands alone adds nothing."""
