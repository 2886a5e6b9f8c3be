"""What an operator asks of a cluster at one of its nodes: its state, and another leader.

A hand-over goes by the lease, so any node can ask for it: it names the successor there, and the
leader finds it at its next renewal.
"""

from collections.abc import Mapping
from typing import Any, Final

import trio

from actors.cluster.engine_thread import EngineThread
from actors.cluster.follower import Follower
from storage.cluster.engine import ClusterEngine
from storage.cluster.look import LogLook
from storage.cluster.nodes import KEPT_S, PRESENT_S, NodeReport
from storage.users import OperatorError

PATIENCE_S: Final = 20.0
"""How long a hand-over may take."""
MOVED_LOOK_S: Final = 0.05


class HandOverError(OperatorError):
    """The lease cannot be handed over. The text is one line."""


class NodeCommands:
    """The commands at one node."""

    def __init__(self, engine: ClusterEngine, thread: EngineThread, follower: Follower) -> None:
        self._engine, self._thread, self._follower = engine, thread, follower

    async def perform(self, word: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Perform a command. Raise HandOverError, StorageError, and KeyError for an unknown one."""
        commands = {"status": self.status, "hand_over": self.hand_over}
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
                }
                for node, seen_s in nodes
                if seen_s < KEPT_S
            ],
        }

    async def hand_over(self, address: str | None = None) -> dict[str, Any]:
        """Have the lease handed over to a node, to any that is ready if no address is given.

        Return the new leader and its epoch once it leads. Raise HandOverError.
        """
        look = await self._look()
        successor = await self._successor(look, address)
        if not _leads(look, successor):
            await self._thread.ask(self._engine.name_successor, look.lease.epoch, successor.address)
            with trio.move_on_after(PATIENCE_S) as waiting:
                look = await self._next_leader(look.lease.epoch)
            if waiting.cancelled_caught:
                raise HandOverError(f"the lease was not handed over within {PATIENCE_S:.0f} s")
        return {"leader": look.lease.address, "epoch": look.lease.epoch}

    async def _successor(self, look: LogLook, address: str | None) -> NodeReport:
        nodes = [
            node
            for node, seen_s in await self._thread.ask(self._engine.nodes)
            if node.ready and seen_s < PRESENT_S
        ]
        if address is None:
            found = [node for node in nodes if not _leads(look, node)]
        else:
            found = [node for node in nodes if node.address == address]
        if not found:
            raise HandOverError(
                "no other node is ready" if address is None else f"no ready node is at {address}"
            )
        return found[0]

    async def _next_leader(self, epoch: int) -> LogLook:
        """Wait until a node has begun a later epoch."""
        while True:
            look = await self._look()
            if look.end.epoch > epoch:
                return look
            await trio.sleep(MOVED_LOOK_S)

    async def _look(self) -> LogLook:
        return await self._thread.ask(self._engine.look, self._follower.place)


def _leads(look: LogLook, node: NodeReport) -> bool:
    return look.lease.left_s > 0 and look.lease.holder == node.id
