// The page and the server compute the same odds and payouts: those of tests/game/pool_vectors.json.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { odds, payoutOf, policyOf, settle } from "../../../toteboard/page/app/payout.js";

const vectors = JSON.parse(readFileSync(new URL("../../game/pool_vectors.json", import.meta.url), "utf8"));

test("odds are those of the table", () => {
  for (const vector of vectors.odds) assert.equal(odds(vector.total, vector.backing), vector.odds);
});

test("the payout of a stake is that of the table", () => {
  for (const { total, backing, stake, payout } of vectors.payouts) {
    assert.equal(payoutOf(stake, total, backing), payout);
  }
});

test("a pool is settled as the table says", () => {
  for (const { name, bets, winner, void_after, is_money_return, users } of vectors.settlements) {
    const known = bets.map(([userId, target, amount, placedAt]) => ({ userId, target, amount, placedAt }));
    const outcome = settle(known, [winner], void_after);
    const paid = outcome.users.map(({ userId, paid, refunded }) => [userId, paid, refunded]);
    assert.equal(outcome.isMoneyReturn, is_money_return, name);
    assert.deepEqual(paid.toSorted(([a], [b]) => a - b), users.toSorted(([a], [b]) => a - b), name);
  }
});

/** The policy of a vector as the page reads it from the wire. */
const readPolicy = ({ takeout, break_to, minimum, dead_heat, unbacked, carried_in }) =>
  policyOf({
    policy: { takeout: takeout / 100, break_to: break_to / 100, minimum: minimum && minimum / 100, dead_heat, unbacked },
    carried_in: carried_in / 100,
  });

test("odds under a policy are those of the table", () => {
  for (const vector of vectors.policy_odds) {
    assert.equal(odds(vector.total, vector.backing, readPolicy(vector.policy)), vector.odds);
  }
});

test("a pool is settled by its policy as the table says", () => {
  for (const { name, policy, bets, winners, void_after, users, prices, ...wanted } of vectors.policy_settlements) {
    const known = bets.map(([userId, target, amount, placedAt]) => ({ userId, target, amount, placedAt }));
    const outcome = settle(known, winners, void_after, readPolicy(policy));
    const paid = outcome.users.map(({ userId, paid, refunded }) => [userId, paid, refunded]);
    const { isMoneyReturn, takeout, breakage, minus, carriedOut } = outcome;
    assert.deepEqual(paid.toSorted(([a], [b]) => a - b), users.toSorted(([a], [b]) => a - b), name);
    assert.deepEqual({ is_money_return: isMoneyReturn, takeout, breakage, minus, carried_out: carriedOut }, wanted, name);
    const shown = Object.fromEntries(Object.entries(prices).map(([target, price]) => [target, price / 10_000]));
    assert.deepEqual(outcome.prices, shown, name);
  }
});

test("a pool that names no policy is plain", () => {
  assert.deepEqual(policyOf({}), policyOf({ policy: { takeout: 0, break_to: 0, minimum: null, dead_heat: "single", unbacked: "refund" } }));
});
