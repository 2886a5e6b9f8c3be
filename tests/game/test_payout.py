"""Payouts (contract, section 7, "Rules"): examples computed by hand, then properties for any bets.

Amounts are hundredths. In the table a bet is (user, target, amount), placed a millisecond after the
one before it, from 1 on.
"""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from math import floor

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from game.facts import PoolResolved, Settlement
from game.ledger import available_of, exposure_of, movements, pool_account, transfers
from game.money import LARGEST
from game.payout import Outcome, refund, settle, shares
from game.pools import Bet
from game.vocabulary import LARGEST_TIME

ANN, BEN, CAT = 1, 2, 3
POOL = "5c0ab7e4-5e2c-4b6e-9f5d-1f2f3a4b5c6d"
NOTHING_VOID = LARGEST_TIME


def won(user: int, stake: int, paid: int, *, lost: int = 0, void: int = 0) -> Settlement:
    return Settlement(user, won_stake=stake, paid=paid, lost_stake=lost, void_stake=void)


def lost(user: int, stake: int, *, void: int = 0) -> Settlement:
    return Settlement(user, lost_stake=stake, void_stake=void)


def void(user: int, stake: int) -> Settlement:
    return Settlement(user, void_stake=stake)


def returned(user: int, stake: int, *, void: int = 0) -> Settlement:
    return Settlement(user, returned_stake=stake, void_stake=void)


def placed(*bets: tuple[int, str, int]) -> list[Bet]:
    return [
        Bet(f"bet-{at}", user, target, amount, at)
        for at, (user, target, amount) in enumerate(bets, 1)
    ]


