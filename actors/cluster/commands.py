"""What an operator asks of a cluster at one of its nodes: its state, and another leader.

A hand-over goes by the lease, so any node can ask for it: it names the successor there, and the
leader finds it at its next renewal.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import uuid4

import trio

from actors.cluster.engine_thread import EngineThread
from actors.cluster.follower import Follower
from storage.cluster.checks import FileReport, broken_record
from storage.cluster.engine import ClusterEngine
from storage.cluster.look import LogLook
from storage.cluster.nodes import KEPT_S, PRESENT_S, NodeReport, older_than, present
from storage.records import LogRecord
from storage.users import OperatorError

PATIENCE_S: Final = 20.0
"""How long a hand-over may take."""
CHECK_S: Final = 600.0
"""How long the nodes may take to read their files."""
MOVED_LOOK_S: Final = 0.05


class HandOverError(OperatorError):
    """The lease cannot be handed over. The text is one line."""


class NodeCommands:
    """The commands at one node."""

    def __init__(self, engine: ClusterEngine, thread: EngineThread, follower: Follower) -> None:
        self._engine, self._thread, self._follower = engine, thread, follower

    async def perform(self, word: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Perform a command. Raise HandOverError, StorageError, and KeyError for an unknown one."""
        commands = {"status": self.status, "hand_over": self.hand_over, "check": self.check}
        return await commands[word](**values)

    async def status(self) -> dict[str, Any]:
        """Return the cluster's leader and nodes, as `toteboard cluster status` prints them."""
        look, nodes = await self._look(), await self._thread.ask(self._engine.nodes)
        lease = look.lease
        return {
            "cluster": self._engine.cluster,
            "leader": lease.address if lease.left_s > 0 else "",
            "epoch": lease.epoch,
            "log": look.end.idx,
            "nodes": [
                {
                    "id": node.id,
                    "address": node.address,
                    "role": "leader" if _leads(look, node) else "edge",
                    "version": node.version,
                    "level": node.level,
                    "applied": node.applied,
                    "skew_ms": node.skew_ms,
                    "ready": node.ready and seen_s < PRESENT_S,
                    "yields_to": [older.address for older in older_than(node.level, nodes)],
                }
                for node, seen_s in nodes
                if seen_s < KEPT_S
            ],
        }

    async def hand_over(self, address: str | None = None) -> dict[str, Any]:
        """Have the lease handed over to a node, to any that is ready if no address is given.

        Return the new leader and its epoch once it leads. Raise HandOverError, also if a node of an
        older release could not follow the new leader.
        """
        look, nodes = await self._look(), await self._thread.ask(self._engine.nodes)
        successor = _successor(look, present(nodes), address)
        if not _leads(look, successor):
            for older in older_than(successor.level, nodes):
                raise HandOverError(
                    f"{older.address} has an older release, and could not follow "
                    f"{successor.address}: upgrade it first"
                )
            await self._thread.ask(self._engine.name_successor, look.lease.epoch, successor.address)
            with trio.move_on_after(PATIENCE_S) as waiting:
                look = await self._next_leader(look.lease.epoch)
            if waiting.cancelled_caught:
                raise HandOverError(f"the lease was not handed over within {PATIENCE_S:.0f} s")
        return {"leader": look.lease.address, "epoch": look.lease.epoch}

    async def check(self) -> dict[str, Any]:
        """Compare the files of all nodes that are there, and the log with itself.

        Return the `findings`, one line each, and the `nodes` that were compared.
        """
        check_id = uuid4().hex
        asked = {node.address for node in present(await self._thread.ask(self._engine.nodes))}
        await self._thread.ask(self._engine.request_check, check_id)
        reports: dict[str, FileReport] = {}
        with trio.move_on_after(CHECK_S):
            while not asked <= reports.keys():
                await trio.sleep(MOVED_LOOK_S)
                reports = await self._thread.ask(self._engine.check_reports, check_id)
        findings = [f"{address} has not answered" for address in sorted(asked - reports.keys())]
        leader = (await self._look()).lease.address
        in_order = sorted(reports.values(), key=lambda report: report.address != leader)
        findings += _differences(in_order)
        broken = await self._broken_record()
        if broken is not None:
            findings.append(f"record {broken} of the log is not the one that was appended")
        return {"findings": findings, "nodes": len(reports)}

    async def _broken_record(self) -> int | None:
        """Return the first record of the log that does not follow the one before it."""
        last: LogRecord | None = None
        while page := await self._thread.ask(self._engine.records, last.idx if last else 0):
            broken = broken_record(page, last)
            if broken is not None:
                return broken
            last = page[-1]
        return None

    async def _next_leader(self, epoch: int) -> LogLook:
        """Wait until a node has begun a later epoch."""
        while True:
            look = await self._look()
            if look.end.epoch > epoch:
                return look
            await trio.sleep(MOVED_LOOK_S)

    async def _look(self) -> LogLook:
        return await self._thread.ask(self._engine.look, self._follower.place)


def _successor(look: LogLook, nodes: Sequence[NodeReport], address: str | None) -> NodeReport:
    """Return which of the nodes is to lead, one of the oldest release if no address is given."""
    ready = [node for node in nodes if node.ready]
    if address is None:
        found = [node for node in ready if not _leads(look, node)]
    else:
        found = [node for node in ready if node.address == address]
    if not found:
        raise HandOverError(
            "no other node is ready" if address is None else f"no ready node is at {address}"
        )
    return min(found, key=lambda node: node.level)


def _differences(reports: Sequence[FileReport]) -> list[str]:
    """Return a line for each file that differs from what most files hold, or else the first."""
    if not reports:
        return []
    held = Counter(_key(report) for report in reports)
    usual = held.most_common(1)[0][0]
    lines = []
    for report in reports:
        if _key(report) != usual:
            tables = {name for name, _ in {*_key(report)} ^ {*usual}}
            lines.append(f"{report.address} differs in {', '.join(sorted(tables))}")
    return lines


def _key(report: FileReport) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(report.digests.items()))


def _leads(look: LogLook, node: NodeReport) -> bool:
    return look.lease.left_s > 0 and look.lease.holder == node.id
