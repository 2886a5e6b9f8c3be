"""The limits that the rules know, with their defaults.

Each is a setting of `toteboard serve` under the same name. All limits of a server, those of its
connections included, are in `protocol/limits.py`.
"""

from collections.abc import Mapping

from attrs import frozen

from game.policy import PLAIN, SHIPPED, Policy
from game.vocabulary import LONGEST_BET_DELAY_MS


@frozen(kw_only=True)
class RuleLimits:
    """The limits that decisions on a game respect."""

    pools_per_game: int = 1_000
    """Unresolved pools in a game."""
    max_game_admins: int = 5
    admins_may_bet: bool = False
    """Whether admins may bet in their own games."""
    max_bet_delay: int = LONGEST_BET_DELAY_MS
    """The longest bet delay of a game or pool, in milliseconds."""
    correction_window: int = 24 * 3_600_000
    """How long (ms) results can be corrected, and events taken back."""
    pool_policy: str = PLAIN.name
    """The policy of a pool that names none."""
    policies: Mapping[str, Policy] = SHIPPED
    """The policies that a pool may name, by name."""
