// The page's parts, connected: the session with the server, the state, and the user of this tab.

import { serverClock } from "./clock.js";
import { Frames } from "./frames.js";
import { Live } from "./live.js";
import * as account from "./account.js";
import { parameter } from "./money.js";
import { enteredBy, newPage, reduce, withProblem } from "./state/page.js";
import { withBetRefused, withBetSent, withWaitingBetsSent, withoutBetSent } from "./state/sent.js";
import { Store } from "./store.js";
import { Visits } from "./visits.js";

export class App {
  #betsSent = 0;

  constructor(config) {
    this.config = config;
    this.frames = new Frames();
    this.store = new Store(newPage(account.kept()), reduce);
    this.visits = new Visits(this);
    this.live = null;
  }

  /** Connect as the user of this tab, or as a guest. */
  start() {
    const { user } = this.store.state;
    const credentials = user ? { id: user.id, key: user.key } : { guest: true };
    this.live = new Live(this.config.websocket_url, this.frames, {
      onMessage: (...message) => this.#received(...message),
      onStatus: (status) => this.#changedTo(status),
      onMissed: (gameId) => this.visits.reload(gameId),
      onRefused: () => this.#refused(),
    });
    this.live.open(credentials);
  }

  /** Send an op by name, with parameters and reply as on the wire. Rejects with a refusal. */
  ask(name, parameters) {
    return this.live.ask(name, parameters);
  }

  /** Ask the user to sign in. `why` is shown above the form. */
  askToSignIn(why = null) {
    this.#set({ signIn: { why } });
  }

  closeSignIn() {
    this.#set({ signIn: null });
  }

  /** Continue as this user, on the same view. */
  enter(user) {
    account.keep(user);
    this.#restart(enteredBy(this.store.state, user));
  }

  /** Continue as a guest. */
  leave() {
    account.forget();
    this.#restart(newPage(null));
    location.hash = "#/";
  }

  /** Put a target on the bet slip, or take it off. */
  choose(slip) {
    this.#set({ slip });
  }

  /**
   * Send the bet of the slip, which is then free for the next one. Return the reply, or null if it was refused: the
   * refusal stays in the state until it is dismissed. `terms`: {amount, currency, description, delay}.
   */
  async placeBet(terms) {
    const { slip } = this.store.state;
    if (!slip) return null;
    const id = ++this.#betsSent;
    this.store.set(withBetSent(this.store.state, { id, ...slip, ...terms }, serverClock.now()));
    try {
      const parameters = { pool_id: slip.poolId, target: slip.path, amount: parameter(terms.amount) };
      const reply = await this.ask("place_bet_in_betting_pool", parameters);
      this.dismiss(id);
      return reply;
    } catch (error) {
      this.store.set(withBetRefused(this.store.state, id, error));
      return null;
    }
  }

  /** Remove a bet that was sent from the state. */
  dismiss(id) {
    this.store.set(withoutBetSent(this.store.state, id));
  }

  /** Show why a game cannot be shown. */
  failed(gameId, problem) {
    this.store.set(withProblem(this.store.state, gameId, problem));
  }

  #restart(state) {
    this.live.close();
    this.store.set({ ...state, status: { phase: "connecting" } });
    this.start();
    this.visits.again();
  }

  #received(name, message, request) {
    serverClock.observe(message.response_header.t);
    const before = this.store.state.user;
    this.store.apply(name, message, request);
    const { user } = this.store.state;
    if (user && user !== before) account.rename(user);
    this.visits.received(name, message);
  }

  #changedTo(status) {
    this.#set({ status });
    if (status.phase !== "connected") return;
    this.store.set(withWaitingBetsSent(this.store.state, serverClock.now()));
    this.visits.connected();
  }

  /** The key has ended: go on as a guest. Where guests are refused, the user must sign in. */
  #refused() {
    const { user, signIn, status } = this.store.state;
    if (!user) return this.#set({ signIn: { ...signIn, isNeeded: true }, status: { phase: "refused" } });
    account.forget();
    const why = status.phase === "away" ? "You were signed out. Sign in again." : "The server refused this sign-in. Sign in again.";
    this.#restart({ ...newPage(null), signIn: { why, ...account.signInOf(user) } });
  }

  #set(changes) {
    this.store.set({ ...this.store.state, ...changes });
  }
}
