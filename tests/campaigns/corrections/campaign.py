"""Random pools whose result is corrected again and again, while their players spend what they have.

After each correction the books are added up: nobody is below zero, the pool is empty, everything
sums to nothing, each player has what the result says but for what is owed, and the house has lent
exactly that. Everything follows from the seed.
"""

from collections import Counter
from random import Random

from attrs import Factory, define, evolve

from game.corrections import Funds, corrected
from game.facts import BetPlaced, Entry, Fact, PoolOpened, PoolResolved
from game.ledger import available_of, carry_of, house_of, pool_account, transfers
from game.past import PastPool, past_pool
from game.policy import SHIPPED, Policy
from game.results import outcome_of
from game.revisions import PoolCorrected
from tests.campaigns.pools.campaign import random_policy
from tests.support.play import UNTIMED

Counts = Counter[str]
POOL, SOURCE = "5c0ab7e4-5e2c-4b6e-9f5d-1f2f3a4b5c6d", "5a1c0ab7-e45e-4c4b-8e6f-9d5f1f2f3a4b"
TARGETS = ("a", "b", "c", "none")
LATE = 1_000
ELSEWHERE = "elsewhere"
"""Where players spend what they have, and what other pools put into the carry."""


def play(seed: int, chains: int) -> Counts:
    """Correct so many pools. Return how often each kind came. Raise `AssertionError`."""
    dice, counts = Random(seed), Counts()
    for number in range(chains):
        try:
            counts.update(Chain(dice).play())
        except AssertionError as error:
            error.add_note(f"chain {number} of seed {seed}")
            raise
    return counts


@define
class Chain:
    """A pool, its results, and the accounts of everybody."""

    dice: Random
    books: Counter[str] = Factory(Counter)
    seq: int = 0
    lent: int = 0

    def play(self) -> list[str]:
        """Resolve a pool and correct it up to four times."""
        past = self._resolved()
        kinds = []
        for _ in range(self.dice.randint(1, 4)):
            self._spend(past)
            kinds += self._correct(past)
        return kinds

    def _resolved(self) -> PastPool:
        dice = self.dice
        policy, carried_in = _policy(dice), dice.choice([0, 0, dice.randint(1, 9_999)])
        self.books[carry_of(SOURCE)] += carried_in
        self.books[ELSEWHERE] -= carried_in
        past = past_pool(self._happened(_opened(policy, carried_in)))
        for place in range(dice.randint(0, 7)):
            bet = _bet(dice, place)
            self.books[available_of(bet.user_id)] += bet.amount
            self.books[ELSEWHERE] -= bet.amount
            past.add(self._happened(bet, at=dice.choice([1, 1, LATE, LATE + 1])))
        winners, void_after = self._result()
        outcome = outcome_of(past.pool, winners, void_after=void_after)
        fact = PoolResolved(
            pool_id=POOL,
            description="",
            winning_target=winners[0],
            winning_targets=winners,
            settlements=outcome.settlements,
            is_money_return=outcome.is_money_return,
            takeout=outcome.takeout,
            breakage=outcome.breakage,
            minus=outcome.minus,
            carried_out=outcome.carried_out,
            event_id="event",
            void_after=void_after,
        )
        past.add(self._happened(fact))
        return past

    def _correct(self, past: PastPool) -> list[str]:
        winners, void_after = self._result()
        winners = winners if self.dice.random() < 0.8 else ()
        users = past.received.keys()
        free = {user_id: self.books[available_of(user_id)] for user_id in users}
        funds = Funds(dict(free), self.books[carry_of(SOURCE)])
        fact = corrected(past, winners, void_after, funds, reason="video", by=1)
        past.add(self._happened(fact))
        self.lent += fact.lent_change
        self._add_up(past, fact)
        return _kinds(fact)

    def _add_up(self, past: PastPool, fact: PoolCorrected) -> None:
        outcome = outcome_of(past.pool, fact.winners, void_after=fact.void_after)
        should = {one.user_id: one.received for one in fact.settlements}
        if fact.winners:
            assert should == {one.user_id: one.received for one in outcome.settlements}
        else:
            assert should == {user: past.pool.stakes_of(user) for user in past.pool.players}
        owed = {user_id: past.received[user_id] - should[user_id] for user_id in should}
        carry_owed = past.carried - fact.carried_out
        assert min([carry_owed, *owed.values()]) >= 0, "those who were right have it all"
        assert all(move.owed == owed[move.user_id] for move in fact.moves)
        assert self.lent == sum(owed.values()) + carry_owed, "the house lends what is owed"
        earned = fact.takeout + fact.breakage - fact.minus
        assert self.books[house_of(SOURCE)] == earned - self.lent
        assert self.books[pool_account(POOL)] == 0, "the pool is empty"
        assert self.books.total() == 0
        may_be_negative = {house_of(SOURCE), ELSEWHERE}
        assert all(n >= 0 for account, n in self.books.items() if account not in may_be_negative)

    def _spend(self, past: PastPool) -> None:
        """Let players and the carry lose some of what they have, so that it cannot be had back."""
        for account in (*map(available_of, past.received), carry_of(SOURCE)):
            spent = self.dice.randint(0, self.books[account]) if self.dice.random() < 0.6 else 0
            self.books[account] -= spent
            self.books[ELSEWHERE] += spent

    def _happened(self, fact: Fact, at: int = LATE) -> Entry:
        self.seq += 1
        for each in transfers(fact, SOURCE):
            assert each.amount > 0
            self.books[each.debit] -= each.amount
            self.books[each.credit] += each.amount
        return Entry(self.seq, at, fact)

    def _result(self) -> tuple[tuple[str, ...], int]:
        named = self.dice.sample(TARGETS, self.dice.choice([1, 1, 1, 2]))
        return tuple(t for t in TARGETS if t in named), self.dice.choice([LATE, LATE, LATE - 1])


def _policy(dice: Random) -> Policy:
    return SHIPPED["plain"] if dice.random() < 0.4 else random_policy(dice)


def _opened(policy: Policy, carried_in: int) -> PoolOpened:
    targets = {target: target for target in TARGETS}
    return evolve(UNTIMED, pool_id=POOL, targets=targets, policy=policy, carried_in=carried_in)


def _bet(dice: Random, place: int) -> BetPlaced:
    amount = dice.choice([1, 3, 7, 100, 1_000, dice.randint(1, 9_999)])
    user_id, target = dice.randint(1, 4), dice.choice(TARGETS)
    return BetPlaced(
        pool_id=POOL, bet_id=str(place), user_id=user_id, target_id=target, amount=amount
    )


def _kinds(fact: PoolCorrected) -> list[str]:
    met = {
        "cancelled": not fact.winners,
        "several winners": len(fact.winners) > 1,
        "money back": any(move.amount < 0 for move in fact.moves),
        "owed": any(move.owed for move in fact.moves),
        "lent": fact.lent_change > 0,
        "lent money back": fact.lent_change < 0,
        "out of the carry": fact.carry_moved < 0,
        "into the carry": fact.carry_moved > 0,
        "lent to the carry": fact.carry_change < fact.carry_moved,
        "earned": fact.earned_change != 0,
    }
    return [kind for kind, happened in met.items() if happened]
