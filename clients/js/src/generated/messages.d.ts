// The replies and publications. Generated from docs/reference/asyncapi.json: `make docs`.

import type { Money } from "../money.js";

export interface ResponseHeader {
  t: number;
  request_id?: string | number;
  repeated?: boolean;
}

export interface Target {
  symbol: string;
  display_name: string;
  targets: Record<string, Target>;
}

export interface Backing {
  target_id: string;
  display_name: string;
  symbol: string;
  backing_people: number;
  backing_money: Money;
  to_win_if_backed: number;
  is_scratched?: boolean;
}

export interface PolicyValues {
  takeout: Money;
  break_to: Money;
  minimum: Money | null;
  dead_heat: "single" | "pool" | "profit";
  unbacked: "refund" | "carry";
}

export interface Policy {
  takeout: Money;
  break_to: Money;
  minimum: Money | null;
  dead_heat: "single" | "pool" | "profit";
  unbacked: "refund" | "carry";
  name: string;
}

export interface Decision {
  winning_targets: Array<string>;
  event_id: string;
  confirm_at: number;
}

export interface Place {
  username: string;
  points: Money;
  rank: number;
}

export interface StatementEntry {
  at: number;
  cause: "bet" | "payout" | "refund" | "loss" | "correction" | "credit" | "debit" | "hold" | "release";
  change: Money;
  current_balance: Money;
  available_balance: Money;
  id: number;
  game_id: string | null;
  pool_id: string | null;
  seq: number | null;
  reference: string | null;
  owed: Money | null;
}

export interface LimitsByPeriod {
  day: LimitsOfPeriod;
  week: LimitsOfPeriod;
  month: LimitsOfPeriod;
}

export interface PendingLimit {
  at: number;
  period: "day" | "week" | "month";
  kind: "spend" | "loss";
  amount: Money | null;
}

export interface RunningBreak {
  until: number | null;
}

export interface Pool {
  game_id: string;
  pool_id: string;
  description: string;
  action_id: string;
  distribution: Record<string, Backing>;
  participants: number;
  amount_total: Money;
  target_level: number;
  is_blocked: boolean;
  is_hot: boolean;
  start_at: number;
  finish_at: number | null;
  stop_accepting_bets_at: number | null;
  recreate_on_end: boolean;
  policy: Policy;
  carried_in: Money;
  min_stake: Money | null;
  max_stake: Money | null;
  max_stake_per_user: Money | null;
  bet_delay: number;
  confirm_for: number;
  decided?: Decision;
  type: number;
}

export interface RunningPool {
  game_id: string;
  pool_id: string;
  description: string;
  action_id: string;
  distribution: Record<string, Backing>;
  participants: number;
  amount_total: Money;
  target_level: number;
  is_blocked: boolean;
  is_hot: boolean;
  start_at: number;
  finish_at: number | null;
  stop_accepting_bets_at: number | null;
  recreate_on_end: boolean;
  policy: Policy;
  carried_in: Money;
  min_stake: Money | null;
  max_stake: Money | null;
  max_stake_per_user: Money | null;
  bet_delay: number;
  confirm_for: number;
  user_backed: Record<string, Money>;
  decided?: Decision;
  type: number;
}

export interface ResolvedPool {
  game_id: string;
  pool_id: string;
  description: string;
  action_id: string;
  distribution: Record<string, Backing>;
  participants: number;
  amount_total: Money;
  target_level: number;
  is_blocked: boolean;
  is_hot: boolean;
  start_at: number;
  finish_at: number | null;
  stop_accepting_bets_at: number | null;
  recreate_on_end: boolean;
  policy: Policy;
  carried_in: Money;
  min_stake: Money | null;
  max_stake: Money | null;
  max_stake_per_user: Money | null;
  bet_delay: number;
  confirm_for: number;
  user_backed: Record<string, Money>;
  winning_target: string | null;
  resolved_at: number;
  total_winnings: Money;
  winning_targets: Array<string>;
  prices: Record<string, number>;
  result_seq: number;
  corrected_at: number | null;
  type: number;
}

export interface PoolResult {
  pool_id: string;
  description: string;
  action_id: string;
  winning_target: string | null;
  winning_targets: Array<string>;
  is_money_return: boolean;
  amount_total: Money;
  participants: number;
  prices: Record<string, number>;
  resolved_at: number;
  result_seq: number;
  corrected_at: number | null;
  type: number;
}

