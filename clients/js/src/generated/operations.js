// The methods of the ops. Generated from docs/reference/asyncapi.json: `make docs`.

import { gameIdOf, poolIdOf } from "../ids.js";
import { limitsToWire } from "../limits.js";
import { Money } from "../money.js";

/** @typedef {import("../money.js").Amount} Amount */
/** @typedef {import("../limits.js").Limits} Limits */
/** @typedef {import("../ids.js").GameId} GameId */
/** @typedef {import("../ids.js").PoolId} PoolId */

/** The code of each op. */
export const Op = Object.freeze({
  PING: 1,
  GET_OPCODES: 2,
  LOGON: 100,
  RENEW: 1010,
  OPEN_GAME_SOURCE: 365,
  CLOSE_GAME_SOURCE: 366,
  LIST_GAME_SOURCES_I_AM_ADMIN_OF: 611,
  CREATE_AND_OPEN_GAME: 370,
  CREATE_GAME: 3701,
  OPEN_GAME: 3702,
  BECOME_AN_ADMIN_FOR_GAME: 616,
  APPOINT_ADMIN_FOR_GAME_BY_USERNAME: 617,
  DISMISS_ADMIN_FOR_GAME_BY_USERNAME: 618,
  GET_GAME_DETAILS: 372,
  UPDATE_GAME_DETAILS: 373,
  JOIN_GAME: 363,
  LEAVE_GAME: 364,
  CLOSE_GAME: 375,
  LIST_GAMES_FOR_SOURCE: 380,
  LIST_UPCOMING_GAMES_FOR_SOURCE: 3811,
  LIST_GAMES: 3812,
  LIST_GAMES_I_AM_ADMIN_OF: 610,
  CREATE_AND_OPEN_BETTING_POOL: 385,
  LIST_ALL_BETTING_POOLS_FOR_GAME: 387,
  LIST_MY_OPEN_BETTING_POOLS_FOR_GAME: 388,
  LIST_MY_RUNNING_POOLS_FOR_GAME: 389,
  LIST_MY_RESOLVED_POOLS_FOR_GAME: 390,
  LIST_RESOLVED_POOLS_FOR_GAME: 3901,
  PLACE_BET_IN_BETTING_POOL: 392,
  GET_BETTING_POOL_BETS_DISTRIBUTION: 393,
  GET_RECEIPT: 3911,
  REGISTER_GAME_EVENT: 395,
  TAKE_BACK_GAME_EVENT: 3951,
  SUGGEST_HOT_BETTING_POOL: 396,
  SUGGEST_HOT_BETTING_POOL_FOR_ACTION_AND_TARGET: 3961,
  CANCEL_BETTING_POOL: 399,
  CONFIRM_POOL: 3952,
  CORRECT_BETTING_POOL: 3992,
  SCRATCH_TARGET: 3994,
  BLOCK_BETTING_IN_BETTING_POOL: 397,
  ALLOW_BETTING_IN_BETTING_POOL: 398,
  BLOCK_BETTING_FOR_GAME_AND_ACTION: 3975,
  ALLOW_BETTING_FOR_GAME_AND_ACTION: 3985,
  GET_MY_CURRENT_BALANCE: 800,
  GET_MY_AVAILABLE_BALANCE: 810,
  GET_MY_EXPOSURE: 840,
  GET_MY_STATEMENT: 8200,
  SET_MY_LIMITS: 8300,
  TAKE_A_BREAK: 8310,
  TEXT_MESSAGE: 900,
  MUTE_USER: 9020,
  UNMUTE_USER: 9030,
  BAN_FROM_SOURCE: 9040,
  LIFT_BAN: 9050,
  SET_SLOW_MODE: 9060,
  REMOVE_MESSAGE: 9070,
  GET_LEADERBOARD: 450,
  GET_LEADERBOARD_FOR_GAME: 451,
});

/** The ops that change something, and accept an idempotency key. */
export const CHANGING = new Set([365, 366, 370, 3701, 3702, 616, 617, 618, 373, 375, 385, 392, 395, 3951, 396, 3961, 399, 3952, 3992, 3994, 397, 398, 3975, 3985, 8300, 8310, 9020, 9030, 9040, 9050, 9060]);

/** Each op as a method. */
export class SessionOperations {
  /**
   * @protected
   * @param {number} op
   * @param {Record<string, any>} parameters
   * @param {string} [key]
   * @returns {Promise<any>}
   */
  perform(op, parameters, key) {
    throw new Error(`${op} ${parameters} ${key}`);
  }

  /**
   * Test whether the server is alive. Op 1.
   * @returns {Promise<import("./messages.js").Pong>}
   */
  ping() {
    return this.perform(1, {});
  }

  /**
   * List the ops, the responses and the limits in force. Op 2.
   * @returns {Promise<import("./messages.js").Opcodes>}
   */
  getOpcodes() {
    return this.perform(2, {});
  }

  /**
   * Confirm the sign-in to clients of the old protocol; the URL has signed them in. Op 100.
   * @returns {Promise<import("./messages.js").LogonSuccess | import("./messages.js").LogonFailAlreadyLoggedIn>}
   */
  logon() {
    return this.perform(100, {});
  }

  /**
   * Keep a connection that was signed in with a token open, until a fresh token expires. Op 1010.
   * @param {string} token
   * @returns {Promise<import("./messages.js").Renewed>}
   */
  renew(token) {
    return this.perform(1010, { token });
  }

