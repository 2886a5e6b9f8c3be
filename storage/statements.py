"""A player's statement: every change of the balances, a page at a time, the newest first.

Entries are written with what they report (`EntryMade`). Their ids count from 1 without gaps, and
their times never decrease. So the entries of a span of time are found by bisection, without an
index by time, which every bet would have to pay for.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, Final, overload

from attrs import frozen

from game.ledger import CORRECTION
from game.money import amount
from game.vocabulary import LARGEST_TIME, PAGE_SIZE
from storage.database import Database, Row


@frozen
class Span:
    """A page of a statement: from `start` up to, not including, `end` (epoch ms).

    `before`: only entries with a lower id. `limit`: entries at most.
    """

    start: int = 0
    end: int = LARGEST_TIME
    before: int | None = None
    limit: int = PAGE_SIZE


def statement(database: Database, user_id: int, currency: str, span: Span) -> dict[str, Any]:
    """Return a page of a user's statement, and the balances at both ends of its time."""
    times = _Times(database, user_id, currency)
    first, end = (1 + bisect_left(times, at) for at in (span.start, max(span.start, span.end)))
    stop = end if span.before is None else max(first, min(end, span.before))
    rows = database.rows(
        "SELECT * FROM player_entries WHERE user_id = ? AND currency = ? AND id >= ? AND id < ?"
        " ORDER BY id DESC LIMIT ?",
        (user_id, currency, first, stop, span.limit),
    )
    lowest = rows[-1]["id"] if rows else first
    return {
        "currency": currency,
        "opening_balance": amount(times.balance_at(first - 1)),
        "closing_balance": amount(times.balance_at(end - 1)),
        "entries": [_shown(row) | {"owed": _owed(database, row)} for row in rows],
        "before": lowest if lowest > first else None,
    }


def last_entry(database: Database, user_id: int, currency: str) -> int:
    """Return the id of the last entry of a statement; 0 if there is none."""
    sql = "SELECT max(id) AS last FROM player_entries WHERE user_id = ? AND currency = ?"
    row = database.row(sql, (user_id, currency))
    return (row["last"] if row else None) or 0


def recent_entries(database: Database, user_id: int, since: int) -> list[Row]:
    """Return the last entry of each of a user's statements that has one since a time (epoch ms)."""
    sql = """
        SELECT entry.* FROM accounts, player_entries AS entry
        WHERE accounts.account = ? AND entry.user_id = ? AND entry.currency = accounts.currency
        AND entry.id = (SELECT max(id) FROM player_entries
                        WHERE user_id = entry.user_id AND currency = entry.currency)
        AND entry.at >= ?"""
    return database.rows(sql, (f"player:{user_id}:available", user_id, since))


def entries_before(database: Database, user_id: int, currency: str, at: int) -> int:
    """Return how many entries a statement has before a time (epoch ms): the id of their last."""
    return bisect_left(_Times(database, user_id, currency), at)


class _Times(Sequence[int]):
    """The times of a user's entries, in order, read one at a time."""

    def __init__(self, database: Database, user_id: int, currency: str) -> None:
        self._database, self._who = database, (user_id, currency)
        self._count = last_entry(database, user_id, currency)

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[int]: ...
    def __getitem__(self, place: int | slice) -> int | Sequence[int]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(self._count))]
        return int(self._entry(place + 1)["at"])

    def balance_at(self, entry_id: int) -> int:
        """Return the current balance after an entry, in hundredths; 0 before the first."""
        return int(self._entry(entry_id)["current"]) if entry_id else 0

    def _entry(self, entry_id: int) -> Row:
        row = self._database.row(_ENTRY, (*self._who, entry_id))
        if row is None:
            raise IndexError(entry_id)
        return row


_ENTRY: Final = "SELECT * FROM player_entries WHERE user_id = ? AND currency = ? AND id = ?"


_OWED: Final = """
    SELECT move.value ->> '$.owed' AS owed FROM facts, json_each(body, '$.moves') AS move
    WHERE game_id = ? AND seq = ? AND move.value ->> '$.user_id' = ?"""


def _owed(database: Database, row: Row) -> float | None:
    """Return what a correction left the user owing for its pool; None for all other entries."""
    if row["cause"] != CORRECTION:
        return None
    found = database.row(_OWED, (row["game_id"], row["seq"], row["user_id"]))
    return None if found is None else amount(found["owed"])


def _shown(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "at": row["at"],
        "cause": row["cause"],
        "change": amount(row["current_change"]),
        "current_balance": amount(row["current"]),
        "available_balance": amount(row["available"]),
        "game_id": row["game_id"],
        "pool_id": row["pool_id"],
        "seq": row["seq"],
        "reference": row["reference"],
    }
