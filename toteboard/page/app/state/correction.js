// A correction of a result: the results that it can have, and what it would change. Pure.

import { hundredths } from "../money.js";
import { policyOf, settle } from "../payout.js";
import { targetPaths } from "../words.js";
import { rowsOf } from "./pool.js";

/** Return the paths among which the winner of an ended pool may be chosen. */
export function choicesOf({ pool, type, winning_target: winner }, details) {
  if (pool) return rowsOf(pool).filter(({ isScratched }) => !isScratched).map(({ path }) => path);
  if (type === 3 || type === 4) return ["yes", "no"];
  const paths = targetPaths(details.targets).filter((path) => path !== "none");
  const level = winner && winner !== "none" ? winner.split(":").length : null;
  return [...paths.filter((path) => level === null || path.split(":").length === level), "none"];
}

/** Return the choice after a tap on a target: several may win, but `none`, `yes` and `no` win alone. */
export function tapped(chosen, path) {
  if (chosen.includes(path)) return chosen.filter((each) => each !== path);
  const isAlone = ["none", "yes", "no"].includes(path);
  return isAlone ? [path] : [...chosen.filter((each) => !["none", "yes", "no"].includes(each)), path];
}

/** Return whether these winners, none if the pool is cancelled, are the result that stands. */
export function stands({ winning_targets: winners = [] }, chosen) {
  return winners.length === chosen.length && winners.every((path) => chosen.includes(path));
}

/**
 * Return what changes for each user if these win, the largest gain first: {userId, change} in hundredths.
 * `receipt` has all bets. No winners: the pool is cancelled. Null if the receipt has no bound of its event.
 */
export function changesOf(receipt, winners) {
  const entitled = winners.length > 0 ? settledFor(receipt, winners) : refundsOf(receipt);
  if (!entitled) return null;
  const changes = [...entitled].map(([userId, amount]) => ({ userId, change: amount - hundredths(receipt.payouts[userId] ?? 0) }));
  return changes.filter(({ change }) => change !== 0).toSorted((a, b) => b.change - a.change);
}

function settledFor(receipt, winners) {
  if (receipt.winning_targets.length === 0) return null;
  const bets = receipt.bets.map(({ target_id: target, user_id: userId, amount, placed_at: placedAt }) => ({
    target, userId, amount: hundredths(amount), placedAt,
  }));
  const { users } = settle(bets, winners, receipt.void_after ?? Infinity, policyOf(receipt));
  return new Map(users.map(({ userId, paid, refunded }) => [userId, paid + refunded]));
}

function refundsOf({ bets }) {
  const refunds = new Map();
  for (const { user_id: userId, amount } of bets) refunds.set(userId, (refunds.get(userId) ?? 0) + hundredths(amount));
  return refunds;
}
