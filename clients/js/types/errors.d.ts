/** @typedef {import("./generated/messages.js").ErrorReply} ErrorReply */
export class ToteboardError extends Error {
    get name(): string;
}
/** The server rejected the credentials. Retrying cannot help. */
export class SignInRefusedError extends ToteboardError {
}
/** The session has been closed. */
export class SessionClosedError extends ToteboardError {
}
/** The first connection could not be made. */
export class ConnectionFailedError extends ToteboardError {
}
/**
 * The server refused the request. Nothing has changed. `message` is a sentence for a person; `raw`
 * is the whole reply. `retryable`: the same request may succeed later.
 */
export class RefusedError extends ToteboardError {
    /** @param {ErrorReply} raw */
    constructor(raw: ErrorReply);
    raw: import("./generated/messages.js").ErrorReply;
    code: import("./generated/messages.js").RefusalCode;
    parameter: string | undefined;
    retryable: boolean;
    retryAfterMs: number | undefined;
    /** What the user can stake, if the refusal is about that. */
    get availableBalance(): Money | undefined;
}
export type ErrorReply = import("./generated/messages.js").ErrorReply;
import { Money } from "./money.js";
