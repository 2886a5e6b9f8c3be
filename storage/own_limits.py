"""Players' own limits and breaks: the rows, and what the statement counts for them.

Rows, not facts: a game decides the same without them. The running server has them in memory
(`actors/games/restraints.py`). `storage/limit_writes.py` writes them, and `storage/limit_audit.py`
compares them with the acts. The rules are in `game/own_limits.py`.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from attrs import evolve

from game.money import amount as as_number
from game.own_limits import (
    NO_LIMIT,
    Break,
    LimitKey,
    LimitKind,
    OwnLimit,
    OwnLimits,
    OwnRules,
    Period,
    Usage,
)
from storage.database import Database, Row
from storage.typed_rows import typed

EVERY_KEY: Final[tuple[LimitKey, ...]] = tuple(
    (period, kind) for period in Period for kind in LimitKind
)


def present_limits(database: Database, user_id: int, currency: str, now: int) -> dict[str, Any]:
    """Return a player's limits in a currency, and the break, as messages show them.

    They are those at `now` (epoch ms).
    """
    known = limits_of(database, user_id)
    return {
        **limit_values(currency, known.get(currency, {}), now),
        "running_break": break_values(database, user_id, now),
        "currencies": sorted(known),
    }


def break_values(database: Database, user_id: int, now: int) -> dict[str, Any] | None:
    """Return the end of the break that is running at `now` (epoch ms), None if there is none."""
    pause = break_of(database, user_id)
    return None if pause is None or pause.has_ended(now) else {"until": pause.until}


def limit_values(currency: str, limits: OwnLimits, now: int) -> dict[str, Any]:
    """Return limits as messages show them at `now` (epoch ms), with what is pending."""
    present = {key: limits.get(key, NO_LIMIT).at(now) for key in EVERY_KEY}
    shown = {
        str(period): {str(kind): _number(present[period, kind].amount) for kind in LimitKind}
        for period in Period
    }
    pending = [
        {
            "period": str(period),
            "kind": str(kind),
            "amount": _number(own.next_amount),
            "at": own.next_at,
        }
        for (period, kind), own in present.items()
        if own.next_at is not None
    ]
    return {"currency": currency, "limits": shown, "pending": pending}


def own_values(database: Database, user_id: int, now: int) -> dict[str, Any]:
    """Return a player's limits by currency, and the break, as operators see them.

    They are those at `now` (epoch ms).
    """
    limits = {
        currency: {name: values[name] for name in ("limits", "pending")}
        for currency, own in limits_of(database, user_id).items()
        for values in [limit_values(currency, own, now)]
    }
    return {"limits": limits, "break": break_values(database, user_id, now)}


def limits_of(database: Database, user_id: int) -> dict[str, OwnLimits]:
    """Return the limits of a player by currency."""
    return _by_currency(database.rows("SELECT * FROM own_limits WHERE user_id = ?", (user_id,)))


def break_of(database: Database, user_id: int) -> Break | None:
    """Return a player's break, which may be over; None if there is none."""
    row = database.row("SELECT until FROM breaks WHERE user_id = ?", (user_id,))
    return None if row is None else _break_in(row)


def own_rules_of(database: Database, user_id: int) -> OwnRules | None:
    """Return what a player has set; None for nothing."""
    limits, pause = limits_of(database, user_id), break_of(database, user_id)
    return OwnRules(limits=limits, pause=pause) if limits or pause else None


def own_rules(database: Database, now: int) -> dict[int, OwnRules]:
    """Return what every player has set that has not ended by `now` (epoch ms), by user."""
    by_user: defaultdict[int, list[Row]] = defaultdict(list)
    for row in database.rows("SELECT * FROM own_limits"):
        by_user[row["user_id"]].append(row)
    rules = {user_id: OwnRules(limits=_by_currency(rows)) for user_id, rows in by_user.items()}
    for row in database.rows("SELECT * FROM breaks WHERE until IS NULL OR until > ?", (now,)):
        present = rules.get(row["user_id"], OwnRules())
        rules[row["user_id"]] = evolve(present, pause=_break_in(row))
    return rules


def usage_between(
    database: Database, user_id: int, currency: str, span: tuple[int, int], start: int
) -> Usage:
    """Return what entries of a statement come to: those after the first id, up to the last.

    Entries before `start` (epoch ms) do not count.
    """
    rows = database.rows(
        "SELECT cause, sum(current_change) AS current, sum(available_change) AS available"
        " FROM player_entries WHERE user_id = ? AND currency = ? AND id > ? AND id <= ?"
        " AND at >= ? GROUP BY cause",
        (user_id, currency, *span, start),
    )
    usage = Usage()
    for row in rows:
        usage = usage.plus(row["cause"], row["current"], row["available"])
    return usage


def _by_currency(rows: Iterable[Row]) -> dict[str, OwnLimits]:
    found: defaultdict[str, dict[LimitKey, OwnLimit]] = defaultdict(dict)
    for row in rows:
        typed("own_limits", _TYPES, row)
        key = Period(row["period"]), LimitKind(row["kind"])
        found[row["currency"]][key] = OwnLimit(row["amount"], row["next_amount"], row["next_at"])
    return dict(found)


def _break_in(row: Row) -> Break:
    return Break(typed("breaks", {"until": (int, type(None))}, row)["until"])


_TYPES: Final = {
    **{"user_id": (int,), "currency": (str,), "period": (str,), "kind": (str,)},
    **dict.fromkeys(("amount", "next_amount", "next_at"), (int, type(None))),
}


def _number(hundredths: int | None) -> int | float | None:
    return None if hundredths is None else as_number(hundredths)
