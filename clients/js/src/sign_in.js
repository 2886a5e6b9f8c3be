// Credentials: an id and a session key, or a username and a password that obtain them.

import { SignInRefusedError } from "./errors.js";
import { sha256 } from "./sha256.js";

/**
 * @typedef {{ id: number, key: string }} SessionKey As `toteboard user add` prints them.
 * @typedef {{ httpUrl: string, username: string, password: string }} Password Signs in over HTTP, at
 *   the server's public port, and again when the key has expired.
 * @typedef {{ guest: true }} Guest Signs nobody in: the session can look at games.
 * @typedef {SessionKey | Password | Guest} Credentials
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

/** Return the server's URL for a connection without a user. @param {string} url */
export function guestUrl(url) {
  const guest = new URL(url);
  guest.search = "guest=1";
  return guest.href;
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

/** Supplies the URL of each connection, signed with a key. */
export class KeyRing {
  /** @type {SessionKey | undefined} */
  #key;

  /** @param {Credentials} credentials */
  constructor(credentials) {
    this.credentials = credentials;
    if ("key" in credentials) this.#key = credentials;
  }

  /**
   * Return the URL of one connection, signed with a new key if `anew`.
   * @param {string} url
   * @param {boolean} anew
   */
  async signed(url, anew) {
    const { credentials } = this;
    if ("guest" in credentials) {
      if (anew) throw new SignInRefusedError("the server accepts no guests");
      return guestUrl(url);
    }
    if (anew && "key" in credentials) {
      throw new SignInRefusedError(`the server refused the session key of user ${credentials.id}`);
    }
    if (!("key" in credentials) && (anew || !this.#key)) this.#key = await logIn(credentials);
    return signedUrl(url, /** @type {SessionKey} */ (this.#key));
  }
}