export interface BackingWithBets {
  target_id: string;
  display_name: string;
  symbol: string;
  backing_people: number;
  backing_money: Money;
  to_win_if_backed: number;
  is_scratched?: boolean;
  bets: Record<string, Bet>;
}

export interface NewBet {
  bet_id: string;
  target_id: string;
  user_id: number;
  amount: Money;
  placed_at: number;
}

export interface ReceiptBet {
  user_id: number;
  amount: Money;
  placed_at: number;
  target_id: string;
  hash: string;
}

export interface Action {
  name?: string;
}

export interface PastEvent {
  happened_at: number;
  target_id: string;
  action_id: string;
  taken_back_at?: number;
  together_with?: string;
}

export interface ListedGame {
  status: "betting_not_yet_active" | "pre_game_betting_active" | "game_in_progress_betting_active" | "game_in_progress_betting_closed" | "game_closed";
  name: string;
  type_name: string | null;
  open_at: number;
  close_at: number | null;
  type: string | null;
}

export interface FoundGame {
  game_id: string;
  source_id: string;
  source_name: string;
  name: string;
  hashtag: string;
  status: "betting_not_yet_active" | "pre_game_betting_active" | "game_in_progress_betting_active" | "game_in_progress_betting_closed" | "game_closed";
  type_name: string | null;
  currency: string;
  open_at: number;
  live_start_at: number;
  close_at: number | null;
  subscribers: number;
  amount_total: Money;
  pools: number;
  top_pool: TopPool | null;
}

export interface UpcomingGame {
  id: string;
  source_id: string;
  game_name: string;
  currency: string;
  live_start_at: number;
  hashtag: string;
  game_type_id: string | null;
}

export interface MyGame {
  id: string;
  name: string;
}

export interface MySource {
  id: string;
  name: string;
  description: string | null;
}

export interface LimitsOfPeriod {
  spend: Money | null;
  loss: Money | null;
}

export interface Bet {
  user_id: number;
  amount: Money;
  placed_at: number;
}

export interface TopPool {
  pool_id: string;
  description: string;
  closes_at: number | null;
  is_blocked: boolean;
  distribution: Record<string, Backing>;
}

export interface Pong {
  response_header: ResponseHeader;
  res: 1;
}

export interface Opcodes {
  response_header: ResponseHeader;
  res: 2;
  opcodes: Record<string, number>;
  response_codes: Record<string, number>;
  version: string;
  policies: Record<string, PolicyValues>;
  limits: Record<string, unknown>;
}

export interface LogonSuccess {
  response_header: ResponseHeader;
  res: 100;
  session_key: string;
  connection_id: string;
}

export interface LogonFailAlreadyLoggedIn {
  response_header: ResponseHeader;
  res: 112;
}

export interface Renewed {
  response_header: ResponseHeader;
  res: 1110;
  expires_at: number;
}

export interface UserBalanceCurrent {
  response_header: ResponseHeader;
  res: 800;
  currency: string;
  current_balance: Money;
}

export interface UserBalanceAvailable {
  response_header: ResponseHeader;
  res: 810;
  currency: string;
  available_balance: Money;
}

export interface UserBalanceUpdate {
  response_header: ResponseHeader;
  res: 815;
  currency: string;
  current_balance: Money;
  available_balance: Money;
  cause: "bet" | "payout" | "refund" | "loss" | "correction" | "credit" | "debit" | "hold" | "release";
  pool_id?: string;
  game_id?: string;
}

export interface UserExposure {
  response_header: ResponseHeader;
  res: 840;
  currency: string;
  exposure: Money;
}

export interface UserStatement {
  response_header: ResponseHeader;
  res: 8200;
  currency: string;
  opening_balance: Money;
  closing_balance: Money;
  entries: Array<StatementEntry>;
  before: number | null;
}

export interface MyLimits {
  response_header: ResponseHeader;
  res: 8300;
  currency: string;
  limits: LimitsByPeriod;
  pending: Array<PendingLimit>;
  running_break: RunningBreak | null;
  currencies: Array<string>;
}

export interface BreakTaken {
  response_header: ResponseHeader;
  res: 8310;
  until: number | null;
}

export interface TextMessage {
  response_header: ResponseHeader;
  res: 901;
  text: string;
  sender: string;
  received_at: number;
  message_id: string;
  channel?: string;
  channels?: Array<string>;
}

