/**
 * A joined game. `Session.join` creates it. Its methods are those of the session for one game and
 * its pools, without the game's id. `for await` yields its publications, and ends after the last one:
 * once the game is closed or left, or cannot be resumed (`NotResumed`).
 */
export class Game extends GameOperations {
    /**
     * @param {import("./session.js").Session} session
     * @param {import("./generated/messages.js").GameJoined} joined The reply to the join.
     * @param {import("./news.js").NewsBuffer} buffer
     */
    constructor(session: import("./session.js").Session, joined: import("./generated/messages.js").GameJoined, buffer: import("./news.js").NewsBuffer);
    joined: import("./generated/messages.js").GameJoined;
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
import { GameOperations } from "./generated/operations.js";
