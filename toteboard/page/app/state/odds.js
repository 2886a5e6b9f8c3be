// Odds over time: their changes, and a bounded history. Pure.
// Odds are what one unit would be paid, or null while there is no bet on the target. Formula: ../payout.js.

import { betsOf, odds as oddsOn } from "../payout.js";

const LONGEST = 240;
const CLOSEST_MS = 200;

/** {target: odds} of a distribution from the wire. */
export function oddsOf(distribution) {
  const entries = Object.entries(distribution);
  return Object.fromEntries(
    entries.map(([path, { backing_money, to_win_if_backed }]) => [path, backing_money > 0 ? to_win_if_backed : null]),
  );
}

/** Odds as the page shows them, in whole hundredths. A smaller change is not a move. */
const shown = (odds) => (odds === null ? null : Math.round(odds * 100));

/** The last move of each target's odds: {from, isUp}. Targets without a new move keep their last one. */
export function moved(moves, before, after) {
  const changes = Object.entries(after).filter(([path, odds]) => shown(odds) !== shown(before[path]));
  if (changes.length === 0) return moves;
  const isUp = (path, odds) => odds !== null && (before[path] === null || odds > before[path]);
  return Object.assign({}, moves, Object.fromEntries(
    changes
      .filter(([path]) => before[path] !== null)
      .map(([path, odds]) => [path, { from: before[path], isUp: isUp(path, odds) }]),
  ));
}

/** A history with one more point {t, odds}. Close points are merged; a long history loses every second point. */
export function extended(history, t, odds) {
  const last = history.at(-1);
  const isClose = history.length > 1 && t - history.at(-2).t < CLOSEST_MS;
  const kept = last && (isClose || last.t >= t) ? history.slice(0, -1) : history;
  const longer = [...kept, { t: Math.max(t, last?.t ?? t), odds }];
  return longer.length > LONGEST ? longer.filter((_, i) => i % 2 === 0 || i === longer.length - 1) : longer;
}

/** The history of a pool, from a distribution with all of its bets (360). */
export function rebuilt(distribution, startAt, policy) {
  const placed = betsOf(distribution).toSorted((a, b) => a.placedAt - b.placedAt);
  const backing = Object.fromEntries(Object.keys(distribution).map((path) => [path, 0]));
  let total = 0;
  let history = [{ t: startAt, odds: oddsAt(backing, total, policy) }];
  for (const { target, amount, placedAt } of placed) {
    backing[target] += amount;
    total += amount;
    history = extended(history, placedAt, oddsAt(backing, total, policy));
  }
  return history;
}

/** {target: odds} of stakes in hundredths. */
function oddsAt(backing, total, policy) {
  const entries = Object.entries(backing);
  return Object.fromEntries(entries.map(([path, money]) => [path, money > 0 ? oddsOn(total, money, policy) : null]));
}
