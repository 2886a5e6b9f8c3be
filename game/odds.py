"""The odds of a target: what one unit staked on it would be paid. Pure arithmetic.

Payouts are in `game/payout.py`. The page's copy of both is `toteboard/page/app/payout.js`; one
table of examples, `tests/game/pool_vectors.json`, holds the two to each other.
"""


def odds(total: int, backing: int) -> float:
    """Return what one unit would be paid if the pool were settled now, its stake included.

    `total` is staked in the pool and `backing` on the target, in hundredths. Four decimals, halves
    up; 1.0 while there is no stake on the target.
    """
    if not backing:
        return 1.0
    return (total * 20_000 + backing) // (2 * backing) / 10_000
