"""Which node leads, as far as this node knows: what the node tells its edge.

    Node ---- leads / knows no leader ----> Leadership <---- leader, changed ---- the node's edge

The node learns the leader from the lease, and from its own campaigns. An edge passes on what its
clients send to the leader, and finds the next leader here when that changes.
"""

import math

import trio
from attrs import frozen


@frozen
class Leader:
    """The node that leads in an epoch. `address` is its `--node-address`; `is_here`: this node."""

    epoch: int
    address: str
    is_here: bool


class Leadership:
    """The present leader, and a signal of each change."""

    def __init__(self) -> None:
        self._leader: Leader | None = None
        self._changed = trio.Event()
        self.renewed_at = -math.inf
        """When this node last saw that the leader had renewed its lease, in trio's time."""

    @property
    def leader(self) -> Leader | None:
        """The leader, None if none is known: before the first, and once a lease is over."""
        return self._leader

    def know(self, leader: Leader | None) -> None:
        """Note the leader. Wake those that wait if it is another one."""
        if leader != self._leader:
            self._leader = leader
            self._changed.set()
            self._changed = trio.Event()

    async def other_than(self, known: Leader | None) -> Leader | None:
        """Wait until the leader is another one than `known`; return it."""
        while self._leader == known:
            await self._changed.wait()
        return self._leader
