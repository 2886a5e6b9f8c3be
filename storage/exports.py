"""Exports: all transfers, bets, results or users of a span of time, a page at a time, in order.

The rows of an export are of one moment if it is read within `Database.snapshot`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from game.money import amount
from storage.bets import Outcomes
from storage.database import Database

EXPORTED_AT_ONCE: Final = 500
ExportPage = list[dict[str, Any]]
"""Rows of an export, each with the columns in order."""


def _transfers(database: Database, start: int, end: int) -> Iterator[ExportPage]:
    """Yield the transfers, in the order of their ids."""
    last = 0
    sql = """
        SELECT transfers.*, facts.pool_id AS pool_id FROM transfers
        LEFT JOIN facts ON facts.game_id = transfers.game_id AND facts.seq = transfers.seq
        WHERE transfers.id > ? AND transfers.at >= ? AND transfers.at < ?
        ORDER BY transfers.id LIMIT ?"""
    while rows := database.rows(sql, (last, start, end, EXPORTED_AT_ONCE)):
        last = rows[-1]["id"]
        yield [
            {
                "id": row["id"],
                "at": row["at"],
                "currency": row["currency"],
                "amount": amount(row["amount"]),
                "from_account": row["debit"],
                "to_account": row["credit"],
                "cause": row["cause"],
                "user_id": _user_of(row["debit"]) or _user_of(row["credit"]),
                "game_id": row["game_id"],
                "pool_id": row["pool_id"],
                "seq": row["seq"],
                "reference": row["reference"],
            }
            for row in rows
        ]


def _bets(database: Database, start: int, end: int) -> Iterator[ExportPage]:
    """Yield the bets, in the order of their games and their positions."""
    place: tuple[str, int] = ("", 0)
    outcomes = Outcomes(database)
    sql = """
        SELECT facts.*, games.currency, games.source_id, body ->> '$.user_id' AS user_id
        FROM facts JOIN games ON games.id = game_id
        WHERE (game_id, seq) > (?, ?) AND kind = 'bet_placed' AND at >= ? AND at < ?
        ORDER BY game_id, seq LIMIT ?"""
    while rows := database.rows(sql, (*place, start, end, EXPORTED_AT_ONCE)):
        place = rows[-1]["game_id"], rows[-1]["seq"]
        yield [
            outcomes.shown(row["game_id"], row, row["currency"])
            | {"source_id": row["source_id"], "user_id": row["user_id"]}
            for row in rows
        ]


def _results(database: Database, start: int, end: int) -> Iterator[ExportPage]:
    """Yield the resolved pools, in the order of their ids."""
    last = ""
    sql = """
        SELECT pools.id, pools.game_id, source_id, winning_target, resolved_at,
               (SELECT body ->> '$.is_money_return' FROM facts
                WHERE facts.game_id = pools.game_id AND seq = resolved_seq) AS is_money_return,
               (SELECT coalesce(sum(body ->> '$.amount'), 0) FROM facts
                WHERE pool_id = pools.id AND kind = 'bet_placed'
                AND NOT EXISTS (SELECT 1 FROM json_each(standing, '$.scratched')
                                WHERE value = body ->> '$.target_id')) AS staked
        FROM pools JOIN games ON games.id = pools.game_id
        WHERE pools.id > ? AND resolved_at >= ? AND resolved_at < ? ORDER BY pools.id LIMIT ?"""
    while rows := database.rows(sql, (last, start, end, EXPORTED_AT_ONCE)):
        last = rows[-1]["id"]
        yield [
            {
                "pool_id": row["id"],
                "game_id": row["game_id"],
                "source_id": row["source_id"],
                "winning_target": row["winning_target"],
                "is_money_return": bool(row["is_money_return"]),
                "amount_total": amount(row["staked"]),
                "resolved_at": row["resolved_at"],
            }
            for row in rows
        ]


def _users(database: Database, start: int, end: int) -> Iterator[ExportPage]:
    """Yield the users, in the order of their ids."""
    last = 0
    sql = """
        SELECT id, name, external_id, can_host, disabled, created_at FROM users
        WHERE id > ? AND created_at >= ? AND created_at < ? ORDER BY id LIMIT ?"""
    while rows := database.rows(sql, (last, start, end, EXPORTED_AT_ONCE)):
        last = rows[-1]["id"]
        flags = ("can_host", "disabled")
        yield [row | {name: bool(row[name]) for name in flags} for row in rows]


EXPORTS: Final[Mapping[str, Callable[[Database, int, int], Iterator[ExportPage]]]] = {
    "transfers": _transfers,
    "bets": _bets,
    "results": _results,
    "users": _users,
}
"""The exports by name. Each takes the first moment and the end, in epoch ms."""
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "transfers": (
        *("id", "at", "currency", "amount", "from_account", "to_account", "cause"),
        *("user_id", "game_id", "pool_id", "seq", "reference"),
    ),
    "bets": (
        *("bet_id", "game_id", "pool_id", "target", "currency", "amount", "placed_at"),
        *("status", "returned", "resolved_at", "source_id", "user_id"),
    ),
    "results": (
        *("pool_id", "game_id", "source_id", "winning_target", "is_money_return"),
        *("amount_total", "resolved_at"),
    ),
    "users": ("id", "name", "external_id", "can_host", "disabled", "created_at"),
}
"""The columns of each export, in order."""


def _user_of(account: str) -> int | None:
    kind, _, rest = account.partition(":")
    return int(rest.partition(":")[0]) if kind == "player" else None
