// A player's own limits as a request has them: amounts by period and kind.

import { Money } from "./money.js";

/** In place of an amount, it removes a limit. */
export const NO_LIMIT = "none";

/** @typedef {{ spend?: import("./money.js").Amount, loss?: import("./money.js").Amount }} OfPeriod */
/** @typedef {{ day?: OfPeriod, week?: OfPeriod, month?: OfPeriod }} Limits */

/**
 * Return the limits with exact amounts. Throws a `RangeError` for what is no amount and not "none".
 * @param {Limits} limits
 * @returns {Record<string, Record<string, Money | string>>}
 */
export function limitsToWire(limits) {
  return Object.fromEntries(
    Object.entries(limits).map(([period, kinds]) => [period, ofPeriod(kinds)]),
  );
}

/** @param {OfPeriod} kinds */
function ofPeriod(kinds) {
  return Object.fromEntries(
    Object.entries(kinds).map(([kind, amount]) => [
      kind,
      amount === NO_LIMIT ? NO_LIMIT : Money.of(amount),
    ]),
  );
}
