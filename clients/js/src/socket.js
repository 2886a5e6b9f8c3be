// Opens one WebSocket, in browsers and in Node, and tells why it could not be opened.

import { ConnectionFailedError } from "./errors.js";

const HANDSHAKE_MS = 10_000;

/**
 * Return the class of WebSockets: the platform's, or that of the package `ws` on Node below 22.
 * @returns {Promise<any>}
 */
export async function webSocketClass() {
  if (globalThis.WebSocket) return globalThis.WebSocket;
  try {
    return (await import("ws")).WebSocket;
  } catch {
    throw new ConnectionFailedError(
      "this Node has no WebSocket: run node --experimental-websocket, or pass the option WebSocket",
    );
  }
}

/** A handshake that failed. `status` is the HTTP status; browsers hide it. */
export class HandshakeError extends ConnectionFailedError {
  /** @param {string} text @param {number} [status] */
  constructor(text, status) {
    super(text);
    this.status = status;
  }
}

/**
 * Open a WebSocket. Return it with the messages that have come before it had a reader. Rejects with
 * a `HandshakeError`.
 * @param {any} Socket
 * @param {string} url
 * @returns {Promise<{ socket: any, early: any[] }>}
 */
export function opened(Socket, url) {
  return new Promise((resolve, reject) => {
    const socket = new Socket(url);
    /** @type {any[]} */
    const early = [];
    socket.onmessage = (/** @type {any} */ event) => early.push(event);
    const timer = setTimeout(() => fail("the handshake was not completed in time"), HANDSHAKE_MS);
    /** @param {string} text @param {number} [status] */
    function fail(text, status) {
      clearTimeout(timer);
      socket.onopen = socket.onclose = null;
      socket.onerror = () => {};
      reject(new HandshakeError(text, status));
      socket.close();
    }
    socket.onopen = () => {
      clearTimeout(timer);
      socket.onopen = socket.onclose = null;
      socket.onerror = () => {};
      resolve({ socket, early });
    };
    // Node 20 fires no "close" after a failed handshake.
    socket.onclose = socket.onerror = () =>
      fail("the server could not be reached, or refused the connection");
    // The package `ws` has the status.
    socket.on?.("unexpected-response", (/** @type {any} */ _, /** @type {any} */ response) =>
      fail(`the server refused the connection: HTTP ${response.statusCode}`, response.statusCode),
    );
  });
}

/** Return whether the server answers at all. @param {string} url Its `ws://` or `wss://` URL. */
export async function isServerUp(url) {
  const health = new URL("/healthz", url.replace(/^ws/, "http"));
  try {
    // A page from another origin cannot read the reply, but sees that there is one.
    await fetch(health, { mode: "no-cors", signal: AbortSignal.timeout(HANDSHAKE_MS) });
    return true;
  } catch {
    return false;
  }
}
