// The requests and their replies, as on the wire. Generated from docs/reference/asyncapi.json: `make docs`.

import type * as messages from "./messages.js";
import type { Money } from "../money.js";

/** A message as on the wire: each amount is a number. */
export type Wire<T> = T extends Money
  ? number
  : T extends object
    ? { [Name in keyof T]: Wire<T[Name]> }
    : T;

/** An amount to send. The JSON of a `Money` is a number. */
export type SentAmount = number | Money;

/** The arguments of a request after its op. The parameters can be omitted if none is required. */
export type Arguments<Op extends keyof Parameters> = {} extends Parameters[Op]
  ? [parameters?: Parameters[Op], key?: string]
  : [parameters: Parameters[Op], key?: string];

/** The reply to a request. */
export type Reply<Op extends keyof Parameters> = Wire<Replies[Op]>;

/** The parameters of each op. */
export interface Parameters {
  1: Record<string, never>;
  2: Record<string, never>;
  100: Record<string, never>;
  1010: { token: string };
  365: { source_name: string, description?: string, listed?: boolean };
  366: { source_id: string };
  611: Record<string, never>;
  370: { source_id: string, game_name: string, type?: string, currency?: string, actions?: Array<string>, targets?: Array<string>, open_at?: number, close_at?: number, live_start_at?: number, live_finish_at?: number, hashtag?: string, image_url?: string, bet_delay?: number };
  3701: { source_id: string, game_name: string, type?: string, currency?: string, actions?: Array<string>, targets?: Array<string>, open_at?: number, close_at?: number, live_start_at?: number, live_finish_at?: number, hashtag?: string, image_url?: string, bet_delay?: number };
  3702: { game_id: string, actions?: Array<string>, targets?: Array<string> };
  616: { game_id: string };
  617: { game_id: string, username: string };
  618: { game_id: string, username: string };
  372: { game_id: string };
  373: { game_id: string, actions?: Array<string>, targets?: Array<string>, image_url?: string, game_name?: string, hashtag?: string, live_start_at?: number, live_finish_at?: number, close_at?: number, open_at?: number, bet_delay?: number };
  363: { game_id: string, since?: number };
  364: { game_id: string };
  375: { game_id: string };
  380: { source_id: string, offset?: number, limit?: number };
  3811: { source_id: string, offset?: number, limit?: number };
  3812: { query?: string, status?: "live" | "upcoming", offset?: number, limit?: number };
  610: { offset?: number, limit?: number };
  385: { game_id: string, description: string, action?: string, targets?: Array<string>, pool_type?: number, finish_at?: number, stop_accepting_bets_at?: number, is_blocked?: boolean, is_hot?: boolean, recreate_on_end?: boolean, policy?: string, min_stake?: SentAmount, max_stake?: SentAmount, max_stake_per_user?: SentAmount, bet_delay?: number, confirm_for?: number };
  387: { game_id: string, offset?: number, limit?: number };
  388: { game_id: string, offset?: number, limit?: number };
  389: { game_id: string, offset?: number, limit?: number };
  390: { game_id: string, offset?: number, limit?: number };
  3901: { game_id: string, offset?: number, limit?: number };
  392: { pool_id: string, target: string, amount: SentAmount };
  393: { pool_id: string, offset?: number, limit?: number };
  3911: { pool_id: string, offset?: number, limit?: number };
  395: { game_id: string, action_id: string, target_id: string, happened_at?: number, also?: Array<string>, is_material?: boolean };
  3951: { game_id: string, event_id: string, reason: string };
  396: { pool_id: string, likely_to_happen_at?: number };
  3961: { game_id: string, action_id: string, target_id: string, likely_to_happen_at?: number };
  399: { pool_id: string, reason?: string };
  3952: { pool_id: string };
  3992: { pool_id: string, winning_target?: string, winning_targets?: Array<string>, cancel?: boolean, happened_at?: number, reason: string, corrects_seq: number };
  3994: { pool_id: string, target: string, reason: string };
  397: { pool_id: string, block_at?: number };
  398: { pool_id: string, allow_at?: number };
  3975: { game_id: string, action: string, block_at?: number };
  3985: { game_id: string, action: string, allow_at?: number };
  800: { currency?: string };
  810: { currency?: string };
  840: { currency?: string };
  8200: { currency?: string, from?: number, to?: number, before?: number, limit?: number };
  8300: { currency?: string, limits?: { day?: { spend?: SentAmount | "none", loss?: SentAmount | "none" }, week?: { spend?: SentAmount | "none", loss?: SentAmount | "none" }, month?: { spend?: SentAmount | "none", loss?: SentAmount | "none" } } };
  8310: { until?: number };
  900: { text: string, targets?: Array<string> };
  9020: { game_id?: string, source_id?: string, username: string, until?: number, reason?: string };
  9030: { game_id?: string, source_id?: string, username: string };
  9040: { source_id: string, username: string, until?: number, reason?: string };
  9050: { source_id: string, username: string };
  9060: { game_id: string, ms: number };
  9070: { game_id: string, message_id: string };
  450: { currency?: string, start?: number, end?: number };
  451: { game_id: string, start?: number, end?: number };
}

