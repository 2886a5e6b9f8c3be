// Odds, and what bets and events would pay. Pure; amounts in hundredths, exact by BigInt.
// The counterpart of game/policy.py, odds.py and payout.py: tests/game/pool_vectors.json holds the two to each other.
// Rules: docs/explanation/policies.md.

import { hundredths } from "./money.js";

const sum = (bets) => bets.reduce((total, bet) => total + bet.amount, 0);
const most = (a, b) => (a > b ? a : b);

/** `takeout` is in hundredths of a per cent; `minimum` 0 promises nothing. */
const PLAIN = { takeout: 0, breakTo: 0, minimum: 0, deadHeat: "single", unbacked: "refund", carriedIn: 0 };

/** The policy of a pool from the wire. */
export function policyOf({ policy, carried_in = 0 }) {
  if (!policy) return PLAIN;
  return {
    takeout: hundredths(policy.takeout),
    breakTo: hundredths(policy.break_to),
    minimum: hundredths(policy.minimum ?? 0),
    deadHeat: policy.dead_heat,
    unbacked: policy.unbacked,
    carriedIn: hundredths(carried_in),
  };
}

function potOf(total, { takeout, carriedIn }) {
  const gross = BigInt(total) + BigInt(carriedIn);
  return { gross, taken: (gross * BigInt(takeout)) / 10_000n };
}

/** The price that is paid for `part` / `whole`, in ten-thousandths for 1. No other function rounds a price. */
function priceOf(part, whole, { breakTo, minimum }) {
  if (!breakTo) return (part * 20_000n + whole) / (2n * whole);
  const step = BigInt(breakTo);
  return most(((part * 100n) / (whole * step)) * step, BigInt(minimum)) * 100n;
}

/** What one unit would be paid if its target won now: four decimals; 1 while there is no stake on it. */
export function odds(total, backing, policy = PLAIN) {
  if (!backing) return 1;
  const { gross, taken } = potOf(total, policy);
  return Number(priceOf(gross - taken, BigInt(backing), policy)) / 10_000;
}

/** What `stake`, a part of the `backing` of a target, would be paid now, without the hundredths left over. */
export function payoutOf(stake, total, backing, policy = PLAIN) {
  const { gross, taken } = potOf(total, policy);
  const [net, stakes] = [gross - taken, BigInt(backing)];
  if (!policy.breakTo) return Number((BigInt(stake) * net) / stakes);
  return Number((BigInt(stake) * priceOf(net, stakes, policy)) / 10_000n);
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

function pricesOf(net, stakes, policy) {
  const parts = BigInt(stakes.size);
  const together = [...stakes.values()].reduce((total, each) => total + each, 0n);
  const exact = {
    single: () => [net, together],
    pool: (on) => [net, parts * on],
    profit: (on) => [most(parts * on + net - together, 0n), parts * on],
  }[policy.deadHeat];
  return new Map([...stakes].map(([target, on]) => [target, priceOf(...exact(on), policy)]));
}

function divided(winning, net, policy) {
  const stakes = new Map();
  for (const { target, amount } of winning) stakes.set(target, (stakes.get(target) ?? 0n) + BigInt(amount));
  const prices = pricesOf(net, stakes, policy);
  const paid = ({ amount, target }) => Number((BigInt(amount) * prices.get(target)) / 10_000n);
  return { parts: policy.breakTo ? winning.map(paid) : shares(winning, net), prices };
}

/** The outcome of a pool if these targets win. Bets placed after `voidAfter` (epoch ms) are void. */
export function settle(bets, winners, voidAfter, policy = PLAIN) {
  const valid = bets.filter((bet) => bet.placedAt <= voidAfter);
  const winning = valid.filter((bet) => winners.includes(bet.target));
  const total = sum(valid);
  const isWon = winning.length > 0;
  const isMoneyReturn = total > 0 && !isWon && policy.unbacked === "refund";
  const { gross, taken } = potOf(total, policy);
  const { parts, prices } = isWon ? divided(winning, gross - taken, policy) : { parts: [], prices: new Map() };
  const paid = parts.reduce((left, part) => left + BigInt(part), 0n);
  const rest = isWon ? Number(gross - taken - paid) : 0;
  return {
    total: isWon ? Number(paid) : total,
    isMoneyReturn,
    voided: sum(bets) - total,
    prices: Object.fromEntries([...prices].map(([target, price]) => [target, Number(price) / 10_000])),
    takeout: isWon ? Number(taken) : 0,
    breakage: Math.max(0, rest),
    minus: Math.max(0, -rest),
    carriedOut: isWon ? 0 : policy.carriedIn + (isMoneyReturn ? 0 : total),
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
    Object.entries(bets).map(([id, bet]) => ({
      id,
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
  return candidates.find((candidate) => candidate in pool.distribution && !pool.distribution[candidate].is_scratched) ?? null;
}