  /**
   * Open a game source. Op 365.
   * @param {string} source_name
   * @param {{ description?: string, listed?: boolean, key?: string }} [options]
   * @returns {Promise<import("./messages.js").GameSourceOpened>}
   */
  openSource(source_name, options = {}) {
    return this.perform(365, { source_name, description: options.description, listed: options.listed }, options.key);
  }

  /**
   * Close a game source and every game in it. Op 366.
   * @param {string} source_id
   * @param {{ key?: string }} [options]
   * @returns {Promise<import("./messages.js").GameSourceClosed | import("./messages.js").GameSourceClosing>}
   */
  closeSource(source_id, options = {}) {
    return this.perform(366, { source_id }, options.key);
  }

  /**
   * List the open sources that the caller administers. Op 611.
   * @returns {Promise<import("./messages.js").GameSourcesListIAmAdminOf>}
   */
  listMySources() {
    return this.perform(611, {});
  }

  /**
   * Create a game and open it. Op 370.
   * @param {string} source_id
   * @param {string} game_name
   * @param {{ type?: string, currency?: string, actions?: string[], targets?: string[], open_at?: number, close_at?: number, live_start_at?: number, live_finish_at?: number, hashtag?: string, image_url?: string, bet_delay?: number, key?: string }} [options]
   * @returns {Promise<import("./messages.js").GameCreatedAndOpened>}
   */
  createAndOpenGame(source_id, game_name, options = {}) {
    return this.perform(370, { source_id, game_name, type: options.type, currency: options.currency, actions: options.actions, targets: options.targets, open_at: options.open_at, close_at: options.close_at, live_start_at: options.live_start_at, live_finish_at: options.live_finish_at, hashtag: options.hashtag, image_url: options.image_url, bet_delay: options.bet_delay }, options.key);
  }

  /**
   * Create an upcoming game. Op 3701.
   * @param {string} source_id
   * @param {string} game_name
   * @param {{ type?: string, currency?: string, actions?: string[], targets?: string[], open_at?: number, close_at?: number, live_start_at?: number, live_finish_at?: number, hashtag?: string, image_url?: string, bet_delay?: number, key?: string }} [options]
   * @returns {Promise<import("./messages.js").GameCreated>}
   */
  createGame(source_id, game_name, options = {}) {
    return this.perform(3701, { source_id, game_name, type: options.type, currency: options.currency, actions: options.actions, targets: options.targets, open_at: options.open_at, close_at: options.close_at, live_start_at: options.live_start_at, live_finish_at: options.live_finish_at, hashtag: options.hashtag, image_url: options.image_url, bet_delay: options.bet_delay }, options.key);
  }

  /**
   * Open an upcoming game, and add actions and targets. Op 3702.
   * @param {GameId} game_id
   * @param {{ actions?: string[], targets?: string[], key?: string }} [options]
   * @returns {Promise<import("./messages.js").GameOpened>}
   */
  openGame(game_id, options = {}) {
    return this.perform(3702, { game_id: gameIdOf(game_id), actions: options.actions, targets: options.targets }, options.key);
  }

  /**
   * Request admin rights for a game. Op 616.
   * @param {GameId} game_id
   * @param {{ key?: string }} [options]
   * @returns {Promise<import("./messages.js").BecomeAnAdminForGameSuccess | import("./messages.js").BecomeAnAdminForGameFail>}
   */
  becomeAdmin(game_id, options = {}) {
    return this.perform(616, { game_id: gameIdOf(game_id) }, options.key);
  }

  /**
   * Make another user an admin of a game. Op 617.
   * @param {GameId} game_id
   * @param {string} username
   * @param {{ key?: string }} [options]
   * @returns {Promise<import("./messages.js").AppointAdminForGameSuccess | import("./messages.js").BecomeAnAdminForGameFail>}
   */
  appointAdmin(game_id, username, options = {}) {
    return this.perform(617, { game_id: gameIdOf(game_id), username }, options.key);
  }

  /**
   * Remove a user's admin rights for a game, or resign from it. Op 618.
   * @param {GameId} game_id
   * @param {string} username
   * @param {{ key?: string }} [options]
   * @returns {Promise<import("./messages.js").DismissAdminForGameSuccess>}
   */
  dismissAdmin(game_id, username, options = {}) {
    return this.perform(618, { game_id: gameIdOf(game_id), username }, options.key);
  }

  /**
   * Return the details of a game. Op 372.
   * @param {GameId} game_id
   * @returns {Promise<import("./messages.js").GameDetails>}
   */
  getGameDetails(game_id) {
    return this.perform(372, { game_id: gameIdOf(game_id) });
  }

  /**
   * Change a game's details; add actions and targets. What is not given stays. Op 373.
   * @param {GameId} game_id
   * @param {{ actions?: string[], targets?: string[], image_url?: string, game_name?: string, hashtag?: string, live_start_at?: number, live_finish_at?: number, close_at?: number, open_at?: number, bet_delay?: number, key?: string }} [options]
   * @returns {Promise<import("./messages.js").GameDetailsUpdated>}
   */
  updateGame(game_id, options = {}) {
    return this.perform(373, { game_id: gameIdOf(game_id), actions: options.actions, targets: options.targets, image_url: options.image_url, game_name: options.game_name, hashtag: options.hashtag, live_start_at: options.live_start_at, live_finish_at: options.live_finish_at, close_at: options.close_at, open_at: options.open_at, bet_delay: options.bet_delay }, options.key);
  }

  /**
   * Subscribe this connection to a game; `since` is the last position it knows. Op 363.
   * @param {GameId} game_id
   * @param {{ since?: number }} [options]
   * @returns {Promise<import("./messages.js").GameJoined>}
   */
  joinGame(game_id, options = {}) {
    return this.perform(363, { game_id: gameIdOf(game_id), since: options.since });
  }

