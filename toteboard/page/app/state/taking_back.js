// What it costs to take an event back. Pure. The counterpart of `take_back_event` in game/corrections.py.

import { hundredths } from "../money.js";
import { changesOf } from "./correction.js";

/** Return the results that an event may have decided. Only their receipts show whether it has. */
export function candidatesOf(results, { action_id: action, happened_at: at }) {
  return results.filter(({ pool, action_id: own, winning_target: winner, resolved_at: resolvedAt }) =>
    winner && (pool?.action_id ?? own) === action && resolvedAt >= at);
}

/**
 * Return what becomes of the pool of a receipt without an event, or null if it stays as it is: {winners, staked,
 * reclaimed, changes}. No winners: it is cancelled. Amounts in hundredths; `changes` as in ./correction.js.
 */
export function costOf(receipt, events, id) {
  const { action_id: action, happened_at: at } = events[id];
  const { void_after: bound, winning_targets: before, bets } = receipt;
  if (bound !== at) return null;
  const left = Object.entries(events).filter(([other, event]) =>
    other !== id && event.action_id === action && event.happened_at === at && !event.taken_back_at);
  const winners = before.filter((path) => left.some(([, { target_id: target }]) => target === path || target.startsWith(`${path}:`)));
  if (winners.length === before.length) return null;
  const changes = changesOf(receipt, winners);
  return {
    winners,
    changes,
    staked: bets.reduce((sum, { amount }) => sum + hundredths(amount), 0),
    reclaimed: changes.reduce((sum, { change }) => sum - Math.min(0, change), 0),
  };
}
