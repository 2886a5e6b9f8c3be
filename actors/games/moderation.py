"""Sanctions, slow modes and chat lines, in memory: every bet, join and chat line asks.

What is on disk is read at the first question; named writes change both (`actors/store.py`). The
chat lines of a game are only here, and only their ids: the newest `LINES_REMEMBERED`, as long as
the game is open.
"""

from collections import defaultdict, deque
from typing import Final
from uuid import UUID

from attrs import Factory, define

from actors.clock import Clock
from actors.games.chat_limiter import SlowMode
from game.refusals import Code, Refusal, game_already_closed, invalid
from game.state import Game
from game.vocabulary import Phase
from protocol.moderation_messages import message_removed
from protocol.op import Body
from storage.moderation import Sanction
from storage.reads import Reads

LINES_REMEMBERED: Final = 1_000
"""Chat lines of a game that can be removed."""

Until = int | None
"""When a sanction ends (epoch ms); None if it does not."""


@define
class _Kept:
    """What is on disk: the ends of sanctions by kind, venue and user, and slow modes by game."""

    sanctions: defaultdict[tuple[str, str], dict[int, Until]] = Factory(lambda: defaultdict(dict))
    slow_modes: dict[str, SlowMode] = Factory(dict)


class Moderation:
    """Who may not chat or take part, and what can be removed."""

    def __init__(self, reads: Reads, clock: Clock) -> None:
        self._reads, self._clock = reads, clock
        self._loaded: _Kept | None = None
        self._lines: dict[str, deque[int]] = {}

    # What is on disk.

    def sanctioned(self, kind: Sanction, venue_id: str, user_id: int, until: Until) -> None:
        """Note a sanction that is on disk."""
        if self._loaded is not None:
            self._loaded.sanctions[kind, venue_id][user_id] = until

    def lifted(self, kind: Sanction, venue_id: str, user_id: int) -> None:
        """Note that a sanction is on disk no longer."""
        if self._loaded is not None:
            self._loaded.sanctions[kind, venue_id].pop(user_id, None)

    def slowed(self, game_id: str, ms: int) -> None:
        """Note a slow mode that is on disk; 0 for none. A change of it forgets earlier lines."""
        if self._loaded is None:
            return
        slow = self._loaded.slow_modes.pop(game_id, None)
        if ms:
            self._loaded.slow_modes[game_id] = slow if slow and slow.ms == ms else SlowMode(ms)

    def slow_mode(self, game_id: str) -> SlowMode | None:
        """Return the slow mode of a game; None if it is in none. Raise `StorageError`."""
        return self._kept().slow_modes.get(game_id)

    def refuse_banned(self, source_id: str, user_id: int) -> None:
        """Raise `Refusal` if the user may not take part in a source, and `StorageError`."""
        self._refuse(Sanction.BAN, source_id, user_id, "You are banned from this source")

    def refuse_silenced(self, game_id: str, user_id: int) -> None:
        """Raise `Refusal` if the user may not chat in a game, and `StorageError`."""
        if not self._kept().sanctions:
            return
        source_id = self._reads.source_of_game(game_id) or ""
        self.refuse_banned(source_id, user_id)
        for venue_id in (game_id, source_id):
            self._refuse(Sanction.MUTE, venue_id, user_id, "You may not chat in this game")

    def _refuse(self, kind: Sanction, venue_id: str, user_id: int, text: str) -> None:
        users = self._kept().sanctions.get((kind, venue_id))
        if not users or user_id not in users:
            return
        until = users[user_id]
        if until is not None and until <= self._clock.now():
            del users[user_id]
            return
        end = "." if until is None else f" until {until} (epoch ms)."
        raise Refusal(Code.NOT_AUTHORIZED, text + end, details={"until": until})

    def _kept(self) -> _Kept:
        if self._loaded is None:
            slow_modes = self._reads.slow_modes()
            kept = _Kept(slow_modes={each: SlowMode(ms) for each, ms in slow_modes.items()})
            for row in self._reads.sanctions(self._clock.now()):
                kept.sanctions[row["kind"], row["venue_id"]][row["user_id"]] = row["until"]
            self._loaded = kept
        return self._loaded

    # Chat lines.

    def note_line(self, game_id: str, message_id: str) -> None:
        """Remember a chat line of a game."""
        lines = self._lines.setdefault(game_id, deque(maxlen=LINES_REMEMBERED))
        lines.append(UUID(message_id).int)

    def has_line(self, game_id: str, message_id: str) -> bool:
        """Return whether this is one of the newest chat lines of a game."""
        try:
            return UUID(message_id).int in self._lines.get(game_id, ())
        except ValueError:
            return False

    def forget_game(self, game_id: str) -> None:
        """Forget the chat lines, the slow mode and the mutes of a game that is closed."""
        self._lines.pop(game_id, None)
        if self._loaded is not None:
            self._loaded.slow_modes.pop(game_id, None)
            self._loaded.sanctions.pop((Sanction.MUTE, game_id), None)


def removed_line(game: Game, message_id: str, moderation: Moderation) -> Body:
    """Return what is published when a chat line is removed. Raise `Refusal`."""
    if game.phase is Phase.CLOSED:
        raise game_already_closed(game.game_id)
    if not moderation.has_line(game.game_id, message_id):
        raise invalid("message_id", "the id of one of the newest chat lines")
    return message_removed(game.game_id, message_id)
