"""The replies and publications. Generated from docs/reference/asyncapi.json: `make docs`."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from toteboard_client.money import Money
from toteboard_client.reading import Part, Received

__all__ = [
    "Action",
    "AllPoolsForGame",
    "AppointAdminForGameSuccess",
    "Backing",
    "BackingWithBets",
    "BanLifted",
    "BecomeAnAdminForGameFail",
    "BecomeAnAdminForGameSuccess",
    "Bet",
    "BetPlaced",
    "BetPoolCorrected",
    "BetPoolDecided",
    "BetPoolExpired",
    "BetPoolResolved",
    "BetsDistributionChanged",
    "BettingForActionAllowed",
    "BettingForActionBlocked",
    "BettingInPoolAllowed",
    "BettingInPoolBlocked",
    "BettingPoolCancelled",
    "BettingPoolConfirmed",
    "BettingPoolOpened",
    "BreakTaken",
    "Decision",
    "DismissAdminForGameSuccess",
    "FoundGame",
    "GameClosed",
    "GameClosing",
    "GameCreated",
    "GameCreatedAndOpened",
    "GameDetails",
    "GameDetailsUpdated",
    "GameEventRegistered",
    "GameEventTakenBack",
    "GameJoined",
    "GameLeft",
    "GameOpened",
    "GamePresence",
    "GameSourceClosed",
    "GameSourceClosing",
    "GameSourceOpened",
    "GameSourcesListIAmAdminOf",
    "GamesList",
    "GamesListForSource",
    "GamesListIAmAdminOf",
    "Leaderboard",
    "LeaderboardForGame",
    "LimitsByPeriod",
    "LimitsOfPeriod",
    "ListedGame",
    "LogonFailAlreadyLoggedIn",
    "LogonSuccess",
    "MessageRemoved",
    "MyGame",
    "MyLimits",
    "MyOpenPoolsForGame",
    "MyResolvedPoolsForGame",
    "MyRunningPoolsForGame",
    "MySource",
    "NewBet",
    "NewBettingPool",
    "Opcodes",
    "PUBLICATIONS",
    "PastEvent",
    "PendingLimit",
    "Place",
    "Policy",
    "PolicyValues",
    "Pong",
    "Pool",
    "PoolBetsDistribution",
    "PoolResult",
    "PoolSuggestedAsHot",
    "Receipt",
    "ReceiptBet",
    "Renewed",
    "ResolvedPool",
    "ResolvedPoolsForGame",
    "RunningBreak",
    "RunningPool",
    "SlowModeSet",
    "StatementEntry",
    "Target",
    "TargetScratched",
    "TextMessage",
    "TopPool",
    "UpcomingGame",
    "UpcomingGamesListForSource",
    "UserBalanceAvailable",
    "UserBalanceCurrent",
    "UserBalanceUpdate",
    "UserBanned",
    "UserExposure",
    "UserJoinedGame",
    "UserLeftGame",
    "UserMuted",
    "UserStatement",
    "UserUnmuted",
]


@dataclass(frozen=True, kw_only=True)
class Target(Part):
    """An object in a message: Target."""

    symbol: str
    display_name: str
    targets: dict[str, "Target"]


@dataclass(frozen=True, kw_only=True)
class Backing(Part):
    """An object in a message: Backing."""

    target_id: str
    display_name: str
    symbol: str
    backing_people: int
    backing_money: Money
    to_win_if_backed: float
    is_scratched: bool | None = None


@dataclass(frozen=True, kw_only=True)
class PolicyValues(Part):
    """An object in a message: PolicyValues."""

    takeout: Money
    break_to: Money
    minimum: Money | None
    dead_heat: str
    unbacked: str


@dataclass(frozen=True, kw_only=True)
class Policy(Part):
    """An object in a message: Policy."""

    takeout: Money
    break_to: Money
    minimum: Money | None
    dead_heat: str
    unbacked: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Decision(Part):
    """An object in a message: Decision."""

    winning_targets: list[str]
    event_id: str
    confirm_at: int


@dataclass(frozen=True, kw_only=True)
class Place(Part):
    """An object in a message: Place."""

    username: str
    points: Money
    rank: int


@dataclass(frozen=True, kw_only=True)
class StatementEntry(Part):
    """An object in a message: StatementEntry."""

    at: int
    cause: str
    change: Money
    current_balance: Money
    available_balance: Money
    id: int
    game_id: str | None
    pool_id: str | None
    seq: int | None
    reference: str | None
    owed: Money | None


@dataclass(frozen=True, kw_only=True)
class LimitsByPeriod(Part):
    """An object in a message: LimitsByPeriod."""

    day: "LimitsOfPeriod"
    week: "LimitsOfPeriod"
    month: "LimitsOfPeriod"


@dataclass(frozen=True, kw_only=True)
class PendingLimit(Part):
    """An object in a message: PendingLimit."""

    at: int
    period: str
    kind: str
    amount: Money | None


@dataclass(frozen=True, kw_only=True)
class RunningBreak(Part):
    """An object in a message: RunningBreak."""

    until: int | None


@dataclass(frozen=True, kw_only=True)
class Pool(Part):
    """An object in a message: Pool."""

    game_id: str
    pool_id: str
    description: str
    action_id: str
    distribution: dict[str, "Backing"]
    participants: int
    amount_total: Money
    target_level: int
    is_blocked: bool
    is_hot: bool
    start_at: int
    finish_at: int | None
    stop_accepting_bets_at: int | None
    recreate_on_end: bool
    policy: "Policy"
    carried_in: Money
    min_stake: Money | None
    max_stake: Money | None
    max_stake_per_user: Money | None
    bet_delay: int
    confirm_for: int
    decided: "Decision | None" = None
    type: int


@dataclass(frozen=True, kw_only=True)
class RunningPool(Part):
    """An object in a message: RunningPool."""

    game_id: str
    pool_id: str
    description: str
    action_id: str
    distribution: dict[str, "Backing"]
    participants: int
    amount_total: Money
    target_level: int
    is_blocked: bool
    is_hot: bool
    start_at: int
    finish_at: int | None
    stop_accepting_bets_at: int | None
    recreate_on_end: bool
    policy: "Policy"
    carried_in: Money
    min_stake: Money | None
    max_stake: Money | None
    max_stake_per_user: Money | None
    bet_delay: int
    confirm_for: int
    user_backed: dict[str, Money]
    decided: "Decision | None" = None
    type: int


@dataclass(frozen=True, kw_only=True)
class ResolvedPool(Part):
    """An object in a message: ResolvedPool."""

    game_id: str
    pool_id: str
    description: str
    action_id: str
    distribution: dict[str, "Backing"]
    participants: int
    amount_total: Money
    target_level: int
    is_blocked: bool
    is_hot: bool
    start_at: int
    finish_at: int | None
    stop_accepting_bets_at: int | None
    recreate_on_end: bool
    policy: "Policy"
    carried_in: Money
    min_stake: Money | None
    max_stake: Money | None
    max_stake_per_user: Money | None
    bet_delay: int
    confirm_for: int
    user_backed: dict[str, Money]
    winning_target: str | None
    resolved_at: int
    total_winnings: Money
    winning_targets: list[str]
    prices: dict[str, float]
    result_seq: int
    corrected_at: int | None
    type: int


@dataclass(frozen=True, kw_only=True)
class PoolResult(Part):
    """An object in a message: PoolResult."""

    pool_id: str
    description: str
    action_id: str
    winning_target: str | None
    winning_targets: list[str]
    is_money_return: bool
    amount_total: Money
    participants: int
    prices: dict[str, float]
    resolved_at: int
    result_seq: int
    corrected_at: int | None
    type: int


@dataclass(frozen=True, kw_only=True)
class BackingWithBets(Part):
    """An object in a message: BackingWithBets."""

    target_id: str
    display_name: str
    symbol: str
    backing_people: int
    backing_money: Money
    to_win_if_backed: float
    is_scratched: bool | None = None
    bets: dict[str, "Bet"]


@dataclass(frozen=True, kw_only=True)
class NewBet(Part):
    """An object in a message: NewBet."""

    bet_id: str
    target_id: str
    user_id: int
    amount: Money
    placed_at: int


@dataclass(frozen=True, kw_only=True)
class ReceiptBet(Part):
    """An object in a message: ReceiptBet."""

    user_id: int
    amount: Money
    placed_at: int
    target_id: str
    hash: str


@dataclass(frozen=True, kw_only=True)
class Action(Part):
    """An object in a message: Action."""

    name: str | None = None


@dataclass(frozen=True, kw_only=True)
class PastEvent(Part):
    """An object in a message: PastEvent."""

    happened_at: int
    target_id: str
    action_id: str
    taken_back_at: int | None = None
    together_with: str | None = None


@dataclass(frozen=True, kw_only=True)
class ListedGame(Part):
    """An object in a message: ListedGame."""

    status: str
    name: str
    type_name: str | None
    open_at: int
    close_at: int | None
    type: str | None


@dataclass(frozen=True, kw_only=True)
class FoundGame(Part):
    """An object in a message: FoundGame."""

    game_id: str
    source_id: str
    source_name: str
    name: str
    hashtag: str
    status: str
    type_name: str | None
    currency: str
    open_at: int
    live_start_at: int
    close_at: int | None
    subscribers: int
    amount_total: Money
    pools: int
    top_pool: "TopPool | None"


@dataclass(frozen=True, kw_only=True)
class UpcomingGame(Part):
    """An object in a message: UpcomingGame."""

    id: str
    source_id: str
    game_name: str
    currency: str
    live_start_at: int
    hashtag: str
    game_type_id: str | None


@dataclass(frozen=True, kw_only=True)
class MyGame(Part):
    """An object in a message: MyGame."""

    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class MySource(Part):
    """An object in a message: MySource."""

    id: str
    name: str
    description: str | None


@dataclass(frozen=True, kw_only=True)
class LimitsOfPeriod(Part):
    """An object in a message: LimitsOfPeriod."""

    spend: Money | None
    loss: Money | None


@dataclass(frozen=True, kw_only=True)
class Bet(Part):
    """An object in a message: Bet."""

    user_id: int
    amount: Money
    placed_at: int


@dataclass(frozen=True, kw_only=True)
class TopPool(Part):
    """An object in a message: TopPool."""

    pool_id: str
    description: str
    closes_at: int | None
    is_blocked: bool
    distribution: dict[str, "Backing"]


@dataclass(frozen=True, kw_only=True)
class Pong(Received):
    """1 pong."""

    RES: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class Opcodes(Received):
    """2 opcodes."""

    RES: ClassVar[int] = 2
    opcodes: dict[str, int]
    response_codes: dict[str, int]
    version: str
    policies: dict[str, "PolicyValues"]
    limits: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class LogonSuccess(Received):
    """100 logon_success."""

    RES: ClassVar[int] = 100
    session_key: str
    connection_id: str


@dataclass(frozen=True, kw_only=True)
class LogonFailAlreadyLoggedIn(Received):
    """112 logon_fail_already_logged_in."""

    RES: ClassVar[int] = 112


@dataclass(frozen=True, kw_only=True)
class Renewed(Received):
    """1110 renewed."""

    RES: ClassVar[int] = 1110
    expires_at: int


@dataclass(frozen=True, kw_only=True)
class UserBalanceCurrent(Received):
    """800 user_balance_current."""

    RES: ClassVar[int] = 800
    currency: str
    current_balance: Money


@dataclass(frozen=True, kw_only=True)
class UserBalanceAvailable(Received):
    """810 user_balance_available."""

    RES: ClassVar[int] = 810
    currency: str
    available_balance: Money


@dataclass(frozen=True, kw_only=True)
class UserBalanceUpdate(Received):
    """815 user_balance_update."""

    RES: ClassVar[int] = 815
    currency: str
    current_balance: Money
    available_balance: Money
    cause: str
    pool_id: str | None = None
    game_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class UserExposure(Received):
    """840 user_exposure."""

    RES: ClassVar[int] = 840
    currency: str
    exposure: Money


@dataclass(frozen=True, kw_only=True)
class UserStatement(Received):
    """8200 user_statement."""

    RES: ClassVar[int] = 8200
    currency: str
    opening_balance: Money
    closing_balance: Money
    entries: list["StatementEntry"]
    before: int | None


@dataclass(frozen=True, kw_only=True)
class MyLimits(Received):
    """8300 my_limits."""

    RES: ClassVar[int] = 8300
    currency: str
    limits: "LimitsByPeriod"
    pending: list["PendingLimit"]
    running_break: "RunningBreak | None"
    currencies: list[str]


@dataclass(frozen=True, kw_only=True)
class BreakTaken(Received):
    """8310 break_taken."""

    RES: ClassVar[int] = 8310
    until: int | None


@dataclass(frozen=True, kw_only=True)
class TextMessage(Received):
    """901 text_message."""

    RES: ClassVar[int] = 901
    text: str
    sender: str
    received_at: int
    message_id: str
    channel: str | None = None
    channels: list[str] | None = None


@dataclass(frozen=True, kw_only=True)
class UserMuted(Received):
    """9021 user_muted."""

    RES: ClassVar[int] = 9021
    user_id: int
    username: str
    game_id: str | None
    source_id: str | None
    until: int | None


@dataclass(frozen=True, kw_only=True)
class UserUnmuted(Received):
    """9031 user_unmuted."""

    RES: ClassVar[int] = 9031
    user_id: int
    username: str
    game_id: str | None
    source_id: str | None


@dataclass(frozen=True, kw_only=True)
class UserBanned(Received):
    """9041 user_banned."""

    RES: ClassVar[int] = 9041
    source_id: str
    user_id: int
    username: str
    until: int | None


@dataclass(frozen=True, kw_only=True)
class BanLifted(Received):
    """9051 ban_lifted."""

    RES: ClassVar[int] = 9051
    source_id: str
    user_id: int
    username: str


@dataclass(frozen=True, kw_only=True)
class SlowModeSet(Received):
    """9061 slow_mode_set."""

    RES: ClassVar[int] = 9061
    game_id: str
    ms: int


@dataclass(frozen=True, kw_only=True)
class MessageRemoved(Received):
    """9011 message_removed."""

    RES: ClassVar[int] = 9011
    game_id: str
    message_id: str


@dataclass(frozen=True, kw_only=True)
class Leaderboard(Received):
    """450 leaderboard."""

    RES: ClassVar[int] = 450
    currency: str
    leaderboard: list["Place"]


@dataclass(frozen=True, kw_only=True)
class LeaderboardForGame(Received):
    """451 leaderboard_for_game."""

    RES: ClassVar[int] = 451
    game_id: str
    currency: str
    leaderboard: list["Place"]


@dataclass(frozen=True, kw_only=True)
class BettingPoolOpened(Received):
    """350 betting_pool_opened."""

    RES: ClassVar[int] = 350
    game_id: str
    pool_id: str
    description: str
    type: int


@dataclass(frozen=True, kw_only=True)
class NewBettingPool(Received):
    """352 new_betting_pool."""

    RES: ClassVar[int] = 352
    game_id: str
    pool_id: str
    description: str
    action_id: str
    distribution: dict[str, "Backing"]
    participants: int
    amount_total: Money
    target_level: int
    is_blocked: bool
    is_hot: bool
    start_at: int
    finish_at: int | None
    stop_accepting_bets_at: int | None
    recreate_on_end: bool
    policy: "Policy"
    carried_in: Money
    min_stake: Money | None
    max_stake: Money | None
    max_stake_per_user: Money | None
    bet_delay: int
    confirm_for: int
    decided: "Decision | None" = None
    type: int
    seq: int | None = None
    prev_seq: int | None = None


@dataclass(frozen=True, kw_only=True)
class MyOpenPoolsForGame(Received):
    """353 my_open_pools_for_game."""

    RES: ClassVar[int] = 353
    game_id: str
    total: int
    pools_list: dict[str, "Pool"]
    seq: int


@dataclass(frozen=True, kw_only=True)
class MyRunningPoolsForGame(Received):
    """354 my_running_pools_for_game."""

    RES: ClassVar[int] = 354
    game_id: str
    total: int
    pools_list: dict[str, "RunningPool"]
    seq: int


@dataclass(frozen=True, kw_only=True)
class AllPoolsForGame(Received):
    """3535 all_pools_for_game."""

    RES: ClassVar[int] = 3535
    game_id: str
    total: int
    pools_list: dict[str, "Pool"]
    seq: int


@dataclass(frozen=True, kw_only=True)
class MyResolvedPoolsForGame(Received):
    """355 my_resolved_pools_for_game."""

    RES: ClassVar[int] = 355
    game_id: str
    total: int
    pools_list: dict[str, "ResolvedPool"]
    seq: int


@dataclass(frozen=True, kw_only=True)
class ResolvedPoolsForGame(Received):
    """3551 resolved_pools_for_game."""

    RES: ClassVar[int] = 3551
    game_id: str
    total: int
    pools: list["PoolResult"]


@dataclass(frozen=True, kw_only=True)
class BetPlaced(Received):
    """356 bet_placed."""

    RES: ClassVar[int] = 356
    pool_id: str
    bet_id: str
    target: str
    amount: Money


@dataclass(frozen=True, kw_only=True)
class PoolBetsDistribution(Received):
    """360 pool_bets_distribution."""

    RES: ClassVar[int] = 360
    game_id: str
    pool_id: str
    target_level: int
    participants: int
    amount_total: Money
    bets_total: int
    distribution: dict[str, "BackingWithBets"]
    seq: int


@dataclass(frozen=True, kw_only=True)
class BetsDistributionChanged(Received):
    """361 bets_distribution_changed."""

    RES: ClassVar[int] = 361
    game_id: str
    pool_id: str
    target_level: int
    participants: int
    amount_total: Money
    distribution: dict[str, "Backing"]
    new_bets_omitted: int | None = None
    new_bets: list["NewBet"]
    seq: int | None = None
    prev_seq: int | None = None


@dataclass(frozen=True, kw_only=True)
class Receipt(Received):
    """3911 receipt."""

    RES: ClassVar[int] = 3911
    game_id: str
    pool_id: str
    resolved_at: int
    policy: "Policy"
    carried_in: Money
    winning_targets: list[str]
    is_money_return: bool
    reason: str | None
    prices: dict[str, float]
    takeout: Money
    breakage: Money
    minus: Money
    carried_out: Money
    bets_total: int
    result_seq: int
    event_id: str | None
    void_after: int | None
    scratched: list[str]
    payouts: dict[int, Money]
    bets: list["ReceiptBet"]


@dataclass(frozen=True, kw_only=True)
class BetPoolResolved(Received):
    """362 bet_pool_resolved."""

    RES: ClassVar[int] = 362
    game_id: str
    pool_id: str
    description: str
    winning_target: str | None
    winners: dict[int, Money]
    losers: dict[int, Money]
    invalidated_bettors: list[int]
    is_money_return: bool
    resolved_at: int
    winning_targets: list[str]
    prices: dict[str, float]
    takeout: Money
    breakage: Money
    minus: Money
    carried_out: Money
    result_seq: int
    reason: str | None = None
    seq: int | None = None
    prev_seq: int | None = None


@dataclass(frozen=True, kw_only=True)
class BetPoolExpired(Received):
    """363 bet_pool_expired."""

    RES: ClassVar[int] = 363
    game_id: str
    pool_id: str
    description: str
    winning_target: str | None
    winners: dict[int, Money]
    losers: dict[int, Money]
    invalidated_bettors: list[int]
    is_money_return: bool
    resolved_at: int
    winning_targets: list[str]
    prices: dict[str, float]
    takeout: Money
    breakage: Money
    minus: Money
    carried_out: Money
    result_seq: int
    expired_at: int
    reason: str | None = None
    seq: int | None = None
    prev_seq: int | None = None


@dataclass(frozen=True, kw_only=True)
class BetPoolCorrected(Received):
    """3621 bet_pool_corrected."""

    RES: ClassVar[int] = 3621
    game_id: str
    pool_id: str
    description: str
    winning_target: str | None
    winners: dict[int, Money]
    losers: dict[int, Money]
    invalidated_bettors: list[int]
    is_money_return: bool
    resolved_at: int
    winning_targets: list[str]
    prices: dict[str, float]
    takeout: Money
    breakage: Money
    minus: Money
    carried_out: Money
    result_seq: int
    previous_winning_target: str | None
    corrects_seq: int
    reason: str | None
    corrected_at: int
    seq: int | None = None
    prev_seq: int | None = None


@dataclass(frozen=True, kw_only=True)
class BetPoolDecided(Received):
    """3622 bet_pool_decided."""

    RES: ClassVar[int] = 3622
    game_id: str
    pool_id: str
    winning_target: str | None
    winning_targets: list[str]
    event_id: str
    confirm_at: int
    seq: int | None = None
    prev_seq: int | None = None


@dataclass(frozen=True, kw_only=True)
class GameEventRegistered(Received):
    """366 game_event_registered."""

    RES: ClassVar[int] = 366
    game_id: str
    event_id: str
    action_id: str
    target_id: str
    target_display_name: str
    happened_at: int
    together_with: str | None = None
    current_count: dict[str, int]
    seq: int | None = None
    prev_seq: int | None = None


@dataclass(frozen=True, kw_only=True)
class GameEventTakenBack(Received):
    """3661 game_event_taken_back."""

    RES: ClassVar[int] = 3661
    game_id: str
    event_id: str
    action_id: str
    target_id: str
    reason: str | None
    taken_back_at: int
    current_count: dict[str, int]
    seq: int | None = None
    prev_seq: int | None = None


@dataclass(frozen=True, kw_only=True)
class PoolSuggestedAsHot(Received):
    """367 pool_suggested_as_hot."""

    RES: ClassVar[int] = 367
    game_id: str
    hot_since: int
    pool_id: str | None = None
    pools: list[str] | None = None
    seq: int | None = None
    prev_seq: int | None = None


@dataclass(frozen=True, kw_only=True)
class BettingInPoolBlocked(Received):
    """368 betting_in_pool_blocked."""

    RES: ClassVar[int] = 368
    game_id: str
    pool_id: str
    blocked_at: int
    seq: int | None = None
    prev_seq: int | None = None


@dataclass(frozen=True, kw_only=True)
class TargetScratched(Received):
    """3681 target_scratched."""

    RES: ClassVar[int] = 3681
    game_id: str
    pool_id: str
    target_id: str
    reason: str | None
    refunded: dict[int, Money]
    participants: int
    amount_total: Money
    scratched_at: int
    seq: int | None = None
    prev_seq: int | None = None


@dataclass(frozen=True, kw_only=True)
class BettingInPoolAllowed(Received):
    """369 betting_in_pool_allowed."""

    RES: ClassVar[int] = 369
    game_id: str
    pool_id: str
    allowed_at: int
    seq: int | None = None
    prev_seq: int | None = None


@dataclass(frozen=True, kw_only=True)
class BettingForActionBlocked(Received):
    """370 betting_for_action_blocked."""

    RES: ClassVar[int] = 370
    game_id: str
    action: str
    action_id: str
    blocked_at: int
    seq: int | None = None
    prev_seq: int | None = None


@dataclass(frozen=True, kw_only=True)
class BettingForActionAllowed(Received):
    """371 betting_for_action_allowed."""

    RES: ClassVar[int] = 371
    game_id: str
    action: str
    action_id: str
    allowed_at: int
    seq: int | None = None
    prev_seq: int | None = None


@dataclass(frozen=True, kw_only=True)
class BettingPoolCancelled(Received):
    """3991 betting_pool_cancelled."""

    RES: ClassVar[int] = 3991
    pool_id: str


@dataclass(frozen=True, kw_only=True)
class BettingPoolConfirmed(Received):
    """3952 betting_pool_confirmed."""

    RES: ClassVar[int] = 3952
    game_id: str
    pool_id: str


@dataclass(frozen=True, kw_only=True)
class GameClosing(Received):
    """3411 game_closing."""

    RES: ClassVar[int] = 3411
    game_id: str
    pools: list[str]


@dataclass(frozen=True, kw_only=True)
class GameJoined(Received):
    """333 game_joined."""

    RES: ClassVar[int] = 333
    game_id: str
    status: str
    resync: bool | None = None
    seq: int


@dataclass(frozen=True, kw_only=True)
class GameLeft(Received):
    """334 game_left."""

    RES: ClassVar[int] = 334
    game_id: str


@dataclass(frozen=True, kw_only=True)
class GameSourceOpened(Received):
    """335 game_source_opened."""

    RES: ClassVar[int] = 335
    source_id: str


@dataclass(frozen=True, kw_only=True)
class GameSourceClosed(Received):
    """336 game_source_closed."""

    RES: ClassVar[int] = 336
    source_id: str


@dataclass(frozen=True, kw_only=True)
class GameSourceClosing(Received):
    """3361 game_source_closing."""

    RES: ClassVar[int] = 3361
    source_id: str
    games: list[str]


@dataclass(frozen=True, kw_only=True)
class GameCreatedAndOpened(Received):
    """340 game_created_and_opened."""

    RES: ClassVar[int] = 340
    source_id: str
    game_id: str
    game_name: str
    type: str | None
    open_at: int
    live_start_at: int
    live_finish_at: int | None
    close_at: int | None
    hashtag: str
    actions: dict[str, "Action"]
    targets: dict[str, "Target"]


@dataclass(frozen=True, kw_only=True)
class GameCreated(Received):
    """3401 game_created."""

    RES: ClassVar[int] = 3401
    source_id: str
    game_id: str
    game_name: str
    type: str | None
    open_at: int
    live_start_at: int
    live_finish_at: int | None
    close_at: int | None
    hashtag: str


@dataclass(frozen=True, kw_only=True)
class GameOpened(Received):
    """3402 game_opened."""

    RES: ClassVar[int] = 3402
    source_id: str
    game_id: str
    game_name: str
    type: str | None
    open_at: int
    live_start_at: int
    live_finish_at: int | None
    close_at: int | None
    hashtag: str
    actions: dict[str, "Action"]
    targets: dict[str, "Target"]


@dataclass(frozen=True, kw_only=True)
class GameClosed(Received):
    """341 game_closed."""

    RES: ClassVar[int] = 341
    game_id: str
    seq: int | None = None
    prev_seq: int | None = None


@dataclass(frozen=True, kw_only=True)
class GameDetails(Received):
    """342 game_details."""

    RES: ClassVar[int] = 342
    status: str
    source_id: str
    game_id: str
    name: str
    game_name: str
    hashtag: str
    image_url: str | None
    past_events_total: int
    actions: dict[str, "Action"]
    currency: str
    type_name: str | None
    targets: dict[str, "Target"]
    open_at: int
    live_start_at: int
    live_finish_at: int | None
    close_at: int | None
    bet_delay: int
    type: str | None
    past_events: dict[str, "PastEvent"]
    game_state: dict[str, dict[str, int]]
    seq: int
    prev_seq: int | None = None


@dataclass(frozen=True, kw_only=True)
class GameDetailsUpdated(Received):
    """343 game_details_updated."""

    RES: ClassVar[int] = 343
    game_id: str


@dataclass(frozen=True, kw_only=True)
class GamesListForSource(Received):
    """345 games_list_for_source."""

    RES: ClassVar[int] = 345
    source_id: str
    total: int
    games: dict[str, "ListedGame"]


@dataclass(frozen=True, kw_only=True)
class GamesList(Received):
    """3452 games_list."""

    RES: ClassVar[int] = 3452
    total: int
    games: list["FoundGame"]


@dataclass(frozen=True, kw_only=True)
class UpcomingGamesListForSource(Received):
    """3461 upcoming_games_list_for_source."""

    RES: ClassVar[int] = 3461
    source_id: str
    total: int
    games: list["UpcomingGame"]


@dataclass(frozen=True, kw_only=True)
class UserJoinedGame(Received):
    """470 user_joined_game."""

    RES: ClassVar[int] = 470
    game_id: str
    user_id: int
    user_name: str


@dataclass(frozen=True, kw_only=True)
class GamePresence(Received):
    """475 game_presence."""

    RES: ClassVar[int] = 475
    game_id: str
    subscribers: int
    users: int


@dataclass(frozen=True, kw_only=True)
class UserLeftGame(Received):
    """480 user_left_game."""

    RES: ClassVar[int] = 480
    game_id: str
    user_id: int
    user_name: str


@dataclass(frozen=True, kw_only=True)
class AppointAdminForGameSuccess(Received):
    """617 appoint_admin_for_game_success."""

    RES: ClassVar[int] = 617
    game_id: str
    username: str


@dataclass(frozen=True, kw_only=True)
class DismissAdminForGameSuccess(Received):
    """618 dismiss_admin_for_game_success."""

    RES: ClassVar[int] = 618
    game_id: str
    username: str


@dataclass(frozen=True, kw_only=True)
class GamesListIAmAdminOf(Received):
    """620 games_list_i_am_admin_of."""

    RES: ClassVar[int] = 620
    total: int
    games: list["MyGame"]


@dataclass(frozen=True, kw_only=True)
class GameSourcesListIAmAdminOf(Received):
    """621 game_sources_list_i_am_admin_of."""

    RES: ClassVar[int] = 621
    may_open_sources: bool
    sources: list["MySource"]


@dataclass(frozen=True, kw_only=True)
class BecomeAnAdminForGameSuccess(Received):
    """640 become_an_admin_for_game_success."""

    RES: ClassVar[int] = 640
    game_id: str


@dataclass(frozen=True, kw_only=True)
class BecomeAnAdminForGameFail(Received):
    """645 become_an_admin_for_game_fail."""

    RES: ClassVar[int] = 645
    game_id: str
    reason: str


PUBLICATIONS: Final = frozenset(
    (
        UserBalanceUpdate,
        TextMessage,
        MessageRemoved,
        NewBettingPool,
        BetsDistributionChanged,
        BetPoolResolved,
        BetPoolExpired,
        BetPoolCorrected,
        BetPoolDecided,
        GameEventRegistered,
        GameEventTakenBack,
        PoolSuggestedAsHot,
        BettingInPoolBlocked,
        TargetScratched,
        BettingInPoolAllowed,
        BettingForActionBlocked,
        BettingForActionAllowed,
        GameClosed,
        GameDetails,
        UserJoinedGame,
        GamePresence,
        UserLeftGame,
    )
)
"""The classes that a game or an account can publish."""
