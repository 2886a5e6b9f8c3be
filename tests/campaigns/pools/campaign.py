"""Random pools under random policies, each settled by the rules and by the letter.

Stakes are small or as large as they may be, so that remainders are equal, prices fall on a break
point or just below it, and minus pools are common. Everything follows from the seed.
"""

from collections import Counter
from random import Random

from game.money import LARGEST
from game.payout import settle
from game.policy import BREAK_POINTS, MINIMUMS, SHIPPED, DeadHeat, Policy, Unbacked, complaint
from game.pools import Bet
from tests.support.pool_letter import compare

TARGETS = ("a", "b", "c", "none")
LATE = 1_000
Counts = Counter[str]


def play(seed: int, pools: int) -> Counts:
    """Settle so many pools. Return how often each kind of end came. Raise `AssertionError`."""
    dice, counts = Random(seed), Counts()
    for number in range(pools):
        try:
            counts.update(_one(dice))
        except AssertionError as error:
            error.add_note(f"pool {number} of seed {seed}")
            raise
    return counts


def _one(dice: Random) -> list[str]:
    policy = random_policy(dice)
    carried_in = dice.choice([0, 0, dice.randint(1, 100_000)])
    bets = [_bet(dice, place) for place in range(dice.randint(0, 9))]
    winners = tuple(dice.sample(TARGETS, dice.choice([1, 1, 1, 2, 3])))
    outcome = settle(bets, winners, void_after=LATE, policy=policy, carried_in=carried_in)
    compare(outcome, bets, winners, LATE, policy, carried_in)
    ends = {
        "money return": outcome.is_money_return,
        "carried out": outcome.carried_out > 0,
        "breakage": outcome.breakage > 0,
        "minus": outcome.minus > 0,
        "takeout": outcome.takeout > 0,
        "dead heat": len(outcome.prices) > 1,
        "paid": bool(outcome.prices),
        "nothing": not bets,
    }
    return [end for end, happened in ends.items() if happened]


def random_policy(dice: Random) -> Policy:
    """Return a policy that a server would accept."""
    if dice.random() < 0.5:
        return dice.choice(list(SHIPPED.values()))
    while True:
        policy = Policy(
            "x",
            takeout=dice.choice([0, 1, 1_500, 5_000, dice.randint(0, 5_000)]),
            break_to=dice.choice(BREAK_POINTS),
            minimum=dice.choice([None, *MINIMUMS]),
            dead_heat=dice.choice(list(DeadHeat)),
            unbacked=dice.choice(list(Unbacked)),
        )
        if complaint(policy) is None:
            return policy


def _bet(dice: Random, place: int) -> Bet:
    amount = dice.choice([1, 3, 7, 100, 1_000, dice.randint(1, 9_999), dice.randint(1, LARGEST)])
    placed_at = dice.choice([1, 1, 1, LATE, LATE + 1])
    return Bet(str(place), dice.randint(1, 4), dice.choice(TARGETS), amount, placed_at)
