"""The circumstances of a command: all that a decision may know beyond the game and the command."""

from hashlib import sha1

from attrs import frozen

from game.limits import RuleLimits
from game.state import Game


@frozen(kw_only=True)
class DecisionContext:
    """Who asks, and when.

    `now` in epoch ms; `user_id` asks; `subject_id` is the user whom the command names, if any.
    `available`: what the user can stake, in hundredths of the game's currency.
    """

    now: int
    user_id: int
    limits: RuleLimits
    subject_id: int | None = None
    is_admin: bool = False
    available: int = 0


def fresh_id(game: Game) -> str:
    """An id for what the next fact makes: derived from its place, for rules throw no dice.

    The UUID5 of the game's id and the position, written out: every bet needs one, and the standard
    library takes four times as long.
    """
    name = bytes.fromhex(game.game_id.replace("-", "")) + str(game.seq + 1).encode()
    octets = bytearray(sha1(name, usedforsecurity=False).digest()[:16])
    octets[6] = octets[6] & 0x0F | 0x50
    octets[8] = octets[8] & 0x3F | 0x80
    text = octets.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
