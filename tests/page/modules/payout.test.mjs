// The page and the server compute the same odds and payouts: those of tests/game/pool_vectors.json.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { odds, payoutOf, settle } from "../../../toteboard/page/app/payout.js";

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
    const outcome = settle(known, winner, void_after);
    const paid = outcome.users.map(({ userId, paid, refunded }) => [userId, paid, refunded]);
    assert.equal(outcome.isMoneyReturn, is_money_return, name);
    assert.deepEqual(paid.toSorted(([a], [b]) => a - b), users.toSorted(([a], [b]) => a - b), name);
  }
});
