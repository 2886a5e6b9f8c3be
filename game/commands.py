"""What can be asked of a game that would change it, with the shape of every parameter.

The order of the fields is the order in which parameters are checked. Ops that change no game are
in `protocol/requests.py`; which op asks for what is `protocol/ops.py`. `also` in a field's metadata
is a second name of the parameter, which counts where the first is not given.
"""

from typing import Annotated, ClassVar

from attrs import field, frozen

from game.names import NONE, path_id
from game.refusals import Refusal, invalid, missing
from game.shapes import (
    ActionId,
    Actions,
    CurrencyCode,
    EntityId,
    GameName,
    Millis,
    Name,
    Stake,
    Switch,
    TargetId,
    Targets,
    Username,
    WebAddress,
    Whole,
    Word,
)
from game.vocabulary import PoolType

SOONEST_FINISH_MS = 1_000
"""How far ahead the end of a time-based pool has to be."""
FUTURE_EVENT_MS = 2_000
"""How far ahead an event may be said to have happened: clocks differ."""


class Command:
    """Something that is asked of the server. The fields are its parameters, already read.

    `changes`: whether it writes facts.
    """

    changes: ClassVar[bool] = True

    def wrong(self) -> Refusal | None:
        """What is wrong with the parameters' shape taken together, if anything."""
        return None

    def wrong_at(self, now: int) -> Refusal | None:
        """What is wrong with them at this moment (epoch ms), if anything."""
        return None


class GameCommand(Command):
    """Something that is asked of one game, named by `game_id`."""

    game_id: str


@frozen(kw_only=True)
class CreateGame(Command):
    """Create an upcoming game (3701)."""

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

    def wrong_at(self, now: int) -> Refusal | None:
        """`close_at` has to be later than now and than `open_at` (contract, section 2)."""
        opens = now if self.open_at is None else self.open_at
        if self.close_at is not None and self.close_at <= max(now, opens):
            return invalid("close_at", "later than now and than 'open_at'")
        return None


@frozen(kw_only=True)
class CreateAndOpenGame(CreateGame):
    """Create a game and open it (370)."""


@frozen(kw_only=True)
class OpenGame(GameCommand):
    """Open an upcoming game (3702), and add actions and targets."""

    game_id: EntityId
    actions: Actions = ()
    targets: Targets = ()


@frozen(kw_only=True)
class UpdateGame(GameCommand):
    """Change a game's details (373); add actions and targets. What is not given stays."""

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

    def wrong_at(self, now: int) -> Refusal | None:
        """A `close_at` other than 0 has to be later than now (contract, sections 2 and 6)."""
        if self.close_at and self.close_at <= now:
            return invalid("close_at", "later than now and than 'open_at', or 0")
        return None

    @property
    def changes_nothing(self) -> bool:
        """Whether only the game is named: then it is a question (contract, section 2)."""
        return self == UpdateGame(game_id=self.game_id)


@frozen(kw_only=True)
class CloseGame(GameCommand):
    """Close a game (375)."""

    game_id: EntityId


@frozen(kw_only=True)
class BecomeAdmin(GameCommand):
    """Request admin rights for a game (616)."""

    game_id: EntityId


@frozen(kw_only=True)
class AppointAdmin(GameCommand):
    """Make another user an admin of a game (617)."""

    game_id: EntityId
    username: Username


@frozen(kw_only=True)
class DismissAdmin(GameCommand):
    """Remove a user's admin rights for a game, or resign from it (618)."""

    game_id: EntityId
    username: Username


class PoolCommand(Command):
    """Something that is asked of one pool, named by `pool_id`."""

    pool_id: str


@frozen(kw_only=True)
class OpenPool(GameCommand):
    """Open a betting pool (385)."""

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

    @property
    def type(self) -> PoolType:
        """The pool's type."""
        return PoolType(self.pool_type)

    def wrong(self) -> Refusal | None:
        """What a type needs (contract, section 7, 385)."""
        if not self.type.is_binary and self.action is None:
            return missing("action")
        if not self.type.is_binary and len(self._levels()) > 1:
            return invalid("targets", "a list of targets of one level")
        if self.type.is_timed and self.finish_at is None:
            return missing("finish_at")
        return None

    def wrong_at(self, now: int) -> Refusal | None:
        """Times that have to be ahead (contract, section 7, 385)."""
        if self.type.is_timed and (self.finish_at or 0) < now + SOONEST_FINISH_MS:
            return invalid("finish_at", "at least a second ahead")
        if self.stop_accepting_bets_at is not None and self.stop_accepting_bets_at <= now:
            return invalid("stop_accepting_bets_at", "later than now")
        return None

    def _levels(self) -> set[int]:
        return {path.count(":") for path in self.targets if path_id(path) != NONE}


@frozen(kw_only=True)
class PlaceBet(PoolCommand):
    """Place a bet in a pool (392).

    `amount` is in hundredths here, and in units on the wire.
    """

    pool_id: EntityId
    target: TargetId = field(metadata={"also": "target_id"})
    amount: Stake


@frozen(kw_only=True)
class RegisterEvent(GameCommand):
    """Register an event of the match (395)."""

    game_id: EntityId
    action_id: ActionId
    target_id: TargetId
    happened_at: Millis | None = None

    def wrong_at(self, now: int) -> Refusal | None:
        """What is far ahead has not happened."""
        if self.happened_at is not None and self.happened_at > now + FUTURE_EVENT_MS:
            return invalid("happened_at", "at most 2 seconds ahead")
        return None


@frozen(kw_only=True)
class HeatPool(PoolCommand):
    """Mark a pool as hot (396)."""

    pool_id: EntityId
    likely_to_happen_at: Millis | None = None


@frozen(kw_only=True)
class HeatPools(GameCommand):
    """Mark every pool of an action with exactly this target as hot (3961)."""

    game_id: EntityId
    action_id: ActionId
    target_id: TargetId
    likely_to_happen_at: Millis | None = None


@frozen(kw_only=True)
class CancelPool(PoolCommand):
    """Cancel a pool and refund every stake (399)."""

    pool_id: EntityId
    reason: Annotated[str, Name(500)] | None = None


@frozen(kw_only=True)
class BlockPool(PoolCommand):
    """Block betting in a pool (397), now or at `block_at`."""

    pool_id: EntityId
    block_at: Millis | None = None


@frozen(kw_only=True)
class AllowPool(PoolCommand):
    """Allow betting in a pool (398), now or at `allow_at`."""

    pool_id: EntityId
    allow_at: Millis | None = None


@frozen(kw_only=True)
class BlockAction(GameCommand):
    """Block betting in all pools of an action (3975), now or at `block_at`."""

    game_id: EntityId
    action: ActionId = field(metadata={"also": "action_id"})
    block_at: Millis | None = None


@frozen(kw_only=True)
class AllowAction(GameCommand):
    """Allow betting in all pools of an action (3985), now or at `allow_at`."""

    game_id: EntityId
    action: ActionId = field(metadata={"also": "action_id"})
    allow_at: Millis | None = None
