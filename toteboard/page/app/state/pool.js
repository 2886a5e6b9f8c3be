// A pool as the board shows it: the server's fields, with how its odds moved. Pure.

import { extended, moved, oddsOf, rebuilt } from "./odds.js";

/** A pool from the fields of the wire; `known`: the same pool as it was known before. */
export function poolOf(fields, t, known) {
  const odds = oddsOf(fields.distribution);
  const moves = known ? moved(known.moves, known.odds, odds) : {};
  return { ...fields, odds, moves, history: extended(known?.history ?? [], t, odds) };
}

/** The pool after a 361: bets came in. */
export function withBets(pool, { participants, amount_total, distribution }, t) {
  return poolOf({ ...pool, participants, amount_total, distribution }, t, pool);
}

/** The pool with a history out of a 360 that has all of its bets. */
export function withAllBets(pool, { distribution, bets_total }) {
  const counted = Object.values(distribution).reduce((sum, { bets }) => sum + Object.keys(bets).length, 0);
  return counted === bets_total ? { ...pool, history: rebuilt(distribution, pool.start_at) } : pool;
}

/** The targets of a pool as numbered rows, `none` last; each with its share of the money. */
export function rowsOf(pool) {
  const most = Math.max(...Object.values(pool.distribution).map((target) => target.backing_money));
  const entries = Object.entries(pool.distribution);
  const inOrder = entries.toSorted(([a], [b]) => (a === "none") - (b === "none"));
  return inOrder.map(([path, target], index) => ({
    path,
    number: index + 1,
    money: target.backing_money,
    people: target.backing_people,
    odds: pool.odds[path],
    move: pool.moves[path] ?? null,
    share: pool.amount_total > 0 ? target.backing_money / pool.amount_total : 0,
    isFavourite: most > 0 && target.backing_money === most,
  }));
}

/** Whether the pool is decided by an admin, with yes or no. */
export const isBinary = (pool) => pool.type === 3 || pool.type === 4;

/** Whether an action is a yes-or-no pool's own, with a name for machines only. */
export const isPoolsOwn = (actionId) => actionId.startsWith("pool-");

/** Why no bet is taken just now, in words, or null. `now`: epoch ms. */
export function shutBecause(pool, game, now) {
  if (!/betting_active$/.test(game.details?.status ?? "")) return "Betting is not active";
  if (pool.stop_accepting_bets_at && now >= pool.stop_accepting_bets_at) return "Betting has ended";
  return pool.is_blocked ? "Betting is blocked" : null;
}
