// What it costs to take an event back. Pure. The counterpart of `take_back_event` in game/corrections.py.

import { hundredths } from "../money.js";
import { changesOf } from "./correction.js";
import { winnersWithout } from "./moment.js";

/** Return the results that an event may have decided. Only their receipts show whether it has. */
export function candidatesOf(results, { action_id: action, happened_at: at }) {
  return results.filter(({ pool, action_id: own = action, winning_target: winner, resolved_at: resolvedAt }) =>
    winner && (pool?.action_id ?? own) === action && resolvedAt >= at);
}

/** Return the results that were corrected when events were taken back whose reasons are not known: their reasons are the same. */
export function correctedBy(events, results) {
  const times = new Set(events.filter(({ reason }) => !reason).map(({ taken_back_at: at }) => at).filter(Boolean));
  return results.filter(({ corrected_at: at }) => times.has(at));
}

/** Return the time (epoch ms) before which results that an event may have decided are not known, or null if all are. */
export function unknownBefore({ results, resultsTotal }, { happened_at: at }) {
  const oldest = results.at(-1)?.resolved_at;
  return resultsTotal > results.length && oldest >= at ? oldest : null;
}

/** Return the pools on hold that change without an event: {pool, winners}. No winners: the pool opens again. */
export function heldBy(pools, events, id) {
  const decided = Object.values(pools).filter((pool) => pool.decided);
  return decided.map((pool) => ({ pool, winners: winnersWithout(events, id, pool.decided) })).filter(({ winners }) => winners);
}

/**
 * Return what becomes of the pool of a receipt without an event, or null if it stays as it is: {winners, staked,
 * reclaimed, changes}. No winners: it is cancelled. Amounts in hundredths; `changes` as in ./correction.js.
 */
export function costOf(receipt, events, id) {
  const winners = winnersWithout(events, id, receipt);
  if (!winners) return null;
  const changes = changesOf(receipt, winners);
  return {
    winners,
    changes,
    staked: receipt.bets.reduce((sum, { amount }) => sum + hundredths(amount), 0),
    reclaimed: changes.reduce((sum, { change }) => sum - Math.min(0, change), 0),
  };
}