export interface UserMuted {
  response_header: ResponseHeader;
  res: 9021;
  user_id: number;
  username: string;
  game_id: string | null;
  source_id: string | null;
  until: number | null;
}

export interface UserUnmuted {
  response_header: ResponseHeader;
  res: 9031;
  user_id: number;
  username: string;
  game_id: string | null;
  source_id: string | null;
}

export interface UserBanned {
  response_header: ResponseHeader;
  res: 9041;
  source_id: string;
  user_id: number;
  username: string;
  until: number | null;
}

export interface BanLifted {
  response_header: ResponseHeader;
  res: 9051;
  source_id: string;
  user_id: number;
  username: string;
}

export interface SlowModeSet {
  response_header: ResponseHeader;
  res: 9061;
  game_id: string;
  ms: number;
}

export interface MessageRemoved {
  response_header: ResponseHeader;
  res: 9011;
  game_id: string;
  message_id: string;
}

export interface Leaderboard {
  response_header: ResponseHeader;
  res: 450;
  currency: string;
  leaderboard: Array<Place>;
}

export interface LeaderboardForGame {
  response_header: ResponseHeader;
  res: 451;
  game_id: string;
  currency: string;
  leaderboard: Array<Place>;
}

export interface BettingPoolOpened {
  response_header: ResponseHeader;
  res: 350;
  game_id: string;
  pool_id: string;
  description: string;
  type: number;
}

export interface NewBettingPool {
  response_header: ResponseHeader;
  res: 352;
  game_id: string;
  pool_id: string;
  description: string;
  action_id: string;
  distribution: Record<string, Backing>;
  participants: number;
  amount_total: Money;
  target_level: number;
  is_blocked: boolean;
  is_hot: boolean;
  start_at: number;
  finish_at: number | null;
  stop_accepting_bets_at: number | null;
  recreate_on_end: boolean;
  policy: Policy;
  carried_in: Money;
  min_stake: Money | null;
  max_stake: Money | null;
  max_stake_per_user: Money | null;
  bet_delay: number;
  confirm_for: number;
  decided?: Decision;
  type: number;
  seq?: number;
  prev_seq?: number;
}

export interface MyOpenPoolsForGame {
  response_header: ResponseHeader;
  res: 353;
  game_id: string;
  total: number;
  pools_list: Record<string, Pool>;
  seq: number;
}

export interface MyRunningPoolsForGame {
  response_header: ResponseHeader;
  res: 354;
  game_id: string;
  total: number;
  pools_list: Record<string, RunningPool>;
  seq: number;
}

export interface AllPoolsForGame {
  response_header: ResponseHeader;
  res: 3535;
  game_id: string;
  total: number;
  pools_list: Record<string, Pool>;
  seq: number;
}

export interface MyResolvedPoolsForGame {
  response_header: ResponseHeader;
  res: 355;
  game_id: string;
  total: number;
  pools_list: Record<string, ResolvedPool>;
  seq: number;
}

export interface ResolvedPoolsForGame {
  response_header: ResponseHeader;
  res: 3551;
  game_id: string;
  total: number;
  pools: Array<PoolResult>;
}

export interface BetPlaced {
  response_header: ResponseHeader;
  res: 356;
  pool_id: string;
  bet_id: string;
  target: string;
  amount: Money;
}

export interface PoolBetsDistribution {
  response_header: ResponseHeader;
  res: 360;
  game_id: string;
  pool_id: string;
  target_level: number;
  participants: number;
  amount_total: Money;
  bets_total: number;
  distribution: Record<string, BackingWithBets>;
  seq: number;
}

export interface BetsDistributionChanged {
  response_header: ResponseHeader;
  res: 361;
  game_id: string;
  pool_id: string;
  target_level: number;
  participants: number;
  amount_total: Money;
  distribution: Record<string, Backing>;
  new_bets_omitted?: number;
  new_bets: Array<NewBet>;
  seq?: number;
  prev_seq?: number;
}

export interface Receipt {
  response_header: ResponseHeader;
  res: 3911;
  game_id: string;
  pool_id: string;
  resolved_at: number;
  policy: Policy;
  carried_in: Money;
  winning_targets: Array<string>;
  is_money_return: boolean;
  reason: string | null;
  prices: Record<string, number>;
  takeout: Money;
  breakage: Money;
  minus: Money;
  carried_out: Money;
  bets_total: number;
  result_seq: number;
  event_id: string | null;
  void_after: number | null;
  scratched: Array<string>;
  payouts: Record<string, Money>;
  bets: Array<ReceiptBet>;
}

