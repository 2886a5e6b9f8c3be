"""Answers about a game that change nothing: from its state, and of what is past from storage."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from actors.games.prepared import Prepared
from actors.link.encoded_message import Body, EncodedMessage, encode
from actors.services import Services
from game.pools import Pool, PoolSnapshot, bet_of
from game.state import Game
from game.vocabulary import Phase
from protocol import messages, pool_messages
from protocol.codec import ready, to_json, with_more
from protocol.op import Response
from protocol.requests import (
    GameQuery,
    GetDistribution,
    GetGameDetails,
    GetGameLeaderboard,
    ListMyOpenPools,
    ListMyResolvedPools,
    ListMyRunningPools,
    ListPools,
    PoolsPage,
)
from protocol.resumption import resume
from storage.reads import Reads

Question = GameQuery | GetDistribution

MOST_SENT_AGAIN = 8 * 1_024 * 1_024
"""Bytes that wait for a reader that comes back, beside its outbox: it need not take them."""


MOST_IN_PAGE = 1_024 * 1_024 - 1_024
"""Bytes of a page of pools: with what is around them, a reply is at most 1 MiB."""


def answer(question: Question, game: Game, user_id: int, reads: Reads, prepared: Prepared) -> Body:
    """The body of the reply, without the watermark."""
    match question:
        case GetGameDetails():
            return prepared.details(game)
        case PoolsPage():
            return _unresolved(question, game, user_id, prepared)
        case ListMyResolvedPools():
            return _resolved(question, game, user_id, reads)
        case GetDistribution():
            return _distribution(question, game, reads)
        case GetGameLeaderboard():
            places = reads.game_ranking(game.game_id, question.start, question.end)
            return pool_messages.game_leaderboard(game.game_id, game.currency, places)
        case _:
            raise TypeError(f"{question!r} is not a question about a game")


def _unresolved(question: PoolsPage, game: Game, user_id: int, prepared: Prepared) -> Body:
    """A page of all pools, of those without a bet of the user's, or of those with one."""
    unresolved, text = list(game.pools.values()), partial(prepared.pool, game)
    match question:
        case ListPools():
            response, listed = Response.ALL_POOLS_FOR_GAME, unresolved
        case ListMyOpenPools():
            response = Response.MY_OPEN_POOLS_FOR_GAME
            listed = [pool for pool in unresolved if user_id not in pool.players]
        case ListMyRunningPools():
            response = Response.MY_RUNNING_POOLS_FOR_GAME
            listed = [pool for pool in unresolved if user_id in pool.players]
            text = partial(_running, user_id=user_id, text=text)
    end = None if question.limit is None else question.offset + question.limit
    texts = ((pool.opened.pool_id, text(pool)) for pool in listed[question.offset : end])
    return pool_messages.pools(response, game.game_id, _page(texts), len(listed))


def _running(pool: Pool, *, user_id: int, text: Callable[[Pool], bytes]) -> bytes:
    return with_more(text(pool), pool_messages.user_backed(pool.players[user_id]))


def _resolved(question: ListMyResolvedPools, game: Game, user_id: int, reads: Reads) -> Body:
    game_id = game.game_id
    mine = reads.resolved_pools_of(game_id, user_id, offset=question.offset, limit=question.page)
    texts = (
        (snapshot.opened.pool_id, to_json(pool_messages.resolved_pool(game_id, snapshot, row)))
        for snapshot, row in mine
    )
    total = reads.resolved_pool_count(game_id, user_id)
    return pool_messages.pools(Response.MY_RESOLVED_POOLS_FOR_GAME, game_id, _page(texts), total)


def _page(texts: Iterable[tuple[str, bytes]]) -> dict[str, Any]:
    """As many pools as fit, by id, and one at least."""
    page: dict[str, Any] = {}
    left = MOST_IN_PAGE
    for pool_id, text in texts:
        left -= len(pool_id) + len(text) + len('"":,')
        if page and left < 0:
            break
        page[pool_id] = ready(text)
    return page


def joined_again(
    game: Game, since: int, services: Services, watermark: int
) -> tuple[Body, Sequence[EncodedMessage], int]:
    """The 333 for who knows the facts up to `since`, what is sent again after it, and its cost.

    Nothing is, but `resync` said, if there are more facts than `resume_limit` (contract, section
    6, `since`) or more bytes than `MOST_SENT_AGAIN`. `watermark`: of the game as it stands.
    """
    reads, now = services.reads, services.clock.now()
    is_known, most = since <= game.seq, services.limits.resume_limit
    since = min(since, watermark)
    again: Sequence[EncodedMessage] | None = None
    size = 0
    if is_known and game.seq - since <= most:  # every position is a fact
        entries = reads.entries(game.game_id, after=since, limit=most)
        snapshot = partial(snapshot_of, game=game, reads=reads)
        missed = resume(game, entries, since, snapshot, watermark)
        again, size = _said_within(MOST_SENT_AGAIN, missed, now)
    body = messages.game_joined(game, resync=again is None) | {"seq": since}
    if game.phase is Phase.CLOSED and not again:
        position = {"seq": game.seq, "prev_seq": game.seq}
        again = [encode(messages.game_closed(game.game_id) | position, now)]
    return body, again or (), size


def _said_within(
    most: int, bodies: Iterable[Body], now: int
) -> tuple[Sequence[EncodedMessage] | None, int]:
    """Messages that are never joined with others, so without their bodies; None if it is more.

    And how many bytes were made for it, in vain or not.
    """
    said, size = [], 0
    for body in bodies:
        frame = encode(body, now).frame
        size += len(frame)
        if size > most:
            return None, size
        said.append(EncodedMessage(frame, {}))
    return said, size


def snapshot_of(pool_id: str, game: Game, reads: Reads) -> PoolSnapshot:
    """A pool's figures as they stand, or stood at its end."""
    if (pool := game.pools.get(pool_id)) is not None:
        return pool.snapshot()
    snapshot = reads.final_snapshot(pool_id)
    if snapshot is None:
        raise LookupError(f"pool {pool_id} is nowhere")
    return snapshot


def _distribution(question: GetDistribution, game: Game, reads: Reads) -> Body:
    pool_id, start = question.pool_id, question.offset
    snapshot = snapshot_of(pool_id, game, reads)
    if (pool := game.pools.get(pool_id)) is not None:
        bets, total = pool.bets[start : start + question.page], len(pool.bets)
    else:
        kept = reads.bets_of_pool(pool_id, offset=start, limit=question.page)
        bets = [bet_of(fact, at) for fact, at in kept]
        total = reads.bet_count(pool_id)
    return pool_messages.bets_distribution(game.game_id, snapshot, bets, total)
