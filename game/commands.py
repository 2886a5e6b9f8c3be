"""The commands that change a game, with the shape of every parameter.

The order of the fields is the order in which parameters are checked. Requests that change no game
are in `protocol/requests.py`; the op of each class is in `protocol/ops.py`. `also` in a field's
metadata is a second name of the parameter, read if the first is not given.
"""

from typing import Annotated, ClassVar

from attrs import field, frozen

from game.names import NONE, path_id
from game.refusals import Refusal, invalid, missing
from game.shapes import (
    ActionId,
    Actions,
    BetDelay,
    Count,
    CurrencyCode,
    EntityId,
    GameName,
    Millis,
    Name,
    Stake,
    Switch,
    TargetId,
    TargetIds,
    Targets,
    Username,
    WebAddress,
    Whole,
    Word,
)
from game.vocabulary import PoolType

SOONEST_FINISH_MS = 1_000
"""A time-based pool must end at least this far ahead."""
FUTURE_EVENT_MS = 2_000
"""An event may be dated at most this far ahead, because clocks differ."""
LONGEST_CONFIRMATION_MS = 600_000
"""A result waits at most this long for its confirmation."""


class Command:
    """What an op asks for. The fields are its parameters, already read.

    `changes`: whether it writes facts.
    """

    changes: ClassVar[bool] = True

    def wrong(self) -> Refusal | None:
        """Return the refusal if the parameters do not fit together, else None."""
        return None

    def wrong_at(self, now: int) -> Refusal | None:
        """Return the refusal if the parameters do not fit this moment (epoch ms), else None."""
        return None


class GameCommand(Command):
    """A command for one game, named by `game_id`."""

    game_id: str


@frozen(kw_only=True)
class CreateGame(Command):
    """Create an upcoming game."""

    source_id: EntityId
    game_name: GameName
    type: Word | None = None
    currency: CurrencyCode = "DON"
    actions: Actions = ()
    targets: Targets = ()
    open_at: Millis | None = None
    close_at: Millis | None = None
    live_start_at: Millis | None = None
    live_finish_at: Millis | None = None
    hashtag: Word | None = None
    image_url: WebAddress | None = None
    bet_delay: BetDelay = 0

    def wrong_at(self, now: int) -> Refusal | None:
        """Refuse a `close_at` that is not after now and after `open_at` (contract, section 2)."""
        opens = now if self.open_at is None else self.open_at
        if self.close_at is not None and self.close_at <= max(now, opens):
            return invalid("close_at", "later than now and later than 'open_at'")
        return None


@frozen(kw_only=True)
class CreateAndOpenGame(CreateGame):
    """Create a game and open it."""


@frozen(kw_only=True)
class OpenGame(GameCommand):
    """Open an upcoming game, and add actions and targets."""

    game_id: EntityId
    actions: Actions = ()
    targets: Targets = ()


@frozen(kw_only=True)
class UpdateGame(GameCommand):
    """Change a game's details; add actions and targets. What is not given stays."""

    game_id: EntityId
    actions: Actions = ()
    targets: Targets = ()
    image_url: WebAddress | None = None
    game_name: GameName | None = None
    hashtag: Word | None = None
    live_start_at: Millis | None = None
    live_finish_at: Millis | None = None
    close_at: Millis | None = None
    open_at: Millis | None = None
    bet_delay: BetDelay | None = None

    def wrong_at(self, now: int) -> Refusal | None:
        """Refuse a `close_at` that is neither 0 nor after now (contract, sections 2 and 6)."""
        if self.close_at and self.close_at <= now:
            return invalid("close_at", "0, or later than now and later than 'open_at'")
        return None

    @property
    def changes_nothing(self) -> bool:
        """Return whether only the game is given: then it is a query (contract, section 2)."""
        return self == UpdateGame(game_id=self.game_id)


@frozen(kw_only=True)
class CloseGame(GameCommand):
    """Close a game."""

    game_id: EntityId


@frozen(kw_only=True)
class BecomeAdmin(GameCommand):
    """Request admin rights for a game."""

    game_id: EntityId


@frozen(kw_only=True)
class AppointAdmin(GameCommand):
    """Make another user an admin of a game."""

    game_id: EntityId
    username: Username


@frozen(kw_only=True)
class DismissAdmin(GameCommand):
    """Remove a user's admin rights for a game, or resign from it."""

    game_id: EntityId
    username: Username


class PoolCommand(Command):
    """A command for one pool, named by `pool_id`."""

    pool_id: str


