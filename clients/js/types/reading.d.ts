/** @typedef {import("./positions.js").Message} Message */
/**
 * Return a message with its amounts as `Money`. The message itself stays as it is.
 * @param {Message} message
 * @returns {any}
 */
export function read(message: Message): any;
export type Message = import("./positions.js").Message;
