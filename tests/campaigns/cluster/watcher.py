"""A user who follows the game at one node, and comes back to it with `since` after a loss."""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import trio
from attrs import Factory, define

from bench.line import frame
from tests.campaigns.cluster.bettor import TRY_AGAIN
from tests.campaigns.line import Line, LostError, signed_in
from tests.support.process import Process
from toteboard_client import Message

AGAIN_S = 0.2
LATEST = 12
POSITIONS = ("res", "since", "prev_seq", "seq")


@define(eq=False)
class Watcher:
    """One connection that must not miss a fact. `known` is the greatest `seq` that it knows.

    `is_following`: whether it is subscribed at this moment. `losses`: how many connections it lost,
    the last one with the code and reason `why`.
    """

    user_id: int
    _key: str
    node: Process
    _game_id: str
    known: int = 0
    losses: int = 0
    is_following: bool = False
    why: str = ""
    latest: deque[dict[str, Any]] = Factory(lambda: deque(maxlen=LATEST))
    """The positions of the latest messages, to find the cause of a gap."""

    async def live(self) -> None:
        """Follow the game until the end of the nursery. Raise `AssertionError` after a gap."""
        while True:
            try:
                async with signed_in(self.node.port, self.user_id, self._key) as line:
                    await line.send(self._join())
                    await self._follow(line)
            except LostError as lost:
                self.losses += self.is_following
                self.why = str(lost)
                self.is_following = False
                await trio.sleep(AGAIN_S)

    def _join(self) -> bytes:
        since = {"since": self.known} if self.known else {}
        return frame(363, game_id=self._game_id, **since)

    async def _follow(self, line: Line) -> None:
        while True:
            for message in await line.receive():
                if message["res"] == 666:  # the leader changes
                    assert message["code"] in TRY_AGAIN, message
                    raise LostError(message["code"])
                self._note(message)

    def _note(self, message: Message) -> None:
        """Check that nothing was missed (contract, section 1, "Positions")."""
        self.latest.append({"node": self.node.folder.name} | {n: message.get(n) for n in POSITIONS})
        if message["res"] == 333:
            assert not message.get("resync"), (self.known, [*self.latest])
            self.is_following = True
        if "seq" not in message:
            return
        is_next = message.get("prev_seq", 0) <= self.known <= message["seq"]
        assert is_next, (self.known, [*self.latest])
        self.known = message["seq"]


def kept_by(watchers: Sequence[Watcher], leader: Process) -> dict[Watcher, tuple[int, int]]:
    """Return how many connections each watcher at a node that follows has lost, and its node.

    The second number is how often the node was deposed: it closes its connections then.
    """
    elsewhere = (each for each in watchers if each.is_following and each.node is not leader)
    return {each: _losses(each) for each in elsewhere}


def lost_from(kept: Mapping[Watcher, tuple[int, int]]) -> list[Watcher]:
    """Return the watchers that have lost connections since, although no node was deposed."""
    return [
        each
        for each, (losses, deposed) in kept.items()
        if each.losses > losses and _losses(each)[1] == deposed
    ]


def _losses(watcher: Watcher) -> tuple[int, int]:
    return watcher.losses, watcher.node.events().count("deposed")
