"""Answers queries about a game: from its state, and about its past from the database."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from actors.games.prepared import Prepared
from game.pools import Pool, PoolSnapshot, bet_of
from game.refusals import pool_not_resolved
from game.state import Game
from protocol import pool_messages, receipt_messages, result_messages
from protocol.codec import ready, to_json, with_more
from protocol.op import Body, Response
from protocol.requests import (
    GameQuery,
    GetDistribution,
    GetGameDetails,
    GetGameLeaderboard,
    GetReceipt,
    ListMyOpenPools,
    ListMyResolvedPools,
    ListMyRunningPools,
    ListPools,
    ListResolvedPools,
    PoolQuery,
    PoolsPage,
)
from storage.reads import Reads

BARE_ANSWERS = (GetGameLeaderboard, ListResolvedPools, GetReceipt)
"""Queries whose replies have no watermark."""

MOST_IN_PAGE = 1_024 * 1_024 - 1_024
"""Bytes of the pools of one page. With the rest of the reply it is at most 1 MiB."""


def answer(
    query: GameQuery | PoolQuery,
    game: Game,
    user_id: int,
    reads: Reads,
    prepared: Prepared,
) -> Body:
    """Return the body of the reply, without the watermark. Raise `Refusal` and `StorageError`."""
    match query:
        case GetGameDetails():
            return prepared.details(game)
        case PoolsPage():
            return _unresolved(query, game, user_id, prepared)
        case ListMyResolvedPools():
            return _resolved(query, game, user_id, reads)
        case ListResolvedPools():
            return _results(query, game.game_id, reads)
        case GetDistribution():
            return _distribution(query, game, reads)
        case GetReceipt():
            return _receipt(query, game.game_id, reads)
        case GetGameLeaderboard():
            places = reads.game_ranking(game.game_id, query.start, query.end)
            return pool_messages.game_leaderboard(game.game_id, game.currency, places)
        case _:
            raise TypeError(f"{query!r} is not a query about a game")


def _unresolved(query: PoolsPage, game: Game, user_id: int, prepared: Prepared) -> Body:
    """Return a page of all pools, of those that the user has not bet in, or of those with a bet."""
    unresolved, text = list(game.pools.values()), partial(prepared.pool, game)
    match query:
        case ListPools():
            response, listed = Response.ALL_POOLS_FOR_GAME, unresolved
        case ListMyOpenPools():
            response = Response.MY_OPEN_POOLS_FOR_GAME
            listed = [pool for pool in unresolved if user_id not in pool.players]
        case ListMyRunningPools():
            response = Response.MY_RUNNING_POOLS_FOR_GAME
            listed = [pool for pool in unresolved if user_id in pool.players]
            text = partial(_running, user_id=user_id, text=text)
    end = None if query.limit is None else query.offset + query.limit
    texts = ((pool.opened.pool_id, text(pool)) for pool in listed[query.offset : end])
    return pool_messages.pools(response, game.game_id, _page(texts), len(listed))


def _running(pool: Pool, *, user_id: int, text: Callable[[Pool], bytes]) -> bytes:
    return with_more(text(pool), pool_messages.user_backed(pool.players[user_id]))


def _resolved(query: ListMyResolvedPools, game: Game, user_id: int, reads: Reads) -> Body:
    game_id = game.game_id
    mine = reads.resolved_pools_of(game_id, user_id, offset=query.offset, limit=query.page)
    texts = (
        (snapshot.opened.pool_id, to_json(pool_messages.resolved_pool(game_id, snapshot, row)))
        for snapshot, row in mine
    )
    total = reads.resolved_pool_count(game_id, user_id)
    return pool_messages.pools(Response.MY_RESOLVED_POOLS_FOR_GAME, game_id, _page(texts), total)


def _results(query: ListResolvedPools, game_id: str, reads: Reads) -> Body:
    page = reads.results(game_id, offset=query.offset, limit=query.page)
    shown = [result_messages.result(snapshot, row) for snapshot, row in page]
    return result_messages.resolved_pools(game_id, shown, reads.result_count(game_id))


def _page(texts: Iterable[tuple[str, bytes]]) -> dict[str, Any]:
    """Return the pools that fit in a page, by id; at least one."""
    page: dict[str, Any] = {}
    left = MOST_IN_PAGE
    for pool_id, text in texts:
        left -= len(pool_id) + len(text) + len('"":,')
        if page and left < 0:
            break
        page[pool_id] = ready(text)
    return page


def snapshot_of(pool_id: str, game: Game, reads: Reads) -> PoolSnapshot:
    """Return a pool's figures as they are, or as they were at its end."""
    if (pool := game.pools.get(pool_id)) is not None:
        return pool.snapshot()
    snapshot = reads.final_snapshot(pool_id)
    if snapshot is None:
        raise LookupError(f"pool {pool_id} does not exist")
    return snapshot


def _distribution(query: GetDistribution, game: Game, reads: Reads) -> Body:
    pool_id, start = query.pool_id, query.offset
    snapshot = snapshot_of(pool_id, game, reads)
    if (pool := game.pools.get(pool_id)) is not None:
        bets, total = pool.bets[start : start + query.page], len(pool.bets)
    else:
        out = snapshot.scratched
        kept = reads.bets_of_pool(pool_id, offset=start, limit=query.page, scratched=out)
        bets = [bet_of(fact, at) for fact, at in kept]
        total = reads.bet_count(pool_id, scratched=out)
    return pool_messages.bets_distribution(game.game_id, snapshot, bets, total)


def _receipt(query: GetReceipt, game_id: str, reads: Reads) -> Body:
    found = reads.receipt(game_id, query.pool_id, offset=query.offset, limit=query.page)
    if found is None:
        raise pool_not_resolved(query.pool_id)
    return receipt_messages.receipt(game_id, found)
