// Credentials: an id and a session key, or a username and a password that obtain them.

import { SignInRefusedError } from "./errors.js";
import { sha256 } from "./sha256.js";

/**
 * @typedef {{ id: number, key: string }} SessionKey As `toteboard user add` prints them.
 * @typedef {{ httpUrl: string, username: string, password: string }} Password Signs in over HTTP, at
 *   the server's public port, and again when the key has expired.
 * @typedef {SessionKey | Password} Credentials
 */

const BUSY = [408, 429];

/** Return this many random bytes in lower-case hex. @param {number} bytes */
export function randomHex(bytes) {
  const numbers = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(numbers, (number) => number.toString(16).padStart(2, "0")).join("");
}

/**
 * Return the server's URL, signed for one connection.
 * @param {string} url
 * @param {SessionKey} sessionKey
 */
export function signedUrl(url, { id, key }, nonce = randomHex(16)) {
  const signed = new URL(url);
  const query = { id: String(id), n: nonce, h: sha256(`${id}${nonce}${key}`) };
  signed.search = String(new URLSearchParams(query));
  return signed.href;
}

/**
 * Obtain a session key with a username and a password. Throws a `SignInRefusedError` if the server
 * refuses them, and an `Error` if there is no valid response.
 * @param {Password} credentials
 * @returns {Promise<SessionKey>}
 */
export async function logIn({ httpUrl, username, password }) {
  const response = await fetch(new URL("r/login/", httpUrl), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ username, password }),
    signal: AbortSignal.timeout(10_000),
  });
  if (response.status < 400) {
    const { id, user_session_key: key } = await response.json();
    if (Number.isInteger(id) && typeof key === "string") return { id, key };
  }
  const text = `the server refused the sign-in: HTTP ${response.status}`;
  if (response.status < 400) throw new Error("the server did not return a session key");
  if (response.status >= 500 || BUSY.includes(response.status)) throw new Error(text);
  throw new SignInRefusedError(text);
}

/** Supplies the key for each connection. */
export class KeyRing {
  /** @type {SessionKey | undefined} */
  #key;

  /** @param {Credentials} credentials */
  constructor(credentials) {
    this.credentials = credentials;
    if ("key" in credentials) this.#key = credentials;
  }

  /** Return a key, a new one if `anew`. @param {boolean} anew */
  async key(anew) {
    if ("key" in this.credentials) {
      if (anew) throw new SignInRefusedError("the server refused the session key");
      return this.credentials;
    }
    if (anew || this.#key === undefined) this.#key = await logIn(this.credentials);
    return this.#key;
  }
}