export interface BetPoolResolved {
  response_header: ResponseHeader;
  res: 362;
  game_id: string;
  pool_id: string;
  description: string;
  winning_target: string | null;
  winners: Record<string, Money>;
  losers: Record<string, Money>;
  invalidated_bettors: Array<number>;
  is_money_return: boolean;
  resolved_at: number;
  winning_targets: Array<string>;
  prices: Record<string, number>;
  takeout: Money;
  breakage: Money;
  minus: Money;
  carried_out: Money;
  result_seq: number;
  reason?: string | null;
  seq?: number;
  prev_seq?: number;
}

export interface BetPoolExpired {
  response_header: ResponseHeader;
  res: 363;
  game_id: string;
  pool_id: string;
  description: string;
  winning_target: string | null;
  winners: Record<string, Money>;
  losers: Record<string, Money>;
  invalidated_bettors: Array<number>;
  is_money_return: boolean;
  resolved_at: number;
  winning_targets: Array<string>;
  prices: Record<string, number>;
  takeout: Money;
  breakage: Money;
  minus: Money;
  carried_out: Money;
  result_seq: number;
  expired_at: number;
  reason?: string | null;
  seq?: number;
  prev_seq?: number;
}

export interface BetPoolCorrected {
  response_header: ResponseHeader;
  res: 3621;
  game_id: string;
  pool_id: string;
  description: string;
  winning_target: string | null;
  winners: Record<string, Money>;
  losers: Record<string, Money>;
  invalidated_bettors: Array<number>;
  is_money_return: boolean;
  resolved_at: number;
  winning_targets: Array<string>;
  prices: Record<string, number>;
  takeout: Money;
  breakage: Money;
  minus: Money;
  carried_out: Money;
  result_seq: number;
  previous_winning_target: string | null;
  corrects_seq: number;
  reason: string | null;
  corrected_at: number;
  seq?: number;
  prev_seq?: number;
}

export interface BetPoolDecided {
  response_header: ResponseHeader;
  res: 3622;
  game_id: string;
  pool_id: string;
  winning_target: string | null;
  winning_targets: Array<string>;
  event_id: string;
  confirm_at: number;
  seq?: number;
  prev_seq?: number;
}

export interface GameEventRegistered {
  response_header: ResponseHeader;
  res: 366;
  game_id: string;
  event_id: string;
  action_id: string;
  target_id: string;
  target_display_name: string;
  happened_at: number;
  together_with?: string;
  current_count: Record<string, number>;
  seq?: number;
  prev_seq?: number;
}

export interface GameEventTakenBack {
  response_header: ResponseHeader;
  res: 3661;
  game_id: string;
  event_id: string;
  action_id: string;
  target_id: string;
  reason: string | null;
  taken_back_at: number;
  current_count: Record<string, number>;
  seq?: number;
  prev_seq?: number;
}

export interface PoolSuggestedAsHot {
  response_header: ResponseHeader;
  res: 367;
  game_id: string;
  hot_since: number;
  pool_id?: string;
  pools?: Array<string>;
  seq?: number;
  prev_seq?: number;
}

export interface BettingInPoolBlocked {
  response_header: ResponseHeader;
  res: 368;
  game_id: string;
  pool_id: string;
  blocked_at: number;
  seq?: number;
  prev_seq?: number;
}

export interface TargetScratched {
  response_header: ResponseHeader;
  res: 3681;
  game_id: string;
  pool_id: string;
  target_id: string;
  reason: string | null;
  refunded: Record<string, Money>;
  participants: number;
  amount_total: Money;
  scratched_at: number;
  seq?: number;
  prev_seq?: number;
}

export interface BettingInPoolAllowed {
  response_header: ResponseHeader;
  res: 369;
  game_id: string;
  pool_id: string;
  allowed_at: number;
  seq?: number;
  prev_seq?: number;
}

export interface BettingForActionBlocked {
  response_header: ResponseHeader;
  res: 370;
  game_id: string;
  action: string;
  action_id: string;
  blocked_at: number;
  seq?: number;
  prev_seq?: number;
}

