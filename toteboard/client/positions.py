"""What a session has been told of each game it has joined. Pure.

Contract, section 1, "Positions": `seq` is a watermark. With a message one has been told of all up
to there; but a message may also tell of a fact beyond it, while an earlier fact still waits. So
coming back with the greatest `seq` may repeat what was told beyond it, and that is known by its
words, not by its number. A 361 that is sent again may be joined otherwise: bets have ids.
"""

from collections.abc import Iterator
from enum import Enum, auto
from typing import Any

from attrs import Factory, define

Message = dict[str, Any]

_ENVELOPE = ("response_header", "seq", "prev_seq")
MOST_REPEATED = 1_000
"""A server sends again no more facts than this (`resume_limit`)."""


class Verdict(Enum):
    """What to do with a message of a game."""

    NEW = auto()
    """Tell the program."""
    REPEATED = auto()
    """It has been told."""
    GAP = auto()
    """Something before it was missed: ask for it, and for this one."""
    PASSED_OVER = auto()
    """It is going to be sent again: what it belongs behind is missing."""


class PoolSnapshot(Enum):
    """How a session stands with a game."""

    CURRENT = auto()
    BEHIND = auto()
    """Something was missed or passed over, and has not been asked for yet."""
    AWAITED = auto()
    """It has been asked for; what comes before the answer comes again behind it."""
    ADRIFT = auto()
    """The server does not send again what was missed: the next message is taken as it comes."""


@define
class Place:
    """The place that has been reached in one game."""

    seq: int
    snapshot: PoolSnapshot = PoolSnapshot.CURRENT
    told_since: list[Message] = Factory(list)
    """What has been told since `seq` was reached: some of it may lie beyond."""
    may_come_again: list[Message] = Factory(list)
    asked_from: int | None = None
    """Where it was last asked from: what did not come then is not asked for again and again."""

    def take(self, message: Message) -> Verdict:
        """Judge the next message of the game, and move on to it if it is to be told."""
        if self.snapshot in (PoolSnapshot.BEHIND, PoolSnapshot.AWAITED):
            return Verdict.PASSED_OVER
        is_adrift = self.snapshot is PoolSnapshot.ADRIFT or self.asked_from == self.seq
        if message["prev_seq"] > self.seq and not is_adrift:
            self.snapshot = PoolSnapshot.BEHIND
            return Verdict.GAP
        said = {name: value for name, value in message.items() if name not in _ENVELOPE}
        if message["seq"] > self.seq or self.snapshot is PoolSnapshot.ADRIFT:
            self.seq, self.told_since = message["seq"], []
        self.snapshot = PoolSnapshot.CURRENT
        self.told_since.append(said)
        if said not in self.may_come_again:
            return Verdict.NEW
        self.may_come_again.remove(said)
        return Verdict.REPEATED

    def ask(self) -> int:
        """Ask for what was missed; gives the `since` to ask with."""
        if self.snapshot is not PoolSnapshot.AWAITED:
            self.may_come_again = (self.may_come_again + self.told_since)[-MOST_REPEATED:]
        self.snapshot, self.asked_from = PoolSnapshot.AWAITED, self.seq
        return self.seq


class Positions:
    """The places in all games that are joined."""

    def __init__(self) -> None:
        self._places: dict[str, Place] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._places))

    def behind(self) -> list[str]:
        """Games of which something was passed over that has not been asked for."""
        return [
            game for game, place in self._places.items() if place.snapshot is PoolSnapshot.BEHIND
        ]

    def joined(self, game_id: str, seq: int, *, resync: bool = False) -> None:
        """A 333 has come: what follows it is to be told."""
        place = self._places.setdefault(game_id, Place(seq))
        place.snapshot = PoolSnapshot.ADRIFT if resync else PoolSnapshot.CURRENT

    def left(self, game_id: str) -> None:
        """The game is closed or left."""
        self._places.pop(game_id, None)

    def ask(self, game_id: str) -> int:
        """Ask for what was missed; gives the `since` to ask with."""
        return self._places[game_id].ask()

    def pass_over(self, game_id: str) -> None:
        """There is no room for a message of the game: it has to be asked for again."""
        place = self._places.get(game_id)
        if place is not None and place.snapshot is not PoolSnapshot.AWAITED:
            place.snapshot = PoolSnapshot.BEHIND

    def take(self, game_id: str, message: Message) -> Verdict:
        """Judge a message with a position."""
        place = self._places.get(game_id)
        return Verdict.NEW if place is None else place.take(message)
