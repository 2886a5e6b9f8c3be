/** The connection is lost. The session reconnects automatically, and calls wait for it. */
export class Dropped {
    /** @param {string} reason */
    constructor(reason: string);
    reason: string;
}
/** The session is connected again. What was missed of these games follows. */
export class Resumed {
    /** @param {string[]} gameIds */
    constructor(gameIds: string[]);
    gameIds: string[];
}
/** The server cannot replay what was missed (`resync`). Request the details and the pools. */
export class Missed {
    /** @param {string} gameId */
    constructor(gameId: string);
    gameId: string;
}
/** The server refused to let the session join the game again. Nothing more of it follows. */
export class NotResumed {
    /** @param {string} gameId @param {import("./errors.js").RefusedError} error */
    constructor(gameId: string, error: import("./errors.js").RefusedError);
    gameId: string;
    error: import("./errors.js").RefusedError;
}
/**
 * The program did not read for so long that news were dropped. The publications of games follow now,
 * complete. Nothing else is repeated: balances, chat, presence, and the state of the connection.
 */
export class Skipped {
}
/** @typedef {Dropped | Resumed | Missed | NotResumed | Skipped} Notice */
/**
 * @typedef {import("./generated/messages.js").Publication | (Notice & { res?: undefined })} News Only
 *   a publication has a `res`.
 */
/** The bounded queue of news for one reader. A full queue drops news and never blocks. */
export class NewsBuffer {
    /** @param {number} size */
    constructor(size: number);
    size: number;
    get hasRoom(): boolean;
    get isReadAfterDrop(): boolean;
    /** Add news, or drop it; return whether it was added. @param {any} news */
    put(news: any): boolean;
    noteDrop(): void;
    reportDrop(): void;
    /** Accept no more news. Those that wait can still be read. */
    close(): void;
    /** Return the next news, or undefined once the queue is closed and empty. */
    next(): Promise<any>;
    #private;
}
/** The queues of a session: its own, and one for each game that the program follows. */
export class Newsroom {
    /** @param {number} size */
    constructor(size: number);
    size: number;
    session: NewsBuffer;
    /** @param {string} gameId */
    follow(gameId: string): NewsBuffer;
    /** @param {string} gameId */
    leave(gameId: string): void;
    /** Return the queue for the news of a game. @param {string | undefined} gameId */
    of(gameId: string | undefined): NewsBuffer;
    close(): void;
    #private;
}
export type Notice = Dropped | Resumed | Missed | NotResumed | Skipped;
/**
 * Only
 *   a publication has a `res`.
 */
export type News = import("./generated/messages.js").Publication | (Notice & {
    res?: undefined;
});
