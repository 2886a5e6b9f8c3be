"""A player's bets with their outcomes, the newest first; also all bets, for exports.

A bet is a fact of its game. Its outcome follows from the fact that resolved the pool, and from the
event that decided it: bets after the event are void. `game/payout.py` has the rules.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from game.facts import BetPlaced, EventRegistered, PoolResolved, Settlement
from game.money import amount
from game.vocabulary import LARGEST_TIME, PAGE_SIZE
from storage.database import Database
from storage.journal import read_entry

Place = tuple[int, str, int]
"""Where a bet stands among the bets of a player: its time, its currency, its entry."""


def bets_of_player(
    database: Database, user_id: int, before: Place | None = None, limit: int = PAGE_SIZE
) -> tuple[list[dict[str, Any]], Place | None]:
    """Return a page of a user's bets in all currencies, and the place of the next page, or None."""
    at, currency, entry_id = before or (LARGEST_TIME, "~", 0)
    found = database.rows(
        "SELECT * FROM player_entries WHERE user_id = ? AND cause = 'bet'"
        " AND (at, currency, id) < (?, ?, ?) ORDER BY at DESC, currency DESC, id DESC LIMIT ?",
        (user_id, at, currency, entry_id, limit + 1),
    )
    page, outcomes = found[:limit], Outcomes(database)
    shown = [outcomes.bet(row["game_id"], row["seq"], row["currency"]) for row in page]
    last = page[-1] if len(found) > limit else None
    return shown, None if last is None else (last["at"], last["currency"], last["id"])


class Outcomes:
    """Finds the outcomes of bets. Keeps the pools that it has read last."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._resolution = lru_cache(maxsize=64)(self._read_resolution)

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
        resolution = self._resolution(game_id, bet.pool_id)
        if resolution is None:
            return "open", None, None
        fact, settled, void_after, resolved_at = resolution
        if placed_at > void_after:
            return "void", bet.amount, resolved_at
        if fact.winning_target is None or fact.is_money_return:
            return "refunded", bet.amount, resolved_at
        if bet.target_id != fact.winning_target:
            return "lost", 0, resolved_at
        one = settled[bet.user_id]
        return "won", one.paid * bet.amount // one.won_stake, resolved_at

    def _read_resolution(
        self, game_id: str, pool_id: str
    ) -> tuple[PoolResolved, dict[int, Settlement], int, int] | None:
        """Return how a pool ended: the fact, what each user got, the last valid time, its time."""
        row = self._database.row(
            "SELECT facts.seq, at, kind, body FROM pools JOIN facts"
            " ON facts.game_id = pools.game_id AND facts.seq = resolved_seq WHERE pools.id = ?",
            (pool_id,),
        )
        if row is None:
            return None
        entry = read_entry(row)
        assert isinstance(entry.fact, PoolResolved)
        settled = {one.user_id: one for one in entry.fact.settlements}
        has_void = any(one.void_stake for one in entry.fact.settlements)
        void_after = self._happened_at(game_id, entry.seq) if has_void else LARGEST_TIME
        return entry.fact, settled, void_after, entry.at

    def _happened_at(self, game_id: str, seq: int) -> int:
        """Return the time of the event that decided the pool that the fact `seq` resolves."""
        rows: Iterable[dict[str, Any]] = self._database.rows(
            "SELECT seq, at, kind, body FROM facts WHERE game_id = ? AND seq < ?"
            " AND kind = 'event_registered' ORDER BY seq DESC LIMIT 1",
            (game_id, seq),
        )
        for row in rows:
            event = read_entry(row).fact
            assert isinstance(event, EventRegistered)
            return event.happened_at
        return LARGEST_TIME
