/** @typedef {{ spend?: import("./money.js").Amount, loss?: import("./money.js").Amount }} OfPeriod */
/** @typedef {{ day?: OfPeriod, week?: OfPeriod, month?: OfPeriod }} Limits */
/**
 * Return the limits with exact amounts. Throws a `RangeError` for what is no amount and not "none".
 * @param {Limits} limits
 * @returns {Record<string, Record<string, Money | string>>}
 */
export function limitsToWire(limits: Limits): Record<string, Record<string, Money | string>>;
/** In place of an amount, it removes a limit. */
export const NO_LIMIT: "none";
export type OfPeriod = {
    spend?: import("./money.js").Amount;
    loss?: import("./money.js").Amount;
};
export type Limits = {
    day?: OfPeriod;
    week?: OfPeriod;
    month?: OfPeriod;
};
import { Money } from "./money.js";