  /**
   * End this connection's subscription to a game. Op 364.
   * @param {GameId} game_id
   * @returns {Promise<import("./messages.js").GameLeft>}
   */
  leaveGame(game_id) {
    return this.perform(364, { game_id: gameIdOf(game_id) });
  }

  /**
   * Close a game. Op 375.
   * @param {GameId} game_id
   * @param {{ key?: string }} [options]
   * @returns {Promise<import("./messages.js").GameClosed | import("./messages.js").GameClosing>}
   */
  closeGame(game_id, options = {}) {
    return this.perform(375, { game_id: gameIdOf(game_id) }, options.key);
  }

  /**
   * List the games of a source that are not closed. Op 380.
   * @param {string} source_id
   * @param {{ offset?: number, limit?: number }} [options]
   * @returns {Promise<import("./messages.js").GamesListForSource>}
   */
  listGames(source_id, options = {}) {
    return this.perform(380, { source_id, offset: options.offset, limit: options.limit });
  }

  /**
   * List the games of a source that have not been opened yet. Op 3811.
   * @param {string} source_id
   * @param {{ offset?: number, limit?: number }} [options]
   * @returns {Promise<import("./messages.js").UpcomingGamesListForSource>}
   */
  listUpcomingGames(source_id, options = {}) {
    return this.perform(3811, { source_id, offset: options.offset, limit: options.limit });
  }

  /**
   * List the games of all listed sources: live ones first, then by the start of the match. Op 3812.
   * @param {{ query?: string, status?: "live" | "upcoming", offset?: number, limit?: number }} [options]
   * @returns {Promise<import("./messages.js").GamesList>}
   */
  findGames(options = {}) {
    return this.perform(3812, { query: options.query, status: options.status, offset: options.offset, limit: options.limit });
  }

  /**
   * List the games that the caller administers. Op 610.
   * @param {{ offset?: number, limit?: number }} [options]
   * @returns {Promise<import("./messages.js").GamesListIAmAdminOf>}
   */
  listMyGames(options = {}) {
    return this.perform(610, { offset: options.offset, limit: options.limit });
  }

  /**
   * Open a betting pool. Op 385.
   * @param {GameId} game_id
   * @param {string} description
   * @param {{ action?: string, targets?: string[], pool_type?: number, finish_at?: number, stop_accepting_bets_at?: number, is_blocked?: boolean, is_hot?: boolean, recreate_on_end?: boolean, policy?: string, min_stake?: Amount, max_stake?: Amount, max_stake_per_user?: Amount, bet_delay?: number, confirm_for?: number, key?: string }} [options]
   * @returns {Promise<import("./messages.js").BettingPoolOpened>}
   */
  openPool(game_id, description, options = {}) {
    return this.perform(385, { game_id: gameIdOf(game_id), description, action: options.action, targets: options.targets, pool_type: options.pool_type, finish_at: options.finish_at, stop_accepting_bets_at: options.stop_accepting_bets_at, is_blocked: options.is_blocked, is_hot: options.is_hot, recreate_on_end: options.recreate_on_end, policy: options.policy, min_stake: options.min_stake === undefined ? undefined : Money.of(options.min_stake), max_stake: options.max_stake === undefined ? undefined : Money.of(options.max_stake), max_stake_per_user: options.max_stake_per_user === undefined ? undefined : Money.of(options.max_stake_per_user), bet_delay: options.bet_delay, confirm_for: options.confirm_for }, options.key);
  }

  /**
   * List the unresolved pools of a game. Op 387.
   * @param {GameId} game_id
   * @param {{ offset?: number, limit?: number }} [options]
   * @returns {Promise<import("./messages.js").AllPoolsForGame>}
   */
  listPools(game_id, options = {}) {
    return this.perform(387, { game_id: gameIdOf(game_id), offset: options.offset, limit: options.limit });
  }

  /**
   * List the unresolved pools in which the caller has no bet. Op 388.
   * @param {GameId} game_id
   * @param {{ offset?: number, limit?: number }} [options]
   * @returns {Promise<import("./messages.js").MyOpenPoolsForGame>}
   */
  listMyOpenPools(game_id, options = {}) {
    return this.perform(388, { game_id: gameIdOf(game_id), offset: options.offset, limit: options.limit });
  }

  /**
   * List the unresolved pools in which the caller has a bet. Op 389.
   * @param {GameId} game_id
   * @param {{ offset?: number, limit?: number }} [options]
   * @returns {Promise<import("./messages.js").MyRunningPoolsForGame>}
   */
  listMyRunningPools(game_id, options = {}) {
    return this.perform(389, { game_id: gameIdOf(game_id), offset: options.offset, limit: options.limit });
  }

  /**
   * List the resolved pools in which the caller had a bet, the newest first. Op 390.
   * @param {GameId} game_id
   * @param {{ offset?: number, limit?: number }} [options]
   * @returns {Promise<import("./messages.js").MyResolvedPoolsForGame>}
   */
  listMyResolvedPools(game_id, options = {}) {
    return this.perform(390, { game_id: gameIdOf(game_id), offset: options.offset, limit: options.limit });
  }

  /**
   * List the resolved pools of a game with their results, the newest first. Op 3901.
   * @param {GameId} game_id
   * @param {{ offset?: number, limit?: number }} [options]
   * @returns {Promise<import("./messages.js").ResolvedPoolsForGame>}
   */
  listResolvedPools(game_id, options = {}) {
    return this.perform(3901, { game_id: gameIdOf(game_id), offset: options.offset, limit: options.limit });
  }