export interface BettingForActionAllowed {
  response_header: ResponseHeader;
  res: 371;
  game_id: string;
  action: string;
  action_id: string;
  allowed_at: number;
  seq?: number;
  prev_seq?: number;
}

export interface BettingPoolCancelled {
  response_header: ResponseHeader;
  res: 3991;
  pool_id: string;
}

export interface BettingPoolConfirmed {
  response_header: ResponseHeader;
  res: 3952;
  game_id: string;
  pool_id: string;
}

export interface GameClosing {
  response_header: ResponseHeader;
  res: 3411;
  game_id: string;
  pools: Array<string>;
}

export interface GameJoined {
  response_header: ResponseHeader;
  res: 333;
  game_id: string;
  status: "betting_not_yet_active" | "pre_game_betting_active" | "game_in_progress_betting_active" | "game_in_progress_betting_closed" | "game_closed";
  resync?: boolean;
  seq: number;
}

export interface GameLeft {
  response_header: ResponseHeader;
  res: 334;
  game_id: string;
}

export interface GameSourceOpened {
  response_header: ResponseHeader;
  res: 335;
  source_id: string;
}

export interface GameSourceClosed {
  response_header: ResponseHeader;
  res: 336;
  source_id: string;
}

export interface GameSourceClosing {
  response_header: ResponseHeader;
  res: 3361;
  source_id: string;
  games: Array<string>;
}

export interface GameCreatedAndOpened {
  response_header: ResponseHeader;
  res: 340;
  source_id: string;
  game_id: string;
  game_name: string;
  type: string | null;
  open_at: number;
  live_start_at: number;
  live_finish_at: number | null;
  close_at: number | null;
  hashtag: string;
  actions: Record<string, Action>;
  targets: Record<string, Target>;
}

export interface GameCreated {
  response_header: ResponseHeader;
  res: 3401;
  source_id: string;
  game_id: string;
  game_name: string;
  type: string | null;
  open_at: number;
  live_start_at: number;
  live_finish_at: number | null;
  close_at: number | null;
  hashtag: string;
}

export interface GameOpened {
  response_header: ResponseHeader;
  res: 3402;
  source_id: string;
  game_id: string;
  game_name: string;
  type: string | null;
  open_at: number;
  live_start_at: number;
  live_finish_at: number | null;
  close_at: number | null;
  hashtag: string;
  actions: Record<string, Action>;
  targets: Record<string, Target>;
}

export interface GameClosed {
  response_header: ResponseHeader;
  res: 341;
  game_id: string;
  seq?: number;
  prev_seq?: number;
}

export interface GameDetails {
  response_header: ResponseHeader;
  res: 342;
  status: "betting_not_yet_active" | "pre_game_betting_active" | "game_in_progress_betting_active" | "game_in_progress_betting_closed" | "game_closed";
  source_id: string;
  game_id: string;
  name: string;
  game_name: string;
  hashtag: string;
  image_url: string | null;
  past_events_total: number;
  actions: Record<string, Action>;
  currency: string;
  type_name: string | null;
  targets: Record<string, Target>;
  open_at: number;
  live_start_at: number;
  live_finish_at: number | null;
  close_at: number | null;
  bet_delay: number;
  type: string | null;
  past_events: Record<string, PastEvent>;
  game_state: Record<string, Record<string, number>>;
  seq: number;
  prev_seq?: number;
}

export interface GameDetailsUpdated {
  response_header: ResponseHeader;
  res: 343;
  game_id: string;
}

export interface GamesListForSource {
  response_header: ResponseHeader;
  res: 345;
  source_id: string;
  total: number;
  games: Record<string, ListedGame>;
}

export interface GamesList {
  response_header: ResponseHeader;
  res: 3452;
  total: number;
  games: Array<FoundGame>;
}

export interface UpcomingGamesListForSource {
  response_header: ResponseHeader;
  res: 3461;
  source_id: string;
  total: number;
  games: Array<UpcomingGame>;
}

export interface UserJoinedGame {
  response_header: ResponseHeader;
  res: 470;
  game_id: string;
  user_id: number;
  user_name: string;
}

export interface GamePresence {
  response_header: ResponseHeader;
  res: 475;
  game_id: string;
  subscribers: number;
  users: number;
}

export interface UserLeftGame {
  response_header: ResponseHeader;
  res: 480;
  game_id: string;
  user_id: number;
  user_name: string;
}

export interface AppointAdminForGameSuccess {
  response_header: ResponseHeader;
  res: 617;
  game_id: string;
  username: string;
}

