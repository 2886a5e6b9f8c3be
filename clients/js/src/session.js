// A session: signed in as one user, over as many connections as necessary.

import { Conversation } from "./conversation.js";
import { SessionClosedError, SignInRefusedError } from "./errors.js";
import { CHANGING, SessionOperations } from "./generated/operations.js";
import { Game } from "./game.js";
import { gameIdOf } from "./ids.js";
import { Dropped, Newsroom, Resumed } from "./news.js";
import { Positions } from "./positions.js";
import { read } from "./reading.js";
import { Reconnection } from "./reconnection.js";
import { KeyRing, randomHex } from "./sign_in.js";
import { HandshakeError, isServerUp, opened, webSocketClass } from "./socket.js";

/** @typedef {import("./news.js").News} News */
/**
 * @typedef {object} Options
 * @property {number} [buffer] News that may wait for the program; 1,000 by default.
 * @property {any} [WebSocket] The class of WebSockets; the platform's by default.
 */

/**
 * Open a session at `ws://` or `wss://`. Rejects with a `SignInRefusedError`, or with a
 * `ConnectionFailedError` if the first connection cannot be made.
 * @param {string} url
 * @param {import("./sign_in.js").Credentials} credentials
 * @param {Options} [options]
 */
export async function openSession(url, credentials, options = {}) {
  const Socket = options.WebSocket ?? (await webSocketClass());
  const session = new Session(url, new KeyRing(credentials), Socket, options.buffer ?? 1000);
  await session.connected;
  return session;
}

/**
 * A user's calls and publications. `openSession` creates it.
 *
 * Each op has a method. A call waits while the connection is lost, over as many connections as
 * necessary, and is executed once: the session creates an idempotency key. Calls reject with a
 * `RefusedError` if the server refuses them, and with a `SignInRefusedError` once signing in cannot
 * succeed any more. `join` returns a `Game` with its publications, in order and each once.
 * `for await (const news of session)` yields all other news: balances, and the state of the
 * connection.
 */
export class Session extends SessionOperations {
  #url;
  #keys;
  #Socket;
  #news;
  #positions = new Positions();
  /** @type {Map<string, import("./conversation.js").Call>} */
  #waiting = new Map();
  #count = 0;
  #reconnection = new Reconnection();
  /** @type {Conversation | null} */
  #conversation = null;
  /** @type {Error | null} */
  #end = null;
  /** @type {any} */
  #socket = null;
  /** @type {any[]} */
  #early = [];
  /** @type {() => void} Ends the pause before the next connection. */
  #wake = () => {};

  /**
   * @param {string} url
   * @param {KeyRing} keys
   * @param {any} Socket
   * @param {number} buffer
   */
  constructor(url, keys, Socket, buffer) {
    super();
    this.#url = url;
    this.#keys = keys;
    this.#Socket = Socket;
    this.#news = new Newsroom(buffer);
    /** Resolves with the first connection. */
    this.connected = new Promise((resolve, reject) => {
      this.#run(() => resolve(undefined)).catch(reject);
    });
  }

  /**
   * Join a game, and return it with its publications. `since`: the last position that the program
   * knows. Rejects with a `RefusedError`.
   * @param {import("./ids.js").GameId} game
   * @param {{ since?: number }} [options]
   */
  async join(game, options = {}) {
    const gameId = gameIdOf(game);
    const buffer = this.#news.follow(gameId);
    try {
      return new Game(this, await this.joinGame(gameId, options), buffer);
    } catch (error) {
      this.#news.leave(gameId);
      throw error;
    }
  }

  /**
   * Send a request by op code, with parameters and reply as on the wire.
   * @template {keyof import("./generated/requests.js").Parameters} Op
   * @param {Op} op
   * @param {import("./generated/requests.js").Arguments<Op>} rest The parameters, and the idempotency
   *   key; without one, the session creates it.
   * @returns {Promise<import("./generated/requests.js").Reply<Op>>}
   */
  ask(op, ...[parameters, key]) {
    return this.#send(op, parameters ?? {}, key);
  }

