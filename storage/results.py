"""The results of a game's pools, for every client (contract, section 7, `list_resolved_pools`).

A player's own results are in `storage/pools.py`.
"""

from collections.abc import Iterator

from game.pools import PoolSnapshot
from storage.database import Database, Row
from storage.pools import READ_AT_ONCE, read_result, read_snapshot

_PAGE = """
    SELECT standing, winning_target, result, pools.resolved_at, seq AS result_seq, corrected_at,
           body ->> '$.is_money_return' AS is_money_return
    FROM pools JOIN facts
    ON facts.game_id = pools.game_id AND seq = coalesce(pools.result_seq, resolved_seq)
    WHERE pools.game_id = ? AND resolved_seq IS NOT NULL
    ORDER BY resolved_seq DESC, pools.opened_seq LIMIT ? OFFSET ?"""


def results(
    database: Database, game_id: str, *, offset: int, limit: int
) -> Iterator[tuple[PoolSnapshot, Row]]:
    """Yield a page of a game's resolved pools, the newest first.

    Each comes with its result: winning_target, winning_targets, prices (ten-thousandths by target),
    is_money_return, resolved_at, result_seq, corrected_at. Rows are read `READ_AT_ONCE` at a time,
    while the caller iterates.
    """
    for done in range(0, limit, READ_AT_ONCE):
        most = min(READ_AT_ONCE, limit - done)
        rows = database.rows(_PAGE, (game_id, most, offset + done))
        for row in rows:
            yield read_snapshot(row["standing"]), row | read_result(row)
        if len(rows) < most:
            return


def result_count(database: Database, game_id: str) -> int:
    """Return the number of a game's resolved pools."""
    sql = "SELECT count(*) AS n FROM pools WHERE game_id = ? AND resolved_seq IS NOT NULL"
    row = database.row(sql, (game_id,))
    return 0 if row is None else int(row["n"])


def has_unresolved_pools(database: Database, game_id: str) -> bool:
    """Return whether a game has a pool that is not resolved."""
    sql = "SELECT 1 FROM pools WHERE game_id = ? AND resolved_seq IS NULL LIMIT 1"
    return database.row(sql, (game_id,)) is not None
