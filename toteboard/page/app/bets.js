// The bets of the user: sends them, keeps those without a reply in the tab, and finds out what became of them.

import { serverClock } from "./clock.js";
import { moneyOf, parameter } from "./money.js";
import { betsOf } from "./payout.js";
import {
  betsIn, decidedBy, foundAmong, isWaiting, lost, placedFrom, withBetNotFound, withBetPlaced, withBetRefused, withBetSent,
  withBetsSentNow, withoutBetSent,
} from "./state/sent.js";

const KEPT = "toteboard-sent-bets-";
const PAGE = 1000;
const NOTICE_MS = 5000;
const RETRY_MS = 2000;
/** The bets placed last that are not taken for one that is lost. */
const MOST_PLACED = 50;

export class Bets {
  #count = 0;
  #placedIds = [];
  #timer = null;
  #isLooking = false;
  #mustLookAgain = false;

  constructor(app) {
    this.app = app;
  }

  /** Return a page with the bets that its user had sent before in this tab: their replies are lost. */
  restored(page) {
    if (!page.user) return page;
    const bets = lost(page.sentBets.length > 0 ? page.sentBets : read(page.user.id));
    this.#count = bets.reduce((most, { id }) => Math.max(most, id), this.#count);
    return { ...page, sentBets: bets };
  }

  /**
   * Send the bet of the slip, which is then free for the next one. A refusal stays in the state until it is dismissed.
   * `terms`: {amount, currency, name, description, delay}; `name` is the target's.
   */
  async place(terms) {
    // The form is on the screen until the next frame: a second press in this one finds the slip free.
    if (!this.#page.slip) return;
    const { gameId, poolId, path } = this.#page.slip;
    const id = ++this.#count;
    const bet = { id, gameId, poolId, path, ...terms };
    this.#set(withBetSent(this.#page, bet, serverClock.now(), this.#placedIds));
    try {
      const parameters = { pool_id: poolId, target: path, amount: parameter(terms.amount) };
      const { bet_id: betId } = await this.app.ask("place_bet_in_betting_pool", parameters, { mayWait: true });
      this.#placed(id, betId);
    } catch (error) {
      // Without a code the session has ended. If the user is still there, the bet is looked for.
      if (error.code) this.#set(withBetRefused(this.#page, id, error));
    }
  }

  /** Remove a bet whose refusal was read. */
  dismiss(id) {
    this.#set(withoutBetSent(this.#page, id));
  }

  /** After connecting: the session has sent the bets that waited, and what is lost can be looked for. */
  connected() {
    this.#set(withBetsSentNow(this.#page, serverClock.now()));
    this.#look();
  }

  /** After a message, look for a lost bet that may have caused it. */
  received(name, { cause, pool_id: poolId }) {
    if (name !== "user_balance_update" || cause !== "bet") return;
    if (this.#lost.some((bet) => bet.poolId === poolId)) this.#look();
  }

  get #page() {
    return this.app.store.state;
  }

  get #lost() {
    return this.#page.sentBets.filter((bet) => isWaiting(bet) && bet.isLost);
  }

  #set(page) {
    this.app.store.set(page);
    if (page.user) write(page.user.id, page.sentBets);
  }

  #placed(id, betId) {
    this.#placedIds = [...this.#placedIds, betId].slice(-MOST_PLACED);
    const bet = this.#page.sentBets.find((each) => each.id === id);
    if (!bet) return;
    const notice = { gameId: bet.gameId, text: `Bet placed: ${moneyOf(bet.amount)} ${bet.currency} on ${bet.name}` };
    this.#set({ ...withBetPlaced(this.#page, id, betId), notice });
    setTimeout(() => this.#page.notice === notice && this.app.store.set({ ...this.#page, notice: null }), NOTICE_MS);
  }

  /** Look for the lost bets now, and again when the next of them must have been decided. */
  async #look() {
    this.#mustLookAgain = this.#isLooking;
    if (this.#isLooking) return;
    this.#isLooking = true;
    for (const { id } of this.#lost) await this.#lookFor(id, this.app.live);
    this.#isLooking = false;
    clearTimeout(this.#timer);
    if (this.#mustLookAgain) return this.#look();
    const pause = Math.min(...this.#lost.map((bet) => decidedBy(bet) - serverClock.now()));
    if (Number.isFinite(pause)) this.#timer = setTimeout(() => this.#look(), Math.max(pause, RETRY_MS));
  }

  async #lookFor(id, live) {
    const present = () => this.#lost.find((each) => each.id === id);
    try {
      if (!present()) return;
      const { bets, now } = await this.#placedSince(present());
      const bet = present();
      if (!bet || live !== this.app.live) return;
      const found = foundAmong(bets, bet, this.#page.user.id);
      if (found) this.#placed(id, found.id);
      else if (now >= decidedBy(bet)) this.#set(withBetNotFound(this.#page, id));
    } catch (error) {
      if (live === this.app.live && !error.retryable) this.#set(withBetRefused(this.#page, id, {}));
    }
  }

  /**
   * Return the bets in the pool of a bet since that was sent, and the server's time when they were asked for: the clock of
   * the page may be wrong before the first message. The newest bets are on the last page.
   */
  async #placedSince(bet) {
    const { poolId } = bet;
    const ask = (offset, limit) => this.app.ask("get_betting_pool_bets_distribution", { pool_id: poolId, offset, limit });
    const all = [];
    const { bets_total: total, response_header: { t: now } } = await ask(0, 1);
    for (let end = total; end > 0; end -= PAGE) {
      const start = Math.max(0, end - PAGE);
      const bets = betsOf((await ask(start, end - start)).distribution);
      all.push(...bets);
      if (bets.some(({ placedAt }) => placedAt < placedFrom(bet))) break;
    }
    return { bets: all, now };
  }
}

function read(userId) {
  try {
    return betsIn(sessionStorage.getItem(KEPT + userId));
  } catch {
    return []; // The browser allows no storage, or the value is damaged.
  }
}

function write(userId, bets) {
  try {
    if (bets.length > 0) sessionStorage.setItem(KEPT + userId, JSON.stringify(bets));
    else sessionStorage.removeItem(KEPT + userId);
  } catch {
    // The browser allows no storage, or it is full: the bets are not shown after a reload.
  }
}
