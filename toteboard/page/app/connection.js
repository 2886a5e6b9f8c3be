// One signed-in connection that comes back: asks, listens, resumes what it had joined.
// It knows the envelope (docs/reference/protocol.md) and nothing of games; what is heard goes to `onMessage`.

import { allPools } from "./pages.js";
import { randomHex } from "./signature.js";

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 8000;
const REFUSALS_BEFORE_GIVING_UP = 3;

export class Connection {
  #socket = null;
  #waiting = new Map(); // request id -> what was asked and is not answered yet
  #joined = new Map(); // game id -> the greatest seq known
  #count = 0;
  #attempt = 0;
  #refusals = 0; // handshakes that failed in a row although the server was there
  #everSignedIn = false;
  #hasNames = false; // on this connection; before that only the names themselves are asked
  #timer = null;
  #caughtUp = null; // while resuming: how many messages were sent again

  /**
   * `sign`: gives a fresh signed URL. `isServerUp`: whether the server answers otherwise, to tell
   * a refused key from a server that is away. `onStatus` gets {phase, ...}.
   */
  constructor({ sign, codes, frames, onMessage, onStatus, isServerUp, Socket = WebSocket }) {
    Object.assign(this, { sign, codes, frames, onMessage, onStatus, isServerUp, Socket });
  }

  start() {
    clearTimeout(this.#timer);
    if (this.#socket) return;
    this.onStatus({ phase: this.#everSignedIn ? "reconnecting" : "connecting" });
    const socket = new this.Socket(this.sign());
    this.#socket = socket;
    socket.onopen = () => this.#opened();
    socket.onmessage = ({ data }) => this.#heard(data);
    socket.onclose = ({ reason }) => this.#closed(socket, reason);
  }

  stop() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(1000);
  }

  /**
   * The reply to an op, by name. Rejects with the error message of the server. Asked again, under
   * the same idempotency key, when the connection is lost before the answer.
   */
  ask(name, parameters = {}, { again = true } = {}) {
    const request = this.#request(name, parameters, again);
    if (this.#hasNames) this.#send(request);
    return request.answer;
  }

  /** Join a game and stay joined, over lost connections too, until it closes or `leave`. */
  async join(gameId) {
    if (this.#joined.has(gameId)) return null;
    const reply = await this.ask("join_game", { game_id: gameId });
    this.#joined.set(gameId, reply.seq);
    return reply;
  }

  forgetGame(gameId) {
    this.#joined.delete(gameId);
  }

  /** Send a frame as it is written by hand. */
  sendByHand(text) {
    this.frames.sent(text, parsed(text));
    this.#socket.send(text);
  }

  get isOpen() {
    return this.#socket?.readyState === this.Socket.OPEN;
  }

  // A connection begins: names first, then what was missed, then what was not answered.

  async #opened() {
    const isBack = this.#everSignedIn;
    this.#everSignedIn = true;
    this.#attempt = this.#refusals = 0;
    try {
      await this.#learnNames();
      this.#caughtUp = 0;
      const unanswered = [...this.#waiting.values()];
      const resumed = [...this.#joined].map(([gameId, since]) => this.#resume(gameId, since));
      unanswered.forEach((request) => this.#send(request));
      await Promise.all(resumed);
    } catch {
      return; // lost again: the next connection starts anew
    }
    this.onStatus({ phase: isBack ? "resumed" : "connected", caughtUp: this.#caughtUp });
    this.#caughtUp = null;
  }

  async #learnNames() {
    const request = this.#request("get_opcodes", {}, false);
    this.#send(request);
    this.codes.learn(await request.answer);
    this.#hasNames = true;
  }

  /** What a game said meanwhile; the details come last, and bring what a resync needs. */
  async #resume(gameId, since) {
    const once = { again: false };
    const joined = this.ask("join_game", { game_id: gameId, since }, once);
    const details = this.ask("get_game_details", { game_id: gameId }, once);
    if ((await joined).resync) {
      await allPools(this, "list_all_betting_pools_for_game", gameId, once);
    }
    await details;
  }

  #closed(socket, reason) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    this.#hasNames = false;
    this.#rejectWhatIsNotRepeated();
    const wait = Math.min(FIRST_WAIT_MS * 2 ** this.#attempt++, LONGEST_WAIT_MS);
    this.onStatus({ phase: this.#everSignedIn ? "reconnecting" : "connecting", reason });
    this.#timer = setTimeout(() => this.#tryAgain(), wait * (0.5 + Math.random() / 2));
  }

  async #tryAgain() {
    this.#refusals = (await this.isServerUp()) ? this.#refusals + 1 : 0;
    if (this.#refusals >= REFUSALS_BEFORE_GIVING_UP) this.onStatus({ phase: "refused" });
    else this.start();
  }

  #rejectWhatIsNotRepeated() {
    for (const [requestId, request] of this.#waiting) {
      if (request.again) continue;
      this.#waiting.delete(requestId);
      request.reject({ text: "The connection was lost before the answer.", code: "lost" });
    }
  }

  // Requests and frames.

  #request(name, parameters, again) {
    const requestId = ++this.#count;
    const header = { request_id: requestId, idempotency_key: randomHex(16) };
    const request = { requestId, name, parameters, header, again };
    request.answer = new Promise((resolve, reject) => Object.assign(request, { resolve, reject }));
    this.#waiting.set(requestId, request);
    return request;
  }

  #send({ header, name, parameters }) {
    const message = { header, op: this.codes.op(name), ...parameters };
    const text = JSON.stringify(message);
    this.frames.sent(text, message);
    this.#socket.send(text);
  }

  #heard(text) {
    const message = JSON.parse(text);
    this.frames.received(text, message);
    const name = this.codes.nameOfResponse(message.res);
    const request = this.#answered(message);
    this.#note(message, request);
    if (name !== "error") this.onMessage(name, message, request);
    if (name === "error") request?.reject(message);
    else request?.resolve(message);
  }

  #answered({ response_header: { request_id: requestId } }) {
    const request = this.#waiting.get(requestId);
    this.#waiting.delete(requestId);
    return request;
  }

  #note({ game_id: gameId, seq }, request) {
    if (seq === undefined) return;
    if (this.#caughtUp !== null && !request) this.#caughtUp += 1;
    if (this.#joined.has(gameId)) {
      this.#joined.set(gameId, Math.max(seq, this.#joined.get(gameId)));
    }
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // sent all the same: the server says what is wrong with it
  }
}
