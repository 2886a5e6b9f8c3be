"""The context of a decision: everything it may know beyond the game and the command."""

from collections.abc import Mapping
from hashlib import sha1
from string import hexdigits
from typing import Final

from attrs import Factory, frozen

from game.limits import RuleLimits
from game.own_limits import Restraint
from game.past import Past
from game.state import Game

_VARIANT: Final = {digit: "89ab"[int(digit, 16) & 3] for digit in hexdigits.lower()}
"""The digit of a UUID that names its variant, by the digit of the hash in its place."""


@frozen(kw_only=True)
class DecisionContext:
    """The caller, the time and the limits of a decision.

    `now` is epoch milliseconds. `user_id` is the caller, and `subject_id` the user that the command
    names, if any. `available` is the caller's available balance in the game's currency, and
    `carry` what earlier pools of the game's source carried over in it, in hundredths.
    `delayed_bets` are the caller's bets in the pool that wait for its bet delay, and
    `delayed_stakes` their stakes, in hundredths. `restraint` is what the caller's own limits and
    break say to a bet, if the caller has set any. A decision on results has `past`, and in `free`
    what each user of its pools can stake.
    """

    now: int
    user_id: int
    limits: RuleLimits
    subject_id: int | None = None
    is_admin: bool = False
    available: int = 0
    carry: int = 0
    delayed_bets: int = 0
    delayed_stakes: int = 0
    restraint: Restraint | None = None
    past: Past | None = None
    free: Mapping[int, int] = Factory(dict)


def fresh_id(game: Game, facts_before: int = 0) -> str:
    """Return an id for what the next fact creates, derived from the game's id and its position.

    `facts_before`: facts of the same decision that come before it.

    The rules use no randomness, so that a decision can be repeated. The id is a UUID5, computed
    here because every bet needs one and the standard library takes four times as long.
    """
    name = b"%b%d" % (bytes.fromhex(game.game_id.replace("-", "")), game.seq + 1 + facts_before)
    text = sha1(name, usedforsecurity=False).hexdigest()
    variant = _VARIANT[text[16]]
    return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{variant}{text[17:20]}-{text[20:32]}"