/** The replies of each op. */
export interface Replies {
  1: messages.Pong;
  2: messages.Opcodes;
  100: messages.LogonSuccess | messages.LogonFailAlreadyLoggedIn;
  1010: messages.Renewed;
  365: messages.GameSourceOpened;
  366: messages.GameSourceClosed | messages.GameSourceClosing;
  611: messages.GameSourcesListIAmAdminOf;
  370: messages.GameCreatedAndOpened;
  3701: messages.GameCreated;
  3702: messages.GameOpened;
  616: messages.BecomeAnAdminForGameSuccess | messages.BecomeAnAdminForGameFail;
  617: messages.AppointAdminForGameSuccess | messages.BecomeAnAdminForGameFail;
  618: messages.DismissAdminForGameSuccess;
  372: messages.GameDetails;
  373: messages.GameDetailsUpdated;
  363: messages.GameJoined;
  364: messages.GameLeft;
  375: messages.GameClosed | messages.GameClosing;
  380: messages.GamesListForSource;
  3811: messages.UpcomingGamesListForSource;
  3812: messages.GamesList;
  610: messages.GamesListIAmAdminOf;
  385: messages.BettingPoolOpened;
  387: messages.AllPoolsForGame;
  388: messages.MyOpenPoolsForGame;
  389: messages.MyRunningPoolsForGame;
  390: messages.MyResolvedPoolsForGame;
  3901: messages.ResolvedPoolsForGame;
  392: messages.BetPlaced;
  393: messages.PoolBetsDistribution;
  3911: messages.Receipt;
  395: messages.GameEventRegistered;
  3951: messages.GameEventTakenBack;
  396: messages.PoolSuggestedAsHot;
  3961: messages.PoolSuggestedAsHot;
  399: messages.BettingPoolCancelled;
  3952: messages.BettingPoolConfirmed;
  3992: messages.BetPoolCorrected;
  3994: messages.TargetScratched;
  397: messages.BettingInPoolBlocked;
  398: messages.BettingInPoolAllowed;
  3975: messages.BettingForActionBlocked;
  3985: messages.BettingForActionAllowed;
  800: messages.UserBalanceCurrent;
  810: messages.UserBalanceAvailable;
  840: messages.UserExposure;
  8200: messages.UserStatement;
  8300: messages.MyLimits;
  8310: messages.BreakTaken;
  900: messages.TextMessage;
  9020: messages.UserMuted;
  9030: messages.UserUnmuted;
  9040: messages.UserBanned;
  9050: messages.BanLifted;
  9060: messages.SlowModeSet;
  9070: messages.MessageRemoved;
  450: messages.Leaderboard;
  451: messages.LeaderboardForGame;
}