  /**
   * Place a bet in a pool. Op 392.
   * @param {PoolId} pool_id
   * @param {string} target
   * @param {Amount} amount
   * @param {{ key?: string }} [options]
   * @returns {Promise<import("./messages.js").BetPlaced>}
   */
  placeBet(pool_id, target, amount, options = {}) {
    return this.perform(392, { pool_id: poolIdOf(pool_id), target, amount: Money.of(amount) }, options.key);
  }

  /**
   * Return the stakes in a pool, with one page of its bets. Op 393.
   * @param {PoolId} pool_id
   * @param {{ offset?: number, limit?: number }} [options]
   * @returns {Promise<import("./messages.js").PoolBetsDistribution>}
   */
  getDistribution(pool_id, options = {}) {
    return this.perform(393, { pool_id: poolIdOf(pool_id), offset: options.offset, limit: options.limit });
  }

  /**
   * Return everything that decided what a resolved pool paid, with one page of its bets. Op 3911.
   * @param {PoolId} pool_id
   * @param {{ offset?: number, limit?: number }} [options]
   * @returns {Promise<import("./messages.js").Receipt>}
   */
  getReceipt(pool_id, options = {}) {
    return this.perform(3911, { pool_id: poolIdOf(pool_id), offset: options.offset, limit: options.limit });
  }

  /**
   * Register an event of the match. Op 395.
   * @param {GameId} game_id
   * @param {string} action_id
   * @param {string} target_id
   * @param {{ happened_at?: number, also?: string[], is_material?: boolean, key?: string }} [options]
   * @returns {Promise<import("./messages.js").GameEventRegistered>}
   */
  registerEvent(game_id, action_id, target_id, options = {}) {
    return this.perform(395, { game_id: gameIdOf(game_id), action_id, target_id, happened_at: options.happened_at, also: options.also, is_material: options.is_material }, options.key);
  }

  /**
   * Take an event back: it did not happen. The pools that it decided are open or cancelled. Op 3951.
   * @param {GameId} game_id
   * @param {string} event_id
   * @param {string} reason
   * @param {{ key?: string }} [options]
   * @returns {Promise<import("./messages.js").GameEventTakenBack>}
   */
  takeBackEvent(game_id, event_id, reason, options = {}) {
    return this.perform(3951, { game_id: gameIdOf(game_id), event_id, reason }, options.key);
  }

  /**
   * Mark a pool as hot. Op 396.
   * @param {PoolId} pool_id
   * @param {{ likely_to_happen_at?: number, key?: string }} [options]
   * @returns {Promise<import("./messages.js").PoolSuggestedAsHot>}
   */
  heatPool(pool_id, options = {}) {
    return this.perform(396, { pool_id: poolIdOf(pool_id), likely_to_happen_at: options.likely_to_happen_at }, options.key);
  }

  /**
   * Mark every pool of an action with exactly this target as hot. Op 3961.
   * @param {GameId} game_id
   * @param {string} action_id
   * @param {string} target_id
   * @param {{ likely_to_happen_at?: number, key?: string }} [options]
   * @returns {Promise<import("./messages.js").PoolSuggestedAsHot>}
   */
  heatPools(game_id, action_id, target_id, options = {}) {
    return this.perform(3961, { game_id: gameIdOf(game_id), action_id, target_id, likely_to_happen_at: options.likely_to_happen_at }, options.key);
  }

  /**
   * Cancel a pool and refund every stake. Op 399.
   * @param {PoolId} pool_id
   * @param {{ reason?: string, key?: string }} [options]
   * @returns {Promise<import("./messages.js").BettingPoolCancelled>}
   */
  cancelPool(pool_id, options = {}) {
    return this.perform(399, { pool_id: poolIdOf(pool_id), reason: options.reason }, options.key);
  }

  /**
   * Confirm the result of a decided pool, and pay it at once. Op 3952.
   * @param {PoolId} pool_id
   * @param {{ key?: string }} [options]
   * @returns {Promise<import("./messages.js").BettingPoolConfirmed>}
   */
  confirmPool(pool_id, options = {}) {
    return this.perform(3952, { pool_id: poolIdOf(pool_id) }, options.key);
  }

  /**
   * Give a resolved pool another result, and move the money that this changes. Op 3992.
   * @param {PoolId} pool_id
   * @param {string} reason
   * @param {number} corrects_seq
   * @param {{ winning_target?: string, winning_targets?: string[], cancel?: boolean, happened_at?: number, key?: string }} [options]
   * @returns {Promise<import("./messages.js").BetPoolCorrected>}
   */
  correctPool(pool_id, reason, corrects_seq, options = {}) {
    return this.perform(3992, { pool_id: poolIdOf(pool_id), winning_target: options.winning_target, winning_targets: options.winning_targets, cancel: options.cancel, happened_at: options.happened_at, reason, corrects_seq }, options.key);
  }

  /**
   * Take a target out of a pool and refund every stake on it. Op 3994.
   * @param {PoolId} pool_id
   * @param {string} target
   * @param {string} reason
   * @param {{ key?: string }} [options]
   * @returns {Promise<import("./messages.js").TargetScratched>}
   */
  scratchTarget(pool_id, target, reason, options = {}) {
    return this.perform(3994, { pool_id: poolIdOf(pool_id), target, reason }, options.key);
  }

  /**
   * Block betting in a pool, now or at `block_at`. Op 397.
   * @param {PoolId} pool_id
   * @param {{ block_at?: number, key?: string }} [options]
   * @returns {Promise<import("./messages.js").BettingInPoolBlocked>}
   */
  blockPool(pool_id, options = {}) {
    return this.perform(397, { pool_id: poolIdOf(pool_id), block_at: options.block_at }, options.key);
  }

