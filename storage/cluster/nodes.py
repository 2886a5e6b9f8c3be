"""The nodes of a cluster: what each last reported, and how far all of them have applied the log.

A node reports itself every few seconds. `seen` is on the engine's clock, so the nodes' clocks do
not matter. Every function raises EngineUnclearError if the engine did not confirm.
"""

from collections.abc import Iterable
from typing import Final

from attrs import frozen

from storage.cluster.connection import Deadline, EngineConnection

KEPT_S: Final = 24 * 3_600.0
"""For how long after its last report the log is kept for a node, in seconds."""

PRESENT_S: Final = 3.0
"""A node that has not reported for so many seconds is taken to be away."""

_REPORT: Final = """
    WITH replaced AS (DELETE FROM toteboard_nodes WHERE address = %s AND id <> %s)
    INSERT INTO toteboard_nodes (id, address, version, level, applied, skew_ms, ready, seen)
    VALUES (%s, %s, %s, %s, %s, %s, %s, clock_timestamp())
    ON CONFLICT (id) DO UPDATE SET
        address = excluded.address, version = excluded.version, level = excluded.level,
        applied = excluded.applied, skew_ms = excluded.skew_ms, ready = excluded.ready,
        seen = excluded.seen"""

_LIST: Final = """
    SELECT id, address, version, level, applied, skew_ms, ready,
           extract(epoch FROM clock_timestamp() - seen)::float8
    FROM toteboard_nodes ORDER BY address, id"""

_LEAST: Final = """
    SELECT min(applied) FROM toteboard_nodes
    WHERE seen > clock_timestamp() - make_interval(secs => %s)"""


@frozen
class NodeReport:
    """What a node reports.

    `id` is new with each start of the node. `applied` is the idx up to which its file has applied
    the log, and `skew_ms` how far its clock is ahead of the engine's. `ready`: it can serve.
    """

    id: str
    address: str
    version: str
    level: int
    applied: int
    skew_ms: int = 0
    ready: bool = True


def report_node(engine: EngineConnection, deadline: Deadline, node: NodeReport) -> None:
    """Note a node's report, in place of its last one and of those before its last start."""
    values = node.id, node.address, node.version, node.level, node.applied, node.skew_ms, node.ready
    engine.run(deadline, _REPORT, node.address, node.id, *values)


def list_nodes(engine: EngineConnection, deadline: Deadline) -> list[tuple[NodeReport, float]]:
    """Return the last report of each node, and its age in seconds."""
    _, rows = engine.run(deadline, _LIST)
    return [(NodeReport(*row[:-1]), row[-1]) for row in rows]


def present(nodes: Iterable[tuple[NodeReport, float]]) -> list[NodeReport]:
    """Return those of some nodes, with the ages of their reports, that are not away."""
    return [node for node, seen_s in nodes if seen_s < PRESENT_S]


def older_than(level: int, nodes: Iterable[tuple[NodeReport, float]]) -> list[NodeReport]:
    """Return the nodes that are not away, and cannot read records of this level."""
    return [node for node in present(nodes) if node.level < level]


def least_applied(engine: EngineConnection, deadline: Deadline) -> int:
    """Return the idx that every node seen within `KEPT_S` has applied; 0 if there is none."""
    _, [(least,)] = engine.run(deadline, _LEAST, KEPT_S)
    return least or 0
