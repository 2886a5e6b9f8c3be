"""Bets with their outcomes: for a player's list, for receipts, and all of them for exports.

A bet is a fact of its game. Its outcome follows from the fact that resolved or corrected the pool,
and from the event that decided it: bets after the event are void. A bet on a target that was
scratched is refunded at that moment. `game/payout.py` has the rules.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from attrs import Factory, evolve, frozen

from game.facts import (
    BetPlaced,
    Entry,
    PoolOpened,
    PoolResolved,
    Settlement,
    TargetScratched,
)
from game.money import amount
from game.policy import Policy
from game.revisions import PoolCorrected
from game.vocabulary import LARGEST_TIME
from storage.database import Database
from storage.journal import read_entry
from storage.past import event_before


@frozen
class Resolution:
    """What is known about the end of a pool. `fact` is None until it ends.

    `scratched` has the times (epoch ms) at which targets were scratched, `settled` what each user
    is entitled to. Bets after `void_after` (epoch ms) are void. If the pool was corrected, all this
    is of the last correction.
    """

    policy: Policy
    scratched: dict[str, int]
    fact: PoolResolved | PoolCorrected | None = None
    settled: dict[int, Settlement] = Factory(dict)
    seq: int = 0
    at: int = 0
    void_after: int = LARGEST_TIME

    def paid_for(self, bet: BetPlaced) -> int:
        """Return the payout of a winning bet, in hundredths.

        If the policy does not round prices, all winning stakes of a user have the same price. Then
        the hundredths that are left over by several bets of one user are not shown.
        """
        assert self.fact is not None
        if self.policy.break_to:
            return bet.amount * self.fact.prices[bet.target_id] // 10_000
        one = self.settled[bet.user_id]
        return one.paid * bet.amount // one.won_stake


class Outcomes:
    """Finds the outcomes of bets. Keeps the pools that it has read last."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.resolution = lru_cache(maxsize=64)(self._read_resolution)

    def bet(self, game_id: str, seq: int, currency: str) -> dict[str, Any]:
        """Return a bet as the API shows it."""
        sql = "SELECT seq, at, kind, body FROM facts WHERE game_id = ? AND seq = ?"
        [row] = self._database.rows(sql, (game_id, seq))
        return self.shown(game_id, row, currency)

    def shown(self, game_id: str, row: dict[str, Any], currency: str) -> dict[str, Any]:
        """Return the bet that a row of `facts` holds, as the API shows it."""
        entry = read_entry(row)
        bet = entry.fact
        assert isinstance(bet, BetPlaced)
        status, returned, resolved_at = self._outcome(game_id, bet, entry.at)
        return {
            "bet_id": bet.bet_id,
            "game_id": game_id,
            "pool_id": bet.pool_id,
            "target": bet.target_id,
            "currency": currency,
            "amount": amount(bet.amount),
            "placed_at": entry.at,
            "status": status,
            "returned": None if returned is None else amount(returned),
            "resolved_at": resolved_at,
        }

    def _outcome(
        self, game_id: str, bet: BetPlaced, placed_at: int
    ) -> tuple[str, int | None, int | None]:
        resolution = self.resolution(game_id, bet.pool_id)
        if (scratched_at := resolution.scratched.get(bet.target_id)) is not None:
            return "refunded", bet.amount, scratched_at
        if (fact := resolution.fact) is None:
            return "open", None, None
        if placed_at > resolution.void_after:
            return "void", bet.amount, resolution.at
        if fact.winning_target is None or fact.is_money_return:
            return "refunded", bet.amount, resolution.at
        if bet.target_id not in fact.winners:
            return "lost", 0, resolution.at
        return "won", resolution.paid_for(bet), resolution.at

    def _read_resolution(self, game_id: str, pool_id: str) -> Resolution:
        [opened], scratched, ended, corrected = (
            [*map(read_entry, self._database.rows(_OF_POOL, (pool_id, kind.kind)))]
            for kind in (PoolOpened, TargetScratched, PoolResolved, PoolCorrected)
        )
        assert isinstance(opened.fact, PoolOpened)
        found = Resolution(opened.fact.policy_in_force, _times_by_target(scratched))
        return self._ended(game_id, found, [*ended, *corrected][-1]) if ended else found

    def _ended(self, game_id: str, found: Resolution, entry: Entry) -> Resolution:
        assert isinstance(entry.fact, PoolResolved | PoolCorrected)
        settled = {one.user_id: one for one in entry.fact.settlements}
        has_void = any(one.void_stake for one in entry.fact.settlements)
        void_after = entry.fact.void_after or LARGEST_TIME
        if has_void and entry.fact.void_after is None:  # a fact from before held results
            event = event_before(self._database, game_id, entry.seq)
            void_after = LARGEST_TIME if event is None else event.happened_at
        about: dict[str, Any] = {"seq": entry.seq, "at": entry.at, "void_after": void_after}
        return evolve(found, fact=entry.fact, settled=settled, **about)


def _times_by_target(scratched: Iterable[Entry]) -> dict[str, int]:
    """Return the times (epoch ms) of facts that scratched targets, by the target."""
    return {
        each.fact.target_id: each.at for each in scratched if isinstance(each.fact, TargetScratched)
    }


_OF_POOL: Final = """
    SELECT seq, at, kind, body FROM facts WHERE pool_id = ? AND kind = ? ORDER BY seq"""
