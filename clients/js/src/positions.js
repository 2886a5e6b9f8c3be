// The positions of a session in the games that it has joined. Pure: see positions.py of the client
// for Python, which has the same rules. `seq` is a watermark: with a message, the client has received
// every fact up to there. After a resumption the server may repeat some messages, which are
// recognised by their content.

/** @typedef {{ [name: string]: any }} Message */

const ENVELOPE = ["response_header", "seq", "prev_seq"];
const MOST_REPEATED = 1000; // The number of facts that a server replays at most (`resume_limit`).

/** What to do with a message: pass it on, ignore it, or request what was missed before it. */
export const NEW = "new";
export const REPEATED = "repeated";
export const GAP = "gap";
export const SKIPPED = "skipped";

const CURRENT = "current";
const BEHIND = "behind"; // Something was missed or skipped, and has not been requested yet.
const REQUESTED = "requested"; // The server replays what was missed, and later messages too.
const UNKNOWN = "unknown"; // What was missed is not replayed. The next message is accepted as it is.

class GamePosition {
  state = CURRENT;
  /** @type {string[]} Messages that were delivered since `seq` was reached. */
  deliveredSince = [];
  /** @type {string[]} */
  mayRepeat = [];
  /** @type {number | undefined} A gap that the replay did not fill is not requested again. */
  resumedFrom = undefined;

  /** @param {number} seq */
  constructor(seq) {
    this.seq = seq;
  }

  /** @param {Message} message */
  accept(message) {
    if (this.state === BEHIND || this.state === REQUESTED) return SKIPPED;
    const acceptsGap = this.state === UNKNOWN || this.resumedFrom === this.seq;
    if (message.prev_seq > this.seq && !acceptsGap) {
      this.state = BEHIND;
      return GAP;
    }
    if (message.seq > this.seq || this.state === UNKNOWN) {
      this.seq = message.seq;
      this.deliveredSince = [];
    }
    this.state = CURRENT;
    return this.#note(content(message));
  }

  /** @param {string} said */
  #note(said) {
    this.deliveredSince.push(said);
    const place = this.mayRepeat.indexOf(said);
    if (place < 0) return NEW;
    this.mayRepeat.splice(place, 1);
    return REPEATED;
  }

  resume() {
    if (this.state !== REQUESTED) {
      this.mayRepeat = [...this.mayRepeat, ...this.deliveredSince].slice(-MOST_REPEATED);
    }
    this.state = REQUESTED;
    this.resumedFrom = this.seq;
    return this.seq;
  }
}

export class Positions {
  /** @type {Map<string, GamePosition>} */
  #positions = new Map();

  get games() {
    return [...this.#positions.keys()];
  }

  /** @param {string} gameId */
  has(gameId) {
    return this.#positions.has(gameId);
  }

  /** The games with something skipped that has not been requested. */
  behind() {
    return this.games.filter((gameId) => this.#positions.get(gameId)?.state === BEHIND);
  }

  /** @param {string} gameId @param {number} seq @param {boolean} resync */
  joined(gameId, seq, resync = false) {
    const position = this.#positions.get(gameId) ?? new GamePosition(seq);
    position.state = resync ? UNKNOWN : CURRENT;
    this.#positions.set(gameId, position);
  }

  /** @param {string} gameId */
  left(gameId) {
    this.#positions.delete(gameId);
  }

  /** Note that what was missed is requested; return the `since`. @param {string} gameId */
  resume(gameId) {
    return this.#positions.get(gameId)?.resume();
  }

  /** Note that a message was dropped, so that it is requested again. @param {string} gameId */
  skip(gameId) {
    const position = this.#positions.get(gameId);
    if (position && position.state !== REQUESTED) position.state = BEHIND;
  }

  /** @param {string} gameId @param {Message} message */
  accept(gameId, message) {
    return this.#positions.get(gameId)?.accept(message) ?? NEW;
  }
}

/** @param {Message} message */
function content(message) {
  return JSON.stringify(Object.entries(message).filter(([name]) => !ENVELOPE.includes(name)));
}
