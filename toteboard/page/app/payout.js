// Odds, and what bets and events would pay. Pure; amounts in hundredths.
// The counterpart of game/odds.py and game/payout.py: tests/game/pool_vectors.json holds the two to each other.
// Rules: docs/reference/payouts.md.

import { hundredths } from "./money.js";

const sum = (bets) => bets.reduce((total, bet) => total + bet.amount, 0);

/** What one unit on a target would be paid now: four decimals, halves up; 1 while there is no stake on it. */
export function odds(total, backing) {
  if (!backing) return 1;
  const [pool, stakes] = [BigInt(total), BigInt(backing)];
  return Number((pool * 20_000n + stakes) / (2n * stakes)) / 10_000;
}

/** What `stake`, a part of the `backing` of a target, would be paid now, without the hundredths left over. */
export function payoutOf(stake, total, backing) {
  return Number((BigInt(stake) * BigInt(total)) / BigInt(backing));
}

/** Each winning bet's part of `total`. The hundredths left over go to the largest remainders, the earliest bet first. */
export function shares(winning, total) {
  const stakes = BigInt(sum(winning));
  const pool = BigInt(total);
  const parts = winning.map((bet, place) => {
    const product = pool * BigInt(bet.amount);
    return { place, part: product / stakes, remainder: product % stakes };
  });
  const leftOver = Number(parts.reduce((left, { part }) => left - part, pool));
  const byRemainder = parts.toSorted((a, b) => Number(b.remainder > a.remainder) - Number(b.remainder < a.remainder));
  for (const entry of byRemainder.slice(0, leftOver)) entry.part += 1n;
  return parts.map(({ part }) => Number(part));
}

/** The outcome of a pool if `target` wins. Bets placed after `voidAfter` (epoch ms) are void. */
export function settle(bets, target, voidAfter) {
  const valid = bets.filter((bet) => bet.placedAt <= voidAfter);
  const winning = valid.filter((bet) => bet.target === target);
  const isMoneyReturn = valid.length > 0 && winning.length === 0;
  const total = sum(valid);
  const parts = winning.length > 0 ? shares(winning, total) : [];
  return {
    total,
    isMoneyReturn,
    voided: sum(bets) - total,
    perUnit: winning.length > 0 ? odds(total, sum(winning)) : null,
    users: paidByUser(bets, new Map(winning.map((bet, i) => [bet, parts[i]])), isMoneyReturn, voidAfter),
  };
}

function paidByUser(bets, parts, isMoneyReturn, voidAfter) {
  const users = new Map();
  for (const bet of bets) {
    const user = users.get(bet.userId) ?? { userId: bet.userId, staked: 0, paid: 0, refunded: 0 };
    user.staked += bet.amount;
    if (bet.placedAt > voidAfter || isMoneyReturn) user.refunded += bet.amount;
    else user.paid += parts.get(bet) ?? 0;
    users.set(bet.userId, user);
  }
  return [...users.values()].toSorted((a, b) => b.paid - a.paid);
}

/** The bets of one page of a pool's distribution, for each target in order of acceptance. */
export function betsOf(distribution) {
  return Object.entries(distribution).flatMap(([target, { bets }]) =>
    Object.values(bets).map((bet) => ({
      target,
      userId: bet.user_id,
      amount: hundredths(bet.amount),
      placedAt: bet.placed_at,
    })),
  );
}

/** The target of `pool` that an event would make the winner: `target` or a parent of it, or null. */
export function winnerIn(pool, action, target, happenedAt) {
  if (pool.action_id !== action || pool.start_at > happenedAt) return null;
  const path = target.split(":");
  const candidates = path.map((_, depth) => path.slice(0, depth + 1).join(":"));
  return candidates.find((candidate) => candidate in pool.distribution) ?? null;
}
