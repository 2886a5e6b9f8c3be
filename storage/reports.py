"""The report of a source: what its pools took and paid, by day (UTC) and currency.

A bet counts on the day on which its pool ends. The report adds up the facts that resolved pools, so
its time grows with the number of pools: read it in a thread.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from attrs import Factory, define

from game.facts import PoolResolved
from game.money import amount
from storage.database import Database, Row
from storage.journal import read_entry
from storage.pools import bet_count

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

    def add(self, fact: PoolResolved, bets: int) -> None:
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

    def shown(self, day: str, currency: str) -> dict[str, Any]:
        """Return the row of the report."""
        sums = {"staked": self.staked, "void": self.void, "returned": self.returned}
        left = self.staked - self.void - self.returned
        return {
            "day": day,
            "currency": currency,
            "pools_resolved": self.pools_resolved,
            "pools_cancelled": self.pools_cancelled,
            "pools_corrected": self.pools_corrected,
            "bets": self.bets,
            "bettors": len(self.bettors),
            **{name: amount(value) for name, value in sums.items()},
            "paid": amount(self.paid),
            # There is no house account: the winners share everything that was staked.
            **dict.fromkeys(_OF_THE_HOUSE, 0),
            "check": {
                "left": amount(left),
                "right": amount(self.paid),
                "holds": left == self.paid,
            },
        }


_OF_THE_HOUSE: Final = (
    *("takeout", "breakage", "minus", "lent", "carried_in", "carried_out"),
    "house_balance",
)


def source_report(database: Database, source_id: str, start: int, end: int) -> dict[str, Any]:
    """Return the report of a source from `start` up to, not including, `end` (epoch ms)."""
    days: defaultdict[tuple[str, str], _Day] = defaultdict(_Day)
    for row in _resolved(database, source_id, start, end):
        fact = read_entry(row).fact
        assert isinstance(fact, PoolResolved)
        day = datetime.fromtimestamp(row["at"] / 1_000, UTC).strftime("%Y-%m-%d")
        days[day, row["currency"]].add(fact, bet_count(database, fact.pool_id))
    rows = [days[key].shown(*key) for key in sorted(days)]
    return {"source_id": source_id, "from": start, "to": end, "days": rows}


def _resolved(database: Database, source_id: str, start: int, end: int) -> Iterator[Row]:
    """Yield the facts that resolved the pools of a source, a page at a time."""
    last = ""
    sql = """
        SELECT pools.id AS pool_id, facts.seq, facts.at, facts.kind, facts.body, games.currency
        FROM games JOIN pools ON pools.game_id = games.id
        JOIN facts ON facts.game_id = games.id AND facts.seq = resolved_seq
        WHERE games.source_id = ? AND pools.id > ? AND resolved_at >= ? AND resolved_at < ?
        ORDER BY pools.id LIMIT ?"""
    while rows := database.rows(sql, (source_id, last, start, end, POOLS_AT_ONCE)):
        yield from rows
        last = rows[-1]["pool_id"]