  /**
   * Allow betting in a pool, now or at `allow_at`. Op 398.
   * @param {PoolId} pool_id
   * @param {{ allow_at?: number, key?: string }} [options]
   * @returns {Promise<import("./messages.js").BettingInPoolAllowed>}
   */
  allowPool(pool_id, options = {}) {
    return this.perform(398, { pool_id: poolIdOf(pool_id), allow_at: options.allow_at }, options.key);
  }

  /**
   * Block betting in all pools of an action, now or at `block_at`. Op 3975.
   * @param {GameId} game_id
   * @param {string} action
   * @param {{ block_at?: number, key?: string }} [options]
   * @returns {Promise<import("./messages.js").BettingForActionBlocked>}
   */
  blockAction(game_id, action, options = {}) {
    return this.perform(3975, { game_id: gameIdOf(game_id), action, block_at: options.block_at }, options.key);
  }

  /**
   * Allow betting in all pools of an action, now or at `allow_at`. Op 3985.
   * @param {GameId} game_id
   * @param {string} action
   * @param {{ allow_at?: number, key?: string }} [options]
   * @returns {Promise<import("./messages.js").BettingForActionAllowed>}
   */
  allowAction(game_id, action, options = {}) {
    return this.perform(3985, { game_id: gameIdOf(game_id), action, allow_at: options.allow_at }, options.key);
  }

  /**
   * Return the caller's balance, stakes in unresolved pools included. Op 800.
   * @param {{ currency?: string }} [options]
   * @returns {Promise<import("./messages.js").UserBalanceCurrent>}
   */
  getCurrentBalance(options = {}) {
    return this.perform(800, { currency: options.currency });
  }

  /**
   * Return the amount that the caller can stake. Op 810.
   * @param {{ currency?: string }} [options]
   * @returns {Promise<import("./messages.js").UserBalanceAvailable>}
   */
  getAvailableBalance(options = {}) {
    return this.perform(810, { currency: options.currency });
  }

  /**
   * Return the caller's stakes in unresolved pools. Op 840.
   * @param {{ currency?: string }} [options]
   * @returns {Promise<import("./messages.js").UserExposure>}
   */
  getExposure(options = {}) {
    return this.perform(840, { currency: options.currency });
  }

  /**
   * Return a page of the caller's statement, the newest entry first. Op 8200.
   * @param {{ currency?: string, from?: number, to?: number, before?: number, limit?: number }} [options]
   * @returns {Promise<import("./messages.js").UserStatement>}
   */
  getStatement(options = {}) {
    return this.perform(8200, { currency: options.currency, from: options.from, to: options.to, before: options.before, limit: options.limit });
  }

  /**
   * Set the caller's own limits in a currency, and return them. Without `limits`, return them. Op 8300.
   * @param {{ currency?: string, limits?: Limits, key?: string }} [options]
   * @returns {Promise<import("./messages.js").MyLimits>}
   */
  setMyLimits(options = {}) {
    return this.perform(8300, { currency: options.currency, limits: options.limits === undefined ? undefined : limitsToWire(options.limits) }, options.key);
  }

  /**
   * Refuse the caller's bets and chat lines until a time, or until the operator lifts the break. Op 8310.
   * @param {{ until?: number, key?: string }} [options]
   * @returns {Promise<import("./messages.js").BreakTaken>}
   */
  takeABreak(options = {}) {
    return this.perform(8310, { until: options.until }, options.key);
  }

  /**
   * Send a chat line to the subscribers of games that this connection has joined. Op 900.
   * @param {string} text
   * @param {{ targets?: string[] }} [options]
   * @returns {Promise<import("./messages.js").TextMessage>}
   */
  sendText(text, options = {}) {
    return this.perform(900, { text, targets: options.targets });
  }

  /**
   * Keep a user from chatting in a game, or in all games of a source. Op 9020.
   * @param {string} username
   * @param {{ game_id?: GameId, source_id?: string, until?: number, reason?: string, key?: string }} [options]
   * @returns {Promise<import("./messages.js").UserMuted>}
   */
  muteUser(username, options = {}) {
    return this.perform(9020, { game_id: options.game_id === undefined ? undefined : gameIdOf(options.game_id), source_id: options.source_id, username, until: options.until, reason: options.reason }, options.key);
  }

  /**
   * Let a user chat again in a game, or in all games of a source. Op 9030.
   * @param {string} username
   * @param {{ game_id?: GameId, source_id?: string, key?: string }} [options]
   * @returns {Promise<import("./messages.js").UserUnmuted>}
   */
  unmuteUser(username, options = {}) {
    return this.perform(9030, { game_id: options.game_id === undefined ? undefined : gameIdOf(options.game_id), source_id: options.source_id, username }, options.key);
  }

  /**
   * Keep a user from joining, betting and chatting in the games of a source. Stakes stand. Op 9040.
   * @param {string} source_id
   * @param {string} username
   * @param {{ until?: number, reason?: string, key?: string }} [options]
   * @returns {Promise<import("./messages.js").UserBanned>}
   */
  banFromSource(source_id, username, options = {}) {
    return this.perform(9040, { source_id, username, until: options.until, reason: options.reason }, options.key);
  }

  /**
   * Let a banned user take part in a source again. Op 9050.
   * @param {string} source_id
   * @param {string} username
   * @param {{ key?: string }} [options]
   * @returns {Promise<import("./messages.js").BanLifted>}
   */
  liftBan(source_id, username, options = {}) {
    return this.perform(9050, { source_id, username }, options.key);
  }

