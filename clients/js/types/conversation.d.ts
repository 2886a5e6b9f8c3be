export class Conversation {
    /**
     * @param {any} socket
     * @param {import("./positions.js").Positions} positions
     * @param {Map<string, Call>} waiting
     * @param {import("./news.js").Newsroom} news
     * @param {() => void} onMessage
     */
    constructor(socket: any, positions: import("./positions.js").Positions, waiting: Map<string, Call>, news: import("./news.js").Newsroom, onMessage: () => void);
    socket: any;
    positions: import("./positions.js").Positions;
    waiting: Map<string, Call>;
    news: import("./news.js").Newsroom;
    onMessage: () => void;
    /**
     * Resume the games, repeat the waiting calls, and receive until the connection is lost.
     * @param {any[]} early Messages that have already come.
     * @returns {Promise<{ code?: number, reason: string }>} Why it was lost.
     */
    run(early: any[]): Promise<{
        code?: number;
        reason: string;
    }>;
    /** Send a call, for the first time or again. @param {Call} call */
    send(call: Call): void;
    /** Request what was missed of a game. @param {string} gameId */
    resume(gameId: string): void;
    /** Request what was skipped because this buffer was full. @param {any} buffer */
    catchUp(buffer: any): void;
    #private;
}
export type Message = import("./positions.js").Message;
/**
 * A request until it is answered. A retry sends the same text.
 */
export type Call = {
    requestId: string;
    text: string;
    timesSent: number;
    resolve: (reply: Message) => void;
    reject: (error: Error) => void;
};
