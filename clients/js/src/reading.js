// Reads messages: the JSON of the wire, with a `Money` for each amount.

import { Money } from "./money.js";
import { EACH, MONEY, SHAPES } from "./generated/shapes.js";

/** @typedef {import("./positions.js").Message} Message */

/**
 * Return a message with its amounts as `Money`. The message itself stays as it is.
 * @param {Message} message
 * @returns {any}
 */
export function read(message) {
  return readAs(message, SHAPES[message.res]);
}

/** @param {any} value @param {any} shape @returns {any} */
function readAs(value, shape) {
  if (shape === undefined || value === null || value === undefined) return value;
  if (shape === MONEY) return Money.fromWire(value);
  if (Array.isArray(value)) return value.map((each) => readAs(each, shape[EACH]));
  const shapeOf = (/** @type {string} */ name) => (Object.hasOwn(shape, name) ? shape[name] : shape[EACH]);
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, readAs(v, shapeOf(k))]));
}