  /**
   * Set the shortest time between two chat lines of a user in a game; 0 for none. Op 9060.
   * @param {GameId} game_id
   * @param {number} ms
   * @param {{ key?: string }} [options]
   * @returns {Promise<import("./messages.js").SlowModeSet>}
   */
  setSlowMode(game_id, ms, options = {}) {
    return this.perform(9060, { game_id: gameIdOf(game_id), ms }, options.key);
  }

  /**
   * Ask every subscriber of a game to remove a chat line, one of the newest 1,000. Op 9070.
   * @param {GameId} game_id
   * @param {string} message_id
   * @returns {Promise<import("./messages.js").MessageRemoved>}
   */
  removeMessage(game_id, message_id) {
    return this.perform(9070, { game_id: gameIdOf(game_id), message_id });
  }

  /**
   * Rank the users by what they have won in a currency. Op 450.
   * @param {{ currency?: string, start?: number, end?: number }} [options]
   * @returns {Promise<import("./messages.js").Leaderboard>}
   */
  getLeaderboard(options = {}) {
    return this.perform(450, { currency: options.currency, start: options.start, end: options.end });
  }

  /**
   * Rank the users by what they have won in a game. Op 451.
   * @param {GameId} game_id
   * @param {{ start?: number, end?: number }} [options]
   * @returns {Promise<import("./messages.js").LeaderboardForGame>}
   */
  getGameLeaderboard(game_id, options = {}) {
    return this.perform(451, { game_id: gameIdOf(game_id), start: options.start, end: options.end });
  }
}

/** Each op as a method, for one game and its pools. */
export class GameOperations {
  /** @type {string} */
  gameId = "";

  /**
   * @protected
   * @param {number} op
   * @param {Record<string, any>} parameters
   * @param {string} [key]
   * @returns {Promise<any>}
   */
  perform(op, parameters, key) {
    throw new Error(`${op} ${parameters} ${key}`);
  }

  /**
   * Open an upcoming game, and add actions and targets. Op 3702.
   * @param {{ actions?: string[], targets?: string[], key?: string }} [options]
   * @returns {Promise<import("./messages.js").GameOpened>}
   */
  openGame(options = {}) {
    return this.perform(3702, { game_id: this.gameId, actions: options.actions, targets: options.targets }, options.key);
  }

  /**
   * Request admin rights for a game. Op 616.
   * @param {{ key?: string }} [options]
   * @returns {Promise<import("./messages.js").BecomeAnAdminForGameSuccess | import("./messages.js").BecomeAnAdminForGameFail>}
   */
  becomeAdmin(options = {}) {
    return this.perform(616, { game_id: this.gameId }, options.key);
  }

  /**
   * Make another user an admin of a game. Op 617.
   * @param {string} username
   * @param {{ key?: string }} [options]
   * @returns {Promise<import("./messages.js").AppointAdminForGameSuccess | import("./messages.js").BecomeAnAdminForGameFail>}
   */
  appointAdmin(username, options = {}) {
    return this.perform(617, { game_id: this.gameId, username }, options.key);
  }

  /**
   * Remove a user's admin rights for a game, or resign from it. Op 618.
   * @param {string} username
   * @param {{ key?: string }} [options]
   * @returns {Promise<import("./messages.js").DismissAdminForGameSuccess>}
   */
  dismissAdmin(username, options = {}) {
    return this.perform(618, { game_id: this.gameId, username }, options.key);
  }

  /**
   * Return the details of a game. Op 372.
   * @returns {Promise<import("./messages.js").GameDetails>}
   */
  getGameDetails() {
    return this.perform(372, { game_id: this.gameId });
  }

  /**
   * Change a game's details; add actions and targets. What is not given stays. Op 373.
   * @param {{ actions?: string[], targets?: string[], image_url?: string, game_name?: string, hashtag?: string, live_start_at?: number, live_finish_at?: number, close_at?: number, open_at?: number, bet_delay?: number, key?: string }} [options]
   * @returns {Promise<import("./messages.js").GameDetailsUpdated>}
   */
  updateGame(options = {}) {
    return this.perform(373, { game_id: this.gameId, actions: options.actions, targets: options.targets, image_url: options.image_url, game_name: options.game_name, hashtag: options.hashtag, live_start_at: options.live_start_at, live_finish_at: options.live_finish_at, close_at: options.close_at, open_at: options.open_at, bet_delay: options.bet_delay }, options.key);
  }

  /**
   * End this connection's subscription to a game. Op 364.
   * @returns {Promise<import("./messages.js").GameLeft>}
   */
  leaveGame() {
    return this.perform(364, { game_id: this.gameId });
  }

  /**
   * Close a game. Op 375.
   * @param {{ key?: string }} [options]
   * @returns {Promise<import("./messages.js").GameClosed | import("./messages.js").GameClosing>}
   */
  closeGame(options = {}) {
    return this.perform(375, { game_id: this.gameId }, options.key);
  }