Case = tuple[list[tuple[int, str, int]], int, list[Settlement], bool]
CASES: dict[str, Case] = {
    "no bets: nobody to give anything back to": ([], NOTHING_VOID, [], False),
    # 500 of 500 for the only bet.
    "one bettor, who wins, gets the stake": (
        [(ANN, "a", 500)], NOTHING_VOID, [won(ANN, 500, 500)], False),
    # 800 in the pool; ann 800 * 500/800 = 500, ben 800 * 300/800 = 300.
    "all on the winner: everyone gets the stake": (
        [(ANN, "a", 500), (BEN, "a", 300)], NOTHING_VOID,
        [won(ANN, 500, 500), won(BEN, 300, 300)], False),
    # 1000 + 3000 = 4000, all of it for ann's 1000.
    "the winner takes it all": (
        [(ANN, "a", 1000), (BEN, "b", 3000)], NOTHING_VOID,
        [won(ANN, 1000, 4000), lost(BEN, 3000)], False),
    # 100 + 300 + 600 = 1000 for stakes of 400: 1000 * 100/400 = 250, 1000 * 300/400 = 750.
    "two winners share in proportion": (
        [(ANN, "a", 100), (BEN, "a", 300), (CAT, "b", 600)], NOTHING_VOID,
        [won(ANN, 100, 250), won(BEN, 300, 750), lost(CAT, 600)], False),
    "nobody on the winner: every stake goes back": (
        [(ANN, "b", 500), (BEN, "c", 300)], NOTHING_VOID,
        [returned(ANN, 500), returned(BEN, 300)], True),
    # 3 + 1 = 4 for three stakes of 1: 4/3 = 1 1/3 each; the hundredth over to the earliest.
    "a hundredth among three goes to the earliest": (
        [(ANN, "a", 1), (BEN, "a", 1), (CAT, "a", 1), (CAT, "b", 1)], NOTHING_VOID,
        [won(ANN, 1, 2), won(BEN, 1, 1), won(CAT, 1, 1, lost=1)], False),
    # 3 + 2 = 5 for three stakes of 1: 5/3 = 1 2/3 each; two hundredths over, to the two earliest.
    "two hundredths among three go to the two earliest": (
        [(ANN, "a", 1), (BEN, "a", 1), (CAT, "a", 1), (CAT, "b", 2)], NOTHING_VOID,
        [won(ANN, 1, 2), won(BEN, 1, 2), won(CAT, 1, 1, lost=2)], False),
    # 10 for stakes of 1 + 2 + 4 = 7: 10/7 = 1 3/7, 20/7 = 2 6/7, 40/7 = 5 5/7; whole 1 + 2 + 5 = 8,
    # two over: to 6/7 (ben) and 5/7 (cat), though ann was the earliest.
    "what is left over goes to the largest remainders": (
        [(ANN, "a", 1), (BEN, "a", 2), (CAT, "a", 4), (ANN, "b", 3)], NOTHING_VOID,
        [won(ANN, 1, 1, lost=3), won(BEN, 2, 3), won(CAT, 4, 6)], False),
    # Ann 1 + 1 and ben 2, 7 in the pool for stakes of 4. Bet by bet: 7/4 = 1 3/4, 14/4 = 3 2/4,
    # 7/4 = 1 3/4; whole 1 + 3 + 1 = 5, two over: one to each 3/4. Ann 2 + 2, ben 3.
    # (User by user both would have 3 2/4, and ben, who was first, the hundredth over.)
    "it is shared bet by bet, not user by user": (
        [(BEN, "a", 2), (ANN, "a", 1), (ANN, "a", 1), (CAT, "b", 3)], NOTHING_VOID,
        [won(BEN, 2, 3), won(ANN, 2, 4), lost(CAT, 3)], False),
    # Ann's 100 and ben's 300 win of 100 + 300 + 600 = 1000: 250 and 750; cat's 400 came later.
    "void bets among winners go back beside the shares": (
        [(ANN, "a", 100), (BEN, "a", 300), (CAT, "b", 600), (CAT, "a", 400), (ANN, "a", 50)], 3,
        [won(ANN, 100, 250, void=50), won(BEN, 300, 750), lost(CAT, 600, void=400)], False),
    # 100 + 200 = 300 for ann; ben's later 900 on the loser is not in it.
    "void bets among losers go back and are not shared": (
        [(ANN, "a", 100), (BEN, "b", 200), (BEN, "b", 900)], 2,
        [won(ANN, 100, 300), lost(BEN, 200, void=900)], False),
    "a bet at the very moment of the event counts": (
        [(ANN, "a", 100), (BEN, "b", 200)], 2, [won(ANN, 100, 300), lost(BEN, 200)], False),
    "the only bet on the winner was void: the others get their stakes back": (
        [(ANN, "b", 100), (BEN, "a", 200)], 1, [returned(ANN, 100), void(BEN, 200)], True),
    "money return and void stakes of one user go back together": (
        [(ANN, "b", 100), (ANN, "a", 200)], 1, [returned(ANN, 100, void=200)], True),
    "every bet void: that is no money return": (
        [(ANN, "a", 100), (BEN, "b", 200)], 0, [void(ANN, 100), void(BEN, 200)], False),
    # 300 + 100 + 200 = 600 for stakes of 300 + 200: 360 and 240; ann has lost 100.
    "a user on both sides wins and loses": (
        [(ANN, "a", 300), (ANN, "b", 100), (BEN, "a", 200)], NOTHING_VOID,
        [won(ANN, 300, 360, lost=100), won(BEN, 200, 240)], False),
    # 10^14 hundredths twice and 1: 2 * 10^14 + 1 for ann's 10^14 and cat's 1, who together staked
    # 10^14 + 1. Cat: (2 * 10^14 + 1) / (10^14 + 1) = 1 and 10^14/(10^14 + 1), the larger remainder:
    # 2. Ann gets the rest, 2 * 10^14 - 1.
    "the largest amounts are shared to the hundredth": (
        [(ANN, "a", LARGEST), (BEN, "b", LARGEST), (CAT, "a", 1)], NOTHING_VOID,
        [won(ANN, LARGEST, 2 * LARGEST - 1), lost(BEN, LARGEST), won(CAT, 1, 2)], False),
}  # fmt: skip


