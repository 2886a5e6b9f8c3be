/** @typedef {import("./news.js").News} News */
/**
 * @typedef {object} Options
 * @property {number} [buffer] News that may wait for the program; 1,000 by default.
 * @property {any} [WebSocket] The class of WebSockets; the platform's by default.
 */
/**
 * Open a session at `ws://` or `wss://`. Rejects with a `SignInRefusedError`, or with a
 * `ConnectionFailedError` if the first connection cannot be made.
 * @param {string} url
 * @param {import("./sign_in.js").Credentials} credentials
 * @param {Options} [options]
 */
export function openSession(url: string, credentials: import("./sign_in.js").Credentials, options?: Options): Promise<Session>;
/**
 * A user's calls and publications. `openSession` creates it.
 *
 * Each op has a method. A call waits while the connection is lost, over as many connections as
 * necessary, and is executed once: the session creates an idempotency key. Calls reject with a
 * `RefusedError` if the server refuses them, and with a `SignInRefusedError` once signing in cannot
 * succeed any more. `join` returns a `Game` with its publications, in order and each once.
 * `for await (const news of session)` yields all other news: balances, and the state of the
 * connection.
 */
export class Session extends SessionOperations {
    /**
     * @param {string} url
     * @param {KeyRing} keys
     * @param {any} Socket
     * @param {number} buffer
     */
    constructor(url: string, keys: KeyRing, Socket: any, buffer: number);
    /** Resolves with the first connection. */
    connected: Promise<any>;
    /**
     * Join a game, and return it with its publications. `since`: the last position that the program
     * knows. Rejects with a `RefusedError`.
     * @param {import("./ids.js").GameId} game
     * @param {{ since?: number }} [options]
     */
    join(game: import("./ids.js").GameId, options?: {
        since?: number;
    }): Promise<Game>;
    /**
     * Send a request by op code, with parameters and reply as on the wire.
     * @template {keyof import("./generated/requests.js").Parameters} Op
     * @param {Op} op
     * @param {import("./generated/requests.js").Arguments<Op>} rest The parameters, and the idempotency
     *   key; without one, the session creates it.
     * @returns {Promise<import("./generated/requests.js").Reply<Op>>}
     */
    ask<Op extends keyof import("./generated/requests.js").Parameters>(op: Op, ...[parameters, key]: import("./generated/requests.js").Arguments<Op>): Promise<import("./generated/requests.js").Reply<Op>>;
    /** Reconnect now instead of after the pause, if the connection is lost. */
    reconnect(): void;
    /** Close the session. Waiting calls reject with a `SessionClosedError`. */
    close(): Promise<void>;
    /**
     * Return the next news of a queue, or undefined once it is closed. Rejects with a
     * `SignInRefusedError` if that is why the session ended.
     * @param {import("./news.js").NewsBuffer} buffer
     * @returns {Promise<News | undefined>}
     */
    nextOf(buffer: import("./news.js").NewsBuffer): Promise<News | undefined>;
    [Symbol.asyncIterator](): {
        next: () => Promise<{
            value: undefined;
            done: true;
        } | {
            value: import("./news.js").News;
            done: false;
        }>;
    };
    #private;
}
export type News = import("./news.js").News;
export type Options = {
    /**
     * News that may wait for the program; 1,000 by default.
     */
    buffer?: number | undefined;
    /**
     * The class of WebSockets; the platform's by default.
     */
    WebSocket?: any;
};
import { SessionOperations } from "./generated/operations.js";
import { Game } from "./game.js";
import { KeyRing } from "./sign_in.js";