export interface DismissAdminForGameSuccess {
  response_header: ResponseHeader;
  res: 618;
  game_id: string;
  username: string;
}

export interface GamesListIAmAdminOf {
  response_header: ResponseHeader;
  res: 620;
  total: number;
  games: Array<MyGame>;
}

export interface GameSourcesListIAmAdminOf {
  response_header: ResponseHeader;
  res: 621;
  may_open_sources: boolean;
  sources: Array<MySource>;
}

export interface BecomeAnAdminForGameSuccess {
  response_header: ResponseHeader;
  res: 640;
  game_id: string;
}

export interface BecomeAnAdminForGameFail {
  response_header: ResponseHeader;
  res: 645;
  game_id: string;
  reason: string;
}

export type RefusalCode = "malformed_message" | "unknown_op" | "missing_parameter" | "invalid_parameter" | "unknown_source" | "unknown_game" | "unknown_pool" | "unknown_action" | "unknown_target" | "unknown_user" | "not_authorized" | "source_closed" | "game_not_open" | "game_already_open" | "game_closed" | "pool_blocked" | "pool_resolved" | "pool_not_resolved" | "pool_not_decided" | "already_exists" | "not_joined" | "insufficient_funds" | "idempotency_conflict" | "limit_reached" | "rate_limited" | "overloaded" | "internal_error";

export interface ErrorReply {
  response_header: ResponseHeader;
  res: 666;
  code: RefusalCode;
  text: string;
  op: number | null;
  retryable: boolean;
  parameter?: string;
  available_balance?: number;
  limit?: number;
  at_least?: number;
  retry_after_ms?: number;
  trace_id?: string;
  until?: number | null;
}

export type Publication =
  | UserBalanceUpdate
  | TextMessage
  | MessageRemoved
  | NewBettingPool
  | BetsDistributionChanged
  | BetPoolResolved
  | BetPoolExpired
  | BetPoolCorrected
  | BetPoolDecided
  | GameEventRegistered
  | GameEventTakenBack
  | PoolSuggestedAsHot
  | BettingInPoolBlocked
  | TargetScratched
  | BettingInPoolAllowed
  | BettingForActionBlocked
  | BettingForActionAllowed
  | GameClosed
  | GameDetails
  | UserJoinedGame
  | GamePresence
  | UserLeftGame;

export type Received =
  | Pong
  | Opcodes
  | LogonSuccess
  | LogonFailAlreadyLoggedIn
  | Renewed
  | UserBalanceCurrent
  | UserBalanceAvailable
  | UserBalanceUpdate
  | UserExposure
  | UserStatement
  | MyLimits
  | BreakTaken
  | TextMessage
  | UserMuted
  | UserUnmuted
  | UserBanned
  | BanLifted
  | SlowModeSet
  | MessageRemoved
  | Leaderboard
  | LeaderboardForGame
  | BettingPoolOpened
  | NewBettingPool
  | MyOpenPoolsForGame
  | MyRunningPoolsForGame
  | AllPoolsForGame
  | MyResolvedPoolsForGame
  | ResolvedPoolsForGame
  | BetPlaced
  | PoolBetsDistribution
  | BetsDistributionChanged
  | Receipt
  | BetPoolResolved
  | BetPoolExpired
  | BetPoolCorrected
  | BetPoolDecided
  | GameEventRegistered
  | GameEventTakenBack
  | PoolSuggestedAsHot
  | BettingInPoolBlocked
  | TargetScratched
  | BettingInPoolAllowed
  | BettingForActionBlocked
  | BettingForActionAllowed
  | BettingPoolCancelled
  | BettingPoolConfirmed
  | GameClosing
  | GameJoined
  | GameLeft
  | GameSourceOpened
  | GameSourceClosed
  | GameSourceClosing
  | GameCreatedAndOpened
  | GameCreated
  | GameOpened
  | GameClosed
  | GameDetails
  | GameDetailsUpdated
  | GamesListForSource
  | GamesList
  | UpcomingGamesListForSource
  | UserJoinedGame
  | GamePresence
  | UserLeftGame
  | AppointAdminForGameSuccess
  | DismissAdminForGameSuccess
  | GamesListIAmAdminOf
  | GameSourcesListIAmAdminOf
  | BecomeAnAdminForGameSuccess
  | BecomeAnAdminForGameFail;