@pytest.mark.parametrize(("bets", "void_after", "wanted", "is_return"), CASES.values(), ids=CASES)
def test_the_outcome_is_the_one_computed_by_hand(
    bets: list[tuple[int, str, int]], void_after: int, wanted: list[Settlement], is_return: bool
) -> None:
    outcome = settle(placed(*bets), "a", void_after=void_after)
    assert outcome == Outcome(tuple(wanted), is_return)


def test_a_thousand_odd_stakes_are_paid_to_the_last_hundredth() -> None:
    # Stakes 1, 3, 5 … 1999 of users 1 to 1000: 1000^2 = 10^6; a loser adds 1. Each share is
    # stake * (10^6 + 1) / 10^6 = stake + stake/10^6: rounded down the stake, and the one hundredth
    # over goes to the largest remainder, the largest stake, the last bet.
    bets = placed(*((user, "a", 2 * user - 1) for user in range(1, 1_001)), (2_000, "b", 1))
    outcome = settle(bets, "a", void_after=NOTHING_VOID)
    paid = {one.user_id: one.paid for one in outcome.settlements}
    assert paid == {u: 2 * u - 1 for u in range(1, 1_000)} | {1_000: 2_000, 2_000: 0}


@pytest.mark.parametrize("bets", [[], [(ANN, "a", 100), (BEN, "b", 200), (ANN, "b", 1)]])
def test_cancelling_refunds_all_stakes(bets: list[tuple[int, str, int]]) -> None:
    outcome = refund(placed(*bets))
    wanted = (returned(ANN, 101), returned(BEN, 200)) if bets else ()
    assert outcome == Outcome(wanted, is_money_return=True)


# For any bets. Amounts are small, for ties and remainders, or as large as allowed.

amounts = st.one_of(st.integers(1, 9), st.integers(1, 100_000), st.integers(1, LARGEST))
bet_lists = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from(["a", "a", "b", "c"]), amounts), max_size=25
).map(lambda bets: placed(*bets))
moments = st.one_of(st.just(NOTHING_VOID), st.integers(0, 26))


def by_the_letter(winning: Sequence[Bet], total: int) -> dict[str, int]:
    """Return what each winning bet is paid by the contract's sentence, in fractions."""
    stakes = sum(bet.amount for bet in winning)
    exact = {bet.bet_id: Fraction(total * bet.amount, stakes) for bet in winning}
    paid = {bet_id: floor(part) for bet_id, part in exact.items()}
    age = {bet.bet_id: bet.placed_at for bet in winning}
    order = sorted(exact, key=lambda bet_id: (-(exact[bet_id] - paid[bet_id]), age[bet_id]))
    for bet_id in order[: total - sum(paid.values())]:
        paid[bet_id] += 1
    return paid


@given(bet_lists, st.integers(0, LARGEST))
def test_each_bet_is_rounded_as_in_the_contract(bets: list[Bet], others: int) -> None:
    total = sum(bet.amount for bet in bets) + others
    wanted = by_the_letter(bets, total) if bets else {}
    assert dict(zip([bet.bet_id for bet in bets], shares(bets, total), strict=True)) == wanted


@given(bet_lists, moments)
def test_each_user_receives_what_the_contract_defines(bets: list[Bet], void_after: int) -> None:
    valid = [bet for bet in bets if bet.placed_at <= void_after]
    winning = [bet for bet in valid if bet.target_id == "a"]
    paid = by_the_letter(winning, sum(bet.amount for bet in valid)) if winning else {}
    wanted: Counter[int] = Counter()
    for bet in bets:
        goes_back = bet not in valid or not winning
        wanted[bet.user_id] += bet.amount if goes_back else paid.get(bet.bet_id, 0)
    outcome = settle(bets, "a", void_after=void_after)
    assert {s.user_id: s.received for s in outcome.settlements} == dict(wanted)
    assert outcome.is_money_return == (bool(valid) and not winning)


