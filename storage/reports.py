"""The report of a source: what its pools took and paid, by day (UTC) and currency.

A bet counts on the day on which its pool ends, and so does what the pool was carried. Bets on
scratched targets do not count: their stakes were never at risk. The report adds up the facts that
resolved pools, so its time grows with the number of pools: read it in a thread.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from attrs import Factory, define

from game.facts import PoolResolved
from game.money import amount
from storage.accounts import house_balance
from storage.database import Database, Row
from storage.journal import read_entry
from storage.pools import bet_count, read_snapshot

POOLS_AT_ONCE: Final = 100


@define
class _Day:
    """The sums of one day in one currency, in hundredths."""

    pools_resolved: int = 0
    pools_cancelled: int = 0
    pools_corrected: int = 0
    bets: int = 0
    bettors: set[int] = Factory(set)
    staked: int = 0
    void: int = 0
    returned: int = 0
    paid: int = 0
    takeout: int = 0
    breakage: int = 0
    minus: int = 0
    carried_in: int = 0
    carried_out: int = 0

    @property
    def earned(self) -> int:
        """What the house received less what it added; it may be below zero."""
        return self.takeout + self.breakage - self.minus

    def add(self, fact: PoolResolved, bets: int, carried_in: int) -> None:
        """Add a resolved pool."""
        if fact.winning_target is None:
            self.pools_cancelled += 1
        else:
            self.pools_resolved += 1
        self.bets += bets
        for one in fact.settlements:
            self.bettors.add(one.user_id)
            self.staked += one.stakes
            self.void += one.void_stake
            self.returned += one.returned_stake
            self.paid += one.paid
        self.takeout += fact.takeout
        self.breakage += fact.breakage
        self.minus += fact.minus
        self.carried_in += carried_in
        self.carried_out += fact.carried_out

    def shown(self, day: str, currency: str, house_balance: int) -> dict[str, Any]:
        """Return the row of the report. `house_balance` is that at the end of the day."""
        left = self.staked - self.void - self.returned
        right = self.paid + self.earned + self.carried_out - self.carried_in
        return {
            "day": day,
            "currency": currency,
            "pools_resolved": self.pools_resolved,
            "pools_cancelled": self.pools_cancelled,
            "pools_corrected": self.pools_corrected,
            "bets": self.bets,
            "bettors": len(self.bettors),
            **{name: amount(getattr(self, name)) for name in _SUMS},
            "lent": 0,  # nothing is lent: a result is final
            "house_balance": amount(house_balance),
            "check": {
                "left": amount(left),
                "right": amount(right),
                "holds": left == right,
            },
        }


_SUMS: Final = (
    *("staked", "void", "returned", "paid"),
    *("takeout", "breakage", "minus", "carried_in", "carried_out"),
)
_EARNED_SINCE: Final = """
    SELECT games.currency,
           sum(coalesce(body ->> '$.takeout', 0) + coalesce(body ->> '$.breakage', 0)
               - coalesce(body ->> '$.minus', 0)) AS earned
    FROM games JOIN pools ON pools.game_id = games.id
    JOIN facts ON facts.game_id = games.id AND facts.seq = resolved_seq
    WHERE games.source_id = ? AND resolved_at >= ? GROUP BY games.currency"""


def source_report(database: Database, source_id: str, start: int, end: int) -> dict[str, Any]:
    """Return the report of a source from `start` up to, not including, `end` (epoch ms)."""
    days: defaultdict[tuple[str, str], _Day] = defaultdict(_Day)
    for row in _resolved(database, source_id, start, end):
        fact = read_entry(row).fact
        assert isinstance(fact, PoolResolved)
        day = datetime.fromtimestamp(row["at"] / 1_000, UTC).strftime("%Y-%m-%d")
        scratched = read_snapshot(row["standing"]).scratched
        bets = bet_count(database, fact.pool_id, scratched=scratched)
        days[day, row["currency"]].add(fact, bets, row["carried_in"])
    houses = _houses(database, source_id, end, {currency for _, currency in days})
    return {"source_id": source_id, "from": start, "to": end, "days": _shown(days, houses)}


def _shown(days: Mapping[tuple[str, str], _Day], houses: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the rows in order; `houses` are the balances by currency after the last day."""
    rows, houses = list[dict[str, Any]](), dict(houses)
    for day, currency in sorted(days, reverse=True):
        one = days[day, currency]
        rows.append(one.shown(day, currency, houses[currency]))
        houses[currency] -= one.earned
    return rows[::-1]


def _houses(
    database: Database, source_id: str, end: int, currencies: Iterable[str]
) -> dict[str, int]:
    """Return the balances of a source's house at `end` (epoch ms), in hundredths by currency."""
    later = {
        row["currency"]: row["earned"] for row in database.rows(_EARNED_SINCE, (source_id, end))
    }
    return {
        each: house_balance(database, source_id, each) - later.get(each, 0) for each in currencies
    }


def _resolved(database: Database, source_id: str, start: int, end: int) -> Iterator[Row]:
    """Yield the facts that resolved the pools of a source, a page at a time.

    Each comes with the pool's last figures (`standing`), and with what it was carried.
    """
    last = ""
    sql = """
        SELECT pools.id AS pool_id, facts.seq, facts.at, facts.kind, facts.body, games.currency,
               standing, coalesce(opening.body ->> '$.carried_in', 0) AS carried_in
        FROM games JOIN pools ON pools.game_id = games.id
        JOIN facts ON facts.game_id = games.id AND facts.seq = resolved_seq
        JOIN facts AS opening ON opening.game_id = games.id AND opening.seq = opened_seq
        WHERE games.source_id = ? AND pools.id > ? AND resolved_at >= ? AND resolved_at < ?
        ORDER BY pools.id LIMIT ?"""
    while rows := database.rows(sql, (source_id, last, start, end, POOLS_AT_ONCE)):
        yield from rows
        last = rows[-1]["pool_id"]
