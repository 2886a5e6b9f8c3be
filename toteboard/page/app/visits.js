// Requests that a room or a message makes necessary: the data of a game, a changed balance.

import { allPools } from "./pages.js";

const MINE = ["list_my_running_pools_for_game", "list_my_resolved_pools_for_game"];
const RIGHTS = ["list_game_sources_i_am_admin_of", "list_games_i_am_admin_of"];
const MONEY = ["get_my_current_balance", "get_my_available_balance"];
const MOVES_MONEY = new Set(["user_balance_update", "bet_pool_resolved", "bet_pool_expired", "bet_pool_corrected"]);
const RESULTS_SHOWN = 100;
const GAMES_ASKED = 60;
const RETRY_MS = 2000;

export class Visits {
  #running = new Set();
  #again = new Set();
  #visited = new Set();
  #named = new Set();
  #lists = new Map();

  constructor(app) {
    this.app = app;
  }

  get #user() {
    return this.app.store.state.user;
  }

  /**
   * Follow a game and request everything that its board shows. A refusal of its details, or to follow it, becomes
   * the game's problem. A retryable refusal never does: the game is opened again.
   */
  async open(gameId) {
    const { live } = this.app;
    this.#visited.add(gameId);
    try {
      await this.#load(gameId);
    } catch (problem) {
      // Another user has signed in or out since then, and `again` has opened the game for that user.
      if (live !== this.app.live) return;
      if (!problem.retryable) return void this.app.failed(gameId, problem);
      setTimeout(() => live === this.app.live && this.open(gameId), problem.retryAfterMs ?? RETRY_MS);
    }
  }

  /** Request again what the server cannot replay. */
  reload(gameId) {
    this.app.ask("get_game_details", { game_id: gameId }).catch(ignored);
    this.#pools(gameId).catch(ignored);
    this.refresh(gameId).catch(ignored);
  }

  /** After a message, request what it has changed without containing it. */
  received(name, { game_id: gameId }) {
    if (MOVES_MONEY.has(name) && this.#visited.has(gameId)) this.refresh(gameId).catch(ignored);
  }

  /** After connecting, request the balances: an update may have been missed. */
  connected() {
    const { balances } = this.app.store.state;
    const currencies = Object.keys(balances);
    if (currencies.length === 0) currencies.push(undefined); // The server's default.
    for (const currency of currencies) this.#balance(currency).catch(ignored);
    for (const gameId of this.#visited) this.refresh(gameId).catch(ignored);
    if (this.#user) this.whatIRun();
  }

  /** Request the balances, also in the currencies of the games that are listed. */
  account() {
    if (!this.#user) return;
    this.connected();
    this.list("").then(({ games }) => {
      const known = this.app.store.state.balances;
      const others = new Set(games.map(({ currency }) => currency).filter((currency) => !(currency in known)));
      for (const currency of others) this.#balance(currency).catch(ignored);
    }, ignored);
  }

  /** Request the user's limits in every currency that has some, and in `currency`; and the break. */
  async limits(currency) {
    if (!this.#user) return;
    const { currencies = [] } = await this.app.ask("set_my_limits", { currency });
    const others = currencies.filter((each) => each !== currency);
    await Promise.all(others.map((each) => this.app.ask("set_my_limits", { currency: each })));
  }

  /** Request the games and pools that the entries of a statement name, once for each of their causes. */
  named(entries) {
    const nameOf = ({ pool_id, cause }) => `${pool_id} ${cause}`;
    const fresh = entries.filter((entry) => entry.pool_id && !this.#named.has(nameOf(entry)));
    for (const entry of fresh) this.#named.add(nameOf(entry));
    for (const gameId of new Set(fresh.map(({ game_id }) => game_id))) {
      this.app.ask("get_game_details", { game_id: gameId }).catch(ignored);
      for (const op of MINE) allPools(this.app, op, gameId).catch(ignored);
    }
  }

  /** Another user: follow the games again, with what concerns that user. */
  again() {
    this.#named.clear();
    this.#lists.clear();
    for (const gameId of this.#visited) this.open(gameId);
  }

  /** Request the sources and games of which the user is an admin. */
  whatIRun() {
    this.rights().catch(ignored);
  }

  /** Request the same, and wait for it. Rejects with a refusal. */
  rights() {
    return Promise.all(RIGHTS.map((op) => this.app.ask(op)));
  }

  /** Request the games that match a query, or wait for such a request that is under way. Return the reply. */
  list(query) {
    const known = this.#lists.get(query);
    if (known) return known;
    const parameters = query ? { query, limit: GAMES_ASKED } : { limit: GAMES_ASKED };
    const asked = this.app.ask("list_games", parameters).finally(() => this.#lists.delete(query));
    this.#lists.set(query, asked);
    return asked;
  }

  /** Request the user's stakes and results and the leaders, one refresh at a time. */
  async refresh(gameId) {
    if (this.#running.has(gameId)) return void this.#again.add(gameId);
    this.#running.add(gameId);
    try {
      const mine = this.#user ? MINE : [];
      await Promise.all([
        ...mine.map((op) => allPools(this.app, op, gameId)),
        this.app.ask("get_leaderboard_for_game", { game_id: gameId }),
      ]);
    } finally {
      this.#running.delete(gameId);
    }
    if (this.#again.delete(gameId)) await this.refresh(gameId);
  }

  async #load(gameId) {
    const details = await this.app.ask("get_game_details", { game_id: gameId });
    await this.app.live.follow(gameId).catch(unlessClosed);
    this.refresh(gameId).catch(ignored);
    this.#balance(details.currency).catch(ignored);
    await this.#pools(gameId).catch(unlessFinal);
  }

  async #pools(gameId) {
    await allPools(this.app, "list_all_betting_pools_for_game", gameId);
    await this.app.ask("list_resolved_pools_for_game", { game_id: gameId, limit: RESULTS_SHOWN });
    const pools = Object.keys(this.app.store.state.games[gameId]?.pools ?? {});
    await Promise.all(pools.map((id) => this.app.ask("get_betting_pool_bets_distribution", { pool_id: id })));
  }

  #balance(currency) {
    if (!this.#user) return Promise.resolve();
    return Promise.all(MONEY.map((op) => this.app.ask(op, { currency })));
  }
}

function unlessClosed(error) {
  if (error.code !== "game_closed") throw error;
}

function unlessFinal(error) {
  if (error.retryable) throw error;
}

/** A failed request is repeated with the next change. */
function ignored() {}