  /**
   * Open a betting pool. Op 385.
   * @param {string} description
   * @param {{ action?: string, targets?: string[], pool_type?: number, finish_at?: number, stop_accepting_bets_at?: number, is_blocked?: boolean, is_hot?: boolean, recreate_on_end?: boolean, policy?: string, min_stake?: Amount, max_stake?: Amount, max_stake_per_user?: Amount, bet_delay?: number, confirm_for?: number, key?: string }} [options]
   * @returns {Promise<import("./messages.js").BettingPoolOpened>}
   */
  openPool(description, options = {}) {
    return this.perform(385, { game_id: this.gameId, description, action: options.action, targets: options.targets, pool_type: options.pool_type, finish_at: options.finish_at, stop_accepting_bets_at: options.stop_accepting_bets_at, is_blocked: options.is_blocked, is_hot: options.is_hot, recreate_on_end: options.recreate_on_end, policy: options.policy, min_stake: options.min_stake === undefined ? undefined : Money.of(options.min_stake), max_stake: options.max_stake === undefined ? undefined : Money.of(options.max_stake), max_stake_per_user: options.max_stake_per_user === undefined ? undefined : Money.of(options.max_stake_per_user), bet_delay: options.bet_delay, confirm_for: options.confirm_for }, options.key);
  }

  /**
   * List the unresolved pools of a game. Op 387.
   * @param {{ offset?: number, limit?: number }} [options]
   * @returns {Promise<import("./messages.js").AllPoolsForGame>}
   */
  listPools(options = {}) {
    return this.perform(387, { game_id: this.gameId, offset: options.offset, limit: options.limit });
  }

  /**
   * List the unresolved pools in which the caller has no bet. Op 388.
   * @param {{ offset?: number, limit?: number }} [options]
   * @returns {Promise<import("./messages.js").MyOpenPoolsForGame>}
   */
  listMyOpenPools(options = {}) {
    return this.perform(388, { game_id: this.gameId, offset: options.offset, limit: options.limit });
  }

  /**
   * List the unresolved pools in which the caller has a bet. Op 389.
   * @param {{ offset?: number, limit?: number }} [options]
   * @returns {Promise<import("./messages.js").MyRunningPoolsForGame>}
   */
  listMyRunningPools(options = {}) {
    return this.perform(389, { game_id: this.gameId, offset: options.offset, limit: options.limit });
  }

  /**
   * List the resolved pools in which the caller had a bet, the newest first. Op 390.
   * @param {{ offset?: number, limit?: number }} [options]
   * @returns {Promise<import("./messages.js").MyResolvedPoolsForGame>}
   */
  listMyResolvedPools(options = {}) {
    return this.perform(390, { game_id: this.gameId, offset: options.offset, limit: options.limit });
  }

  /**
   * List the resolved pools of a game with their results, the newest first. Op 3901.
   * @param {{ offset?: number, limit?: number }} [options]
   * @returns {Promise<import("./messages.js").ResolvedPoolsForGame>}
   */
  listResolvedPools(options = {}) {
    return this.perform(3901, { game_id: this.gameId, offset: options.offset, limit: options.limit });
  }

  /**
   * Place a bet in a pool. Op 392.
   * @param {PoolId} pool_id
   * @param {string} target
   * @param {Amount} amount
   * @param {{ key?: string }} [options]
   * @returns {Promise<import("./messages.js").BetPlaced>}
   */
  placeBet(pool_id, target, amount, options = {}) {
    return this.perform(392, { pool_id: poolIdOf(pool_id), target, amount: Money.of(amount) }, options.key);
  }

  /**
   * Return the stakes in a pool, with one page of its bets. Op 393.
   * @param {PoolId} pool_id
   * @param {{ offset?: number, limit?: number }} [options]
   * @returns {Promise<import("./messages.js").PoolBetsDistribution>}
   */
  getDistribution(pool_id, options = {}) {
    return this.perform(393, { pool_id: poolIdOf(pool_id), offset: options.offset, limit: options.limit });
  }

  /**
   * Return everything that decided what a resolved pool paid, with one page of its bets. Op 3911.
   * @param {PoolId} pool_id
   * @param {{ offset?: number, limit?: number }} [options]
   * @returns {Promise<import("./messages.js").Receipt>}
   */
  getReceipt(pool_id, options = {}) {
    return this.perform(3911, { pool_id: poolIdOf(pool_id), offset: options.offset, limit: options.limit });
  }

  /**
   * Register an event of the match. Op 395.
   * @param {string} action_id
   * @param {string} target_id
   * @param {{ happened_at?: number, also?: string[], is_material?: boolean, key?: string }} [options]
   * @returns {Promise<import("./messages.js").GameEventRegistered>}
   */
  registerEvent(action_id, target_id, options = {}) {
    return this.perform(395, { game_id: this.gameId, action_id, target_id, happened_at: options.happened_at, also: options.also, is_material: options.is_material }, options.key);
  }

  /**
   * Take an event back: it did not happen. The pools that it decided are open or cancelled. Op 3951.
   * @param {string} event_id
   * @param {string} reason
   * @param {{ key?: string }} [options]
   * @returns {Promise<import("./messages.js").GameEventTakenBack>}
   */
  takeBackEvent(event_id, reason, options = {}) {
    return this.perform(3951, { game_id: this.gameId, event_id, reason }, options.key);
  }

  /**
   * Mark a pool as hot. Op 396.
   * @param {PoolId} pool_id
   * @param {{ likely_to_happen_at?: number, key?: string }} [options]
   * @returns {Promise<import("./messages.js").PoolSuggestedAsHot>}
   */
  heatPool(pool_id, options = {}) {
    return this.perform(396, { pool_id: poolIdOf(pool_id), likely_to_happen_at: options.likely_to_happen_at }, options.key);
  }

  /**
   * Mark every pool of an action with exactly this target as hot. Op 3961.
   * @param {string} action_id
   * @param {string} target_id
   * @param {{ likely_to_happen_at?: number, key?: string }} [options]
   * @returns {Promise<import("./messages.js").PoolSuggestedAsHot>}
   */
  heatPools(action_id, target_id, options = {}) {
    return this.perform(3961, { game_id: this.gameId, action_id, target_id, likely_to_happen_at: options.likely_to_happen_at }, options.key);
  }

