"""The circumstances of a command: all that a decision may know beyond the game and the command."""

from uuid import UUID, uuid5

from attrs import frozen

from game.limits import Limits
from game.state import Game


@frozen(kw_only=True)
class Occasion:
    """Who asks, and when.

    `now` in epoch ms; `user_id` asks; `subject_id` is the user whom the command names, if any.
    `available`: what the user can stake, in hundredths of the game's currency.
    """

    now: int
    user_id: int
    limits: Limits
    subject_id: int | None = None
    is_admin: bool = False
    available: int = 0


def fresh_id(game: Game) -> str:
    """An id for what the next fact makes: derived from its place, for rules throw no dice."""
    return str(uuid5(UUID(game.game_id), str(game.seq + 1)))
