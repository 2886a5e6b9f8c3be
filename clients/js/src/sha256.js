// SHA-256 (FIPS 180-4). Browsers have `crypto.subtle` only on HTTPS and localhost, and a game may be
// played on plain HTTP in a local network.

/** The first 32 bits of the fractional part of a root. @param {number} root */
const fraction = (root) => ((root % 1) * 2 ** 32) | 0;
const PRIMES = Array.from({ length: 312 }, (_, n) => n)
  .filter((n) => n > 1 && Array.from({ length: n - 2 }, (_, k) => k + 2).every((k) => n % k))
  .slice(0, 64);
const ROUNDS = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
const INITIAL = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));

/** @param {number} word @param {number} bits */
const rotate = (word, bits) => (word >>> bits) | (word << (32 - bits));

/** Return the digest of a text in UTF-8, in lower-case hex. @param {string} text */
export function sha256(text) {
  const state = Int32Array.from(INITIAL);
  const padded = pad(new TextEncoder().encode(text));
  for (let at = 0; at < padded.byteLength; at += 64) compress(state, new DataView(padded, at, 64));
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

/** @param {Uint8Array} bytes */
function pad(bytes) {
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  new DataView(padded.buffer).setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n);
  return padded.buffer;
}

/** @param {Int32Array} state @param {DataView} block */
function compress(state, block) {
  const w = schedule(block);
  let [a, b, c, d, e, f, g, h] = /** @type {number[]} */ (Array.from(state));
  for (let i = 0; i < 64; i++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUNDS[i] + w[i]) | 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] = (state[i] + word) | 0));
}

/** @param {DataView} block */
function schedule(block) {
  const w = new Int32Array(64);
  for (let i = 0; i < 16; i++) w[i] = block.getInt32(4 * i);
  for (let i = 16; i < 64; i++) {
    const s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ (w[i - 15] >>> 3);
    const s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ (w[i - 2] >>> 10);
    w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
  }
  return w;
}