  /**
   * Cancel a pool and refund every stake. Op 399.
   * @param {PoolId} pool_id
   * @param {{ reason?: string, key?: string }} [options]
   * @returns {Promise<import("./messages.js").BettingPoolCancelled>}
   */
  cancelPool(pool_id, options = {}) {
    return this.perform(399, { pool_id: poolIdOf(pool_id), reason: options.reason }, options.key);
  }

  /**
   * Confirm the result of a decided pool, and pay it at once. Op 3952.
   * @param {PoolId} pool_id
   * @param {{ key?: string }} [options]
   * @returns {Promise<import("./messages.js").BettingPoolConfirmed>}
   */
  confirmPool(pool_id, options = {}) {
    return this.perform(3952, { pool_id: poolIdOf(pool_id) }, options.key);
  }

  /**
   * Give a resolved pool another result, and move the money that this changes. Op 3992.
   * @param {PoolId} pool_id
   * @param {string} reason
   * @param {number} corrects_seq
   * @param {{ winning_target?: string, winning_targets?: string[], cancel?: boolean, happened_at?: number, key?: string }} [options]
   * @returns {Promise<import("./messages.js").BetPoolCorrected>}
   */
  correctPool(pool_id, reason, corrects_seq, options = {}) {
    return this.perform(3992, { pool_id: poolIdOf(pool_id), winning_target: options.winning_target, winning_targets: options.winning_targets, cancel: options.cancel, happened_at: options.happened_at, reason, corrects_seq }, options.key);
  }

  /**
   * Take a target out of a pool and refund every stake on it. Op 3994.
   * @param {PoolId} pool_id
   * @param {string} target
   * @param {string} reason
   * @param {{ key?: string }} [options]
   * @returns {Promise<import("./messages.js").TargetScratched>}
   */
  scratchTarget(pool_id, target, reason, options = {}) {
    return this.perform(3994, { pool_id: poolIdOf(pool_id), target, reason }, options.key);
  }

  /**
   * Block betting in a pool, now or at `block_at`. Op 397.
   * @param {PoolId} pool_id
   * @param {{ block_at?: number, key?: string }} [options]
   * @returns {Promise<import("./messages.js").BettingInPoolBlocked>}
   */
  blockPool(pool_id, options = {}) {
    return this.perform(397, { pool_id: poolIdOf(pool_id), block_at: options.block_at }, options.key);
  }

  /**
   * Allow betting in a pool, now or at `allow_at`. Op 398.
   * @param {PoolId} pool_id
   * @param {{ allow_at?: number, key?: string }} [options]
   * @returns {Promise<import("./messages.js").BettingInPoolAllowed>}
   */
  allowPool(pool_id, options = {}) {
    return this.perform(398, { pool_id: poolIdOf(pool_id), allow_at: options.allow_at }, options.key);
  }

  /**
   * Block betting in all pools of an action, now or at `block_at`. Op 3975.
   * @param {string} action
   * @param {{ block_at?: number, key?: string }} [options]
   * @returns {Promise<import("./messages.js").BettingForActionBlocked>}
   */
  blockAction(action, options = {}) {
    return this.perform(3975, { game_id: this.gameId, action, block_at: options.block_at }, options.key);
  }

  /**
   * Allow betting in all pools of an action, now or at `allow_at`. Op 3985.
   * @param {string} action
   * @param {{ allow_at?: number, key?: string }} [options]
   * @returns {Promise<import("./messages.js").BettingForActionAllowed>}
   */
  allowAction(action, options = {}) {
    return this.perform(3985, { game_id: this.gameId, action, allow_at: options.allow_at }, options.key);
  }

  /**
   * Keep a user from chatting in a game, or in all games of a source. Op 9020.
   * @param {string} username
   * @param {{ source_id?: string, until?: number, reason?: string, key?: string }} [options]
   * @returns {Promise<import("./messages.js").UserMuted>}
   */
  muteUser(username, options = {}) {
    return this.perform(9020, { game_id: this.gameId, source_id: options.source_id, username, until: options.until, reason: options.reason }, options.key);
  }

  /**
   * Let a user chat again in a game, or in all games of a source. Op 9030.
   * @param {string} username
   * @param {{ source_id?: string, key?: string }} [options]
   * @returns {Promise<import("./messages.js").UserUnmuted>}
   */
  unmuteUser(username, options = {}) {
    return this.perform(9030, { game_id: this.gameId, source_id: options.source_id, username }, options.key);
  }

  /**
   * Set the shortest time between two chat lines of a user in a game; 0 for none. Op 9060.
   * @param {number} ms
   * @param {{ key?: string }} [options]
   * @returns {Promise<import("./messages.js").SlowModeSet>}
   */
  setSlowMode(ms, options = {}) {
    return this.perform(9060, { game_id: this.gameId, ms }, options.key);
  }

  /**
   * Ask every subscriber of a game to remove a chat line, one of the newest 1,000. Op 9070.
   * @param {string} message_id
   * @returns {Promise<import("./messages.js").MessageRemoved>}
   */
  removeMessage(message_id) {
    return this.perform(9070, { game_id: this.gameId, message_id });
  }

  /**
   * Rank the users by what they have won in a game. Op 451.
   * @param {{ start?: number, end?: number }} [options]
   * @returns {Promise<import("./messages.js").LeaderboardForGame>}
   */
  getGameLeaderboard(options = {}) {
    return this.perform(451, { game_id: this.gameId, start: options.start, end: options.end });
  }
}
