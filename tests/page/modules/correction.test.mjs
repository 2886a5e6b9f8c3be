// What a correction may choose, and what it would change: the table of docs/explanation/results.md.

import assert from "node:assert/strict";
import { test } from "node:test";

import { changesOf, choicesOf, stands, tapped } from "../../../toteboard/page/app/state/correction.js";

const POLICY = { takeout: 0, break_to: 0, minimum: null, dead_heat: "single", unbacked: "refund" };
const bet = (user_id, target_id, amount, placed_at) => ({ user_id, target_id, amount, placed_at });
const RECEIPT = {
  policy: POLICY,
  carried_in: 0,
  winning_targets: ["argentina"],
  void_after: 9,
  payouts: { 1: 66.67, 2: 33.33, 3: 0, 4: 0 },
  bets: [bet(1, "argentina", 40, 1), bet(2, "argentina", 20, 2), bet(3, "brazil", 30, 3), bet(4, "none", 10, 4)],
};

test("a correction changes what the new result gives, less what the old one gave", () => {
  assert.deepEqual(changesOf(RECEIPT, ["brazil"]), [
    { userId: 3, change: 10000 }, { userId: 2, change: -3333 }, { userId: 1, change: -6667 },
  ]);
  assert.deepEqual(changesOf(RECEIPT, ["argentina"]), []);
});

test("a cancelled pool gives every stake back, and one that was cancelled is not previewed", () => {
  const changes = changesOf(RECEIPT, []);
  assert.deepEqual(changes.map(({ userId, change }) => [userId, change]), [[3, 3000], [4, 1000], [2, -1333], [1, -2667]]);
  assert.equal(changesOf({ ...RECEIPT, winning_targets: [] }, ["brazil"]), null);
});

test("several targets may win together, but none, yes and no win alone", () => {
  assert.deepEqual(tapped(["a"], "b"), ["a", "b"]);
  assert.deepEqual(tapped(["a", "b"], "a"), ["b"]);
  assert.deepEqual(tapped(["a", "b"], "none"), ["none"]);
  assert.deepEqual(tapped(["none"], "a"), ["a"]);
});

test("the result that stands is known in any order", () => {
  assert.equal(stands({ winning_targets: ["a", "b"] }, ["b", "a"]), true);
  assert.equal(stands({ winning_targets: ["a"] }, []), false);
  assert.equal(stands({}, []), true);
});

test("the choices are the targets of the winner's level, or those of a pool that the page has seen", () => {
  const details = { targets: { none: {}, a: { targets: { 7: {} } }, b: {} } };
  assert.deepEqual(choicesOf({ type: 1, winning_target: "a" }, details), ["a", "b", "none"]);
  assert.deepEqual(choicesOf({ type: 1, winning_target: "a:7" }, details), ["a:7", "none"]);
  assert.deepEqual(choicesOf({ type: 1, winning_target: null }, details), ["a", "a:7", "b", "none"]);
  assert.deepEqual(choicesOf({ type: 3, winning_target: "no" }, details), ["yes", "no"]);
});
