// The session with the server: passes replies and publications on by name, as on the wire.
// The client in vendor/client/ (clients/js) connects, resumes and retries.

import { ConnectionFailedError, Dropped, Missed, NotResumed, Op, Res, Resumed, SessionClosedError, SignInRefusedError, Skipped, openSession } from "../vendor/client/index.js";
import { CHANGING } from "../vendor/client/generated/operations.js";
import { recorded } from "./recorded_socket.js";

const RETRY_MS = 2000;
const NAMES = new Map(Object.entries(Res).map(([name, code]) => [code, name.toLowerCase()]));

/** Why an op was not sent that must not happen later than the user meant it. */
export const NOT_SENT = { text: "Nothing was sent: there was no connection." };

/** Return the name of a response code. Newer servers may have others. */
export const nameOf = (res) => NAMES.get(res) ?? `res ${res}`;

/** Return a publication as it was on the wire: a `Money` becomes its number again. */
const asOnTheWire = (news) => JSON.parse(JSON.stringify(news));

export class Live {
  #session = null;
  #followed = new Set();
  #isClosed = false;
  #isConnected = false;

  /** `on` has {onMessage, onStatus, onMissed, onRefused}. */
  constructor(url, frames, on) {
    this.url = url;
    this.on = on;
    this.Socket = recorded(WebSocket, frames);
    this.opened = new Promise((resolve) => (this.resolveOpened = resolve));
  }

  /** Connect, and try again while the server cannot be reached. */
  async open(credentials) {
    this.#changedTo({ phase: "connecting" });
    while (!this.#isClosed) {
      try {
        const session = await openSession(this.url, credentials, { WebSocket: this.Socket });
        return this.#openedWith(session);
      } catch (error) {
        if (error instanceof SignInRefusedError) return this.#isClosed || this.on.onRefused();
        if (!(error instanceof ConnectionFailedError)) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /**
   * Send an op by name. Return the reply, as on the wire. Rejects with a `RefusedError`. Without a connection a query
   * waits for it. An op that changes something does not, unless it `mayWait`: it rejects with a `text` of why. If the
   * connection is lost before its reply, the session repeats it.
   */
  async ask(name, parameters = {}, { mayWait = false } = {}) {
    const op = Op[name.toUpperCase()];
    if (CHANGING.has(op) && !mayWait && !this.#isConnected) throw NOT_SENT;
    const session = await this.opened;
    const reply = await session.ask(op, parameters);
    if (!this.#isClosed) this.on.onMessage(nameOf(reply.res), reply, { name, parameters });
    return reply;
  }

  /** Receive the publications of a game from now on. Rejects with a `RefusedError`. */
  async follow(gameId) {
    const session = await this.opened;
    if (this.#followed.has(gameId)) return;
    this.#followed.add(gameId);
    try {
      this.#pump(await session.join(gameId), gameId);
    } catch (error) {
      this.#followed.delete(gameId);
      throw error;
    }
  }

  /** Send a frame exactly as the user wrote it. Return whether there is a connection. */
  sendByHand(text) {
    return this.Socket.newest?.sendByHand(text) ?? false;
  }

  reconnect() {
    this.#session?.reconnect();
  }

  close() {
    this.#isClosed = true;
    this.#session?.close();
  }

  #openedWith(session) {
    if (this.#isClosed) return session.close();
    this.#session = session;
    this.resolveOpened(session);
    this.#changedTo({ phase: "connected" });
    return this.#pump(session, null);
  }

  #changedTo(status) {
    this.#isConnected = status.phase === "connected";
    this.on.onStatus(status);
  }

  /** Pass on what the session, or one of its games, reports, until it ends. */
  async #pump(source, gameId) {
    try {
      for await (const news of source) {
        if (this.#isClosed) return;
        this.#handle(news);
      }
    } catch (error) {
      if (error instanceof SessionClosedError) return;
      if (!(error instanceof SignInRefusedError)) throw error;
      if (!gameId && !this.#isClosed) this.on.onRefused();
    } finally {
      this.#followed.delete(gameId);
    }
  }

  #handle(news) {
    if (news instanceof Dropped) this.#changedTo({ phase: "away", reason: news.reason });
    else if (news instanceof Resumed) this.#changedTo({ phase: "connected" });
    else if (news instanceof Missed) this.on.onMissed(news.gameId);
    else if (!(news instanceof Skipped || news instanceof NotResumed)) {
      this.on.onMessage(nameOf(news.res), asOnTheWire(news));
    }
  }
}
