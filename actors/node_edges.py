"""The edges of a leading node: its own, and those of the other nodes.

Theory of operation
===================

                 +-- MemoryLink -- the edge of this node
    NodeEdges ---+-- StreamLink -- the edge of node 2
    (one term)   +-- StreamLink -- the edge of node 3

The edges hold the sockets, and outlive the term. So nothing here closes a client's connection: when
the term ends, the links end, and each edge goes on with the next leader (`actors/node_edge.py`).

When a link is lost, its node may be dead, or come back in a moment. Its clients stay members for
`ABSENT_S`, the length of a lease. If the node comes back, its clients are registered again before
the old ones leave, so no 480 and no 470 is published. If it does not, they leave then.

The same holds for the clients of the former leader. Nobody here knows their connections, but who
was in which game is known (`actors/games/presence.py`): `forget_absent` when the time is over.
"""

from collections.abc import Awaitable, Callable, Sequence
from itertools import takewhile
from typing import Final

import structlog
import trio

from actors.clock import Clock
from actors.counters import Counters
from actors.games.presence import PresenceTable
from actors.link.carrier import RunningLink
from actors.link.edge_peer import Calls, DecidingProcess
from actors.link.memory import MemoryLink, memory_links
from actors.link.messages import (
    Confirmed,
    LinkMessage,
    PresenceChanged,
    Readiness,
    presence_known,
)
from actors.link.node_peer import NodePeer
from actors.link.remote_client import RemoteClient
from actors.link.sides import ReturningSide
from actors.survival import survive

log = structlog.get_logger()

ABSENT_S: Final = 3.0
"""How long the clients of a node that is not linked stay members: as long as a lease."""
NODE_READINESS_S: Final = 1.0


class NodeEdges:
    """An `EdgeSide` for one term of leadership.

    `calls` are what edges may ask. `status` returns what `/readyz` answers. `may_send` returns
    whether the lease certainly lasts: nothing is sent after that. `confirmed` is the idx up to
    which the log is confirmed at the beginning.
    """

    def __init__(
        self,
        side: ReturningSide[RemoteClient],
        calls: Calls,
        counters: Counters,
        clock: Clock,
        presence: PresenceTable,
        status: Callable[[], Awaitable[Readiness]],
        may_send: Callable[[], bool],
        confirmed: int,
    ) -> None:
        self._side, self._presence, self._clock = side, presence, clock
        self._deciding = DecidingProcess(side, calls, counters, lambda _: None)
        self._status, self.may_send, self._confirmed = status, may_send, confirmed
        self._links: dict[RunningLink, NodePeer] = {}
        self._peers: dict[NodePeer, None] = {}
        """The edges whose clients are members, also those whose link was lost."""
        self._nursery: trio.Nursery | None = None
        self._link_ended = trio.Event()
        self._is_stopping = False
        presence.on_change = self._presence_changed

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Serve links until cancelled."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            nursery.start_soon(self._tell_readiness)
            task_status.started()
            try:
                await trio.sleep(ABSENT_S)
                self._presence.is_settled = True
                await self._side.forget_absent()
                await trio.sleep_forever()
            finally:
                self._nursery = None  # the term is over: a node that calls is sent away

    # Links.

    def accept(self, link: RunningLink) -> bool:
        """Serve a link of a node until it ends. Return False if the term is over."""
        if self._nursery is None or self._is_stopping:
            return False
        self._nursery.start_soon(self._serve, link, self._nursery)
        return True

    def connect(self) -> MemoryLink:
        """Return this node's own end of a link."""
        ours, theirs = memory_links(self.may_send)
        if not self.accept(ours):
            ours.give_up("the term is over")
        return theirs

    @property
    def peers(self) -> Sequence[NodePeer]:
        """The nodes that are linked, this one too."""
        return tuple(self._links.values())

    async def _serve(self, link: RunningLink, nursery: trio.Nursery) -> None:
        peer = self._peer(link, nursery)
        self._links[link] = peer
        self._peers[peer] = None
        try:
            self._greet(link)
            link.send(await self._status())
            await survive(link.run, peer.on_message)
        finally:
            del self._links[link]
            peer.lost()
            self._link_ended.set()
            self._link_ended = trio.Event()
        log.info("node_unlinked", node=peer.node, reason=link.ended)
        if not self._is_stopping:
            await trio.sleep(ABSENT_S)
        self._end(peer)

    def _peer(self, link: RunningLink, nursery: trio.Nursery) -> NodePeer:
        return NodePeer(link, self._side, self._deciding, nursery, self._clock, self._returned)

    def _greet(self, link: RunningLink) -> None:
        """Send what the edge's node must know if it leads next."""
        link.send(presence_known(self._presence.games))
        link.send(Confirmed(self._confirmed))

    def _returned(self, peer: NodePeer) -> None:
        """Let the former clients of a node leave: those that it still has are members again."""
        log.info("node_linked", node=peer.node, clients=len(peer.clients))
        for other in takewhile(lambda each: each is not peer, tuple(self._peers)):
            if other.node == peer.node:
                self._end(other)

    def _end(self, peer: NodePeer) -> None:
        self._peers.pop(peer, None)
        peer.ended()

    # What every node is told.

    def confirm(self, idx: int) -> None:
        """Report that the log is confirmed up to `idx`. Call it before the commit is answered."""
        self._confirmed = idx
        self._send_to_all(Confirmed(idx))

    def _presence_changed(self, game_id: str, user_id: int, name: str, has_come: bool) -> None:
        self._send_to_all(PresenceChanged(game_id, user_id, name, has_come))

    def _send_to_all(self, message: LinkMessage) -> None:
        for link in self._links:
            link.send(message)

    async def _tell_readiness(self) -> None:
        while True:
            self._send_to_all(await self._status())
            await trio.sleep(NODE_READINESS_S)

    # The end of the term.

    @property
    def outboxes(self) -> Sequence[int]:
        """How many batches wait for each client, by the last report of each node."""
        return [each for peer in self._links.values() for each in peer.outboxes]

    def stop_reading(self) -> None:
        """Accept no more links, and handle no more messages."""
        self._is_stopping = True
        for peer in self._links.values():
            peer.stop_reading()

    async def all_answered(self) -> None:
        """Wait until everything that is in progress has its reply."""
        for peer in self.peers:
            await peer.all_answered()

    async def close_all(self, _code: int, _reason: str) -> None:
        """End every link, and wait until all have ended. The edges keep their clients."""
        for link in self._links:
            link.finish()
        while self._links:
            await self._link_ended.wait()
