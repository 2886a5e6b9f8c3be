// What a session reports to its program besides publications, and the queues in which it waits.

/** The connection is lost. The session reconnects automatically, and calls wait for it. */
export class Dropped {
  /** @param {string} reason */
  constructor(reason) {
    this.reason = reason;
  }
}

/** The session is connected again. What was missed of these games follows. */
export class Resumed {
  /** @param {string[]} gameIds */
  constructor(gameIds) {
    this.gameIds = gameIds;
  }
}

/** The server cannot replay what was missed (`resync`). Request the details and the pools. */
export class Missed {
  /** @param {string} gameId */
  constructor(gameId) {
    this.gameId = gameId;
  }
}

/** The server refused to let the session join the game again. Nothing more of it follows. */
export class NotResumed {
  /** @param {string} gameId @param {import("./errors.js").RefusedError} error */
  constructor(gameId, error) {
    this.gameId = gameId;
    this.error = error;
  }
}

/**
 * The program did not read for so long that news were dropped. The publications of games follow now,
 * complete. Nothing else is repeated: balances, chat, presence, and the state of the connection.
 */
export class Skipped {}

/** @typedef {Dropped | Resumed | Missed | NotResumed | Skipped} Notice */
/**
 * @typedef {import("./generated/messages.js").Publication | (Notice & { res?: undefined })} News Only
 *   a publication has a `res`.
 */

/** The bounded queue of news for one reader. A full queue drops news and never blocks. */
export class NewsBuffer {
  /** @type {any[]} */
  #waiting = [];
  #hasDropped = false;
  #isClosed = false;
  /** @type {(() => void)[]} */
  #readers = [];

  /** @param {number} size */
  constructor(size) {
    this.size = size;
  }

  get hasRoom() {
    return this.#waiting.length < this.size && !this.#isClosed;
  }

  get isReadAfterDrop() {
    return this.#hasDropped && this.#waiting.length === 0;
  }

  /** Add news, or drop it; return whether it was added. @param {any} news */
  put(news) {
    if (!this.hasRoom) {
      this.#hasDropped = true;
      return false;
    }
    this.#waiting.push(news);
    this.#wake();
    return true;
  }

  noteDrop() {
    this.#hasDropped = true;
  }

  reportDrop() {
    this.#hasDropped = false;
    this.put(new Skipped());
  }

  /** Accept no more news. Those that wait can still be read. */
  close() {
    this.#isClosed = true;
    this.#wake();
  }

  /** Return the next news, or undefined once the queue is closed and empty. */
  async next() {
    while (this.#waiting.length === 0) {
      if (this.#isClosed) return undefined;
      await new Promise((resolve) => this.#readers.push(() => resolve(undefined)));
    }
    return this.#waiting.shift();
  }

  #wake() {
    for (const reader of this.#readers.splice(0)) reader();
  }
}

/** The queues of a session: its own, and one for each game that the program follows. */
export class Newsroom {
  /** @type {Map<string, NewsBuffer>} */
  #games = new Map();

  /** @param {number} size */
  constructor(size) {
    this.size = size;
    this.session = new NewsBuffer(size);
  }

  /** @param {string} gameId */
  follow(gameId) {
    const buffer = new NewsBuffer(this.size);
    this.#games.set(gameId, buffer);
    return buffer;
  }

  /** @param {string} gameId */
  leave(gameId) {
    this.#games.get(gameId)?.close();
    this.#games.delete(gameId);
  }

  /** Return the queue for the news of a game. @param {string | undefined} gameId */
  of(gameId) {
    return (gameId !== undefined && this.#games.get(gameId)) || this.session;
  }

  close() {
    this.session.close();
    for (const buffer of this.#games.values()) buffer.close();
  }
}
