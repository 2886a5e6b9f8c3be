// What an event would do: the pools that it decides, and what they would pay. Pure. `../payout.js` has the arithmetic.

import { moneyOf } from "../money.js";
import { policyOf, settle, winnerIn } from "../payout.js";

/**
 * Return {decides: [{pool, winner}], spares: [pool]}: what `target` of an action means for the open pools of a game.
 * `happenedAt` in epoch ms, null for now.
 */
export function decisionsOf(pools, { action, target, happenedAt }) {
  const open = Object.values(pools).filter(({ action_id: id, decided }) => id === action && !decided);
  const all = open.map((pool) => ({ pool, winner: winnerIn(pool, action, target, happenedAt ?? Infinity) }));
  return {
    decides: all.filter(({ winner }) => winner),
    spares: all.filter(({ winner }) => !winner).map(({ pool }) => pool),
  };
}

/** Return decisions with their `result`, as `settle` returns it. Null for a pool whose bets, by pool, are missing. */
export function resultsOf(decides, bets, happenedAt) {
  return decides.map(({ pool, winner }) => {
    const all = bets[pool.pool_id];
    return { pool, winner, result: all ? settle(all, [winner], happenedAt ?? Infinity, policyOf(pool)) : null };
  });
}

/** Return the text of the button that registers the event, or null while a result is missing. */
export function holdText(results) {
  if (results.some(({ result }) => !result)) return null;
  const sum = (some) => some.reduce((total, { result }) => total + result.total, 0);
  const paid = sum(results.filter(({ result }) => Object.keys(result.prices).length > 0));
  const returned = sum(results.filter(({ result }) => result.isMoneyReturn));
  const wait = Math.max(0, ...results.map(({ pool }) => pool.confirm_for ?? 0));
  const later = wait > 0 ? ` in ${Math.round(wait / 1000)} s` : "";
  if (paid > 0) return `Hold to pay ${moneyOf(paid)}${later}`;
  return returned > 0 ? `Hold to return ${moneyOf(returned)}${later}` : "Hold to register";
}
