"""Which message tells a game's subscribers of a fact."""

from collections.abc import Callable
from typing import Any

from game.facts import (
    ActionAllowed,
    ActionBlocked,
    BetPlaced,
    BettingAllowed,
    BettingBlocked,
    ClosingStarted,
    DetailsUpdated,
    Entry,
    EventRegistered,
    Fact,
    GameClosed,
    GameOpened,
    PoolHeated,
    PoolOpened,
    PoolResolved,
    StatusReached,
)
from game.pools import open_pool
from game.state import Game
from protocol import messages, pool_messages

Body = dict[str, Any]

DETAILS = (GameOpened, DetailsUpdated, StatusReached, ClosingStarted)
"""Facts that are told as the details of the game, a 342."""


def is_told(fact: Fact) -> bool:
    """Whether subscribers are told of such a fact, by itself or joined with others."""
    return isinstance(fact, BetPlaced) or type(fact) in _TELL


def publication(game: Game, entry: Entry) -> Body | None:
    """The body that tells of a fact, None if it is told with another one: bets are, joined.

    `game` is as it stands after the fact; only a 342 shows more of it than the fact itself says.
    """
    tell = _TELL.get(type(entry.fact))
    return None if tell is None else tell(game, entry.fact, entry.at)


def _details(game: Game, fact: Fact, at: int) -> Body:
    return messages.game_details(game)


def _closed(game: Game, fact: GameClosed, at: int) -> Body:
    return messages.game_closed(game.game_id)


def _pool_opened(game: Game, fact: PoolOpened, at: int) -> Body:
    return pool_messages.new_pool(game.game_id, open_pool(fact, at).snapshot())


def _event_registered(game: Game, fact: EventRegistered, at: int) -> Body:
    return pool_messages.event_registered(game.game_id, fact)


def _pool_resolved(game: Game, fact: PoolResolved, at: int) -> Body:
    return pool_messages.pool_resolved(game.game_id, fact, at)


def _blocked(game: Game, fact: BettingBlocked, at: int) -> Body:
    return pool_messages.betting_blocked(game.game_id, fact.pool_id, fact.blocked_at)


def _allowed(game: Game, fact: BettingAllowed, at: int) -> Body:
    return pool_messages.betting_allowed(game.game_id, fact.pool_id, fact.allowed_at)


def _action_blocked(game: Game, fact: ActionBlocked, at: int) -> Body:
    return pool_messages.action_blocked(game.game_id, fact.action_id, fact.blocked_at)


def _action_allowed(game: Game, fact: ActionAllowed, at: int) -> Body:
    return pool_messages.action_allowed(game.game_id, fact.action_id, fact.allowed_at)


def _hot(game: Game, fact: PoolHeated, at: int) -> Body:
    return pool_messages.pool_hot(game.game_id, fact.pool_id, fact.hot_since)


_TELL: dict[type[Fact], Callable[[Game, Any, int], Body]] = {
    **dict.fromkeys(DETAILS, _details),
    GameClosed: _closed,
    PoolOpened: _pool_opened,
    EventRegistered: _event_registered,
    PoolResolved: _pool_resolved,
    BettingBlocked: _blocked,
    BettingAllowed: _allowed,
    ActionBlocked: _action_blocked,
    ActionAllowed: _action_allowed,
    PoolHeated: _hot,
}
