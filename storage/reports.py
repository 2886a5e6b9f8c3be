"""The report of a source: what its pools took and paid, by day (UTC) and currency.

A bet counts on the day on which its pool ends, and so does what the pool was carried. Bets on
scratched targets do not count: their stakes were never at risk. A correction counts on its own day,
with the differences between its result and the one before. The report adds up the facts that
resolved and corrected pools, so its time grows with the number of pools: read it in a thread.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from attrs import Factory, define

from game.facts import PoolResolved
from game.money import amount
from game.revisions import PoolCorrected
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
    lent: int = 0

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
        self._count(fact)
        self.carried_in += carried_in

    def correct(self, fact: PoolCorrected, before: PoolResolved | PoolCorrected) -> None:
        """Add a correction of the result `before`."""
        self.pools_corrected += 1
        self._count(fact)
        self._count(before, -1)
        self.lent += fact.lent_change

    def _count(self, fact: PoolResolved | PoolCorrected, times: int = 1) -> None:
        for one in fact.settlements:
            self.void += times * one.void_stake
            self.returned += times * one.returned_stake
            self.paid += times * one.paid
        self.takeout += times * fact.takeout
        self.breakage += times * fact.breakage
        self.minus += times * fact.minus
        self.carried_out += times * fact.carried_out

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
            "house_balance": amount(house_balance),
            "check": {
                "left": amount(left),
                "right": amount(right),
                "holds": left == right,
            },
        }


_SUMS: Final = (
    *("staked", "void", "returned", "paid"),
    *("takeout", "breakage", "minus", "lent", "carried_in", "carried_out"),
)
_CORRECTED: Final = """
    SELECT pools.id, games.currency FROM games JOIN pools ON pools.game_id = games.id
    WHERE games.source_id = ? AND corrected_at >= ?"""
_RESULTS: Final = """
    SELECT seq, at, kind, body FROM facts
    WHERE pool_id = ? AND kind IN ('pool_resolved', 'pool_corrected') ORDER BY seq"""
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
        scratched = read_snapshot(row["standing"]).scratched
        bets = bet_count(database, fact.pool_id, scratched=scratched)
        days[_day(row["at"]), row["currency"]].add(fact, bets, row["carried_in"])
    later: defaultdict[str, int] = defaultdict(int)
    for currency, at, fact, before in _corrections(database, source_id, start):
        if at < end:
            days[_day(at), currency].correct(fact, before)
        else:
            later[currency] += fact.earned_change - fact.lent_change
    houses = _houses(database, source_id, end, {currency for _, currency in days}, later)
    return {"source_id": source_id, "from": start, "to": end, "days": _shown(days, houses)}


def _day(at: int) -> str:
    return datetime.fromtimestamp(at / 1_000, UTC).strftime("%Y-%m-%d")


def _shown(days: Mapping[tuple[str, str], _Day], houses: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the rows in order; `houses` are the balances by currency after the last day."""
    rows, houses = list[dict[str, Any]](), dict(houses)
    for day, currency in sorted(days, reverse=True):
        one = days[day, currency]
        rows.append(one.shown(day, currency, houses[currency]))
        houses[currency] -= one.earned - one.lent
    return rows[::-1]


def _houses(
    database: Database,
    source_id: str,
    end: int,
    currencies: Iterable[str],
    later: defaultdict[str, int],
) -> dict[str, int]:
    """Return the balances of a source's house at `end` (epoch ms), in hundredths by currency.

    `later`: what it has received since by corrections. Pools that ended since are added to it.
    """
    for row in database.rows(_EARNED_SINCE, (source_id, end)):
        later[row["currency"]] += row["earned"]
    return {each: house_balance(database, source_id, each) - later[each] for each in currencies}


def _corrections(
    database: Database, source_id: str, start: int
) -> Iterator[tuple[str, int, PoolCorrected, PoolResolved | PoolCorrected]]:
    """Yield the corrections of a source's pools since `start` (epoch ms).

    Each comes with its currency and its time, and with the result before it.
    """
    for pool in database.rows(_CORRECTED, (source_id, start)):
        before: PoolResolved | PoolCorrected | None = None
        for row in database.rows(_RESULTS, (pool["id"],)):
            entry = read_entry(row)
            assert isinstance(entry.fact, PoolResolved | PoolCorrected)
            if isinstance(entry.fact, PoolCorrected) and entry.at >= start and before is not None:
                yield pool["currency"], entry.at, entry.fact, before
            before = entry.fact


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
