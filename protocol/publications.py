"""The publication of each fact."""

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
    TargetScratched,
)
from game.pools import opened_pool
from game.revisions import EventTakenBack, PoolCorrected, PoolDecided, PoolReopened
from game.state import Game
from protocol import messages, pool_messages, result_messages
from protocol.op import Body

DETAILS = (GameOpened, DetailsUpdated, StatusReached, ClosingStarted)
"""Facts whose publication shows the details of the game."""


def is_published(fact: Fact) -> bool:
    """Return whether a fact is published, alone or merged with others."""
    return isinstance(fact, BetPlaced) or type(fact) in _BODIES


def publication(game: Game, entry: Entry) -> Body | None:
    """Return the body for a fact, or None for facts without one. Bets are published merged.

    `game` is the state after the fact. Only the details show more of it than the fact itself.
    """
    body_of = _BODIES.get(type(entry.fact))
    return None if body_of is None else body_of(game, entry.fact, entry)


def _details(game: Game, fact: Fact, entry: Entry) -> Body:
    return messages.game_details(game)


def _closed(game: Game, fact: GameClosed, entry: Entry) -> Body:
    return messages.game_closed(game.game_id)


def _pool_opened(game: Game, fact: PoolOpened, entry: Entry) -> Body:
    return pool_messages.new_pool(game.game_id, opened_pool(fact, entry.at).snapshot())


def _event_registered(game: Game, fact: EventRegistered, entry: Entry) -> Body:
    return result_messages.event_registered(game.game_id, fact)


def _pool_resolved(game: Game, fact: PoolResolved, entry: Entry) -> Body:
    return result_messages.pool_resolved(game.game_id, fact, entry.at, entry.seq)


def _pool_decided(game: Game, fact: PoolDecided, entry: Entry) -> Body:
    return result_messages.pool_decided(game.game_id, fact)


def _pool_reopened(game: Game, fact: PoolReopened, entry: Entry) -> Body:
    """Return whether the pool takes bets again, which clients from before decided pools know."""
    message = pool_messages.betting_blocked if fact.is_blocked else pool_messages.betting_allowed
    return message(game.game_id, fact.pool_id, fact.reopened_at)


def _event_taken_back(game: Game, fact: EventTakenBack, entry: Entry) -> Body:
    return result_messages.event_taken_back(game.game_id, fact, entry.at)


def _pool_corrected(game: Game, fact: PoolCorrected, entry: Entry) -> Body:
    return result_messages.pool_corrected(game.game_id, fact, entry.at, entry.seq)


def _target_scratched(game: Game, fact: TargetScratched, entry: Entry) -> Body:
    return result_messages.target_scratched(game.game_id, fact, entry.at)


def _blocked(game: Game, fact: BettingBlocked, entry: Entry) -> Body:
    return pool_messages.betting_blocked(game.game_id, fact.pool_id, fact.blocked_at)


def _allowed(game: Game, fact: BettingAllowed, entry: Entry) -> Body:
    return pool_messages.betting_allowed(game.game_id, fact.pool_id, fact.allowed_at)


def _action_blocked(game: Game, fact: ActionBlocked, entry: Entry) -> Body:
    return pool_messages.action_blocked(game.game_id, fact.action_id, fact.blocked_at)


def _action_allowed(game: Game, fact: ActionAllowed, entry: Entry) -> Body:
    return pool_messages.action_allowed(game.game_id, fact.action_id, fact.allowed_at)


def _hot(game: Game, fact: PoolHeated, entry: Entry) -> Body:
    return pool_messages.pool_hot(game.game_id, fact.pool_id, fact.hot_since)


_BODIES: dict[type[Fact], Callable[[Game, Any, Entry], Body]] = {
    **dict.fromkeys(DETAILS, _details),
    GameClosed: _closed,
    PoolOpened: _pool_opened,
    EventRegistered: _event_registered,
    PoolResolved: _pool_resolved,
    PoolDecided: _pool_decided,
    PoolReopened: _pool_reopened,
    EventTakenBack: _event_taken_back,
    PoolCorrected: _pool_corrected,
    TargetScratched: _target_scratched,
    BettingBlocked: _blocked,
    BettingAllowed: _allowed,
    ActionBlocked: _action_blocked,
    ActionAllowed: _action_allowed,
    PoolHeated: _hot,
}
