// A game that a session has joined: its calls, and its publications in order.

import { GameOperations } from "./generated/operations.js";

/**
 * A joined game. `Session.join` creates it. Its methods are those of the session for one game and
 * its pools, without the game's id. `for await` yields its publications, and ends after the last one:
 * once the game is closed or left, or cannot be resumed (`NotResumed`).
 */
export class Game extends GameOperations {
  #session;
  #buffer;

  /**
   * @param {import("./session.js").Session} session
   * @param {import("./generated/messages.js").GameJoined} joined The reply to the join.
   * @param {import("./news.js").NewsBuffer} buffer
   */
  constructor(session, joined, buffer) {
    super();
    this.#session = session;
    this.joined = joined;
    this.gameId = joined.game_id;
    this.#buffer = buffer;
  }

  /**
   * @protected
   * @param {number} op
   * @param {Record<string, any>} parameters
   * @param {string} [key]
   * @returns {Promise<any>}
   */
  perform(op, parameters, key) {
    return this.#session["perform"](op, parameters, key);
  }

  [Symbol.asyncIterator]() {
    return {
      next: async () => {
        const value = await this.#session.nextOf(this.#buffer);
        if (value === undefined) return { value, done: /** @type {const} */ (true) };
        return { value, done: /** @type {const} */ (false) };
      },
    };
  }
}
