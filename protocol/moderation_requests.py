"""The requests of moderators, with the shape of every parameter (contract, operator's side).

`until` is in epoch milliseconds; without it a sanction has no end.
"""

from typing import Annotated

from attrs import frozen

from game.commands import Command
from game.refusals import Refusal, invalid, missing
from game.shapes import Count, EntityId, Millis, Name, Username
from protocol.requests import GameQuery

SanctionReason = Annotated[str, Name(500)]


class InPlace(Command):
    """A request about a user in a game, or in all games of a source."""

    game_id: str | None
    source_id: str | None

    def wrong(self) -> Refusal | None:
        """Refuse a request that names neither. If it names both, the game counts."""
        is_nowhere = self.game_id is None and self.source_id is None
        return missing("game_id") if is_nowhere else None


class Sanctioning(Command):
    """A request that keeps a user from something until a time."""

    until: int | None

    def wrong_at(self, now: int) -> Refusal | None:
        """Refuse an end that has passed."""
        if self.until is not None and self.until <= now:
            return invalid("until", "a time in the future")
        return None


@frozen(kw_only=True)
class MuteUser(InPlace, Sanctioning):
    """Keep a user from chatting in a game, or in all games of a source."""

    game_id: EntityId | None = None
    source_id: EntityId | None = None
    username: Username
    until: Millis | None = None
    reason: SanctionReason | None = None


@frozen(kw_only=True)
class UnmuteUser(InPlace):
    """Let a user chat again in a game, or in all games of a source."""

    game_id: EntityId | None = None
    source_id: EntityId | None = None
    username: Username


@frozen(kw_only=True)
class BanFromSource(Sanctioning):
    """Keep a user from joining, betting and chatting in the games of a source. Stakes stand."""

    source_id: EntityId
    username: Username
    until: Millis | None = None
    reason: SanctionReason | None = None


@frozen(kw_only=True)
class LiftBan(Command):
    """Let a banned user take part in a source again."""

    source_id: EntityId
    username: Username


@frozen(kw_only=True)
class SetSlowMode(Command):
    """Set the shortest time between two chat lines of a user in a game; 0 for none."""

    game_id: EntityId
    ms: Count


@frozen(kw_only=True)
class RemoveMessage(GameQuery):
    """Ask every subscriber of a game to remove a chat line, one of the newest 1,000."""

    game_id: EntityId
    message_id: EntityId
