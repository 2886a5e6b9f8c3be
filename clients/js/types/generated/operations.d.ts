/** @typedef {import("../money.js").Amount} Amount */
/** @typedef {import("../limits.js").Limits} Limits */
/** @typedef {import("../ids.js").GameId} GameId */
/** @typedef {import("../ids.js").PoolId} PoolId */
/** The code of each op. */
export const Op: Readonly<{
    PING: 1;
    GET_OPCODES: 2;
    LOGON: 100;
    RENEW: 1010;
    OPEN_GAME_SOURCE: 365;
    CLOSE_GAME_SOURCE: 366;
    LIST_GAME_SOURCES_I_AM_ADMIN_OF: 611;
    CREATE_AND_OPEN_GAME: 370;
    CREATE_GAME: 3701;
    OPEN_GAME: 3702;
    BECOME_AN_ADMIN_FOR_GAME: 616;
    APPOINT_ADMIN_FOR_GAME_BY_USERNAME: 617;
    DISMISS_ADMIN_FOR_GAME_BY_USERNAME: 618;
    GET_GAME_DETAILS: 372;
    UPDATE_GAME_DETAILS: 373;
    JOIN_GAME: 363;
    LEAVE_GAME: 364;
    CLOSE_GAME: 375;
    LIST_GAMES_FOR_SOURCE: 380;
    LIST_UPCOMING_GAMES_FOR_SOURCE: 3811;
    LIST_GAMES: 3812;
    LIST_GAMES_I_AM_ADMIN_OF: 610;
    CREATE_AND_OPEN_BETTING_POOL: 385;
    LIST_ALL_BETTING_POOLS_FOR_GAME: 387;
    LIST_MY_OPEN_BETTING_POOLS_FOR_GAME: 388;
    LIST_MY_RUNNING_POOLS_FOR_GAME: 389;
    LIST_MY_RESOLVED_POOLS_FOR_GAME: 390;
    LIST_RESOLVED_POOLS_FOR_GAME: 3901;
    PLACE_BET_IN_BETTING_POOL: 392;
    GET_BETTING_POOL_BETS_DISTRIBUTION: 393;
    GET_RECEIPT: 3911;
    REGISTER_GAME_EVENT: 395;
    TAKE_BACK_GAME_EVENT: 3951;
    SUGGEST_HOT_BETTING_POOL: 396;
    SUGGEST_HOT_BETTING_POOL_FOR_ACTION_AND_TARGET: 3961;
    CANCEL_BETTING_POOL: 399;
    CONFIRM_POOL: 3952;
    CORRECT_BETTING_POOL: 3992;
    SCRATCH_TARGET: 3994;
    BLOCK_BETTING_IN_BETTING_POOL: 397;
    ALLOW_BETTING_IN_BETTING_POOL: 398;
    BLOCK_BETTING_FOR_GAME_AND_ACTION: 3975;
    ALLOW_BETTING_FOR_GAME_AND_ACTION: 3985;
    GET_MY_CURRENT_BALANCE: 800;
    GET_MY_AVAILABLE_BALANCE: 810;
    GET_MY_EXPOSURE: 840;
    GET_MY_STATEMENT: 8200;
    SET_MY_LIMITS: 8300;
    TAKE_A_BREAK: 8310;
    TEXT_MESSAGE: 900;
    MUTE_USER: 9020;
    UNMUTE_USER: 9030;
    BAN_FROM_SOURCE: 9040;
    LIFT_BAN: 9050;
    SET_SLOW_MODE: 9060;
    REMOVE_MESSAGE: 9070;
    GET_LEADERBOARD: 450;
    GET_LEADERBOARD_FOR_GAME: 451;
}>;
/** The ops that change something, and accept an idempotency key. */
export const CHANGING: Set<number>;
/** Each op as a method. */
export class SessionOperations {
    /**
     * @protected
     * @param {number} op
     * @param {Record<string, any>} parameters
     * @param {string} [key]
     * @returns {Promise<any>}
     */
    protected perform(op: number, parameters: Record<string, any>, key?: string): Promise<any>;
    /**
     * Test whether the server is alive. Op 1.
     * @returns {Promise<import("./messages.js").Pong>}
     */
    ping(): Promise<import("./messages.js").Pong>;
    /**
     * List the ops, the responses and the limits in force. Op 2.
     * @returns {Promise<import("./messages.js").Opcodes>}
     */
    getOpcodes(): Promise<import("./messages.js").Opcodes>;
    /**
     * Confirm the sign-in to clients of the old protocol; the URL has signed them in. Op 100.
     * @returns {Promise<import("./messages.js").LogonSuccess | import("./messages.js").LogonFailAlreadyLoggedIn>}
     */
    logon(): Promise<import("./messages.js").LogonSuccess | import("./messages.js").LogonFailAlreadyLoggedIn>;
    /**
     * Keep a connection that was signed in with a token open, until a fresh token expires. Op 1010.
     * @param {string} token
     * @returns {Promise<import("./messages.js").Renewed>}
     */
    renew(token: string): Promise<import("./messages.js").Renewed>;
    /**
     * Open a game source. Op 365.
     * @param {string} source_name
     * @param {{ description?: string, listed?: boolean, key?: string }} [options]
     * @returns {Promise<import("./messages.js").GameSourceOpened>}
     */
    openSource(source_name: string, options?: {
        description?: string;
        listed?: boolean;
        key?: string;
    }): Promise<import("./messages.js").GameSourceOpened>;
    /**
     * Close a game source and every game in it. Op 366.
     * @param {string} source_id
     * @param {{ key?: string }} [options]
     * @returns {Promise<import("./messages.js").GameSourceClosed | import("./messages.js").GameSourceClosing>}
     */
    closeSource(source_id: string, options?: {
        key?: string;
    }): Promise<import("./messages.js").GameSourceClosed | import("./messages.js").GameSourceClosing>;
    /**
     * List the open sources that the caller administers. Op 611.
     * @returns {Promise<import("./messages.js").GameSourcesListIAmAdminOf>}
     */
    listMySources(): Promise<import("./messages.js").GameSourcesListIAmAdminOf>;
    /**
     * Create a game and open it. Op 370.
     * @param {string} source_id
     * @param {string} game_name
     * @param {{ type?: string, currency?: string, actions?: string[], targets?: string[], open_at?: number, close_at?: number, live_start_at?: number, live_finish_at?: number, hashtag?: string, image_url?: string, bet_delay?: number, key?: string }} [options]
     * @returns {Promise<import("./messages.js").GameCreatedAndOpened>}
     */
    createAndOpenGame(source_id: string, game_name: string, options?: {
        type?: string;
        currency?: string;
        actions?: string[];
        targets?: string[];
        open_at?: number;
        close_at?: number;
        live_start_at?: number;
        live_finish_at?: number;
        hashtag?: string;
        image_url?: string;
        bet_delay?: number;
        key?: string;
    }): Promise<import("./messages.js").GameCreatedAndOpened>;
    /**
     * Create an upcoming game. Op 3701.
     * @param {string} source_id
     * @param {string} game_name
     * @param {{ type?: string, currency?: string, actions?: string[], targets?: string[], open_at?: number, close_at?: number, live_start_at?: number, live_finish_at?: number, hashtag?: string, image_url?: string, bet_delay?: number, key?: string }} [options]
     * @returns {Promise<import("./messages.js").GameCreated>}
     */
    createGame(source_id: string, game_name: string, options?: {
        type?: string;
        currency?: string;
        actions?: string[];
        targets?: string[];
        open_at?: number;
        close_at?: number;
        live_start_at?: number;
        live_finish_at?: number;
        hashtag?: string;
        image_url?: string;
        bet_delay?: number;
        key?: string;
    }): Promise<import("./messages.js").GameCreated>;
    /**
     * Open an upcoming game, and add actions and targets. Op 3702.
     * @param {GameId} game_id
     * @param {{ actions?: string[], targets?: string[], key?: string }} [options]
     * @returns {Promise<import("./messages.js").GameOpened>}
     */
    openGame(game_id: GameId, options?: {
        actions?: string[];
        targets?: string[];
        key?: string;
    }): Promise<import("./messages.js").GameOpened>;
    /**
     * Request admin rights for a game. Op 616.
     * @param {GameId} game_id
     * @param {{ key?: string }} [options]
     * @returns {Promise<import("./messages.js").BecomeAnAdminForGameSuccess | import("./messages.js").BecomeAnAdminForGameFail>}
     */
    becomeAdmin(game_id: GameId, options?: {
        key?: string;
    }): Promise<import("./messages.js").BecomeAnAdminForGameSuccess | import("./messages.js").BecomeAnAdminForGameFail>;
    /**
     * Make another user an admin of a game. Op 617.
     * @param {GameId} game_id
     * @param {string} username
     * @param {{ key?: string }} [options]
     * @returns {Promise<import("./messages.js").AppointAdminForGameSuccess | import("./messages.js").BecomeAnAdminForGameFail>}
     */
    appointAdmin(game_id: GameId, username: string, options?: {
        key?: string;
    }): Promise<import("./messages.js").AppointAdminForGameSuccess | import("./messages.js").BecomeAnAdminForGameFail>;
    /**
     * Remove a user's admin rights for a game, or resign from it. Op 618.
     * @param {GameId} game_id
     * @param {string} username
     * @param {{ key?: string }} [options]
     * @returns {Promise<import("./messages.js").DismissAdminForGameSuccess>}
     */
    dismissAdmin(game_id: GameId, username: string, options?: {
        key?: string;
    }): Promise<import("./messages.js").DismissAdminForGameSuccess>;
    /**
     * Return the details of a game. Op 372.
     * @param {GameId} game_id
     * @returns {Promise<import("./messages.js").GameDetails>}
     */
    getGameDetails(game_id: GameId): Promise<import("./messages.js").GameDetails>;
    /**
     * Change a game's details; add actions and targets. What is not given stays. Op 373.
     * @param {GameId} game_id
     * @param {{ actions?: string[], targets?: string[], image_url?: string, game_name?: string, hashtag?: string, live_start_at?: number, live_finish_at?: number, close_at?: number, open_at?: number, bet_delay?: number, key?: string }} [options]
     * @returns {Promise<import("./messages.js").GameDetailsUpdated>}
     */
    updateGame(game_id: GameId, options?: {
        actions?: string[];
        targets?: string[];
        image_url?: string;
        game_name?: string;
        hashtag?: string;
        live_start_at?: number;
        live_finish_at?: number;
        close_at?: number;
        open_at?: number;
        bet_delay?: number;
        key?: string;
    }): Promise<import("./messages.js").GameDetailsUpdated>;
    /**
     * Subscribe this connection to a game; `since` is the last position it knows. Op 363.
     * @param {GameId} game_id
     * @param {{ since?: number }} [options]
     * @returns {Promise<import("./messages.js").GameJoined>}
     */
    joinGame(game_id: GameId, options?: {
        since?: number;
    }): Promise<import("./messages.js").GameJoined>;
    /**
     * End this connection's subscription to a game. Op 364.
     * @param {GameId} game_id
     * @returns {Promise<import("./messages.js").GameLeft>}
     */
    leaveGame(game_id: GameId): Promise<import("./messages.js").GameLeft>;
    /**
     * Close a game. Op 375.
     * @param {GameId} game_id
     * @param {{ key?: string }} [options]
     * @returns {Promise<import("./messages.js").GameClosed | import("./messages.js").GameClosing>}
     */
    closeGame(game_id: GameId, options?: {
        key?: string;
    }): Promise<import("./messages.js").GameClosed | import("./messages.js").GameClosing>;
    /**
     * List the games of a source that are not closed. Op 380.
     * @param {string} source_id
     * @param {{ offset?: number, limit?: number }} [options]
     * @returns {Promise<import("./messages.js").GamesListForSource>}
     */
    listGames(source_id: string, options?: {
        offset?: number;
        limit?: number;
    }): Promise<import("./messages.js").GamesListForSource>;
    /**
     * List the games of a source that have not been opened yet. Op 3811.
     * @param {string} source_id
     * @param {{ offset?: number, limit?: number }} [options]
     * @returns {Promise<import("./messages.js").UpcomingGamesListForSource>}
     */
    listUpcomingGames(source_id: string, options?: {
        offset?: number;
        limit?: number;
    }): Promise<import("./messages.js").UpcomingGamesListForSource>;
    /**
     * List the games of all listed sources: live ones first, then by the start of the match. Op 3812.
     * @param {{ query?: string, status?: "live" | "upcoming", offset?: number, limit?: number }} [options]
     * @returns {Promise<import("./messages.js").GamesList>}
     */
    findGames(options?: {
        query?: string;
        status?: "live" | "upcoming";
        offset?: number;
        limit?: number;
    }): Promise<import("./messages.js").GamesList>;
    /**
     * List the games that the caller administers. Op 610.
     * @param {{ offset?: number, limit?: number }} [options]
     * @returns {Promise<import("./messages.js").GamesListIAmAdminOf>}
     */
    listMyGames(options?: {
        offset?: number;
        limit?: number;
    }): Promise<import("./messages.js").GamesListIAmAdminOf>;
    /**
     * Open a betting pool. Op 385.
     * @param {GameId} game_id
     * @param {string} description
     * @param {{ action?: string, targets?: string[], pool_type?: number, finish_at?: number, stop_accepting_bets_at?: number, is_blocked?: boolean, is_hot?: boolean, recreate_on_end?: boolean, policy?: string, min_stake?: Amount, max_stake?: Amount, max_stake_per_user?: Amount, bet_delay?: number, confirm_for?: number, key?: string }} [options]
     * @returns {Promise<import("./messages.js").BettingPoolOpened>}
     */
    openPool(game_id: GameId, description: string, options?: {
        action?: string;
        targets?: string[];
        pool_type?: number;
        finish_at?: number;
        stop_accepting_bets_at?: number;
        is_blocked?: boolean;
        is_hot?: boolean;
        recreate_on_end?: boolean;
        policy?: string;
        min_stake?: Amount;
        max_stake?: Amount;
        max_stake_per_user?: Amount;
        bet_delay?: number;
        confirm_for?: number;
        key?: string;
    }): Promise<import("./messages.js").BettingPoolOpened>;
    /**
     * List the unresolved pools of a game. Op 387.
     * @param {GameId} game_id
     * @param {{ offset?: number, limit?: number }} [options]
     * @returns {Promise<import("./messages.js").AllPoolsForGame>}
     */
    listPools(game_id: GameId, options?: {
        offset?: number;
        limit?: number;
    }): Promise<import("./messages.js").AllPoolsForGame>;
    /**
     * List the unresolved pools in which the caller has no bet. Op 388.
     * @param {GameId} game_id
     * @param {{ offset?: number, limit?: number }} [options]
     * @returns {Promise<import("./messages.js").MyOpenPoolsForGame>}
     */
    listMyOpenPools(game_id: GameId, options?: {
        offset?: number;
        limit?: number;
    }): Promise<import("./messages.js").MyOpenPoolsForGame>;
    /**
     * List the unresolved pools in which the caller has a bet. Op 389.
     * @param {GameId} game_id
     * @param {{ offset?: number, limit?: number }} [options]
     * @returns {Promise<import("./messages.js").MyRunningPoolsForGame>}
     */
    listMyRunningPools(game_id: GameId, options?: {
        offset?: number;
        limit?: number;
    }): Promise<import("./messages.js").MyRunningPoolsForGame>;
    /**
     * List the resolved pools in which the caller had a bet, the newest first. Op 390.
     * @param {GameId} game_id
     * @param {{ offset?: number, limit?: number }} [options]
     * @returns {Promise<import("./messages.js").MyResolvedPoolsForGame>}
     */
    listMyResolvedPools(game_id: GameId, options?: {
        offset?: number;
        limit?: number;
    }): Promise<import("./messages.js").MyResolvedPoolsForGame>;
    /**
     * List the resolved pools of a game with their results, the newest first. Op 3901.
     * @param {GameId} game_id
     * @param {{ offset?: number, limit?: number }} [options]
     * @returns {Promise<import("./messages.js").ResolvedPoolsForGame>}
     */
    listResolvedPools(game_id: GameId, options?: {
        offset?: number;
        limit?: number;
    }): Promise<import("./messages.js").ResolvedPoolsForGame>;
    /**
     * Place a bet in a pool. Op 392.
     * @param {PoolId} pool_id
     * @param {string} target
     * @param {Amount} amount
     * @param {{ key?: string }} [options]
     * @returns {Promise<import("./messages.js").BetPlaced>}
     */
    placeBet(pool_id: PoolId, target: string, amount: Amount, options?: {
        key?: string;
    }): Promise<import("./messages.js").BetPlaced>;
    /**
     * Return the stakes in a pool, with one page of its bets. Op 393.
     * @param {PoolId} pool_id
     * @param {{ offset?: number, limit?: number }} [options]
     * @returns {Promise<import("./messages.js").PoolBetsDistribution>}
     */
    getDistribution(pool_id: PoolId, options?: {
        offset?: number;
        limit?: number;
    }): Promise<import("./messages.js").PoolBetsDistribution>;
    /**
     * Return everything that decided what a resolved pool paid, with one page of its bets. Op 3911.
     * @param {PoolId} pool_id
     * @param {{ offset?: number, limit?: number }} [options]
     * @returns {Promise<import("./messages.js").Receipt>}
     */
    getReceipt(pool_id: PoolId, options?: {
        offset?: number;
        limit?: number;
    }): Promise<import("./messages.js").Receipt>;
    /**
     * Register an event of the match. Op 395.
     * @param {GameId} game_id
     * @param {string} action_id
     * @param {string} target_id
     * @param {{ happened_at?: number, also?: string[], is_material?: boolean, key?: string }} [options]
     * @returns {Promise<import("./messages.js").GameEventRegistered>}
     */
    registerEvent(game_id: GameId, action_id: string, target_id: string, options?: {
        happened_at?: number;
        also?: string[];
        is_material?: boolean;
        key?: string;
    }): Promise<import("./messages.js").GameEventRegistered>;
    /**
     * Take an event back: it did not happen. The pools that it decided are open or cancelled. Op 3951.
     * @param {GameId} game_id
     * @param {string} event_id
     * @param {string} reason
     * @param {{ key?: string }} [options]
     * @returns {Promise<import("./messages.js").GameEventTakenBack>}
     */
    takeBackEvent(game_id: GameId, event_id: string, reason: string, options?: {
        key?: string;
    }): Promise<import("./messages.js").GameEventTakenBack>;
    /**
     * Mark a pool as hot. Op 396.
     * @param {PoolId} pool_id
     * @param {{ likely_to_happen_at?: number, key?: string }} [options]
     * @returns {Promise<import("./messages.js").PoolSuggestedAsHot>}
     */
    heatPool(pool_id: PoolId, options?: {
        likely_to_happen_at?: number;
        key?: string;
    }): Promise<import("./messages.js").PoolSuggestedAsHot>;
    /**
     * Mark every pool of an action with exactly this target as hot. Op 3961.
     * @param {GameId} game_id
     * @param {string} action_id
     * @param {string} target_id
     * @param {{ likely_to_happen_at?: number, key?: string }} [options]
     * @returns {Promise<import("./messages.js").PoolSuggestedAsHot>}
     */
    heatPools(game_id: GameId, action_id: string, target_id: string, options?: {
        likely_to_happen_at?: number;
        key?: string;
    }): Promise<import("./messages.js").PoolSuggestedAsHot>;
    /**
     * Cancel a pool and refund every stake. Op 399.
     * @param {PoolId} pool_id
     * @param {{ reason?: string, key?: string }} [options]
     * @returns {Promise<import("./messages.js").BettingPoolCancelled>}
     */
    cancelPool(pool_id: PoolId, options?: {
        reason?: string;
        key?: string;
    }): Promise<import("./messages.js").BettingPoolCancelled>;
    /**
     * Confirm the result of a decided pool, and pay it at once. Op 3952.
     * @param {PoolId} pool_id
     * @param {{ key?: string }} [options]
     * @returns {Promise<import("./messages.js").BettingPoolConfirmed>}
     */
    confirmPool(pool_id: PoolId, options?: {
        key?: string;
    }): Promise<import("./messages.js").BettingPoolConfirmed>;
    /**
     * Give a resolved pool another result, and move the money that this changes. Op 3992.
     * @param {PoolId} pool_id
     * @param {string} reason
     * @param {number} corrects_seq
     * @param {{ winning_target?: string, winning_targets?: string[], cancel?: boolean, happened_at?: number, key?: string }} [options]
     * @returns {Promise<import("./messages.js").BetPoolCorrected>}
     */
    correctPool(pool_id: PoolId, reason: string, corrects_seq: number, options?: {
        winning_target?: string;
        winning_targets?: string[];
        cancel?: boolean;
        happened_at?: number;
        key?: string;
    }): Promise<import("./messages.js").BetPoolCorrected>;
    /**
     * Take a target out of a pool and refund every stake on it. Op 3994.
     * @param {PoolId} pool_id
     * @param {string} target
     * @param {string} reason
     * @param {{ key?: string }} [options]
     * @returns {Promise<import("./messages.js").TargetScratched>}
     */
    scratchTarget(pool_id: PoolId, target: string, reason: string, options?: {
        key?: string;
    }): Promise<import("./messages.js").TargetScratched>;
    /**
     * Block betting in a pool, now or at `block_at`. Op 397.
     * @param {PoolId} pool_id
     * @param {{ block_at?: number, key?: string }} [options]
     * @returns {Promise<import("./messages.js").BettingInPoolBlocked>}
     */
    blockPool(pool_id: PoolId, options?: {
        block_at?: number;
        key?: string;
    }): Promise<import("./messages.js").BettingInPoolBlocked>;
    /**
     * Allow betting in a pool, now or at `allow_at`. Op 398.
     * @param {PoolId} pool_id
     * @param {{ allow_at?: number, key?: string }} [options]
     * @returns {Promise<import("./messages.js").BettingInPoolAllowed>}
     */
    allowPool(pool_id: PoolId, options?: {
        allow_at?: number;
        key?: string;
    }): Promise<import("./messages.js").BettingInPoolAllowed>;
    /**
     * Block betting in all pools of an action, now or at `block_at`. Op 3975.
     * @param {GameId} game_id
     * @param {string} action
     * @param {{ block_at?: number, key?: string }} [options]
     * @returns {Promise<import("./messages.js").BettingForActionBlocked>}
     */
    blockAction(game_id: GameId, action: string, options?: {
        block_at?: number;
        key?: string;
    }): Promise<import("./messages.js").BettingForActionBlocked>;
    /**
     * Allow betting in all pools of an action, now or at `allow_at`. Op 3985.
     * @param {GameId} game_id
     * @param {string} action
     * @param {{ allow_at?: number, key?: string }} [options]
     * @returns {Promise<import("./messages.js").BettingForActionAllowed>}
     */
    allowAction(game_id: GameId, action: string, options?: {
        allow_at?: number;
        key?: string;
    }): Promise<import("./messages.js").BettingForActionAllowed>;
    /**
     * Return the caller's balance, stakes in unresolved pools included. Op 800.
     * @param {{ currency?: string }} [options]
     * @returns {Promise<import("./messages.js").UserBalanceCurrent>}
     */
    getCurrentBalance(options?: {
        currency?: string;
    }): Promise<import("./messages.js").UserBalanceCurrent>;
    /**
     * Return the amount that the caller can stake. Op 810.
     * @param {{ currency?: string }} [options]
     * @returns {Promise<import("./messages.js").UserBalanceAvailable>}
     */
    getAvailableBalance(options?: {
        currency?: string;
    }): Promise<import("./messages.js").UserBalanceAvailable>;
    /**
     * Return the caller's stakes in unresolved pools. Op 840.
     * @param {{ currency?: string }} [options]
     * @returns {Promise<import("./messages.js").UserExposure>}
     */
    getExposure(options?: {
        currency?: string;
    }): Promise<import("./messages.js").UserExposure>;
    /**
     * Return a page of the caller's statement, the newest entry first. Op 8200.
     * @param {{ currency?: string, from?: number, to?: number, before?: number, limit?: number }} [options]
     * @returns {Promise<import("./messages.js").UserStatement>}
     */
    getStatement(options?: {
        currency?: string;
        from?: number;
        to?: number;
        before?: number;
        limit?: number;
    }): Promise<import("./messages.js").UserStatement>;
    /**
     * Set the caller's own limits in a currency, and return them. Without `limits`, return them. Op 8300.
     * @param {{ currency?: string, limits?: Limits, key?: string }} [options]
     * @returns {Promise<import("./messages.js").MyLimits>}
     */
    setMyLimits(options?: {
        currency?: string;
        limits?: Limits;
        key?: string;
    }): Promise<import("./messages.js").MyLimits>;
    /**
     * Refuse the caller's bets and chat lines until a time, or until the operator lifts the break. Op 8310.
     * @param {{ until?: number, key?: string }} [options]
     * @returns {Promise<import("./messages.js").BreakTaken>}
     */
    takeABreak(options?: {
        until?: number;
        key?: string;
    }): Promise<import("./messages.js").BreakTaken>;
    /**
     * Send a chat line to the subscribers of games that this connection has joined. Op 900.
     * @param {string} text
     * @param {{ targets?: string[] }} [options]
     * @returns {Promise<import("./messages.js").TextMessage>}
     */
    sendText(text: string, options?: {
        targets?: string[];
    }): Promise<import("./messages.js").TextMessage>;
    /**
     * Keep a user from chatting in a game, or in all games of a source. Op 9020.
     * @param {string} username
     * @param {{ game_id?: GameId, source_id?: string, until?: number, reason?: string, key?: string }} [options]
     * @returns {Promise<import("./messages.js").UserMuted>}
     */
    muteUser(username: string, options?: {
        game_id?: GameId;
        source_id?: string;
        until?: number;
        reason?: string;
        key?: string;
    }): Promise<import("./messages.js").UserMuted>;
    /**
     * Let a user chat again in a game, or in all games of a source. Op 9030.
     * @param {string} username
     * @param {{ game_id?: GameId, source_id?: string, key?: string }} [options]
     * @returns {Promise<import("./messages.js").UserUnmuted>}
     */
    unmuteUser(username: string, options?: {
        game_id?: GameId;
        source_id?: string;
        key?: string;
    }): Promise<import("./messages.js").UserUnmuted>;
    /**
     * Keep a user from joining, betting and chatting in the games of a source. Stakes stand. Op 9040.
     * @param {string} source_id
     * @param {string} username
     * @param {{ until?: number, reason?: string, key?: string }} [options]
     * @returns {Promise<import("./messages.js").UserBanned>}
     */
    banFromSource(source_id: string, username: string, options?: {
        until?: number;
        reason?: string;
        key?: string;
    }): Promise<import("./messages.js").UserBanned>;
    /**
     * Let a banned user take part in a source again. Op 9050.
     * @param {string} source_id
     * @param {string} username
     * @param {{ key?: string }} [options]
     * @returns {Promise<import("./messages.js").BanLifted>}
     */
    liftBan(source_id: string, username: string, options?: {
        key?: string;
    }): Promise<import("./messages.js").BanLifted>;
    /**
     * Set the shortest time between two chat lines of a user in a game; 0 for none. Op 9060.
     * @param {GameId} game_id
     * @param {number} ms
     * @param {{ key?: string }} [options]
     * @returns {Promise<import("./messages.js").SlowModeSet>}
     */
    setSlowMode(game_id: GameId, ms: number, options?: {
        key?: string;
    }): Promise<import("./messages.js").SlowModeSet>;
    /**
     * Ask every subscriber of a game to remove a chat line, one of the newest 1,000. Op 9070.
     * @param {GameId} game_id
     * @param {string} message_id
     * @returns {Promise<import("./messages.js").MessageRemoved>}
     */
    removeMessage(game_id: GameId, message_id: string): Promise<import("./messages.js").MessageRemoved>;
    /**
     * Rank the users by what they have won in a currency. Op 450.
     * @param {{ currency?: string, start?: number, end?: number }} [options]
     * @returns {Promise<import("./messages.js").Leaderboard>}
     */
    getLeaderboard(options?: {
        currency?: string;
        start?: number;
        end?: number;
    }): Promise<import("./messages.js").Leaderboard>;
    /**
     * Rank the users by what they have won in a game. Op 451.
     * @param {GameId} game_id
     * @param {{ start?: number, end?: number }} [options]
     * @returns {Promise<import("./messages.js").LeaderboardForGame>}
     */
    getGameLeaderboard(game_id: GameId, options?: {
        start?: number;
        end?: number;
    }): Promise<import("./messages.js").LeaderboardForGame>;
}
/** Each op as a method, for one game and its pools. */
export class GameOperations {
    /** @type {string} */
    gameId: string;
    /**
     * @protected
     * @param {number} op
     * @param {Record<string, any>} parameters
     * @param {string} [key]
     * @returns {Promise<any>}
     */
    protected perform(op: number, parameters: Record<string, any>, key?: string): Promise<any>;
    /**
     * Open an upcoming game, and add actions and targets. Op 3702.
     * @param {{ actions?: string[], targets?: string[], key?: string }} [options]
     * @returns {Promise<import("./messages.js").GameOpened>}
     */
    openGame(options?: {
        actions?: string[];
        targets?: string[];
        key?: string;
    }): Promise<import("./messages.js").GameOpened>;
    /**
     * Request admin rights for a game. Op 616.
     * @param {{ key?: string }} [options]
     * @returns {Promise<import("./messages.js").BecomeAnAdminForGameSuccess | import("./messages.js").BecomeAnAdminForGameFail>}
     */
    becomeAdmin(options?: {
        key?: string;
    }): Promise<import("./messages.js").BecomeAnAdminForGameSuccess | import("./messages.js").BecomeAnAdminForGameFail>;
    /**
     * Make another user an admin of a game. Op 617.
     * @param {string} username
     * @param {{ key?: string }} [options]
     * @returns {Promise<import("./messages.js").AppointAdminForGameSuccess | import("./messages.js").BecomeAnAdminForGameFail>}
     */
    appointAdmin(username: string, options?: {
        key?: string;
    }): Promise<import("./messages.js").AppointAdminForGameSuccess | import("./messages.js").BecomeAnAdminForGameFail>;
    /**
     * Remove a user's admin rights for a game, or resign from it. Op 618.
     * @param {string} username
     * @param {{ key?: string }} [options]
     * @returns {Promise<import("./messages.js").DismissAdminForGameSuccess>}
     */
    dismissAdmin(username: string, options?: {
        key?: string;
    }): Promise<import("./messages.js").DismissAdminForGameSuccess>;
    /**
     * Return the details of a game. Op 372.
     * @returns {Promise<import("./messages.js").GameDetails>}
     */
    getGameDetails(): Promise<import("./messages.js").GameDetails>;
    /**
     * Change a game's details; add actions and targets. What is not given stays. Op 373.
     * @param {{ actions?: string[], targets?: string[], image_url?: string, game_name?: string, hashtag?: string, live_start_at?: number, live_finish_at?: number, close_at?: number, open_at?: number, bet_delay?: number, key?: string }} [options]
     * @returns {Promise<import("./messages.js").GameDetailsUpdated>}
     */
    updateGame(options?: {
        actions?: string[];
        targets?: string[];
        image_url?: string;
        game_name?: string;
        hashtag?: string;
        live_start_at?: number;
        live_finish_at?: number;
        close_at?: number;
        open_at?: number;
        bet_delay?: number;
        key?: string;
    }): Promise<import("./messages.js").GameDetailsUpdated>;
    /**
     * End this connection's subscription to a game. Op 364.
     * @returns {Promise<import("./messages.js").GameLeft>}
     */
    leaveGame(): Promise<import("./messages.js").GameLeft>;
    /**
     * Close a game. Op 375.
     * @param {{ key?: string }} [options]
     * @returns {Promise<import("./messages.js").GameClosed | import("./messages.js").GameClosing>}
     */
    closeGame(options?: {
        key?: string;
    }): Promise<import("./messages.js").GameClosed | import("./messages.js").GameClosing>;
    /**
     * Open a betting pool. Op 385.
     * @param {string} description
     * @param {{ action?: string, targets?: string[], pool_type?: number, finish_at?: number, stop_accepting_bets_at?: number, is_blocked?: boolean, is_hot?: boolean, recreate_on_end?: boolean, policy?: string, min_stake?: Amount, max_stake?: Amount, max_stake_per_user?: Amount, bet_delay?: number, confirm_for?: number, key?: string }} [options]
     * @returns {Promise<import("./messages.js").BettingPoolOpened>}
     */
    openPool(description: string, options?: {
        action?: string;
        targets?: string[];
        pool_type?: number;
        finish_at?: number;
        stop_accepting_bets_at?: number;
        is_blocked?: boolean;
        is_hot?: boolean;
        recreate_on_end?: boolean;
        policy?: string;
        min_stake?: Amount;
        max_stake?: Amount;
        max_stake_per_user?: Amount;
        bet_delay?: number;
        confirm_for?: number;
        key?: string;
    }): Promise<import("./messages.js").BettingPoolOpened>;
    /**
     * List the unresolved pools of a game. Op 387.
     * @param {{ offset?: number, limit?: number }} [options]
     * @returns {Promise<import("./messages.js").AllPoolsForGame>}
     */
    listPools(options?: {
        offset?: number;
        limit?: number;
    }): Promise<import("./messages.js").AllPoolsForGame>;
    /**
     * List the unresolved pools in which the caller has no bet. Op 388.
     * @param {{ offset?: number, limit?: number }} [options]
     * @returns {Promise<import("./messages.js").MyOpenPoolsForGame>}
     */
    listMyOpenPools(options?: {
        offset?: number;
        limit?: number;
    }): Promise<import("./messages.js").MyOpenPoolsForGame>;
    /**
     * List the unresolved pools in which the caller has a bet. Op 389.
     * @param {{ offset?: number, limit?: number }} [options]
     * @returns {Promise<import("./messages.js").MyRunningPoolsForGame>}
     */
    listMyRunningPools(options?: {
        offset?: number;
        limit?: number;
    }): Promise<import("./messages.js").MyRunningPoolsForGame>;
    /**
     * List the resolved pools in which the caller had a bet, the newest first. Op 390.
     * @param {{ offset?: number, limit?: number }} [options]
     * @returns {Promise<import("./messages.js").MyResolvedPoolsForGame>}
     */
    listMyResolvedPools(options?: {
        offset?: number;
        limit?: number;
    }): Promise<import("./messages.js").MyResolvedPoolsForGame>;
    /**
     * List the resolved pools of a game with their results, the newest first. Op 3901.
     * @param {{ offset?: number, limit?: number }} [options]
     * @returns {Promise<import("./messages.js").ResolvedPoolsForGame>}
     */
    listResolvedPools(options?: {
        offset?: number;
        limit?: number;
    }): Promise<import("./messages.js").ResolvedPoolsForGame>;
    /**
     * Place a bet in a pool. Op 392.
     * @param {PoolId} pool_id
     * @param {string} target
     * @param {Amount} amount
     * @param {{ key?: string }} [options]
     * @returns {Promise<import("./messages.js").BetPlaced>}
     */
    placeBet(pool_id: PoolId, target: string, amount: Amount, options?: {
        key?: string;
    }): Promise<import("./messages.js").BetPlaced>;
    /**
     * Return the stakes in a pool, with one page of its bets. Op 393.
     * @param {PoolId} pool_id
     * @param {{ offset?: number, limit?: number }} [options]
     * @returns {Promise<import("./messages.js").PoolBetsDistribution>}
     */
    getDistribution(pool_id: PoolId, options?: {
        offset?: number;
        limit?: number;
    }): Promise<import("./messages.js").PoolBetsDistribution>;
    /**
     * Return everything that decided what a resolved pool paid, with one page of its bets. Op 3911.
     * @param {PoolId} pool_id
     * @param {{ offset?: number, limit?: number }} [options]
     * @returns {Promise<import("./messages.js").Receipt>}
     */
    getReceipt(pool_id: PoolId, options?: {
        offset?: number;
        limit?: number;
    }): Promise<import("./messages.js").Receipt>;
    /**
     * Register an event of the match. Op 395.
     * @param {string} action_id
     * @param {string} target_id
     * @param {{ happened_at?: number, also?: string[], is_material?: boolean, key?: string }} [options]
     * @returns {Promise<import("./messages.js").GameEventRegistered>}
     */
    registerEvent(action_id: string, target_id: string, options?: {
        happened_at?: number;
        also?: string[];
        is_material?: boolean;
        key?: string;
    }): Promise<import("./messages.js").GameEventRegistered>;
    /**
     * Take an event back: it did not happen. The pools that it decided are open or cancelled. Op 3951.
     * @param {string} event_id
     * @param {string} reason
     * @param {{ key?: string }} [options]
     * @returns {Promise<import("./messages.js").GameEventTakenBack>}
     */
    takeBackEvent(event_id: string, reason: string, options?: {
        key?: string;
    }): Promise<import("./messages.js").GameEventTakenBack>;
    /**
     * Mark a pool as hot. Op 396.
     * @param {PoolId} pool_id
     * @param {{ likely_to_happen_at?: number, key?: string }} [options]
     * @returns {Promise<import("./messages.js").PoolSuggestedAsHot>}
     */
    heatPool(pool_id: PoolId, options?: {
        likely_to_happen_at?: number;
        key?: string;
    }): Promise<import("./messages.js").PoolSuggestedAsHot>;
    /**
     * Mark every pool of an action with exactly this target as hot. Op 3961.
     * @param {string} action_id
     * @param {string} target_id
     * @param {{ likely_to_happen_at?: number, key?: string }} [options]
     * @returns {Promise<import("./messages.js").PoolSuggestedAsHot>}
     */
    heatPools(action_id: string, target_id: string, options?: {
        likely_to_happen_at?: number;
        key?: string;
    }): Promise<import("./messages.js").PoolSuggestedAsHot>;
    /**
     * Cancel a pool and refund every stake. Op 399.
     * @param {PoolId} pool_id
     * @param {{ reason?: string, key?: string }} [options]
     * @returns {Promise<import("./messages.js").BettingPoolCancelled>}
     */
    cancelPool(pool_id: PoolId, options?: {
        reason?: string;
        key?: string;
    }): Promise<import("./messages.js").BettingPoolCancelled>;
    /**
     * Confirm the result of a decided pool, and pay it at once. Op 3952.
     * @param {PoolId} pool_id
     * @param {{ key?: string }} [options]
     * @returns {Promise<import("./messages.js").BettingPoolConfirmed>}
     */
    confirmPool(pool_id: PoolId, options?: {
        key?: string;
    }): Promise<import("./messages.js").BettingPoolConfirmed>;
    /**
     * Give a resolved pool another result, and move the money that this changes. Op 3992.
     * @param {PoolId} pool_id
     * @param {string} reason
     * @param {number} corrects_seq
     * @param {{ winning_target?: string, winning_targets?: string[], cancel?: boolean, happened_at?: number, key?: string }} [options]
     * @returns {Promise<import("./messages.js").BetPoolCorrected>}
     */
    correctPool(pool_id: PoolId, reason: string, corrects_seq: number, options?: {
        winning_target?: string;
        winning_targets?: string[];
        cancel?: boolean;
        happened_at?: number;
        key?: string;
    }): Promise<import("./messages.js").BetPoolCorrected>;
    /**
     * Take a target out of a pool and refund every stake on it. Op 3994.
     * @param {PoolId} pool_id
     * @param {string} target
     * @param {string} reason
     * @param {{ key?: string }} [options]
     * @returns {Promise<import("./messages.js").TargetScratched>}
     */
    scratchTarget(pool_id: PoolId, target: string, reason: string, options?: {
        key?: string;
    }): Promise<import("./messages.js").TargetScratched>;
    /**
     * Block betting in a pool, now or at `block_at`. Op 397.
     * @param {PoolId} pool_id
     * @param {{ block_at?: number, key?: string }} [options]
     * @returns {Promise<import("./messages.js").BettingInPoolBlocked>}
     */
    blockPool(pool_id: PoolId, options?: {
        block_at?: number;
        key?: string;
    }): Promise<import("./messages.js").BettingInPoolBlocked>;
    /**
     * Allow betting in a pool, now or at `allow_at`. Op 398.
     * @param {PoolId} pool_id
     * @param {{ allow_at?: number, key?: string }} [options]
     * @returns {Promise<import("./messages.js").BettingInPoolAllowed>}
     */
    allowPool(pool_id: PoolId, options?: {
        allow_at?: number;
        key?: string;
    }): Promise<import("./messages.js").BettingInPoolAllowed>;
    /**
     * Block betting in all pools of an action, now or at `block_at`. Op 3975.
     * @param {string} action
     * @param {{ block_at?: number, key?: string }} [options]
     * @returns {Promise<import("./messages.js").BettingForActionBlocked>}
     */
    blockAction(action: string, options?: {
        block_at?: number;
        key?: string;
    }): Promise<import("./messages.js").BettingForActionBlocked>;
    /**
     * Allow betting in all pools of an action, now or at `allow_at`. Op 3985.
     * @param {string} action
     * @param {{ allow_at?: number, key?: string }} [options]
     * @returns {Promise<import("./messages.js").BettingForActionAllowed>}
     */
    allowAction(action: string, options?: {
        allow_at?: number;
        key?: string;
    }): Promise<import("./messages.js").BettingForActionAllowed>;
    /**
     * Keep a user from chatting in a game, or in all games of a source. Op 9020.
     * @param {string} username
     * @param {{ source_id?: string, until?: number, reason?: string, key?: string }} [options]
     * @returns {Promise<import("./messages.js").UserMuted>}
     */
    muteUser(username: string, options?: {
        source_id?: string;
        until?: number;
        reason?: string;
        key?: string;
    }): Promise<import("./messages.js").UserMuted>;
    /**
     * Let a user chat again in a game, or in all games of a source. Op 9030.
     * @param {string} username
     * @param {{ source_id?: string, key?: string }} [options]
     * @returns {Promise<import("./messages.js").UserUnmuted>}
     */
    unmuteUser(username: string, options?: {
        source_id?: string;
        key?: string;
    }): Promise<import("./messages.js").UserUnmuted>;
    /**
     * Set the shortest time between two chat lines of a user in a game; 0 for none. Op 9060.
     * @param {number} ms
     * @param {{ key?: string }} [options]
     * @returns {Promise<import("./messages.js").SlowModeSet>}
     */
    setSlowMode(ms: number, options?: {
        key?: string;
    }): Promise<import("./messages.js").SlowModeSet>;
    /**
     * Ask every subscriber of a game to remove a chat line, one of the newest 1,000. Op 9070.
     * @param {string} message_id
     * @returns {Promise<import("./messages.js").MessageRemoved>}
     */
    removeMessage(message_id: string): Promise<import("./messages.js").MessageRemoved>;
    /**
     * Rank the users by what they have won in a game. Op 451.
     * @param {{ start?: number, end?: number }} [options]
     * @returns {Promise<import("./messages.js").LeaderboardForGame>}
     */
    getGameLeaderboard(options?: {
        start?: number;
        end?: number;
    }): Promise<import("./messages.js").LeaderboardForGame>;
}
export type Amount = import("../money.js").Amount;
export type Limits = import("../limits.js").Limits;
export type GameId = import("../ids.js").GameId;
export type PoolId = import("../ids.js").PoolId;