@frozen(kw_only=True)
class OpenPool(GameCommand):
    """Open a betting pool."""

    game_id: EntityId
    description: Annotated[str, Name(500)]
    action: ActionId | None = field(default=None, metadata={"also": "action_id"})
    targets: Targets = ()
    pool_type: Annotated[int, Whole(1, 4, "a pool type")] = field(
        default=1, metadata={"also": "type"}
    )
    finish_at: Millis | None = None
    stop_accepting_bets_at: Millis | None = None
    is_blocked: Switch = False
    is_hot: Switch = False
    recreate_on_end: Switch = False
    policy: Word | None = None
    min_stake: Stake | None = None
    max_stake: Stake | None = None
    max_stake_per_user: Stake | None = None
    bet_delay: BetDelay | None = None
    confirm_for: Annotated[int, Whole(0, LONGEST_CONFIRMATION_MS, "milliseconds")] = 0

    @property
    def type(self) -> PoolType:
        """Return the pool's type."""
        return PoolType(self.pool_type)

    def wrong(self) -> Refusal | None:
        """Refuse parameters that the pool's type does not allow (contract, section 7)."""
        if not self.type.is_binary and self.action is None:
            return missing("action")
        if not self.type.is_binary and len(self._levels()) > 1:
            return invalid("targets", "a list of targets of one level")
        if self.type.is_timed and self.finish_at is None:
            return missing("finish_at")
        return self._wrong_limits()

    def _wrong_limits(self) -> Refusal | None:
        least = self.min_stake or 0
        if self.max_stake is not None and self.max_stake < least:
            return invalid("max_stake", "at least 'min_stake'")
        if self.max_stake_per_user is not None and self.max_stake_per_user < least:
            return invalid("max_stake_per_user", "at least 'min_stake'")
        return None

    def wrong_at(self, now: int) -> Refusal | None:
        """Refuse times that are not far enough ahead (contract, section 7)."""
        if self.type.is_timed and (self.finish_at or 0) < now + SOONEST_FINISH_MS:
            return invalid("finish_at", "at least 1 second ahead")
        if self.stop_accepting_bets_at is not None and self.stop_accepting_bets_at <= now:
            return invalid("stop_accepting_bets_at", "later than now")
        return None

    def _levels(self) -> set[int]:
        return {path.count(":") for path in self.targets if path_id(path) != NONE}


@frozen(kw_only=True)
class PlaceBet(PoolCommand):
    """Place a bet in a pool.

    `amount` is in hundredths here, and in units on the wire.
    """

    pool_id: EntityId
    target: TargetId = field(metadata={"also": "target_id"})
    amount: Stake


@frozen(kw_only=True)
class RegisterEvent(GameCommand):
    """Register an event of the match.

    `also` names targets to which the same happened at the same moment: a dead heat. `is_material`:
    a bettor who knew of it early could profit, so all bets that wait for their delay are refused.
    """

    game_id: EntityId
    action_id: ActionId
    target_id: TargetId
    happened_at: Millis | None = None
    also: TargetIds = ()
    is_material: Switch = True

    def wrong_at(self, now: int) -> Refusal | None:
        """Refuse an event that is dated too far ahead."""
        return _too_far_ahead(self.happened_at, now)


@frozen(kw_only=True)
class TakeBackEvent(GameCommand):
    """Take an event back: it did not happen. The pools that it decided are open or cancelled."""

    game_id: EntityId
    event_id: EntityId
    reason: Annotated[str, Name(500)]


@frozen(kw_only=True)
class HeatPool(PoolCommand):
    """Mark a pool as hot."""

    pool_id: EntityId
    likely_to_happen_at: Millis | None = None


@frozen(kw_only=True)
class HeatPools(GameCommand):
    """Mark every pool of an action with exactly this target as hot."""

    game_id: EntityId
    action_id: ActionId
    target_id: TargetId
    likely_to_happen_at: Millis | None = None


@frozen(kw_only=True)
class CancelPool(PoolCommand):
    """Cancel a pool and refund every stake."""

    pool_id: EntityId
    reason: Annotated[str, Name(500)] | None = None


@frozen(kw_only=True)
class ConfirmPool(PoolCommand):
    """Confirm the result of a decided pool, and pay it at once."""

    pool_id: EntityId


@frozen(kw_only=True)
class CorrectPool(PoolCommand):
    """Give a resolved pool another result, and move the money that this changes.

    `corrects_seq` is the `result_seq` of the result that the caller means to replace.
    """

    pool_id: EntityId
    winning_target: TargetId | None = None
    winning_targets: TargetIds = ()
    cancel: Switch = False
    happened_at: Millis | None = None
    reason: Annotated[str, Name(500)]
    corrects_seq: Count

    def wrong(self) -> Refusal | None:
        """Refuse none or several of the ways to name a result."""
        given = self.winning_target is not None, bool(self.winning_targets), self.cancel
        if sum(given) != 1:
            wanted = "given alone: exactly one of it, 'winning_targets' and 'cancel' true"
            return invalid("winning_target", wanted)
        return None

    def wrong_at(self, now: int) -> Refusal | None:
        """Refuse an event that is dated too far ahead."""
        return _too_far_ahead(self.happened_at, now)


@frozen(kw_only=True)
class ScratchTarget(PoolCommand):
    """Take a target out of a pool and refund every stake on it."""

    pool_id: EntityId
    target: TargetId = field(metadata={"also": "target_id"})
    reason: Annotated[str, Name(500)]


@frozen(kw_only=True)
class BlockPool(PoolCommand):
    """Block betting in a pool, now or at `block_at`."""

    pool_id: EntityId
    block_at: Millis | None = None


@frozen(kw_only=True)
class AllowPool(PoolCommand):
    """Allow betting in a pool, now or at `allow_at`."""

    pool_id: EntityId
    allow_at: Millis | None = None


@frozen(kw_only=True)
class BlockAction(GameCommand):
    """Block betting in all pools of an action, now or at `block_at`."""

    game_id: EntityId
    action: ActionId = field(metadata={"also": "action_id"})
    block_at: Millis | None = None


@frozen(kw_only=True)
class AllowAction(GameCommand):
    """Allow betting in all pools of an action, now or at `allow_at`."""

    game_id: EntityId
    action: ActionId = field(metadata={"also": "action_id"})
    allow_at: Millis | None = None


def _too_far_ahead(happened_at: int | None, now: int) -> Refusal | None:
    if happened_at is not None and happened_at > now + FUTURE_EVENT_MS:
        return invalid("happened_at", "at most 2 seconds ahead")
    return None
