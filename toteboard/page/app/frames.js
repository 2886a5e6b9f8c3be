// The newest frames of the connection, for the inspector. Bounded; replies are matched by request ID.

const KEPT = 1000;

export class Frames {
  #ring = new Array(KEPT);
  #asked = new Map();
  total = 0;

  constructor(codes) {
    this.codes = codes;
  }

  sent(text, message) {
    const frame = this.#add("out", text, message, this.codes.nameOfOp(message?.op));
    frame.requestId = message?.header?.request_id;
    if (frame.requestId !== undefined) this.#asked.set(frame.requestId, frame);
  }

  received(text, message) {
    const frame = this.#add("in", text, message, this.codes.nameOfResponse(message.res));
    frame.requestId = message.response_header?.request_id;
    const request = this.#asked.get(frame.requestId);
    if (request) Object.assign(frame, { answers: request.name, took: frame.at - request.at });
    this.#asked.delete(frame.requestId);
  }

  /** Return the frames whose text or name contains `words`, the newest first. */
  list(words = "", direction = "") {
    const wanted = words.toLowerCase();
    const fits = (frame) =>
      (!direction || frame.direction === direction) &&
      `${frame.name} ${frame.answers ?? ""} ${frame.text}`.toLowerCase().includes(wanted);
    return this.#newestFirst().filter(fits);
  }

  clear() {
    this.#ring.fill(undefined);
    this.#asked.clear();
    this.total = 0;
  }

  #newestFirst() {
    const count = Math.min(this.total, KEPT);
    return Array.from({ length: count }, (_, i) => this.#ring[(this.total - 1 - i) % KEPT]);
  }

  #add(direction, text, message, name) {
    const frame = { number: ++this.total, at: Date.now(), direction, text, message, name };
    const place = (frame.number - 1) % KEPT;
    this.#forgetRequest(this.#ring[place]);
    this.#ring[place] = frame;
    return frame;
  }

  #forgetRequest(frame) {
    if (frame?.direction === "out") this.#asked.delete(frame.requestId);
  }
}
