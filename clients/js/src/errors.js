// The errors that this package throws. Each is a `ToteboardError`.

import { Money } from "./money.js";

/** @typedef {import("./generated/messages.js").ErrorReply} ErrorReply */

export class ToteboardError extends Error {
  get name() {
    return this.constructor.name;
  }
}

/** The server rejected the credentials. Retrying cannot help. */
export class SignInRefusedError extends ToteboardError {}

/** The session has been closed. */
export class SessionClosedError extends ToteboardError {}

/** The first connection could not be made. */
export class ConnectionFailedError extends ToteboardError {}

/**
 * The server refused the request. Nothing has changed. `message` is a sentence for a person; `raw`
 * is the whole reply. `retryable`: the same request may succeed later.
 */
export class RefusedError extends ToteboardError {
  /** @param {ErrorReply} raw */
  constructor(raw) {
    super(raw.text);
    this.raw = raw;
    this.code = raw.code;
    this.parameter = raw.parameter;
    this.retryable = raw.retryable ?? false;
    this.retryAfterMs = raw.retry_after_ms;
  }

  /** What the user can stake, if the refusal is about that. */
  get availableBalance() {
    const number = this.raw.available_balance;
    return number === undefined ? undefined : Money.fromWire(Number(number));
  }
}
