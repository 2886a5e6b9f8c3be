"""The body of the list of all games (3452), and what it shows of a game's pools.

Contract, section 6, `list_games`. The rows come from the database, the pools from running games.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from game.money import amount
from game.names import NONE
from game.pools import Pool
from game.state import Game
from protocol.op import Body, Response
from protocol.pool_messages import distribution_of

TARGETS_SHOWN: Final = 6
"""Targets of the top pool that a list shows at most: the first ones, `none` after all others."""

NO_POOLS: Final[Body] = {"pools": 0, "amount_total": 0, "top_pool": None}
"""What a list shows of a game without an unresolved pool."""

_ROW: Final = (
    *("source_id", "source_name", "name", "hashtag", "status", "currency"),
    *("open_at", "live_start_at", "close_at"),
)


def games_list(rows: Iterable[tuple[Mapping[str, Any], int, Body]], total: int) -> Body:
    """Return the body of `games_list`.

    Each game comes as its row, its number of subscribers, and `pools_in_short` of it.
    """
    games = [
        {
            "game_id": row["id"],
            **{name: row[name] for name in _ROW},
            "type_name": row["type"],
            "subscribers": subscribers,
            **pools,
        }
        for row, subscribers, pools in rows
    ]
    return {"res": Response.GAMES_LIST, "games": games, "total": total}


def pools_in_short(game: Game) -> Body:
    """Return the number of unresolved pools, what is staked in them, and the top one.

    The top pool is the one that is hot or else the largest, of those that are not blocked if any.
    """
    pools = list(game.pools.values())
    top = max(
        pools, key=lambda pool: (not pool.is_blocked, pool.is_hot, pool.amount_total), default=None
    )
    return {
        "pools": len(pools),
        "amount_total": amount(sum(pool.amount_total for pool in pools)),
        "top_pool": None if top is None else _top_pool(top),
    }


def _top_pool(pool: Pool) -> Body:
    opened = pool.opened
    shown = sorted(opened.targets, key=lambda target: target == NONE)[:TARGETS_SHOWN]
    ends = (opened.stop_accepting_bets_at, opened.finish_at)
    return {
        "pool_id": opened.pool_id,
        "description": opened.description,
        "closes_at": min((end for end in ends if end is not None), default=None),
        "is_blocked": pool.is_blocked,
        "distribution": distribution_of(pool.snapshot(), shown),
    }
