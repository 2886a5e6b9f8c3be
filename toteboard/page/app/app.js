// The page's parts, connected: the session with the server, the state, and the user of this tab.

import { Bets } from "./bets.js";
import { serverClock } from "./clock.js";
import { Frames } from "./frames.js";
import { Live } from "./live.js";
import * as account from "./account.js";
import { enteredBy, newPage, reduce, withProblem } from "./state/page.js";
import { Store } from "./store.js";
import { Visits } from "./visits.js";

export class App {
  constructor(config) {
    this.config = config;
    this.frames = new Frames();
    this.bets = new Bets(this);
    this.store = new Store(this.bets.restored(newPage(account.kept())), reduce);
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

  /** Send an op by name, with parameters and reply as on the wire. Rejects with a refusal. `options`: see `Live.ask`. */
  ask(name, parameters, options) {
    return this.live.ask(name, parameters, options);
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
    this.#restart(this.bets.restored(enteredBy(this.store.state, user)));
  }

  /** Continue as a guest. */
  leave() {
    account.forget();
    this.#restart(newPage(null));
    location.hash = "#/";
  }

  /** Put a pick on the bet slip, {gameId, poolId, path}, with the stake of the pick before it; or take the pick off. */
  choose(pick) {
    const { slip, notice } = this.store.state;
    const text = slip?.gameId === pick?.gameId ? slip?.text : undefined;
    this.#set(pick ? { slip: { ...pick, text }, notice: null } : { slip: null, notice });
  }

  /** Keep what is typed as the stake, for when the slip is shown again. */
  keepStake(text) {
    const { slip } = this.store.state;
    if (slip) this.#set({ slip: { ...slip, text } });
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
    this.bets.received(name, message);
  }

  #changedTo(status) {
    this.#set({ status });
    if (status.phase !== "connected") return;
    this.bets.connected();
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
