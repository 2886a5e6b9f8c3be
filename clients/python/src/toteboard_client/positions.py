"""The positions of a session in the games that it has joined. Pure.

Contract, section 1, "Positions". `seq` is a watermark: with a message, the client has received
every fact up to there. A message may also carry a fact beyond its `seq` while an earlier fact
still waits. A client that resumes from its greatest `seq` may therefore receive that fact again. A
repetition is recognised by its content, not by its number.

    CURRENT --gap--> BEHIND --resume--> REQUESTED --joined--> CURRENT
       |                ^                    |
       +-- no room -----+                    +--joined, resync--> UNKNOWN --message--> CURRENT

An update of a distribution (361) may be merged differently when it is replayed. Bets have ids.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

from toteboard_client.errors import Message

_ENVELOPE = ("response_header", "seq", "prev_seq")
MOST_REPEATED = 1_000
"""The number of facts that a server replays at most (`resume_limit`)."""


class Verdict(Enum):
    """What to do with a message of a game."""

    NEW = auto()
    """Pass it to the program."""
    REPEATED = auto()
    """Ignore it. The program has received it."""
    GAP = auto()
    """Something before it was missed. Request both from the server."""
    SKIPPED = auto()
    """Ignore it. The server will replay it after what was missed before it."""


class SyncState(Enum):
    """How complete the publications of a game are."""

    CURRENT = auto()
    BEHIND = auto()
    """Something was missed or skipped, and has not been requested yet."""
    REQUESTED = auto()
    """What was missed has been requested. The server replays it, and later messages too."""
    UNKNOWN = auto()
    """The server does not replay what was missed. The next message is accepted as it is."""


@dataclass
class GamePosition:
    """The position in one game."""

    seq: int
    state: SyncState = SyncState.CURRENT
    delivered_since: list[Message] = field(default_factory=list)
    """Messages that the program has received since `seq` was reached. Some may lie beyond it."""
    may_repeat: list[Message] = field(default_factory=list)
    resumed_from: int | None = None
    """The last `since`. A gap that the replay did not fill is not requested again."""

    def accept(self, message: Message) -> Verdict:
        """Judge the next message of the game. Move on to it if the program is to receive it."""
        if self.state in (SyncState.BEHIND, SyncState.REQUESTED):
            return Verdict.SKIPPED
        accepts_gap = self.state is SyncState.UNKNOWN or self.resumed_from == self.seq
        if message["prev_seq"] > self.seq and not accepts_gap:
            self.state = SyncState.BEHIND
            return Verdict.GAP
        content = {name: value for name, value in message.items() if name not in _ENVELOPE}
        if message["seq"] > self.seq or self.state is SyncState.UNKNOWN:
            self.seq, self.delivered_since = message["seq"], []
        self.state = SyncState.CURRENT
        self.delivered_since.append(content)
        if content not in self.may_repeat:
            return Verdict.NEW
        self.may_repeat.remove(content)
        return Verdict.REPEATED

    def resume(self) -> int:
        """Record that what was missed is requested. Return the `since` of the request."""
        if self.state is not SyncState.REQUESTED:
            self.may_repeat = (self.may_repeat + self.delivered_since)[-MOST_REPEATED:]
        self.state, self.resumed_from = SyncState.REQUESTED, self.seq
        return self.seq


class Positions:
    """The positions in all games that the session has joined."""

    def __init__(self) -> None:
        self._positions: dict[str, GamePosition] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._positions))

    def behind(self) -> list[str]:
        """Return the games with something skipped that has not been requested."""
        return [game for game, each in self._positions.items() if each.state is SyncState.BEHIND]

    def joined(self, game_id: str, seq: int, *, resync: bool = False) -> None:
        """Record the reply to a join. The program receives the messages after it."""
        position = self._positions.setdefault(game_id, GamePosition(seq))
        position.state = SyncState.UNKNOWN if resync else SyncState.CURRENT

    def left(self, game_id: str) -> None:
        """Forget a game that was closed or left."""
        self._positions.pop(game_id, None)

    def resume(self, game_id: str) -> int:
        """Record that what was missed is requested. Return the `since` of the request."""
        return self._positions[game_id].resume()

    def skip(self, game_id: str) -> None:
        """Record that a message of the game was dropped, so that it is requested again."""
        position = self._positions.get(game_id)
        if position is not None and position.state is not SyncState.REQUESTED:
            position.state = SyncState.BEHIND

    def accept(self, game_id: str, message: Message) -> Verdict:
        """Judge a message that has a position."""
        position = self._positions.get(game_id)
        return Verdict.NEW if position is None else position.accept(message)
