// Requests that a view or a message makes necessary: the data of a game, a changed balance.

import { allPools } from "./pages.js";
import { remember } from "./seen.js";

const LISTS = ["list_my_running_pools_for_game", "list_my_resolved_pools_for_game"];
const MONEY = ["get_my_current_balance", "get_my_available_balance"];
const MOVES_MONEY = new Set(["user_balance_update", "bet_pool_resolved", "bet_pool_expired"]);

export class Visits {
  #running = new Set();
  #again = new Set();

  constructor(app) {
    this.app = app;
  }

  /** Join a game and request everything that its board shows. Rejects with the server's error. */
  async open(gameId) {
    const { connection } = this.app;
    const about = { game_id: gameId };
    const details = await connection.ask("get_game_details", about);
    remember(details);
    await connection.join(gameId).catch(unlessClosed);
    const pools = await allPools(connection, "list_all_betting_pools_for_game", gameId);
    await Promise.all([
      this.refresh(gameId),
      this.#balance(details.currency),
      ...Object.keys(pools).map((id) => connection.ask("get_betting_pool_bets_distribution", { pool_id: id })),
    ]);
  }

  /** After a message, request what it has changed without containing it. */
  received(name, { game_id: gameId }) {
    if (name === "game_closed") this.app.connection.forgetGame(gameId);
    if (MOVES_MONEY.has(name) && gameId in this.app.store.state.games) this.refresh(gameId).catch(ignored);
  }

  /** After connecting, request the balances: an update may have been missed. */
  connected() {
    const { balances, games } = this.app.store.state;
    const currencies = Object.keys(balances);
    if (currencies.length === 0) currencies.push(undefined); // The server's default.
    for (const currency of currencies) this.#balance(currency).catch(ignored);
    for (const gameId of Object.keys(games)) this.refresh(gameId).catch(ignored);
  }

  /** Request the user's stakes and results and the leaders, one refresh at a time. */
  async refresh(gameId) {
    if (this.#running.has(gameId)) return void this.#again.add(gameId);
    this.#running.add(gameId);
    try {
      await Promise.all([
        ...LISTS.map((op) => allPools(this.app.connection, op, gameId)),
        this.app.connection.ask("get_leaderboard_for_game", { game_id: gameId }),
      ]);
    } finally {
      this.#running.delete(gameId);
    }
    if (this.#again.delete(gameId)) await this.refresh(gameId);
  }

  #balance(currency) {
    return Promise.all(MONEY.map((op) => this.app.connection.ask(op, { currency })));
  }
}

function unlessClosed(error) {
  if (error.code !== "game_closed") throw error;
}

/** A failed request is repeated with the next change. */
function ignored() {}
