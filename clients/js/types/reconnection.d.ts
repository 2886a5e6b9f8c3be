/** Failed handshakes in a row, while the server is up, that count as a refused key. */
export const REFUSALS: 3;
/**
 * The same for a key that the server has accepted before. If it ends one, it closes the connection
 * with 1008; without that, a bad network is the likelier cause.
 */
export const LATER_REFUSALS: 5;
export class Reconnection {
    attempt: number;
    needsNewKey: boolean;
    wasSignedIn: boolean;
    signedIn(): void;
    /** The connection works: the next pause is a short one. */
    received(): void;
    /** @param {number | undefined} code The close code. */
    lost(code: number | undefined): void;
    /**
     * Note that a handshake was refused. Throws a `SignInRefusedError` if no retry can help.
     * @param {number} status
     */
    rejected(status: number): void;
    /**
     * Note that a handshake failed for a reason that the browser hides. If the server is up, several
     * failures in a row count as a refused key.
     * @param {boolean} isServerUp
     */
    failed(isServerUp: boolean): void;
    /** Return the milliseconds until the next attempt. @param {number} dice From 0 to 1. */
    pause(dice: number): number;
    #private;
}
