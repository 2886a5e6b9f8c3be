"""The facts by which a result waits for its confirmation (`confirm_for`).

They are stored as those of `game/facts.py`, whose docstring applies here too.
"""

from attrs import frozen

from game.facts import Fact


@frozen(kw_only=True)
class PoolDecided(Fact):
    """Events decided a pool, and its result waits until `confirm_at` (epoch ms).

    `winning_targets` are all winners, in the pool's order. Bets after `void_after` (epoch ms) are
    void. `event_id`: the first of these events. `was_blocked`: whether betting had been blocked.
    """

    kind = "pool_decided"
    pool_id: str
    winning_targets: tuple[str, ...]
    void_after: int
    event_id: str
    confirm_at: int
    was_blocked: bool
    by: int
