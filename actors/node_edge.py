"""The edge of a node: holds the sockets of clients for the life of the process.

Theory of operation
===================

    listeners --> LocalEdge --> FollowingSide --> Uplink --+--> (memory) this node, if it leads
                                                           +--> (TCP) the node that leads

    leader known ---> call it ---> follow --- the link ends, or another node leads ---> again
                        |
                        +--- it fails: pause, again

The sockets stay open meanwhile. They are closed (1012), so that clients connect elsewhere, when
this edge is of no use to them:

- It has had no link for `CUT_OFF_S`, and the leader was seen to renew its lease after that: so the
  leader is well, and this node is cut off from it. A leader that is new, or that answers that it
  does not lead yet, has as long again.
- It has had no link for `LONGEST_S`, whatever the reason.
- Its own node led, and was deposed. What its clients asked meanwhile is not asked again: nobody can
  say how long ago they did.

A node whose edge has no link is not ready.
"""

import math
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import orjson
import structlog
import trio

from actors.cluster.leadership import Leader, Leadership
from actors.counters import Counters
from actors.edge.closing import GONE
from actors.edge.following_side import FollowingSide
from actors.games.presence import Users
from actors.link.caller import SERVICE_RESTARTS, Continuation
from actors.link.carrier import RunningLink
from actors.link.messages import (
    Confirmed,
    EdgeReport,
    LinkMessage,
    PresenceChanged,
    PresenceKnown,
    Readiness,
    read_presence,
)
from actors.link.node_auth import DoesNotLeadError, NotTrustedError
from actors.link.uplink import Uplink, UplinkCalls
from actors.local_edge import CLOSES_S, LocalEdge
from actors.survival import survive
from actors.worker_edge import EdgeSetup

log = structlog.get_logger()

CUT_OFF_S: Final = 2.0
RENEWAL_S: Final = 1.0
"""A leader renews its lease each second. Only a renewal so long after the loss shows it is well."""
LONGEST_S: Final = 30.0
"""Longer than a takeover takes, also if PostgreSQL has to promote a standby first."""
RECONNECT_PAUSE_S: Final = 0.1
DEPOSED_S: Final = 1.0
"""How long a deposed node waits for its clients to close, before it links to the new leader."""
LEADER_LOOK_S: Final = 0.25
EDGE_REPORT_S: Final = 1.0
NOT_LINKED: Final = Readiness(False, "no link to the leader")
FAILURES: Final = (OSError, trio.TooSlowError, NotTrustedError, DoesNotLeadError, *GONE)

Call = Callable[[Leader], Awaitable[RunningLink]]
"""Return a link to the leader. Raise one of `FAILURES`."""


