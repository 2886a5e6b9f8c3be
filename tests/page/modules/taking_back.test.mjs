// What the desk says before an event is taken back.

import assert from "node:assert/strict";
import { test } from "node:test";

import { candidatesOf, costOf } from "../../../toteboard/page/app/state/taking_back.js";

const POLICY = { takeout: 0, break_to: 0, minimum: null, dead_heat: "single", unbacked: "refund" };
const bet = (user_id, target_id, amount, placed_at) => ({ user_id, target_id, amount, placed_at });
const RECEIPT = {
  policy: POLICY,
  carried_in: 0,
  winning_targets: ["argentina"],
  void_after: 9,
  payouts: { 1: 60, 2: 0 },
  bets: [bet(1, "argentina", 40, 1), bet(2, "brazil", 20, 2)],
};
const event = (target_id, happened_at, more = {}) => ({ action_id: "goal", target_id, happened_at, ...more });

test("a pool that the event decided is cancelled: stakes go back, winnings are reclaimed", () => {
  const { winners, staked, reclaimed, changes } = costOf(RECEIPT, { a: event("argentina:10", 9) }, "a");
  assert.deepEqual([winners, staked, reclaimed], [[], 6000, 2000]);
  assert.deepEqual(changes, [{ userId: 2, change: 2000 }, { userId: 1, change: -2000 }]);
});

test("a pool that another event decided stays as it is", () => {
  assert.equal(costOf(RECEIPT, { a: event("argentina:10", 8) }, "a"), null);
  assert.equal(costOf(RECEIPT, { a: event("argentina:7", 9), b: event("argentina:10", 9) }, "a"), null);
});

test("of two winners of a dead heat the other one is left, unless it was taken back before", () => {
  const receipt = { ...RECEIPT, winning_targets: ["argentina", "brazil"], payouts: { 1: 40, 2: 20 } };
  const left = (more) => costOf(receipt, { a: event("argentina:10", 9), b: event("brazil:7", 9, more) }, "a").winners;
  assert.deepEqual(left({}), ["brazil"]);
  assert.deepEqual(left({ taken_back_at: 12 }), []);
});

test("only later results of its action may be the event's", () => {
  const result = (pool_id, action_id, resolved_at, winning_target = "none") => ({ pool_id, action_id, resolved_at, winning_target });
  const results = [result("own", "goal", 9), result("card", "card", 9), result("earlier", "goal", 8), result("cancelled", "goal", 9, null)];
  const heard = { ...result("heard", undefined, 10), pool: { action_id: "goal" } };
  assert.deepEqual(candidatesOf([...results, heard], event("x", 9)).map(({ pool_id: id }) => id), ["own", "heard"]);
});
