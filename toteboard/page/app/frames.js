// The newest frames of the connection, for the inspector. Bounded; read only when they are shown.

import { Op } from "../vendor/client/index.js";
import { nameOf } from "./live.js";

const KEPT = 1000;
const NAMES = new Map(Object.entries(Op).map(([name, code]) => [code, name.toLowerCase()]));

export class Frames {
  #ring = new Array(KEPT);
  total = 0;

  sent(text) {
    this.#add("out", text);
  }

  received(text) {
    this.#add("in", text);
  }

  /** Return the frames whose text or name contains `words`, the newest first. */
  list(words = "", direction = "") {
    const wanted = words.toLowerCase();
    const fits = (frame) =>
      (!direction || frame.direction === direction) &&
      `${frame.name} ${frame.answers ?? ""} ${frame.text}`.toLowerCase().includes(wanted);
    return this.#read().filter(fits);
  }

  clear() {
    this.#ring.fill(undefined);
    this.total = 0;
  }

  /** Read the frames that were not shown before, and find the request of each reply. */
  #read() {
    const count = Math.min(this.total, KEPT);
    const newestFirst = Array.from({ length: count }, (_, i) => this.#ring[(this.total - 1 - i) % KEPT]);
    const asked = new Map();
    for (const frame of newestFirst.toReversed()) {
      if (frame.name === undefined) read(frame);
      if (frame.direction === "out") asked.set(frame.requestId, frame);
      const request = frame.direction === "in" && asked.get(frame.requestId);
      if (request && frame.requestId !== undefined) {
        Object.assign(frame, { answers: request.name, took: frame.at - request.at });
      }
    }
    return newestFirst;
  }

  #add(direction, text) {
    const frame = { number: ++this.total, at: Date.now(), direction, text };
    this.#ring[(frame.number - 1) % KEPT] = frame;
  }
}

function read(frame) {
  const message = parsed(frame.text);
  frame.message = message;
  if (frame.direction === "out") {
    frame.name = NAMES.get(message?.op) ?? `op ${message?.op}`;
    frame.requestId = message?.header?.request_id;
  } else {
    frame.name = nameOf(message?.res);
    frame.requestId = message?.response_header?.request_id;
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // The user's own text. The server reports the error.
  }
}
