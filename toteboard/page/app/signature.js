// The signed URL that opens one connection (docs/reference/protocol.md, "Connecting").
// SubtleCrypto is missing on plain HTTP, as in a local network, so a library computes the hash.

import { sha256 } from "../vendor/sha256.js";

/** Return this many random bytes in lower-case hex. */
export function randomHex(bytes) {
  const numbers = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(numbers, (number) => number.toString(16).padStart(2, "0")).join("");
}

/** Return the server's URL, signed for one connection of the user `id`. */
export function signedUrl(url, id, sessionKey, nonce = randomHex(16)) {
  const signed = new URL(url);
  signed.search = new URLSearchParams({ id, n: nonce, h: sha256(`${id}${nonce}${sessionKey}`) });
  return signed.href;
}