class NodeEdge:
    """One edge, for the life of a node's process.

    `node` names this run of the process. `call` makes links. `on_confirmed` is told how far the log
    is confirmed, and `has_applied` waits until this node's file has applied that. Pass the site
    `calls`.
    """

    def __init__(
        self,
        node: str,
        leadership: Leadership,
        call: Call,
        on_confirmed: Callable[[int], None],
        has_applied: Callable[[], Awaitable[None]],
    ) -> None:
        self._node, self._leadership = node, leadership
        self._call, self._on_confirmed = call, on_confirmed
        self._uplink = Uplink()
        self.calls = UplinkCalls(self._uplink, has_applied)
        self._counters = Counters()
        self._side: FollowingSide | None = None
        self._edge: LocalEdge | None = None
        self._leader: Leader | None = None
        self._heard_at = -math.inf
        self._unreachable: Leader | None = None
        self._is_deposed = False
        self.readiness = NOT_LINKED
        """Whether the leader can serve, as it last said."""
        self.presence: dict[str, Users] = {}
        """Who is in which game, as the leader last said: for the term in which this node leads."""

    async def run(
        self, setup: EdgeSetup, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """Serve clients until cancelled."""
        self._clock, limits = setup.clock, setup.limits
        self._side = FollowingSide(
            self._node, self._uplink, self.calls, setup.clock, self._counters, limits, setup.version
        )
        self._edge = LocalEdge(self._side, limits, setup.listeners, setup.site, self._counters)
        async with trio.open_nursery() as nursery:
            await nursery.start(self._edge.run)
            nursery.start_soon(self._follow, self._side)
            nursery.start_soon(self._watch)
            nursery.start_soon(self._report, self._edge)
            task_status.started()

    @property
    def edge(self) -> LocalEdge:
        """The clients, once `run` has started."""
        assert self._edge is not None
        return self._edge

    def depose(self) -> None:
        """Close the connections before this edge follows another leader than its own node."""
        self._is_deposed = True

    # The leader.

    async def _follow(self, side: FollowingSide) -> None:
        """Keep a link to the leader, whichever node that is."""
        while True:
            if self._is_deposed:
                await self._close_all("this node was deposed", DEPOSED_S)
                self._is_deposed = False
            leader = self._leadership.leader or await self._leadership.other_than(None)
            assert leader is not None
            if leader != self._leader:
                self._leader, self._heard_at = leader, trio.current_time()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._until_another_leads, leader, nursery.cancel_scope)
                await self._link_to(leader, side)
                nursery.cancel_scope.cancel()
            await trio.sleep(RECONNECT_PAUSE_S)

    async def _until_another_leads(self, leader: Leader, scope: trio.CancelScope) -> None:
        await self._leadership.other_than(leader)
        scope.cancel()

    async def _link_to(self, leader: Leader, side: FollowingSide) -> None:
        """Call the leader, and serve the link until it ends."""
        try:
            link = await self._call(leader)
        except FAILURES as error:
            if isinstance(error, DoesNotLeadError):  # it is reached, and will lead in a moment
                self._heard_at = trio.current_time()
            self._note_unreachable(leader, error)
            return
        self._unreachable = None
        log.info("leader_linked", address=leader.address, epoch=leader.epoch)
        side.follow(link, self.presence)
        try:
            await survive(link.run, partial(self._on_message, side))
        finally:
            side.lose()
            self.readiness = NOT_LINKED
            log.info("leader_unlinked", address=leader.address, reason=link.ended)

    def _note_unreachable(self, leader: Leader, error: Exception) -> None:
        if self._unreachable != leader:
            self._unreachable = leader
            reason = str(error) or type(error).__name__
            log.warning("leader_unreachable", address=leader.address, reason=reason)

    def _on_message(self, side: FollowingSide, message: LinkMessage) -> Continuation | None:
        match message:
            case Confirmed(idx=idx):
                self._on_confirmed(idx)
            case Readiness():
                self.readiness = message
            case PresenceKnown(users=users):
                self.presence = read_presence(users)
            case PresenceChanged():
                self._note_presence(message)
            case _:
                return side.on_message(message)
        return None

    def _note_presence(self, change: PresenceChanged) -> None:
        users = self.presence.setdefault(change.game_id, {})
        if change.has_come:
            users[change.user_id] = change.user_name
        else:
            users.pop(change.user_id, None)
        if not users:
            del self.presence[change.game_id]

    # Without a leader.

    async def _watch(self) -> None:
        """Close the connections when this edge has been of no use to them for too long."""
        while True:
            await trio.sleep(LEADER_LOOK_S)
            connections = len(self.edge.admission.open)
            if self._is_cut_off and connections:
                log.error("edge_cut_off", connections=connections)
                await self._close_all("this node has no link to the leader")

    async def _close_all(self, reason: str, within_s: float = CLOSES_S) -> None:
        with trio.move_on_after(within_s):
            await self.edge.close_all(SERVICE_RESTARTS, reason)

    @property
    def _is_cut_off(self) -> bool:
        if self._uplink.is_up:
            return False
        now, lost_at = trio.current_time(), self._uplink.lost_at
        since = max(lost_at, self._heard_at)
        is_known = self._leadership.leader == self._leader  # not one that will be called next
        leader_is_well = is_known and self._leadership.renewed_at > since + RENEWAL_S
        return now - lost_at > LONGEST_S or (now - since > CUT_OFF_S and leader_is_well)

    async def _report(self, edge: LocalEdge) -> None:
        """Send the counts of this edge to the leader, and its clock."""
        while True:
            await trio.sleep(EDGE_REPORT_S)
            if self._uplink.is_up:
                outboxes = [each for each in edge.outboxes if each]
                counted = self._counters.take()
                report = {"outboxes": outboxes, "counted": counted, "at": self._clock.now()}
                self._uplink.send(EdgeReport(orjson.dumps(report)))
