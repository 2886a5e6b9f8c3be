// Odds over time: what they are, how they move, a history that stays short. Pure.
// Odds are what one unit would be paid; null while nobody backs the target.

const LONGEST = 240;
const CLOSEST_MS = 200;

/** {target: odds} of a distribution as the wire has it. */
export function oddsOf(distribution) {
  const entries = Object.entries(distribution);
  return Object.fromEntries(
    entries.map(([path, { backing_money, to_win_if_backed }]) => [path, backing_money > 0 ? to_win_if_backed : null]),
  );
}

/** Odds as they are shown, in whole hundredths: what cannot be seen is no move. */
const shown = (odds) => (odds === null ? null : Math.round(odds * 100));

/** For each target how its odds moved last: {from, isUp}; those that stand keep their last move. */
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

/** A history with one more point {t, odds}; points that lie close are one, old ones thin out. */
export function extended(history, t, odds) {
  const last = history.at(-1);
  const isClose = history.length > 1 && t - history.at(-2).t < CLOSEST_MS;
  const kept = last && (isClose || last.t >= t) ? history.slice(0, -1) : history;
  const longer = [...kept, { t: Math.max(t, last?.t ?? t), odds }];
  return longer.length > LONGEST ? longer.filter((_, i) => i % 2 === 0 || i === longer.length - 1) : longer;
}

/** The history of a pool whose bets are all known: a pool's bets distribution (360). */
export function rebuilt(distribution, startAt) {
  const placed = Object.entries(distribution).flatMap(([path, { bets }]) =>
    Object.values(bets).map((bet) => ({ path, amount: bet.amount, t: bet.placed_at })),
  );
  const backing = Object.fromEntries(Object.keys(distribution).map((path) => [path, 0]));
  let total = 0;
  let history = [{ t: startAt, odds: oddsAt(backing, total) }];
  for (const { path, amount, t } of placed.toSorted((a, b) => a.t - b.t)) {
    backing[path] += amount;
    total += amount;
    history = extended(history, t, oddsAt(backing, total));
  }
  return history;
}

function oddsAt(backing, total) {
  const entries = Object.entries(backing);
  return Object.fromEntries(entries.map(([path, money]) => [path, money > 0 ? total / money : null]));
}