@given(bet_lists, moments)
def test_winners_are_paid_exactly_the_stakes_that_count(bets: list[Bet], void_after: int) -> None:
    outcome = settle(bets, "a", void_after=void_after)
    valid = [bet for bet in bets if bet.placed_at <= void_after]
    has_winners = any(bet.target_id == "a" for bet in valid)
    paid = sum(one.paid for one in outcome.settlements)
    assert paid == (sum(bet.amount for bet in valid) if has_winners else 0)


@given(bet_lists, moments)
def test_no_user_loses_more_than_the_stakes_and_no_winner_receives_less(
    bets: list[Bet], void_after: int
) -> None:
    staked: Counter[int] = Counter()
    for bet in bets:
        staked[bet.user_id] += bet.amount
    for one in settle(bets, "a", void_after=void_after).settlements:
        assert one.stakes == staked[one.user_id]
        assert one.paid >= one.won_stake
        assert one.received >= one.stakes - one.lost_stake >= 0


def resolved(outcome: Outcome) -> PoolResolved:
    return PoolResolved(
        pool_id=POOL,
        description="Who is next?",
        winning_target="a",
        settlements=outcome.settlements,
        is_money_return=outcome.is_money_return,
    )


outcomes = st.one_of(
    st.builds(
        lambda bets, moment: (bets, settle(bets, "a", void_after=moment)), bet_lists, moments
    ),
    bet_lists.map(lambda bets: (bets, refund(bets))),
)


@given(outcomes)
@example(([], Outcome((), is_money_return=False)))
def test_transfers_take_from_one_account_what_they_give_to_another(
    ended: tuple[list[Bet], Outcome],
) -> None:
    bets, outcome = ended
    balances: Counter[str] = Counter()
    for each in transfers(resolved(outcome)):
        assert each.amount > 0
        balances[each.debit] -= each.amount
        balances[each.credit] += each.amount
    users = {bet.user_id for bet in bets}
    taken = sum(balances[exposure_of(user)] for user in users)
    given_back = sum(balances[available_of(user)] for user in users)
    assert taken == -sum(bet.amount for bet in bets), "every stake has left the exposure"
    assert given_back == -taken, "and is available again, to somebody"
    assert balances[pool_account(POOL)] == 0, "nothing stays in the pool"
    assert sum(balances.values()) == 0
    assert all(balances[exposure_of(user)] < 0 <= balances[available_of(user)] for user in users)


@given(outcomes)
def test_movements_equal_the_transfers(ended: tuple[list[Bet], Outcome]) -> None:
    fact = resolved(ended[1])
    moved: Counter[str] = Counter()
    for each in transfers(fact):
        moved[each.debit] -= each.amount
        moved[each.credit] += each.amount
    told = movements(fact)
    assert len({one.user_id for one in told}) == len(told), "one 815 a user"
    for one in told:
        assert one.available == moved.pop(available_of(one.user_id), 0)
        assert one.exposure == moved.pop(exposure_of(one.user_id), 0)
    assert not any(moved.values()), "nobody's balance has moved unsaid"


@pytest.mark.parametrize(
    ("one", "cause"),
    [
        (won(ANN, 100, 300), "payout"),
        (won(ANN, 100, 300, lost=50, void=10), "payout"),
        (lost(ANN, 100), "loss"),
        (lost(ANN, 100, void=10), "refund"),
        (void(ANN, 100), "refund"),
        (returned(ANN, 100), "refund"),
    ],
)
def test_a_fact_with_payouts_and_refunds_is_one_payout(one: Settlement, cause: str) -> None:
    [movement] = movements(resolved(Outcome((one,), is_money_return=False)))
    assert movement.cause == cause
    assert movement.pool_id == POOL
