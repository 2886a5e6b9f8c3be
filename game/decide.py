"""What would happen: `decide(game, command, occasion)` gives facts or raises a `Refusal`.

Pure: it changes nothing, knows no clock and throws no dice. Who may ask at all is decided before,
in `game/rights.py`; what the facts then do to the game is `game/state.py`. Decisions on pools are
in `game/wagering.py` and `game/results.py`.
"""

from collections.abc import Callable, Sequence
from typing import Any

from attrs import evolve

from game import wagering
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
    CreateAndOpenGame,
    CreateGame,
    DismissAdmin,
    HeatPool,
    HeatPools,
    OpenGame,
    OpenPool,
    PlaceBet,
    RegisterEvent,
    UpdateGame,
)
from game.context import DecisionContext
from game.facts import (
    AdminAppointed,
    AdminDismissed,
    DetailsUpdated,
    Fact,
    GameCreated,
    GameOpened,
)
from game.names import NONE, NONE_DISPLAY, hashtag, new_actions, new_targets
from game.refusals import AdminRefusal, Code, Refusal, game_closed, invalid, limit_reached
from game.results import cancel_pool, close, register_event
from game.state import Game
from game.vocabulary import ACTIONS_PER_GAME, TARGET_LEVELS, TARGETS_PER_GAME, Phase


def decide_creation(command: CreateGame, game_id: str, context: DecisionContext) -> GameCreated:
    """The first fact of a new game (370, 3701). Raises `Refusal`."""
    _refuse_too_many({}, {NONE: NONE_DISPLAY}, command.actions, command.targets)
    now = context.now
    return GameCreated(
        game_id=game_id,
        source_id=command.source_id,
        game_name=command.game_name,
        type=command.type,
        currency=command.currency,
        hashtag=command.hashtag or hashtag(command.game_name),
        image_url=command.image_url,
        actions=command.actions,
        targets=command.targets,
        open_at=now if command.open_at is None else command.open_at,
        close_at=command.close_at,
        live_start_at=now if command.live_start_at is None else command.live_start_at,
        live_finish_at=command.live_finish_at,
        opened=isinstance(command, CreateAndOpenGame),
        by=context.user_id,
    )


def decide(game: Game, command: Command, context: DecisionContext) -> Sequence[Fact]:
    """The facts that a command brings about, perhaps none. Raises `Refusal`.

    Nothing may be due any more at `context.now`: see `game/due.py`. A command may have waited
    since it was read, and the machine's clock may have been set back: it is looked at again, at a
    time that is not before the latest fact's (contract, section 6, "Life").
    """
    if isinstance(command, PlaceBet):
        wagering.refuse_admins(context)  # a right, and rights come before states
    if game.phase is Phase.CLOSED:
        raise game_closed(game.game_id)
    if context.now < game.clock:
        context = evolve(context, now=game.clock)
    if (refusal := command.wrong_at(context.now)) is not None:
        raise refusal
    return _DECIDE[type(command)](game, command, context)


def _open(game: Game, command: OpenGame, context: DecisionContext) -> Sequence[Fact]:
    if game.phase is not Phase.UPCOMING:
        sentence = "Game '{game_id}' is already open."
        raise Refusal(Code.GAME_ALREADY_OPEN, sentence, game_id=game.game_id)
    _refuse_too_many(game.actions, game.targets, command.actions, command.targets)
    return [GameOpened(actions=command.actions, targets=command.targets, by=context.user_id)]


def _update(game: Game, command: UpdateGame, context: DecisionContext) -> Sequence[Fact]:
    _refuse_untimely(game, command, context.now)
    _refuse_too_many(game.actions, game.targets, command.actions, command.targets)
    return [
        DetailsUpdated(
            actions=command.actions,
            targets=command.targets,
            game_name=command.game_name,
            hashtag=command.hashtag,
            image_url=command.image_url,
            open_at=command.open_at,
            close_at=command.close_at,
            live_start_at=command.live_start_at,
            live_finish_at=command.live_finish_at,
            by=context.user_id,
        )
    ]


def _close(game: Game, command: CloseGame, context: DecisionContext) -> Sequence[Fact]:
    return close(game, by=context.user_id, at=context.now)


def _become_admin(game: Game, command: BecomeAdmin, context: DecisionContext) -> Sequence[Fact]:
    return _appoint(game, context.user_id, context)


def _appoint_admin(game: Game, command: AppointAdmin, context: DecisionContext) -> Sequence[Fact]:
    return _appoint(game, _subject(context), context)


def _appoint(game: Game, user_id: int, context: DecisionContext) -> Sequence[Fact]:
    if user_id in game.admins:
        return ()
    if len(game.admins) >= context.limits.max_game_admins:
        raise AdminRefusal("This game already has enough admins.")
    return [AdminAppointed(user_id=user_id, by=context.user_id)]


def _dismiss_admin(game: Game, command: DismissAdmin, context: DecisionContext) -> Sequence[Fact]:
    user_id = _subject(context)
    if user_id not in game.admins:
        return ()
    return [AdminDismissed(user_id=user_id, by=context.user_id)]


def _subject(context: DecisionContext) -> int:
    if context.subject_id is None:
        raise ValueError("the command names a user, the occasion does not")
    return context.subject_id


def _refuse_untimely(game: Game, command: UpdateGame, now: int) -> None:
    """The new times must fit the old ones: contract, sections 2 and 6."""
    has_opened = game.phase is not Phase.UPCOMING and game.open_at <= now
    if command.open_at is not None and has_opened:
        sentence = "Game '{game_id}' has been open since {open_at}."
        raise Refusal(Code.GAME_ALREADY_OPEN, sentence, game_id=game.game_id, open_at=game.open_at)
    open_at = game.open_at if command.open_at is None else command.open_at
    if command.close_at and command.close_at <= max(now, open_at):
        raise invalid("close_at", "later than now and than 'open_at', or 0")
    closes = game.close_at if command.close_at is None else command.close_at
    if command.open_at is not None and closes and closes <= open_at:
        raise invalid("open_at", "before 'close_at', {closes}", closes=closes)


def _refuse_too_many(
    actions: dict[str, str],
    targets: dict[str, str],
    more_actions: Sequence[str],
    more_targets: Sequence[str],
) -> None:
    if any(path.count(":") >= TARGET_LEVELS for path in more_targets):
        raise limit_reached("levels of targets", TARGET_LEVELS)
    if len(actions) + len(new_actions(actions, more_actions)) > ACTIONS_PER_GAME:
        raise limit_reached("actions in a game", ACTIONS_PER_GAME)
    if len(targets) - 1 + len(new_targets(targets, more_targets)) > TARGETS_PER_GAME:
        raise limit_reached("targets in a game", TARGETS_PER_GAME)


_DECIDE: dict[type[Command], Callable[[Game, Any, DecisionContext], Sequence[Fact]]] = {
    OpenGame: _open,
    UpdateGame: _update,
    CloseGame: _close,
    OpenPool: wagering.open_pool,
    PlaceBet: wagering.place_bet,
    RegisterEvent: register_event,
    HeatPool: wagering.heat_pool,
    HeatPools: wagering.heat_pools,
    CancelPool: cancel_pool,
    BlockPool: wagering.block_pool,
    AllowPool: wagering.allow_pool,
    BlockAction: wagering.block_action,
    AllowAction: wagering.allow_action,
    BecomeAdmin: _become_admin,
    AppointAdmin: _appoint_admin,
    DismissAdmin: _dismiss_admin,
}
