// What an event would do: the pools that it decides, and what they would pay. Pure. `../payout.js` has the arithmetic.

import { moneyOf } from "../money.js";
import { policyOf, settle, winnerIn } from "../payout.js";
import { seconds } from "../words.js";

/**
 * Return {decides: [{pool, winners}], spares: [pool]}: what `target` of an action means for the open pools of a game.
 * `happenedAt` in epoch ms, null for now.
 */
export function decisionsOf(pools, { action, target, happenedAt }) {
  const open = Object.values(pools).filter(({ action_id: id, decided }) => id === action && !decided);
  const all = open.map((pool) => ({ pool, winner: winnerIn(pool, action, target, happenedAt ?? Infinity) }));
  return {
    decides: all.filter(({ winner }) => winner).map(({ pool, winner }) => ({ pool, winners: [winner] })),
    spares: all.filter(({ winner }) => !winner).map(({ pool }) => pool),
  };
}

/** Return decisions with their `result`, as `settle` returns it. Null for a pool whose bets, by pool, are missing. */
export function resultsOf(decides, bets, happenedAt) {
  return decides.map(({ pool, winners }) => {
    const all = bets[pool.pool_id];
    return { pool, winners, result: all ? settle(all, winners, happenedAt ?? Infinity, policyOf(pool)) : null };
  });
}

/** Return what results together move, {amount, isReturn}, or null while one is missing. Returns count if nobody is paid. */
export function effectOf(results) {
  if (results.some(({ result }) => !result)) return null;
  const sum = (some) => some.reduce((total, { result }) => total + result.total, 0);
  const paid = sum(results.filter(({ result }) => Object.keys(result.prices).length > 0));
  const returned = sum(results.filter(({ result }) => result.isMoneyReturn));
  return paid > 0 ? { amount: paid, isReturn: false } : { amount: returned, isReturn: true };
}

/**
 * Return the text of the button that registers the event, or null while a result is missing. Pools hold their results
 * for different times, so each of these times has its own amount.
 */
export function holdText(results) {
  if (!effectOf(results)) return null;
  const waits = [...new Set(results.map(waitOf))].toSorted((a, b) => a - b);
  const effects = waits.map((wait) => ({ wait, ...effectOf(results.filter((each) => waitOf(each) === wait)) }));
  const moving = effects.filter(({ amount }) => amount > 0);
  if (moving.length === 0) return "Hold to register";
  const parts = moving.map(({ wait, amount, isReturn }, place) => {
    const verb = moving[place - 1]?.isReturn === isReturn ? "" : isReturn ? "return " : "pay ";
    const time = wait > 0 ? ` in ${seconds(wait)}` : moving.length > 1 ? " now" : "";
    return `${verb}${moneyOf(amount)}${time}`;
  });
  return `Hold to ${parts.join(", ")}`;
}

const waitOf = ({ pool }) => pool.confirm_for ?? 0;
