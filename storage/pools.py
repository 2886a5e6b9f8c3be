"""What is kept of pools beside their facts: where they belong, how they ended, who has won most.

Unresolved pools are in the games' journals alone (`storage/journal.py`); a resolved one costs a
game nothing but rows.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from cattrs.preconf.orjson import make_converter

from game.facts import BetPlaced, Entry, PoolOpened, PoolResolved
from game.pools import Pool, PoolSnapshot
from storage.changes import (
    Change,
    GamePointsMoved,
    PlayerSettled,
    PointsMoved,
    PoolAdded,
    PoolEnded,
)
from storage.database import Database
from storage.journal import read_entry

_CONVERTER = make_converter(detailed_validation=False)

Row = dict[str, Any]

READ_AT_ONCE = 16


def opened_rows(game_id: str, entry: Entry, fact: PoolOpened) -> list[Change]:
    """What is written beside the fact that opens a pool."""
    return [PoolAdded(fact.pool_id, game_id, entry.seq)]


def resolved_rows(
    game_id: str, currency: str, entry: Entry, fact: PoolResolved, pool: Pool
) -> list[Change]:
    """What is written beside the fact that resolves a pool, as it stood before."""
    snapshot = snapshot_text(pool.snapshot())
    changes: list[Change] = [
        PoolEnded(entry.seq, entry.at, fact.winning_target, snapshot, fact.pool_id)
    ]
    for one in fact.settlements:
        backed = orjson.dumps(pool.players[one.user_id]).decode()
        changes += [
            PlayerSettled(one.user_id, game_id, entry.seq, fact.pool_id, backed, one.received),
            PointsMoved(currency, one.user_id, one.points),
            GamePointsMoved(game_id, one.user_id, one.points),
        ]
    return changes


def snapshot_text(snapshot: PoolSnapshot) -> str:
    """A standing as it is kept, JSON."""
    return _CONVERTER.dumps(snapshot).decode()


def read_snapshot(text: str) -> PoolSnapshot:
    """The standing that is kept so."""
    return _CONVERTER.loads(text, PoolSnapshot)


def game_of_pool(database: Database, pool_id: str) -> str | None:
    """The id of the game that a pool belongs to, None if there is no such pool."""
    row = database.row("SELECT game_id FROM pools WHERE id = ?", (pool_id,))
    return None if row is None else str(row["game_id"])


def resolved_pool(database: Database, pool_id: str) -> PoolSnapshot | None:
    """A resolved pool's figures at its end, None if there is no such pool."""
    row = database.row("SELECT standing FROM pools WHERE id = ?", (pool_id,))
    return None if row is None or row["standing"] is None else read_snapshot(row["standing"])


def resolved_pools_of(
    database: Database, game_id: str, user_id: int, *, offset: int, limit: int
) -> Iterator[tuple[PoolSnapshot, Row]]:
    """A page of a game's resolved pools in which a user had a bet, the newest first.

    Each with its row: winning_target, resolved_at, given_back (hundredths), backed (by target).
    They may be large, and are read as they are taken, `READ_AT_ONCE` at a time.
    """
    for done in range(0, limit, READ_AT_ONCE):
        most = min(READ_AT_ONCE, limit - done)
        rows = _resolved_rows(database, game_id, user_id, offset + done, most)
        for row in rows:
            backed = orjson.loads(row["backed"])
            yield read_snapshot(row["standing"]), row | {"backed": backed}
        if len(rows) < most:
            return


def resolved_pool_count(database: Database, game_id: str, user_id: int) -> int:
    """In how many resolved pools of a game a user had a bet."""
    sql = "SELECT count(*) AS n FROM pool_players WHERE user_id = ? AND game_id = ?"
    row = database.row(sql, (user_id, game_id))
    return 0 if row is None else int(row["n"])


def _resolved_rows(
    database: Database, game_id: str, user_id: int, offset: int, limit: int
) -> list[Row]:
    sql = """
        SELECT standing, winning_target, resolved_at, given_back, backed
        FROM pool_players JOIN pools ON pools.id = pool_id
        WHERE user_id = ? AND pool_players.game_id = ?
        ORDER BY pool_players.resolved_seq DESC LIMIT ? OFFSET ?"""
    return database.rows(sql, (user_id, game_id, limit, offset))


def bets_of_pool(
    database: Database, pool_id: str, *, offset: int, limit: int
) -> list[tuple[BetPlaced, int]]:
    """A page of a pool's bets in order of acceptance, each with its time (epoch ms)."""
    # Those before the page are skipped in the index alone.
    sql = """
        SELECT seq, at, kind, body FROM facts
        WHERE pool_id = ? AND kind = 'bet_placed' AND seq >= (
            SELECT seq FROM facts
            WHERE pool_id = ? AND kind = 'bet_placed' ORDER BY seq LIMIT 1 OFFSET ?
        ) ORDER BY seq LIMIT ?"""
    entries = map(read_entry, database.rows(sql, (pool_id, pool_id, offset, limit)))
    return [(e.fact, e.at) for e in entries if isinstance(e.fact, BetPlaced)]


def bet_count(database: Database, pool_id: str) -> int:
    """How many bets were placed in a pool."""
    sql = "SELECT count(*) AS n FROM facts WHERE pool_id = ? AND kind = 'bet_placed'"
    row = database.row(sql, (pool_id,))
    return 0 if row is None else int(row["n"])


def leaderboard(database: Database, currency: str, start: int, end: int) -> list[Row]:
    """The places from `start` up to `end` of a currency: username, points (hundredths), rank."""
    return _ranked(database, "scores", "currency", currency, start, end)


def game_leaderboard(database: Database, game_id: str, start: int, end: int) -> list[Row]:
    """The places from `start` up to `end` of a game: username, points (hundredths), rank."""
    return _ranked(database, "game_scores", "game_id", game_id, start, end)


def _ranked(
    database: Database, table: str, column: str, value: str, start: int, end: int
) -> list[Row]:
    rows = database.rows(
        f"""
        SELECT name AS username, points FROM {table} JOIN users ON users.id = user_id
        WHERE {column} = ? ORDER BY points DESC, {table}.name_key LIMIT ? OFFSET ?""",
        (value, end - start, start),
    )
    above = database.row(
        f"SELECT count(*) AS n FROM {table} WHERE {column} = ? AND points > ?",
        (value, rows[0]["points"] if rows else 0),
    )
    return list(_with_ranks(rows, start, 0 if above is None else int(above["n"])))


def _with_ranks(rows: Iterable[Row], start: int, above: int) -> Iterable[Row]:
    """Equal points share a rank: 1, 1, 3."""
    rank, points = above + 1, None
    for place, row in enumerate(rows, start=start + 1):
        if points is not None and row["points"] != points:
            rank = place
        points = row["points"]
        yield row | {"rank": rank}
