// A signed-in connection: sends requests, receives messages, reconnects and resumes the joined games.
// It knows the envelope (docs/reference/protocol.md) but no games. Every message is passed to `onMessage`.

import { allPools } from "./pages.js";
import { randomHex } from "./signature.js";

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 8000;
const REFUSALS_BEFORE_GIVING_UP = 3;

export class Connection {
  #socket = null;
  #waiting = new Map(); // Request ID -> request without a reply.
  #joined = new Map(); // Game ID -> greatest known seq.
  #count = 0;
  #attempt = 0;
  #refusals = 0; // Failed handshakes in a row while the server was up.
  #everSignedIn = false;
  #hasNames = false; // On this connection. Until then, only get_opcodes is sent.
  #timer = null;
  #caughtUp = null; // While resuming: number of replayed messages.

  /**
   * `sign` returns a new signed URL. `isServerUp` tells a refused key from a server that is down.
   * `onStatus` receives {phase, ...}.
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
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ reason }) => this.#closed(socket, reason);
  }

  stop() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(1000);
  }

  /**
   * Send an op by name and return its reply. Rejects with the server's error message. If the
   * connection is lost before the reply, the request is repeated with the same idempotency key.
   */
  ask(name, parameters = {}, { again = true } = {}) {
    const request = this.#request(name, parameters, again);
    if (this.#hasNames) this.#send(request);
    return request.answer;
  }

  /** Join a game, and join it again after a lost connection, until it is forgotten. */
  async join(gameId) {
    if (this.#joined.has(gameId)) return null;
    const reply = await this.ask("join_game", { game_id: gameId });
    this.#joined.set(gameId, reply.seq);
    return reply;
  }

  forgetGame(gameId) {
    this.#joined.delete(gameId);
  }

  /** Send a frame exactly as the user wrote it. */
  sendByHand(text) {
    this.frames.sent(text, parsed(text));
    this.#socket.send(text);
  }

  get isOpen() {
    return this.#socket?.readyState === this.Socket.OPEN;
  }

  // A new connection: learn the names, resume the games, then repeat the requests without a reply.

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
      return; // Lost again. The next connection starts over.
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

  /** Request what was missed of a game. The details come last and complete a resync. */
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
      request.reject({ text: "The connection was lost before the server replied.", code: "lost" });
    }
  }

  // Requests and messages.

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

  #receive(text) {
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
    return null; // It is sent anyway, and the server reports the error.
  }
}