  /**
   * @param {number} op
   * @param {object} parameters
   * @param {string} [key]
   * @returns {Promise<any>}
   */
  async #send(op, parameters, key) {
    if (this.#end) throw this.#end;
    const requestId = `call ${++this.#count}`;
    const ownKey = key ?? (CHANGING.has(op) ? randomHex(16) : undefined);
    const header = { request_id: requestId, idempotency_key: ownKey };
    const text = JSON.stringify({ header, op, ...parameters });
    try {
      return await new Promise((resolve, reject) => {
        const call = { requestId, text, timesSent: 0, resolve, reject };
        this.#waiting.set(requestId, call);
        this.#conversation?.send(call);
      });
    } finally {
      this.#waiting.delete(requestId);
    }
  }

  /**
   * @protected
   * @param {number} op
   * @param {Record<string, any>} parameters
   * @param {string} [key]
   * @returns {Promise<any>}
   */
  async perform(op, parameters, key) {
    return read(await this.#send(op, parameters, key));
  }

  /** Reconnect now instead of after the pause, if the connection is lost. */
  reconnect() {
    this.#wake();
  }

  /** Close the session. Waiting calls reject with a `SessionClosedError`. */
  async close() {
    this.#finish(new SessionClosedError("the session is closed"));
    this.#wake();
    this.#socket?.close(1000);
  }

  [Symbol.asyncIterator]() {
    return {
      next: async () => {
        const value = await this.nextOf(this.#news.session);
        if (value === undefined) return { value, done: /** @type {const} */ (true) };
        return { value, done: /** @type {const} */ (false) };
      },
    };
  }

  /**
   * Return the next news of a queue, or undefined once it is closed. Rejects with a
   * `SignInRefusedError` if that is why the session ended.
   * @param {import("./news.js").NewsBuffer} buffer
   * @returns {Promise<News | undefined>}
   */
  async nextOf(buffer) {
    if (buffer.isReadAfterDrop) {
      buffer.reportDrop();
      this.#conversation?.catchUp(buffer);
    }
    const news = await buffer.next();
    if (news === undefined && this.#end instanceof SignInRefusedError) throw this.#end;
    return news;
  }

  // Reconnecting.

  /** @param {() => void} onConnected */
  async #run(onConnected) {
    try {
      while (!this.#end) {
        await this.#connectOnce(onConnected);
        if (!this.#end) await this.#pause();
      }
    } catch (error) {
      this.#finish(/** @type {Error} */ (error));
      throw error; // Of interest only before the first connection.
    }
  }

  #pause() {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#reconnection.pause(Math.random()));
      this.#wake = () => {
        clearTimeout(timer);
        resolve(undefined);
      };
    });
  }

  /** @param {Error} why */
  #finish(why) {
    this.#end ??= why;
    this.#news.close();
    for (const call of this.#waiting.values()) call.reject(this.#end);
  }

  /** Open one connection, and use it until it is lost. @param {() => void} onConnected */
  async #connectOnce(onConnected) {
    const state = this.#reconnection;
    try {
      const url = await this.#keys.signed(this.#url, state.needsNewKey);
      const { socket, early } = await opened(this.#Socket, url);
      [this.#socket, this.#early] = [socket, early];
    } catch (error) {
      await this.#failed(error);
      return;
    }
    if (this.#end) this.#socket.close(1000);
    else await this.#converse(onConnected);
  }

  /** @param {() => void} onConnected */
  async #converse(onConnected) {
    const state = this.#reconnection;
    if (state.wasSignedIn) this.#news.session.put(new Resumed(this.#positions.games));
    this.#conversation = new Conversation(
      this.#socket,
      this.#positions,
      this.#waiting,
      this.#news,
      () => state.received(),
    );
    state.signedIn();
    onConnected();
    const { code, reason } = await this.#conversation.run(this.#early);
    this.#conversation = this.#socket = null;
    state.lost(code);
    this.#news.session.put(new Dropped(reason));
  }

  /** @param {any} error */
  async #failed(error) {
    const state = this.#reconnection;
    if (error instanceof SignInRefusedError) throw error;
    const isHidden = error instanceof HandshakeError && error.status === undefined;
    if (isHidden && (await isServerUp(this.#url))) {
      state.failed(true);
      return;
    }
    if (error instanceof HandshakeError && error.status) state.rejected(error.status);
    else state.failed(false);
    if (!state.wasSignedIn && !state.needsNewKey) throw error;
  }
}
