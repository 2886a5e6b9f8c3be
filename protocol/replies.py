"""The replies that report success to the caller."""

from collections.abc import Sequence

from game.commands import (
    AllowAction,
    AllowPool,
    AppointAdmin,
    BecomeAdmin,
    BlockAction,
    BlockPool,
    CancelPool,
    CloseGame,
    Command,
    ConfirmPool,
    CreateAndOpenGame,
    CreateGame,
    DismissAdmin,
    HeatPools,
    OpenGame,
    OpenPool,
    PlaceBet,
    UpdateGame,
)
from game.facts import BetPlaced, Fact, PoolHeated, PoolOpened
from game.state import Game
from protocol import messages, pool_messages, result_messages
from protocol.op import Body


def done(
    game: Game,
    command: Command,
    facts: Sequence[Fact],
    *,
    now: int,
    subject_name: str | None = None,
) -> Body:
    """Return the body of a successful reply that is not also a publication.

    `game` is the state after the command, which caused `facts` at `now` (epoch ms). `subject_name`
    is the username that the command names, as spelt in the account.
    """
    if (body := _of_facts(command, facts)) is not None:
        return body
    if isinstance(command, AppointAdmin | DismissAdmin):
        return _of_admin(game.game_id, command, subject_name or command.username)
    if isinstance(command, HeatPools):
        hot = [fact.pool_id for fact in facts if isinstance(fact, PoolHeated)]
        return pool_messages.pools_hot(game.game_id, hot, now)
    body = _of_game(game, command) or _of_pool(game.game_id, command)
    return body or _planned(game.game_id, command, now)


def _of_game(game: Game, command: Command) -> Body | None:
    match command:
        case CreateAndOpenGame():
            return messages.game_created_and_opened(game)
        case CreateGame():
            return messages.game_created(game)
        case OpenGame():
            return messages.game_opened(game)
        case UpdateGame():
            return messages.details_updated(game.game_id)
        case CloseGame():
            return pool_messages.game_closing(game.game_id, list(game.pools))
        case BecomeAdmin():
            return messages.became_admin(game.game_id)
        case _:
            return None


def _of_admin(game_id: str, command: AppointAdmin | DismissAdmin, name: str) -> Body:
    if isinstance(command, AppointAdmin):
        return messages.admin_appointed(game_id, name)
    return messages.admin_dismissed(game_id, name)


def _of_pool(game_id: str, command: Command) -> Body | None:
    match command:
        case CancelPool():
            return result_messages.pool_cancelled(command.pool_id)
        case ConfirmPool():
            return result_messages.pool_confirmed(game_id, command.pool_id)
        case _:
            return None


def _of_facts(command: Command, facts: Sequence[Fact]) -> Body | None:
    match command, facts:
        case PlaceBet(), [BetPlaced() as fact]:
            return pool_messages.bet_placed(fact)
        case OpenPool(), [PoolOpened() as fact]:
            return pool_messages.pool_opened(
                command.game_id, fact.pool_id, fact.description, fact.type
            )
        case _:
            return None


def _planned(game_id: str, command: Command, now: int) -> Body:
    """Return the immediate reply to a planned switch. The publication follows when it happens.

    A switch of a decided pool is planned for `now`, and happens once the pool is reopened.
    """
    match command:
        case BlockPool(block_at=at):
            return pool_messages.betting_blocked(game_id, command.pool_id, max(at or now, now))
        case AllowPool(allow_at=at):
            return pool_messages.betting_allowed(game_id, command.pool_id, max(at or now, now))
        case BlockAction(block_at=int(at)):
            return pool_messages.action_blocked(game_id, command.action, at)
        case AllowAction(allow_at=int(at)):
            return pool_messages.action_allowed(game_id, command.action, at)
        case _:
            raise TypeError(f"there is no reply for {command!r}")
