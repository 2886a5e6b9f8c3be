"""The odds of a target: what one unit staked on it would be paid. Pure arithmetic.

Payouts are in `game/payout.py`. The page's copy of both is `toteboard/page/app/payout.js`; one
table of examples, `tests/game/pool_vectors.json`, holds the two to each other.
"""

from game.policy import PLAIN, Policy, takeout_of


def odds(total: int, backing: int, policy: Policy = PLAIN, carried_in: int = 0) -> float:
    """Return what one unit would be paid if this target alone won now, its stake included.

    `total` is staked in the pool and `backing` on the target, in hundredths; `carried_in` is added
    to the pool. Four decimals; 1.0 while there is no stake on the target. A price that the policy
    does not round is rounded to four decimals, halves up.
    """
    if not backing:
        return 1.0
    return price_of_one(total + carried_in, backing, policy) / 10_000


def price_of_one(gross: int, backing: int, policy: Policy) -> int:
    """Return the price of the only winner, in ten-thousandths for 1.00.

    With one winner, all ways to share a dead heat are the same. Integers only, because every 361
    asks this for each target of its pool.
    """
    net = gross - takeout_of(policy, gross)
    if not policy.break_to:
        return (net * 20_000 + backing) // (2 * backing)
    down = net * 100 // (backing * policy.break_to) * policy.break_to
    return max(down, policy.minimum or 0) * 100
