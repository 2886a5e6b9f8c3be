"""What has happened to a game. Facts are all that is stored of it and all that is published of it.

A fact says everything that its messages and its replay need; it is never changed once written, so
a field that comes later needs a default. What a fact does to a game is `game/state.py`.
"""

from typing import ClassVar

from attrs import frozen

from game.vocabulary import Status


class Fact:
    """One thing that happened. `kind` is its name in the journal and in the log.

    `published`: whether subscribers are told of it when it happens, or only with the next one.
    """

    kind: ClassVar[str]
    published: ClassVar[bool] = True


@frozen(kw_only=True)
class GameCreated(Fact):
    """The first fact of every game; `opened` at once (370) or upcoming (3701). Times in epoch ms.

    `actions` are display names, `targets` display paths; parents and `none` are implied.
    """

    kind = "game_created"
    published = False
    game_id: str
    source_id: str
    game_name: str
    type: str | None
    currency: str
    hashtag: str
    image_url: str | None
    actions: tuple[str, ...]
    targets: tuple[str, ...]
    open_at: int
    close_at: int | None
    live_start_at: int
    live_finish_at: int | None
    opened: bool
    by: int


@frozen(kw_only=True)
class GameOpened(Fact):
    """An upcoming game was opened (3702), with more actions and targets."""

    kind = "game_opened"
    actions: tuple[str, ...]
    targets: tuple[str, ...]
    by: int


@frozen(kw_only=True)
class DetailsUpdated(Fact):
    """Details were added or changed (373); None: left as it was; `close_at` 0: taken away."""

    kind = "details_updated"
    actions: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    game_name: str | None = None
    hashtag: str | None = None
    image_url: str | None = None
    open_at: int | None = None
    close_at: int | None = None
    live_start_at: int | None = None
    live_finish_at: int | None = None
    by: int


@frozen(kw_only=True)
class AdminAppointed(Fact):
    """A user became an admin of the game."""

    kind = "admin_appointed"
    published = False
    user_id: int
    by: int


@frozen(kw_only=True)
class AdminDismissed(Fact):
    """A user is no longer an admin of the game."""

    kind = "admin_dismissed"
    published = False
    user_id: int
    by: int


@frozen(kw_only=True)
class StatusReached(Fact):
    """A time came that brought the game into another status."""

    kind = "game_transition"
    status: Status


@frozen(kw_only=True)
class ClosingStarted(Fact):
    """A close has happened, but manual pools remain. `by` None: its `close_at` came."""

    kind = "closing_started"
    by: int | None = None


@frozen(kw_only=True)
class CloseFellDue(Fact):
    """The `close_at` of a game that is closing came: it closes with its last manual pool."""

    kind = "close_fell_due"
    published = False


@frozen(kw_only=True)
class GameClosed(Fact):
    """The last fact of every game. `by` None: it closed by itself."""

    kind = "game_closed"
    by: int | None = None


@frozen(kw_only=True)
class PoolOpened(Fact):
    """A betting pool was opened; `targets` maps target paths to display names. Times in epoch ms.

    `recreates`: the pool that ended, and that this one opens again by itself (`by` is None).
    """

    kind = "pool_opened"
    pool_id: str
    description: str
    type: int
    action_id: str
    targets: dict[str, str]
    is_blocked: bool
    is_hot: bool
    finish_at: int | None
    stop_accepting_bets_at: int | None
    recreate_on_end: bool
    recreates: str | None = None
    by: int | None


@frozen(kw_only=True)
class BetPlaced(Fact):
    """A bet was accepted, at the time of the fact. `amount` in hundredths."""

    kind = "bet_placed"
    pool_id: str
    bet_id: str
    user_id: int
    target_id: str
    amount: int


@frozen(kw_only=True)
class EventRegistered(Fact):
    """Something happened in the match; `current_count` is for the target and its parents."""

    kind = "event_registered"
    event_id: str
    action_id: str
    target_id: str
    target_display_name: str
    happened_at: int
    current_count: dict[str, int]
    by: int


@frozen
class Settlement:
    """How a pool ended for one user, in hundredths.

    `paid` is what the winning stakes were paid, themselves included; void and returned stakes go
    back beside it.
    """

    user_id: int
    won_stake: int = 0
    lost_stake: int = 0
    void_stake: int = 0
    returned_stake: int = 0
    paid: int = 0

    @property
    def stakes(self) -> int:
        """Everything that the user had staked."""
        return self.won_stake + self.lost_stake + self.void_stake + self.returned_stake

    @property
    def given_back(self) -> int:
        """Everything that the user gets, stakes included."""
        return self.paid + self.void_stake + self.returned_stake

    @property
    def points(self) -> int:
        """Won beyond stakes, less stakes lost (contract, section 8, leaderboards)."""
        return self.paid - self.won_stake - self.lost_stake


@frozen(kw_only=True)
class PoolResolved(Fact):
    """A pool ended and was paid. `winning_target` None: it was cancelled, for a `reason`.

    `expired_at` (epoch ms): a time-based pool ran out. `is_recreated`: it is to open again.
    """

    kind = "pool_resolved"
    pool_id: str
    description: str
    winning_target: str | None
    settlements: tuple[Settlement, ...]
    is_money_return: bool
    expired_at: int | None = None
    reason: str | None = None
    is_recreated: bool = False
    by: int | None = None


@frozen(kw_only=True)
class BettingBlocked(Fact):
    """Betting in a pool was blocked. `own`: by its own call or timer, which is done with it."""

    kind = "betting_blocked"
    pool_id: str
    blocked_at: int
    own: bool = True


@frozen(kw_only=True)
class BettingAllowed(Fact):
    """Betting in a pool was allowed. `own`: by its own call or timer, which is done with it."""

    kind = "betting_allowed"
    pool_id: str
    allowed_at: int
    own: bool = True


@frozen(kw_only=True)
class ActionBlocked(Fact):
    """Betting was blocked in all pools of an action."""

    kind = "action_blocked"
    action_id: str
    blocked_at: int


@frozen(kw_only=True)
class ActionAllowed(Fact):
    """Betting was allowed in all pools of an action."""

    kind = "action_allowed"
    action_id: str
    allowed_at: int


@frozen(kw_only=True)
class SwitchPlanned(Fact):
    """Betting in a pool, or in all pools of an action, is to be switched at `switch_at`."""

    kind = "switch_planned"
    published = False
    pool_id: str | None = None
    action_id: str | None = None
    blocks: bool
    switch_at: int


@frozen(kw_only=True)
class PoolHeated(Fact):
    """An admin suggests a pool as hot."""

    kind = "pool_heated"
    pool_id: str
    hot_since: int
    likely_to_happen_at: int | None


@frozen
class Entry:
    """A fact in its place in the journal: `seq` counts from 1, `at` is epoch milliseconds."""

    seq: int
    at: int
    fact: Fact


FACTS: tuple[type[Fact], ...] = (
    GameCreated,
    GameOpened,
    DetailsUpdated,
    AdminAppointed,
    AdminDismissed,
    StatusReached,
    ClosingStarted,
    CloseFellDue,
    GameClosed,
    PoolOpened,
    BetPlaced,
    EventRegistered,
    PoolResolved,
    BettingBlocked,
    BettingAllowed,
    ActionBlocked,
    ActionAllowed,
    SwitchPlanned,
    PoolHeated,
)
"""Every kind of fact there is."""
