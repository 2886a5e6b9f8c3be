// The state of a pool: the server's fields, with the history of its odds. Pure.

import { hundredths } from "../money.js";
import { odds, policyOf } from "../payout.js";
import { extended, moved, oddsOf, rebuilt } from "./odds.js";

/** Return a pool from the fields of the wire. `known` is its previous state. */
export function poolOf(fields, t, known) {
  const all = oddsOf(fields.distribution);
  const moves = known ? moved(known.moves, known.odds, all) : {};
  return { ...fields, odds: all, moves, history: extended(known?.history ?? [], t, all) };
}

/** Return the pool after new bets. */
export function withBets(pool, { participants, amount_total, distribution }, t) {
  return poolOf({ ...pool, participants, amount_total, distribution }, t, pool);
}

/** Return the pool after a target was scratched: it has no stakes, and the others pay less. */
export function withoutTarget(pool, { target_id, participants, amount_total }, t) {
  const policy = policyOf(pool);
  const empty = { backing_money: 0, backing_people: 0, is_scratched: true };
  const entries = Object.entries(pool.distribution).map(([path, known]) => {
    const target = path === target_id ? { ...known, ...empty } : known;
    const now = odds(hundredths(amount_total), hundredths(target.backing_money), policy);
    return [path, { ...target, to_win_if_backed: now }];
  });
  return withBets(pool, { participants, amount_total, distribution: Object.fromEntries(entries) }, t);
}

/** Return the pool with the history of a distribution, if it has all bets. */
export function withAllBets(pool, { distribution, bets_total }) {
  const counted = Object.values(distribution).reduce((sum, { bets }) => sum + Object.keys(bets).length, 0);
  return counted === bets_total ? { ...pool, history: rebuilt(distribution, pool.start_at, policyOf(pool)) } : pool;
}

/** Return the targets of a pool as numbered rows, `none` last. */
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
    isScratched: target.is_scratched ?? false,
    isHeld: pool.decided?.winning_targets.includes(path) ?? false,
  }));
}

/** Return whether an admin decides the pool, with yes or no. */
export const isBinary = (pool) => pool.type === 3 || pool.type === 4;

/** Return whether an action belongs to a yes-or-no pool. Such a name is not for people. */
export const isPoolsOwn = (actionId) => actionId.startsWith("pool-");

/** Return how long a bet in a pool waits before it counts (ms): only while the match is on. */
export const delayOf = (pool, details) => (details.status === "game_in_progress_betting_active" ? pool.bet_delay ?? 0 : 0);

const isOver = (pool, now) => Boolean(pool.stop_accepting_bets_at) && now >= pool.stop_accepting_bets_at;

/** Return whether the time for bets is over at `now` (epoch ms), or a result waits to be paid. */
export const hasClosed = (pool, now) => isOver(pool, now) || Boolean(pool.decided);

/** Return whether pools can be opened in a game, and bets placed. */
export const takesBets = (details) => /betting_active$/.test(details?.status ?? "");

/** Return why the pool accepts no bets at `now` (epoch ms), or null. A bet that would count too late is not accepted. */
export function shutBecause(pool, game, now) {
  if (!takesBets(game.details)) return "Betting is not active";
  if (isOver(pool, now)) return "Betting has ended";
  if (isOver(pool, now + delayOf(pool, game.details))) return "Too late for a bet to count";
  if (pool.decided) return "Decided, waits to be paid";
  return pool.is_blocked ? "Betting is blocked" : null;
}
