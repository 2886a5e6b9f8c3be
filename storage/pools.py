"""Pools outside the journals: their games, their results, their bets, and the leaderboards.

An unresolved pool is only in its game's journal (`storage/journal.py`) and in memory. A resolved
pool is rows, and is read from here.
"""

from collections.abc import Iterable, Iterator, Sequence

import orjson
from attrs import evolve
from cattrs.preconf.orjson import make_converter

from game.facts import BetPlaced, Entry, PoolOpened, PoolResolved
from game.pools import Pool, PoolSnapshot
from game.revisions import PoolCorrected
from storage.changes import (
    Change,
    GamePointsMoved,
    PlayerSettled,
    PointsMoved,
    PoolAdded,
    PoolEnded,
)
from storage.correction_changes import PlayerRevised, PoolRevised
from storage.database import Database, Row
from storage.journal import read_entry
from storage.stored_prices import read_prices, stored_prices

_CONVERTER = make_converter(detailed_validation=False)

READ_AT_ONCE = 16
"""Resolved pools to read at a time: each may be large."""


def opened_rows(game_id: str, entry: Entry, fact: PoolOpened) -> list[Change]:
    """Return the rows to write with the fact that opens a pool."""
    return [PoolAdded(fact.pool_id, game_id, entry.seq)]


def resolved_rows(
    game_id: str, currency: str, entry: Entry, fact: PoolResolved, pool: Pool
) -> list[Change]:
    """Return the rows to write with the fact that resolves a pool; `pool` is its state before."""
    # A result that is final waits for no confirmation.
    snapshot = snapshot_text(evolve(pool.snapshot(), decided=None))
    result = _result_text(fact)
    changes: list[Change] = [
        PoolEnded(entry.seq, entry.at, fact.winning_target, snapshot, result, fact.pool_id)
    ]
    for one in fact.settlements:
        backed = orjson.dumps(pool.players[one.user_id]).decode()
        changes += [
            PlayerSettled(one.user_id, game_id, entry.seq, fact.pool_id, backed, one.received),
            PointsMoved(currency, one.user_id, one.points),
            GamePointsMoved(game_id, one.user_id, one.points),
        ]
    return changes


def corrected_rows(game_id: str, currency: str, entry: Entry, fact: PoolCorrected) -> list[Change]:
    """Return the rows to write with the fact that corrects a resolved pool."""
    result = _result_text(fact)
    changes: list[Change] = [
        PoolRevised(entry.seq, entry.at, fact.winning_target, result, fact.pool_id)
    ]
    for move in fact.moves:
        changes += [
            PlayerRevised(move.points, move.user_id, game_id, fact.resolved_seq),
            PointsMoved(currency, move.user_id, move.points),
            GamePointsMoved(game_id, move.user_id, move.points),
        ]
    return changes


def snapshot_text(snapshot: PoolSnapshot) -> str:
    """Return the stored form of a snapshot, JSON."""
    return _CONVERTER.dumps(snapshot).decode()


def _result_text(fact: PoolResolved | PoolCorrected) -> str | None:
    """Return the stored form of a result, JSON; None if it has no winners, or no list of them."""
    if not fact.winning_targets:
        return None
    result = {"winning_targets": fact.winning_targets, "prices": stored_prices(fact.prices)}
    return orjson.dumps(result).decode()


def read_result(row: Row) -> Row:
    """Return the winning targets of a resolved pool and their prices in ten-thousandths."""
    if row["result"] is not None:
        result: Row = orjson.loads(row["result"])
        return {**result, "prices": read_prices(result["prices"])}
    only = row["winning_target"]
    return {"winning_targets": [] if only is None else [only], "prices": {}}


def read_snapshot(text: str) -> PoolSnapshot:
    """Return the snapshot of a stored form."""
    return _CONVERTER.loads(text, PoolSnapshot)


def game_of_pool(database: Database, pool_id: str) -> str | None:
    """Return the id of a pool's game, or None if the pool does not exist."""
    row = database.row("SELECT game_id FROM pools WHERE id = ?", (pool_id,))
    return None if row is None else str(row["game_id"])


def final_snapshot(database: Database, pool_id: str) -> PoolSnapshot | None:
    """Return a resolved pool's figures at its end; None if no resolved pool has this id."""
    row = database.row("SELECT standing FROM pools WHERE id = ?", (pool_id,))
    return None if row is None or row["standing"] is None else read_snapshot(row["standing"])


