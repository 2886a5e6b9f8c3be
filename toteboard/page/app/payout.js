// What an event would pay: the server's arithmetic, so that a host sees it before it is done.
// Pure; amounts in whole hundredths. Counterpart: game/payout.py. Rules: docs/reference/payouts.md.

import { hundredths } from "./money.js";

const sum = (bets) => bets.reduce((total, bet) => total + bet.amount, 0);

/** Each winning bet's part of `total`; hundredths left over go to the largest remainders. */
export function shares(winning, total) {
  const stakes = BigInt(sum(winning));
  const pot = BigInt(total);
  const parts = winning.map((bet, place) => {
    const product = pot * BigInt(bet.amount);
    return { place, part: product / stakes, remainder: product % stakes };
  });
  const leftOver = Number(parts.reduce((left, { part }) => left - part, pot));
  const byRemainder = parts.toSorted((a, b) => Number(b.remainder > a.remainder) - Number(b.remainder < a.remainder));
  for (const entry of byRemainder.slice(0, leftOver)) entry.part += 1n;
  return parts.map(({ part }) => Number(part));
}

/** How a pool would end if `target` won; bets placed later than `voidAfter` (epoch ms) are void. */
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
    perUnit: winning.length > 0 ? total / sum(winning) : null,
    users: paidByUser(bets, new Map(winning.map((bet, i) => [bet, parts[i]])), isMoneyReturn, voidAfter),
  };
}

function paidByUser(bets, parts, isMoneyReturn, voidAfter) {
  const users = new Map();
  for (const bet of bets) {
    const user = users.get(bet.userId) ?? { userId: bet.userId, staked: 0, paid: 0, back: 0 };
    user.staked += bet.amount;
    if (bet.placedAt > voidAfter || isMoneyReturn) user.back += bet.amount;
    else user.paid += parts.get(bet) ?? 0;
    users.set(bet.userId, user);
  }
  return [...users.values()].toSorted((a, b) => b.paid - a.paid);
}

/** The bets of a page of a pool's bets (360), of each target in order of acceptance. */
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

/** The target of `pool` that an event would make the winner: `target` or a parent; or null. */
export function winnerIn(pool, action, target, happenedAt) {
  if (pool.action_id !== action || pool.start_at > happenedAt) return null;
  const path = target.split(":");
  const candidates = path.map((_, depth) => path.slice(0, depth + 1).join(":"));
  return candidates.find((candidate) => candidate in pool.distribution) ?? null;
}
