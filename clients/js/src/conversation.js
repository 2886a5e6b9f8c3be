// What a session does on one connection: it resumes its games, sends calls and receives messages.
// Everything that must survive the connection belongs to the session and is passed in.

import { RefusedError } from "./errors.js";
import { Res } from "./generated/shapes.js";
import { Missed, NotResumed } from "./news.js";
import { GAP, NEW, SKIPPED } from "./positions.js";
import { read } from "./reading.js";

/** @typedef {import("./positions.js").Message} Message */
/**
 * @typedef {object} Call A request until it is answered. A retry sends the same text.
 * @property {string} requestId
 * @property {string} text
 * @property {number} timesSent
 * @property {(reply: Message) => void} resolve
 * @property {(error: Error) => void} reject
 */

const JOIN = 363;
const PING = 1;
const PING_MS = 20_000; // The pause between two pings, and the timeout of the reply.
const RETRY_MS = 1000; // The pause before a retry, if the server names none.
const RESUMING = "resume ";
const PINGING = "ping";

export class Conversation {
  /** @type {Set<any>} */
  #timers = new Set();
  #messagesReceived = 0;

  /**
   * @param {any} socket
   * @param {import("./positions.js").Positions} positions
   * @param {Map<string, Call>} waiting
   * @param {import("./news.js").Newsroom} news
   * @param {() => void} onMessage
   */
  constructor(socket, positions, waiting, news, onMessage) {
    this.socket = socket;
    this.positions = positions;
    this.waiting = waiting;
    this.news = news;
    this.onMessage = onMessage;
  }

  /**
   * Resume the games, repeat the waiting calls, and receive until the connection is lost.
   * @param {any[]} early Messages that have already come.
   * @returns {Promise<{ code?: number, reason: string }>} Why it was lost.
   */
  run(early) {
    return new Promise((resolve) => {
      const lost = (/** @type {number | undefined} */ code, /** @type {string} */ reason) => {
        for (const timer of this.#timers) clearTimeout(timer);
        this.socket.onclose = this.socket.onmessage = null;
        resolve({ code, reason });
      };
      this.socket.onmessage = (/** @type {any} */ event) => this.#received(event.data);
      this.socket.onclose = (/** @type {any} */ event) =>
        lost(event.code, `${event.code} ${event.reason}`.trim());
      this.#keepAlive(() => {
        lost(undefined, "the server did not respond");
        this.socket.close();
      });
      for (const event of early) this.#received(event.data);
      for (const gameId of this.positions.games) this.resume(gameId);
      for (const call of this.waiting.values()) this.send(call);
    });
  }

  /** Send a call, for the first time or again. @param {Call} call */
  send(call) {
    call.timesSent += 1;
    this.socket.send(call.text);
  }

  /** Request what was missed of a game. @param {string} gameId */
  resume(gameId) {
    const since = this.positions.resume(gameId);
    this.#write(RESUMING + gameId, JOIN, { game_id: gameId, since });
  }

  /** Request what was skipped because this buffer was full. @param {any} buffer */
  catchUp(buffer) {
    for (const gameId of this.positions.behind()) {
      if (this.news.of(gameId) === buffer) this.resume(gameId);
    }
  }

  /** @param {string} requestId @param {number} op @param {object} parameters */
  #write(requestId, op, parameters) {
    this.socket.send(JSON.stringify({ header: { request_id: requestId }, op, ...parameters }));
  }

  /** @param {number} ms @param {() => void} action */
  #later(ms, action) {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, ms);
    this.#timers.add(timer);
  }

  /** @param {() => void} onSilence */
  #keepAlive(onSilence) {
    this.#later(PING_MS, () => {
      const before = this.#messagesReceived;
      this.#write(PINGING, PING, {});
      this.#later(PING_MS, () => {
        if (this.#messagesReceived === before) onSilence();
        else this.#keepAlive(onSilence);
      });
    });
  }

  // Received messages.

  /** @param {string} text */
  #received(text) {
    this.#messagesReceived += 1;
    this.onMessage();
    const message = JSON.parse(text);
    const requestId = message.response_header.request_id;
    if (requestId === undefined) this.#handlePublication(message);
    else if (message.res === Res.ERROR) this.#handleRefusal(String(requestId), message);
    else this.#handleReply(String(requestId), message);
  }

  /** @param {Message} message */
  #handlePublication(message) {
    const buffer = this.news.of(followedGame(message));
    if (message.seq === undefined) {
      buffer.put(read(message));
    } else if (!buffer.hasRoom) {
      buffer.noteDrop();
      this.positions.skip(message.game_id);
    } else if (this.#follow(message) === NEW) {
      buffer.put(read(message));
      this.#closeIfOver(message);
    }
  }

  /** @param {string} requestId @param {Message} reply */
  #handleReply(requestId, reply) {
    if (reply.res === Res.GAME_JOINED) this.#joined(reply);
    if (reply.res === Res.GAME_LEFT) {
      this.positions.left(reply.game_id);
      this.news.leave(reply.game_id);
    }
    if (reply.prev_seq !== undefined) {
      this.#follow(reply); // The reply is also the publication.
      this.#closeIfOver(reply);
    }
    this.waiting.get(requestId)?.resolve(reply);
  }

  /** @param {string} requestId @param {any} reply */
  #handleRefusal(requestId, reply) {
    const call = this.waiting.get(requestId);
    const isRetryable = reply.retryable ?? false;
    if (requestId.startsWith(RESUMING)) {
      this.#notResumed(requestId.slice(RESUMING.length), reply);
    } else if (call && (call.timesSent === 1 || !isRetryable)) {
      call.reject(new RefusedError(reply));
    } else if (call) {
      // The first attempt may have been executed. Only a repeat with the same key shows the outcome.
      this.#later(reply.retry_after_ms ?? RETRY_MS, () => {
        if (this.waiting.has(requestId)) this.send(call);
      });
    }
  }

  /** @param {Message} reply */
  #joined({ game_id: gameId, seq, resync = false }) {
    this.positions.joined(gameId, seq, resync);
    if (resync && !this.news.of(gameId).put(new Missed(gameId))) {
      this.positions.skip(gameId); // It is requested and reported again.
    }
  }

  /** @param {string} gameId @param {any} reply */
  #notResumed(gameId, reply) {
    if (reply.retryable) {
      this.#later(reply.retry_after_ms ?? RETRY_MS, () => {
        if (this.positions.has(gameId)) this.resume(gameId);
      });
    } else {
      this.positions.left(gameId);
      this.news.of(gameId).put(new NotResumed(gameId, new RefusedError(reply)));
      this.news.leave(gameId);
    }
  }

  /** Update the position by a message, and request what is missing before it. @param {Message} message */
  #follow(message) {
    const verdict = this.positions.accept(message.game_id, message);
    if (verdict === GAP) this.resume(message.game_id);
    else if (message.res === Res.GAME_CLOSED && verdict !== SKIPPED) {
      this.positions.left(message.game_id);
    }
    return verdict;
  }

  /** @param {Message} message */
  #closeIfOver(message) {
    if (message.res === Res.GAME_CLOSED && !this.positions.has(message.game_id)) {
      this.news.leave(message.game_id);
    }
  }
}

/** The game whose followers receive a publication. A balance is the user's. @param {Message} message */
function followedGame(message) {
  if (message.res === Res.USER_BALANCE_UPDATE) return undefined;
  return message.res === Res.TEXT_MESSAGE ? message.channel : message.game_id;
}
