"""Decisions: turn a command into the facts that it causes, or refuse it.

    game, command, context --> decide --> facts --> apply --> the changed game
                                 |
                                 +--> Refusal: nothing changes

`decide` reads the game and changes nothing. It uses no clock and no randomness: the time, the
caller and the caller's balance are in the context. So the same game, command and context always
give the same facts, and an actor that failed can decide again after it has replayed the journal.

Before. The parameters have been read (`game/shapes.py`), the right has been checked
(`game/rights.py`), and everything that is due at the context's time has happened (`game/due.py`).

Checks. The first that fails refuses the command: whether admins may bet, whether the game is
closed, the times among the parameters, the state of the game and of the pool, the action and the
target, the funds and limits. This is the order of the contract (section 1, "Errors").

Several facts. A decision may cause more than one fact, such as an event and the ends of the pools
that it decides. All of them are committed together or none is.

After. The actor applies the facts (`game/state.py`), and publishes them once they are committed.
Decisions on open pools are in `game/wagering.py`. Those that end pools and games are in
`game/results.py`, and those that change results afterwards in `game/corrections.py`.
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
    ConfirmPool,
    CorrectPool,
    CreateAndOpenGame,
    CreateGame,
    DismissAdmin,
    HeatPool,
    HeatPools,
    OpenGame,
    OpenPool,
    PlaceBet,
    RegisterEvent,
    ScratchTarget,
    TakeBackEvent,
    UpdateGame,
)
from game.context import DecisionContext
from game.corrections import correct_pool, take_back_event
from game.facts import (
    AdminAppointed,
    AdminDismissed,
    DetailsUpdated,
    Fact,
    GameCreated,
    GameOpened,
)
from game.names import NONE, NONE_DISPLAY, hashtag, new_actions, new_targets
from game.refusals import AdminRefusal, Code, Refusal, game_already_closed, invalid, limit_reached
from game.results import cancel_pool, close, confirm_pool, register_event, scratch_target
from game.state import Game
from game.vocabulary import ACTIONS_PER_GAME, TARGET_LEVELS, TARGETS_PER_GAME, Phase


def decide_creation(command: CreateGame, game_id: str, context: DecisionContext) -> GameCreated:
    """Return the first fact of a new game. Raises `Refusal`."""
    wagering.refuse_long_delay(command.bet_delay, context)
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
        bet_delay=command.bet_delay,
        by=context.user_id,
    )


def decide(game: Game, command: Command, context: DecisionContext) -> Sequence[Fact]:
    """Return the facts that a command causes, possibly none. Raises `Refusal`.

    Everything that is due at `context.now` must have happened already (`game/due.py`). The times
    of the command are checked again, because it may have waited since it was read. They are
    checked at the time of the latest fact if the machine's clock has been set back behind it
    (contract, section 6, "Life").
    """
    if isinstance(command, PlaceBet):
        wagering.refuse_admins(context)  # This is a right, and rights are checked before states.
    if game.phase is Phase.CLOSED and not isinstance(command, CorrectPool):
        raise game_already_closed(game.game_id)
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
    wagering.refuse_long_delay(command.bet_delay, context)
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
            bet_delay=command.bet_delay,
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
        raise ValueError("the command names a user, but the context does not")
    return context.subject_id


def _refuse_untimely(game: Game, command: UpdateGame, now: int) -> None:
    """Refuse times that do not fit the game's other times (contract, sections 2 and 6)."""
    has_opened = game.phase is not Phase.UPCOMING and game.open_at <= now
    if command.open_at is not None and has_opened:
        sentence = "Game '{game_id}' has been open since {open_at}."
        raise Refusal(Code.GAME_ALREADY_OPEN, sentence, game_id=game.game_id, open_at=game.open_at)
    open_at = game.open_at if command.open_at is None else command.open_at
    if command.close_at and command.close_at <= max(now, open_at):
        raise invalid("close_at", "0, or later than now and later than 'open_at'")
    closes = game.close_at if command.close_at is None else command.close_at
    if command.open_at is not None and closes and closes <= open_at:
        raise invalid("open_at", "earlier than 'close_at', which is {closes}", closes=closes)


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
    ConfirmPool: confirm_pool,
    CorrectPool: correct_pool,
    TakeBackEvent: take_back_event,
    ScratchTarget: scratch_target,
    BlockPool: wagering.block_pool,
    AllowPool: wagering.allow_pool,
    BlockAction: wagering.block_action,
    AllowAction: wagering.allow_action,
    BecomeAdmin: _become_admin,
    AppointAdmin: _appoint_admin,
    DismissAdmin: _dismiss_admin,
}
