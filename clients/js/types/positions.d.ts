/** What to do with a message: pass it on, ignore it, or request what was missed before it. */
export const NEW: "new";
export const REPEATED: "repeated";
export const GAP: "gap";
export const SKIPPED: "skipped";
export class Positions {
    get games(): string[];
    /** @param {string} gameId */
    has(gameId: string): boolean;
    /** The games with something skipped that has not been requested. */
    behind(): string[];
    /** @param {string} gameId @param {number} seq @param {boolean} resync */
    joined(gameId: string, seq: number, resync?: boolean): void;
    /** @param {string} gameId */
    left(gameId: string): void;
    /** Note that what was missed is requested; return the `since`. @param {string} gameId */
    resume(gameId: string): number | undefined;
    /** Note that a message was dropped, so that it is requested again. @param {string} gameId */
    skip(gameId: string): void;
    /** @param {string} gameId @param {Message} message */
    accept(gameId: string, message: Message): "new" | "repeated" | "gap" | "skipped";
    #private;
}
export type Message = {
    [name: string]: any;
};
