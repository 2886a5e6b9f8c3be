// When a session reconnects, and when it gives up. Pure: the caller supplies the randomness.

import { SignInRefusedError } from "./errors.js";

const FIRST_MS = 250;
const LONGEST_MS = 30_000;
const HOPELESS = [400, 403, 404]; // Statuses of a handshake that no retry can change.
const UNAUTHORIZED = 401;
const POLICY_VIOLATION = 1008;
/** Failed handshakes in a row, while the server is up, that count as a refused key. */
export const REFUSALS = 3;
/**
 * The same for a key that the server has accepted before. If it ends one, it closes the connection
 * with 1008; without that, a bad network is the likelier cause.
 */
export const LATER_REFUSALS = 5;

export class Reconnection {
  attempt = 0;
  needsNewKey = false;
  wasSignedIn = false;
  #refusals = 0;
  #wasExpelled = false;

  signedIn() {
    this.wasSignedIn = true;
    this.needsNewKey = this.#wasExpelled = false;
    this.#refusals = 0;
  }

  /** The connection works: the next pause is a short one. */
  received() {
    this.attempt = 0;
  }

  /** @param {number | undefined} code The close code. */
  lost(code) {
    this.#wasExpelled = code === POLICY_VIOLATION;
  }

  /**
   * Note that a handshake was refused. Throws a `SignInRefusedError` if no retry can help.
   * @param {number} status
   */
  rejected(status) {
    if (HOPELESS.includes(status)) {
      throw new SignInRefusedError(`the server refused the connection: HTTP ${status}`);
    }
    if (status === UNAUTHORIZED && (this.needsNewKey || this.#wasExpelled)) {
      throw new SignInRefusedError("the server refused the session key: HTTP 401");
    }
    this.needsNewKey = status === UNAUTHORIZED;
  }

  /**
   * Note that a handshake failed for a reason that the browser hides. If the server is up, several
   * failures in a row count as a refused key.
   * @param {boolean} isServerUp
   */
  failed(isServerUp) {
    this.#refusals = isServerUp ? this.#refusals + 1 : 0;
    const isKnown = this.wasSignedIn && !this.#wasExpelled;
    if (this.#refusals >= (isKnown ? LATER_REFUSALS : REFUSALS)) {
      this.#refusals = 0;
      this.rejected(UNAUTHORIZED);
    }
  }

  /** Return the milliseconds until the next attempt. @param {number} dice From 0 to 1. */
  pause(dice) {
    const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(this.attempt++, 16));
    return longest * (0.5 + 0.5 * dice);
  }
}