def resolved_pools_of(
    database: Database, game_id: str, user_id: int, *, offset: int, limit: int
) -> Iterator[tuple[PoolSnapshot, Row]]:
    """Yield a page of a game's resolved pools in which a user had a bet, the newest first.

    Each comes with its row: winning_target, winning_targets, prices (ten-thousandths by target),
    resolved_at, result_seq, corrected_at (None if never), given_back (hundredths), backed (by
    target). Rows are read `READ_AT_ONCE` at a time, while the caller iterates.
    """
    for done in range(0, limit, READ_AT_ONCE):
        most = min(READ_AT_ONCE, limit - done)
        rows = _resolved_rows(database, game_id, user_id, offset + done, most)
        for row in rows:
            backed = orjson.loads(row["backed"])
            yield read_snapshot(row["standing"]), row | read_result(row) | {"backed": backed}
        if len(rows) < most:
            return


def resolved_pool_count(database: Database, game_id: str, user_id: int) -> int:
    """Return the number of resolved pools of a game in which a user had a bet."""
    sql = "SELECT count(*) AS n FROM pool_players WHERE user_id = ? AND game_id = ?"
    row = database.row(sql, (user_id, game_id))
    return 0 if row is None else int(row["n"])


def _resolved_rows(
    database: Database, game_id: str, user_id: int, offset: int, limit: int
) -> list[Row]:
    sql = """
        SELECT standing, winning_target, result, resolved_at, given_back, backed, corrected_at,
               coalesce(result_seq, pools.resolved_seq) AS result_seq
        FROM pool_players JOIN pools ON pools.id = pool_id
        WHERE user_id = ? AND pool_players.game_id = ?
        ORDER BY pool_players.resolved_seq DESC LIMIT ? OFFSET ?"""
    return database.rows(sql, (user_id, game_id, limit, offset))


def bets_of_pool(
    database: Database, pool_id: str, *, offset: int, limit: int, scratched: Sequence[str] = ()
) -> list[tuple[BetPlaced, int]]:
    """Return a page of a pool's bets in order of acceptance, each with its time (epoch ms).

    Bets on `scratched` targets are left out.
    """
    bets, values = _bets(pool_id, scratched)
    # The inner query skips the bets before the page in the index. It reads their rows only if some
    # are left out.
    sql = f"""
        SELECT seq, at, kind, body FROM facts
        WHERE {bets} AND seq >= (SELECT seq FROM facts WHERE {bets} ORDER BY seq LIMIT 1 OFFSET ?)
        ORDER BY seq LIMIT ?"""
    entries = map(read_entry, database.rows(sql, (*values, *values, offset, limit)))
    return [(e.fact, e.at) for e in entries if isinstance(e.fact, BetPlaced)]


def bet_count(database: Database, pool_id: str, *, scratched: Sequence[str] = ()) -> int:
    """Return the number of bets placed in a pool, without those on `scratched` targets."""
    bets, values = _bets(pool_id, scratched)
    row = database.row(f"SELECT count(*) AS n FROM facts WHERE {bets}", values)
    return 0 if row is None else int(row["n"])


def _bets(pool_id: str, scratched: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Return the condition for the facts that are a pool's bets, and its values."""
    condition = "pool_id = ? AND kind = 'bet_placed'"
    if not scratched:
        return condition, (pool_id,)
    without = " AND body ->> '$.target_id' NOT IN (SELECT value FROM json_each(?))"
    return condition + without, (pool_id, orjson.dumps(scratched).decode())


def ranking(database: Database, currency: str, start: int, end: int) -> list[Row]:
    """Return the places `start` to `end` - 1 in a currency: username, points, rank.

    Points are hundredths.
    """
    return _ranked(database, "scores", "currency", currency, start, end)


def game_ranking(database: Database, game_id: str, start: int, end: int) -> list[Row]:
    """Return the places `start` to `end` - 1 in a game, as `ranking` does."""
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
    """Add the ranks to rows; equal points share a rank: 1, 1, 3."""
    rank, points = above + 1, None
    for place, row in enumerate(rows, start=start + 1):
        if points is not None and row["points"] != points:
            rank = place
        points = row["points"]
        yield row | {"rank": rank}
