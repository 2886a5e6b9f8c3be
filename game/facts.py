"""The facts: stored changes of a game. The journal and the publications consist of nothing else.

A fact contains everything that its messages and its replay need. It is never changed once it is
written, so a field that is added later needs a default. `game/state.py` applies facts to a game.
"""

from typing import ClassVar, Final

from attrs import Factory, frozen

from game.policy import PLAIN, Policy
from game.vocabulary import Status


class Fact:
    """A change of a game. `kind` is its name in the journal and in the log.

    `published`: whether it has a publication of its own. The `seq` of the next one covers others.
    """

    kind: ClassVar[str]
    published: ClassVar[bool] = True


@frozen(kw_only=True)
class GameCreated(Fact):
    """A game was created: its first fact. `opened`: it was opened with it. Times in epoch ms.

    `actions` are display names and `targets` display paths. Parents and `none` are implied.
    `bet_delay`: of pools that name none, in milliseconds.
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
    bet_delay: int = 0
    by: int


@frozen(kw_only=True)
class GameOpened(Fact):
    """An upcoming game was opened, with further actions and targets."""

    kind = "game_opened"
    actions: tuple[str, ...]
    targets: tuple[str, ...]
    by: int


@frozen(kw_only=True)
class DetailsUpdated(Fact):
    """Details were added or changed. None: unchanged. `close_at` 0: removed."""

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
    bet_delay: int | None = None
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
    """Time brought the game into another status."""

    kind = "game_transition"
    status: Status


@frozen(kw_only=True)
class ClosingStarted(Fact):
    """The game started to close, but manual pools are unresolved. `by` None: at its `close_at`."""

    kind = "closing_started"
    by: int | None = None


@frozen(kw_only=True)
class CloseFellDue(Fact):
    """A closing game reached its `close_at`: it closes when its last manual pool ends."""

    kind = "close_fell_due"
    published = False


@frozen(kw_only=True)
class GameClosed(Fact):
    """A game was closed. Only corrections follow. `by` None: it closed automatically."""

    kind = "game_closed"
    by: int | None = None


@frozen
class StakeLimits:
    """Limits of a bet in a pool, and of all bets of a user in it, in hundredths. None: no limit."""

    minimum: int | None = None
    maximum: int | None = None
    of_user: int | None = None


NO_LIMITS: Final = StakeLimits()
"""The limits of a pool that names none."""


@frozen(kw_only=True)
class PoolOpened(Fact):
    """A betting pool was opened. `targets` maps target paths to display names. Times in epoch ms.

    `recreates`: the pool whose settings this one repeats automatically (`by` is None). `policy`:
    the values in force, which a later change of the settings does not touch; None is `plain`.
    `carried_in`: the hundredths that earlier pools carried over to this one. `bet_delay`: how long
    a bet waits in play, in milliseconds. `confirm_for`: how long a result waits for its
    confirmation after an event has decided the pool, in milliseconds.
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
    policy: Policy | None = None
    carried_in: int = 0
    limits: StakeLimits = NO_LIMITS
    bet_delay: int = 0
    confirm_for: int = 0
    by: int | None

    @property
    def policy_in_force(self) -> Policy:
        """Return the policy by which the pool is settled."""
        return self.policy or PLAIN


@frozen(kw_only=True)
class BetPlaced(Fact):
    """A bet was accepted at the time of the fact. `amount` is hundredths."""

    kind = "bet_placed"
    pool_id: str
    bet_id: str
    user_id: int
    target_id: str
    amount: int


@frozen(kw_only=True)
class EventRegistered(Fact):
    """An event was registered. `current_count` has the target and its parents.

    `together_with`: the first event of those that happened at the same moment (`also` of 395). It
    follows that event directly, and they decide pools together.
    """

    kind = "event_registered"
    event_id: str
    action_id: str
    target_id: str
    target_display_name: str
    happened_at: int
    current_count: dict[str, int]
    together_with: str | None = None
    by: int

    @property
    def first_id(self) -> str:
        """Return the id of the first event of the same moment: it names all of them."""
        return self.together_with or self.event_id


@frozen
class Settlement:
    """What the end of a pool meant for one user, in hundredths.

    `paid` is the payout of the winning stakes, themselves included. Void and returned stakes are
    refunded in addition.
    """

    user_id: int
    won_stake: int = 0
    lost_stake: int = 0
    void_stake: int = 0
    returned_stake: int = 0
    paid: int = 0

    @property
    def stakes(self) -> int:
        """Return everything that the user had staked."""
        return self.won_stake + self.lost_stake + self.void_stake + self.returned_stake

    @property
    def received(self) -> int:
        """Return everything that the user received: the payout and the refunds."""
        return self.paid + self.void_stake + self.returned_stake

    @property
    def points(self) -> int:
        """Return the winnings beyond the stakes minus the stakes lost (contract, section 8)."""
        return self.paid - self.won_stake - self.lost_stake


@frozen(kw_only=True)
class PoolResolved(Fact):
    """A pool was settled. `winning_target` None: it was cancelled, for a `reason`.

    `expired_at` (epoch ms): a time-based pool reached its end. `is_recreated`: it opens again.
    `winning_targets` are all winners, in the pool's order; a fact from before dead heats has none
    (`winners` returns them). `prices` are ten-thousandths for 1.00. `takeout`, `breakage` and
    `carried_out` leave the pool and `minus` comes from the house, in hundredths. `event_id`: the
    first event of those that decided the pool, and bets after `void_after` (epoch ms) are void; a
    fact from before held results has neither, and follows its events.
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
    winning_targets: tuple[str, ...] = ()
    prices: dict[str, int] = Factory(dict)
    takeout: int = 0
    breakage: int = 0
    minus: int = 0
    carried_out: int = 0
    event_id: str | None = None
    void_after: int | None = None
    by: int | None = None

    @property
    def winners(self) -> tuple[str, ...]:
        """Return all winning targets; none if the pool was cancelled."""
        if self.winning_targets or self.winning_target is None:
            return self.winning_targets
        return (self.winning_target,)


@frozen(kw_only=True)
class TargetScratched(Fact):
    """A target left a pool: its stakes are refunded, and it takes no more bets.

    `participants` and `amount_total` (hundredths) are those of the pool afterwards.
    """

    kind = "target_scratched"
    pool_id: str
    target_id: str
    reason: str
    settlements: tuple[Settlement, ...]
    participants: int
    amount_total: int
    by: int


@frozen(kw_only=True)
class BettingBlocked(Fact):
    """Betting in a pool was blocked. `own`: by the pool's own call or timer, which is now over."""

    kind = "betting_blocked"
    pool_id: str
    blocked_at: int
    own: bool = True


@frozen(kw_only=True)
class BettingAllowed(Fact):
    """Betting in a pool was allowed. `own`: by the pool's own call or timer, which is now over."""

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
    """A block or allowance was planned for `switch_at`, for a pool or all pools of an action."""

    kind = "switch_planned"
    published = False
    pool_id: str | None = None
    action_id: str | None = None
    blocks: bool
    switch_at: int


@frozen(kw_only=True)
class PoolHeated(Fact):
    """An admin suggested a pool as hot."""

    kind = "pool_heated"
    pool_id: str
    hot_since: int
    likely_to_happen_at: int | None


@frozen
class Entry:
    """A fact with its position in the journal, counted from 1, and its time (epoch ms)."""

    seq: int
    at: int
    fact: Fact
