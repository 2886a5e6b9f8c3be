/**
 * Return the class of WebSockets: the platform's, or that of the package `ws` on Node below 22.
 * @returns {Promise<any>}
 */
export function webSocketClass(): Promise<any>;
/**
 * Open a WebSocket. Return it with the messages that have come before it had a reader. Rejects with
 * a `HandshakeError`.
 * @param {any} Socket
 * @param {string} url
 * @returns {Promise<{ socket: any, early: any[] }>}
 */
export function opened(Socket: any, url: string): Promise<{
    socket: any;
    early: any[];
}>;
/** Return whether the server answers at all. @param {string} url Its `ws://` or `wss://` URL. */
export function isServerUp(url: string): Promise<boolean>;
/** A handshake that failed. `status` is the HTTP status; browsers hide it. */
export class HandshakeError extends ConnectionFailedError {
    /** @param {string} text @param {number} [status] */
    constructor(text: string, status?: number);
    status: number | undefined;
}
import { ConnectionFailedError } from "./errors.js";
