"""The edge of another node, as the leader sees it: an `EdgePeer` whose clients may come back.

Theory of operation
===================

    NodeHello,
    PresenceKnown -> Returning, ... --> AllReturned ---> ClientMessage, ...
                   signed in again     members again    those without a reply, then new ones
                   or closed

A client that comes back has signed in before. Its claim is verified again, because its key may have
ended meanwhile. Then its games send it what it missed. Only after that are its messages handled, so
that no reply has a position which the replay would fall behind.

When the link is lost, the clients stay members for a while (`actors/node_edges.py`), and nothing
that they have sent is begun any more: their edge asks again.
"""

from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final

import orjson
import structlog
import trio

from actors.clock import Clock
from actors.link.caller import POLICY_VIOLATION, SERVICE_RESTARTS
from actors.link.carrier import Link
from actors.link.claim import Identity, NotAdmittedError, TokenClaim, claim_of
from actors.link.edge_peer import DecidingProcess, EdgePeer
from actors.link.messages import (
    VERSION,
    AllReturned,
    CloseConnection,
    EdgeReport,
    LinkMessage,
    NodeHello,
    PresenceKnown,
    Returning,
    read_presence,
)
from actors.link.remote_client import RemoteClient
from actors.link.sides import ReturningSide
from storage.errors import StorageError

log = structlog.get_logger()

Wait = Callable[[], Awaitable[None]]
SKEWS = 8
"""How many reports of a node's clock are compared."""
MEMBERS_AT_ONCE: Final = 4
"""Members that are sent what they missed before the link has to catch up. That may be 8 MiB each
(`actors/games/joins.py`), and a link on which 64 MiB wait is given up.
"""


class NodePeer(EdgePeer):
    """Handles the messages of a node's edge.

    `on_returned` is called once all its clients are members of their games again.
    """

    def __init__(
        self,
        link: Link,
        side: ReturningSide[RemoteClient],
        deciding: DecidingProcess,
        nursery: trio.Nursery,
        clock: Clock,
        on_returned: Callable[["NodePeer"], None],
    ) -> None:
        super().__init__(link, deciding, nursery, partial(on_returned, self))
        self._returning_side, self._clock = side, clock
        self.node = ""
        """The run of a process whose edge it is, empty before its hello."""
        self._is_stopping = False
        self._turn = trio.Lock()
        self._skews = deque[int](maxlen=SKEWS)
        self._present: dict[str, dict[int, str]] = {}
        self._members: defaultdict[str, dict[RemoteClient, int]] = defaultdict(dict)

    def on_message(self, message: LinkMessage) -> None:
        """Handle a message of the edge. Before its hello, only that is expected."""
        match message:
            case NodeHello(version=version, node=node):
                self._greeted(version, node)
            case _ if not self.node:
                self._fail("a node that has not introduced itself")
            case PresenceKnown(users=users):
                self._present = read_presence(users)
            case Returning(connection=number, about=about):
                self._return(number, orjson.loads(about))
            case AllReturned():
                self._all_returned()
            case EdgeReport(figures=figures):
                self._note_clock(orjson.loads(figures)["at"])
                super().on_message(message)
            case _ if not self._is_stopping:
                super().on_message(message)

    @property
    def skew_ms(self) -> int:
        """How far the node's clock is ahead, in milliseconds; negative if it is behind.

        A report is late by the time that it takes, so the earliest of the latest ones counts.
        """
        return max(self._skews, default=0)

    def _note_clock(self, at: int) -> None:
        self._skews.append(at - self._clock.now())

    def _greeted(self, version: int, node: str) -> None:
        if version != VERSION:
            self._fail(f"a node whose link has version {version}, not {VERSION}")
        self.node = node

    def stop_reading(self) -> None:
        """Handle no more messages. What is in progress gets its replies."""
        self._is_stopping = True
        self.has_stopped_reading.set()

    def lost(self) -> None:
        """The link has ended. Begin nothing more that its clients have sent."""
        self._is_stopping = True
        for client in self.clients:
            client.is_cut_off = True

    # Clients that come back.

    def _return(self, number: int, about: dict[str, Any]) -> None:
        connect = partial(self._connect, number)
        claim = claim_of(about["claim"])
        if isinstance(claim, TokenClaim):  # only its client knows a token that is valid now
            self._link.send(CloseConnection(number, SERVICE_RESTARTS, "another node leads"))
            return
        try:
            client = self._returning_side.readmit(claim, Identity(**about["identity"]), connect)
            self._clients[number] = client
            client.has_returned = True
            client.open()
            self._returning_side.resume_balances(client)
        except NotAdmittedError as refusal:
            self._link.send(CloseConnection(number, POLICY_VIOLATION, refusal.text))
        except StorageError as error:
            log.error("storage_failed", error=str(error))
            if number in self._clients:
                self._clients[number].is_cut_off = True
            self._link.send(CloseConnection(number, SERVICE_RESTARTS, "the server restarts"))
        else:
            for game_id, seq in about["games"].items():
                self._members[game_id][client] = seq

    def _all_returned(self) -> None:
        """Let the games take their members back, and clients wait for their games."""
        members, self._members = self._members, defaultdict(dict)
        waits: defaultdict[RemoteClient, list[Wait]] = defaultdict(list)
        done = [trio.Event() for _ in members]
        for event, (game_id, positions) in zip(done, members.items(), strict=True):
            self._start(self._rejoin, game_id, positions, event)
            for client in positions:
                waits[client].append(event.wait)
        for client, games in waits.items():
            client.handle_after(partial(_each, games))
        self.is_serving = True
        self._start(self._announce, [event.wait for event in done])

    async def _announce(self, games: Sequence[Wait]) -> None:
        await _each(games)
        self._on_hello()

    async def _rejoin(
        self, game_id: str, members: dict[RemoteClient, int], done: trio.Event
    ) -> None:
        """Let a game take its members back, a few at a time, so that the link is not overrun."""
        present, left = self._present.get(game_id, {}), tuple(members.items())
        try:
            while left:
                async with self._turn:
                    await self._link.caught_up()
                    await self._returning_side.rejoin(game_id, left[:MEMBERS_AT_ONCE], present)
                left = left[MEMBERS_AT_ONCE:]
        finally:
            done.set()


async def _each(waits: Sequence[Wait]) -> None:
    for wait in waits:
        await wait()
