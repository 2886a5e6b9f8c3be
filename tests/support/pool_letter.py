"""Settle a pool a second time, from the text of docs/explanation/policies.md alone.

It uses fractions, goes bet by bet, and shares no code with the rules: a mistake has to be made
twice to stay unnoticed. It is slow.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import floor

from attrs import Factory, define, evolve

from game.facts import PoolOpened, PoolResolved
from game.ledger import pool_account, transfers
from game.odds import odds
from game.payout import Outcome
from game.policy import Policy
from game.pools import Bet
from tests.support.play import UNTIMED

SOURCE = "5a1c0ab7-e45e-4c4b-8e6f-9d5f1f2f3a4b"


@define
class Letter:
    """What becomes of a pool, in hundredths. Fields that are not named stay nothing."""

    received: Counter[int] = Factory(Counter)
    prices: dict[str, Fraction] = Factory(dict)
    is_money_return: bool = False
    takeout: int = 0
    breakage: int = 0
    minus: int = 0
    carried_out: int = 0


def by_the_letter(
    bets: Sequence[Bet], winners: Sequence[str], void_after: int, policy: Policy, carried_in: int
) -> Letter:
    """Return what becomes of a pool."""
    letter = Letter()
    valid = []
    for bet in bets:
        if bet.placed_at > void_after:
            letter.received[bet.user_id] += bet.amount
        else:
            valid.append(bet)
    staked = sum(bet.amount for bet in valid)
    backed = {w: sum(b.amount for b in valid if b.target_id == w) for w in winners}
    backed = {target: stake for target, stake in backed.items() if stake > 0}
    if staked == 0:
        letter.carried_out = carried_in
    elif not backed and policy.unbacked == "refund":
        letter.is_money_return, letter.carried_out = True, carried_in
        letter.received.update({b.user_id: 0 for b in valid})
        for bet in valid:
            letter.received[bet.user_id] += bet.amount
    elif not backed:
        letter.carried_out = staked + carried_in
    else:
        _pay(
            letter, [b for b in valid if b.target_id in backed], backed, policy, staked + carried_in
        )
    return letter


def _pay(
    letter: Letter, winning: Sequence[Bet], backed: Mapping[str, int], policy: Policy, gross: int
) -> None:
    letter.takeout = floor(Fraction(gross) * Fraction(policy.takeout, 10_000))
    net = gross - letter.takeout
    together, number = sum(backed.values()), len(backed)
    for target, stake in backed.items():
        letter.prices[target] = {
            "single": Fraction(net, together),
            "pool": Fraction(net, number) / stake,
            "profit": max(Fraction(0), 1 + Fraction(net - together, number) / stake),
        }[policy.dead_heat]
    if policy.break_to == 0:
        paid = _to_the_last_hundredth(winning, letter.prices)
    else:
        step, least = Fraction(policy.break_to, 100), Fraction(policy.minimum or 0, 100)
        letter.prices = {t: max(p // step * step, least) for t, p in letter.prices.items()}
        paid = [floor(bet.amount * letter.prices[bet.target_id]) for bet in winning]
    for bet, part in zip(winning, paid, strict=True):
        letter.received[bet.user_id] += part
    letter.breakage, letter.minus = max(0, net - sum(paid)), max(0, sum(paid) - net)


def _to_the_last_hundredth(winning: Sequence[Bet], prices: Mapping[str, Fraction]) -> list[int]:
    exact = [bet.amount * prices[bet.target_id] for bet in winning]
    paid = list(map(floor, exact))
    left = sum(exact) - sum(paid)
    by_remainder = sorted(range(len(exact)), key=lambda i: (paid[i] - exact[i], i))
    for place in by_remainder[: int(left)]:
        paid[place] += 1
    return paid


def compare(
    outcome: Outcome,
    bets: Sequence[Bet],
    winners: Sequence[str],
    void_after: int,
    policy: Policy,
    carried_in: int,
) -> None:
    """Assert that an outcome is by the letter, that money adds up, and that promises are kept."""
    letter = by_the_letter(bets, winners, void_after, policy, carried_in)
    for name in ("is_money_return", "takeout", "breakage", "minus", "carried_out"):
        assert getattr(outcome, name) == getattr(letter, name), name
    received = {one.user_id: one.received for one in outcome.settlements if one.received}
    assert received == {user: n for user, n in letter.received.items() if n}
    assert outcome.prices == {
        target: floor(price * 10_000 + Fraction(1, 2)) for target, price in letter.prices.items()
    }
    staked = sum(bet.amount for bet in bets)
    gone = outcome.takeout + outcome.breakage + outcome.carried_out
    assert staked + carried_in + outcome.minus == sum(received.values()) + gone
    assert all(one.paid >= one.won_stake for one in outcome.settlements), "the right lose nothing"
    assert all(price >= 10_000 for price in outcome.prices.values())
    _same_on_the_board(outcome, bets, void_after, policy, carried_in)
    _books_close(outcome, staked, carried_in, policy)


def _same_on_the_board(
    outcome: Outcome, bets: Sequence[Bet], void_after: int, policy: Policy, carried_in: int
) -> None:
    """Assert that the board has shown the price of an only winner, if no bet is void."""
    if len(outcome.prices) != 1 or any(bet.placed_at > void_after for bet in bets):
        return
    [(target, price)] = outcome.prices.items()
    total = sum(bet.amount for bet in bets)
    backing = sum(bet.amount for bet in bets if bet.target_id == target)
    assert odds(total, backing, policy, carried_in) == price / 10_000


def _books_close(outcome: Outcome, staked: int, carried_in: int, policy: Policy) -> None:
    """Assert that the transfers of a pool's life empty its account, and create no money."""
    balances: Counter[str] = Counter()
    for fact in (_opened(policy, carried_in), _resolved(outcome)):
        for each in transfers(fact, SOURCE):
            assert each.amount > 0
            balances[each.debit] -= each.amount
            balances[each.credit] += each.amount
    assert sum(balances.values()) == 0
    assert balances[pool_account("p")] == 0
    left = {account: n for account, n in balances.items() if account.endswith(":exposure")}
    assert sum(left.values()) == -staked
    carry = balances[f"carry:{SOURCE}"]
    assert carry == outcome.carried_out - carried_in
    house = outcome.takeout + outcome.breakage - outcome.minus
    assert balances[f"house:{SOURCE}"] == house


def _opened(policy: Policy, carried_in: int) -> PoolOpened:
    return evolve(UNTIMED, pool_id="p", targets={}, policy=policy, carried_in=carried_in)


def _resolved(outcome: Outcome) -> PoolResolved:
    return PoolResolved(
        pool_id="p",
        description="Who?",
        winning_target="a",
        settlements=outcome.settlements,
        is_money_return=outcome.is_money_return,
        takeout=outcome.takeout,
        breakage=outcome.breakage,
        minus=outcome.minus,
        carried_out=outcome.carried_out,
    )
