"""The odds of a target: what one unit staked on it would be paid. Pure arithmetic.

Payouts are in `game/payout.py`. The page's copy of both is `toteboard/page/app/payout.js`; one
table of examples, `tests/game/pool_vectors.json`, holds the two to each other.
"""

from game.policy import PLAIN, Policy, price_of, takeout_of


def odds(total: int, backing: int, policy: Policy = PLAIN, carried_in: int = 0) -> float:
    """Return what one unit would be paid if this target alone won now, its stake included.

    `total` is staked in the pool and `backing` on the target, in hundredths; `carried_in` is added
    to the pool. Four decimals; 1.0 while there is no stake on the target. With one winner, all ways
    to share a dead heat are the same.
    """
    if not backing:
        return 1.0
    gross = total + carried_in
    return price_of(policy, gross - takeout_of(policy, gross), backing) / 10_000
