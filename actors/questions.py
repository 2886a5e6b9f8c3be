"""Answers about a game that change nothing: from its state, and of what is past from storage."""

from collections.abc import Iterable, Sequence
from functools import partial

from actors.said import Body, Said, say
from actors.services import Services
from game.pools import Standing, bet_of
from game.state import Game
from game.vocabulary import Phase
from protocol import messages, pool_messages
from protocol.requests import (
    GameRequest,
    GetDistribution,
    GetGameLeaderboard,
    ListMyOpenPools,
    ListMyResolvedPools,
    ListMyRunningPools,
    ListPools,
)
from protocol.resumption import resume
from storage import journal, pools
from storage.database import Database

Question = GameRequest | GetDistribution

MOST_SENT_AGAIN = 8 * 1_024 * 1_024
"""Bytes that wait for a reader that comes back, beside its outbox: it need not take them."""


class Details:
    """The body of a game's 342, made anew when the game has changed: many ask for the same."""

    def __init__(self) -> None:
        self._game: Game | None = None
        self._seq = 0
        self._body: Body = {}

    def of(self, game: Game) -> Body:
        """The body as the game stands. Not to be changed."""
        if self._game is not game or self._seq != game.seq:
            self._game, self._seq, self._body = game, game.seq, messages.game_details(game)
        return self._body


def answer(question: Question, game: Game, user_id: int, database: Database) -> Body:
    """The body of the reply, without the watermark."""
    game_id, unresolved = game.game_id, game.pools.values()
    match question:
        case ListPools():
            return pool_messages.all_pools(game_id, unresolved)
        case ListMyOpenPools():
            return pool_messages.my_open_pools(game_id, user_id, unresolved)
        case ListMyRunningPools():
            return pool_messages.my_running_pools(game_id, user_id, unresolved)
        case ListMyResolvedPools():
            mine = pools.resolved_pools_of(
                database, game_id, user_id, offset=question.offset, limit=question.page
            )
            return pool_messages.my_resolved_pools(game_id, mine)
        case GetDistribution():
            return _distribution(question, game, database)
        case GetGameLeaderboard():
            places = pools.game_leaderboard(database, game_id, question.start, question.end)
            return pool_messages.game_leaderboard(game_id, game.currency, places)
        case _:
            raise TypeError(f"{question!r} is not a question about a game")


def joined_again(
    game: Game, since: int, services: Services, watermark: int
) -> tuple[Body, Sequence[Said]]:
    """The 333 for who knows the facts up to `since`, and what is sent again after it.

    Nothing is, but `resync` said, if there are more facts than `resume_limit` (contract, section
    6, `since`) or more bytes than `MOST_SENT_AGAIN`. `watermark`: of the game as it stands.
    """
    database, now = services.database, services.clock.now()
    is_known, most = since <= game.seq, services.limits.resume_limit
    since = min(since, watermark)
    entries = journal.entries(database, game.game_id, after=since, limit=most + 1)
    again: Sequence[Said] | None = None
    if is_known and len(entries) <= most:
        standing = partial(standing_of, game=game, database=database)
        missed = resume(game, entries, since, standing, watermark)
        again = _said_within(MOST_SENT_AGAIN, missed, now)
    body = messages.game_joined(game, resync=again is None) | {"seq": since}
    if game.phase is Phase.CLOSED and not again:
        position = {"seq": game.seq, "prev_seq": game.seq}
        again = [say(messages.game_closed(game.game_id) | position, now)]
    return body, again or ()


def _said_within(most: int, bodies: Iterable[Body], now: int) -> Sequence[Said] | None:
    """Messages that are never joined with others, so without their bodies; None if it is more."""
    said, size = [], 0
    for body in bodies:
        frame = say(body, now).frame
        size += len(frame)
        if size > most:
            return None
        said.append(Said(frame, {}))
    return said


def standing_of(pool_id: str, game: Game, database: Database) -> Standing:
    """A pool's figures as they stand, or stood at its end."""
    if (pool := game.pools.get(pool_id)) is not None:
        return pool.standing()
    standing = pools.resolved_pool(database, pool_id)
    if standing is None:
        raise LookupError(f"pool {pool_id} is nowhere")
    return standing


def _distribution(question: GetDistribution, game: Game, database: Database) -> Body:
    pool_id, start = question.pool_id, question.offset
    standing = standing_of(pool_id, game, database)
    if (pool := game.pools.get(pool_id)) is not None:
        bets, total = pool.bets[start : start + question.page], len(pool.bets)
    else:
        kept = pools.bets_of_pool(database, pool_id, offset=start, limit=question.page)
        bets = [bet_of(fact, at) for fact, at in kept]
        total = pools.bet_count(database, pool_id)
    return pool_messages.bets_distribution(game.game_id, standing, bets, total)
