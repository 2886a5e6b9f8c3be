// What the desk says before an event is taken back.

import assert from "node:assert/strict";
import { test } from "node:test";

import { standingOf } from "../../../toteboard/page/app/state/moment.js";
import { candidatesOf, correctedBy, costOf, heldBy, unknownBefore } from "../../../toteboard/page/app/state/taking_back.js";

const POLICY = { takeout: 0, break_to: 0, minimum: null, dead_heat: "single", unbacked: "refund" };
const bet = (user_id, target_id, amount, placed_at) => ({ user_id, target_id, amount, placed_at });
const RECEIPT = {
  policy: POLICY,
  carried_in: 0,
  winning_targets: ["argentina"],
  event_id: "a",
  void_after: 9,
  payouts: { 1: 60, 2: 0 },
  bets: [bet(1, "argentina", 40, 1), bet(2, "brazil", 20, 2)],
};
const BOTH = { ...RECEIPT, winning_targets: ["argentina", "brazil"], payouts: { 1: 40, 2: 20 } };
const event = (target_id, happened_at, more = {}) => ({ action_id: "goal", target_id, happened_at, ...more });
const HEAT = { a: event("argentina:10", 9), b: event("brazil:7", 9, { together_with: "a" }) };

test("a pool that the event decided is cancelled: stakes go back, winnings are reclaimed", () => {
  const { winners, staked, reclaimed, changes } = costOf(RECEIPT, { a: event("argentina:10", 9) }, "a");
  assert.deepEqual([winners, staked, reclaimed], [[], 6000, 2000]);
  assert.deepEqual(changes, [{ userId: 2, change: 2000 }, { userId: 1, change: -2000 }]);
});

test("a pool that was corrected by hand stays as it is, though its bound is still the time of the event", () => {
  assert.equal(costOf({ ...RECEIPT, event_id: null }, { a: event("brazil:7", 9) }, "a"), null);
});

test("a pool that another event decided stays as it is, also one that happened at the same time", () => {
  assert.equal(costOf(RECEIPT, { a: event("argentina:10", 9), b: event("argentina:10", 9) }, "b"), null);
  assert.deepEqual(costOf(RECEIPT, { a: event("argentina:10", 9), b: event("argentina:7", 9) }, "a").winners, []);
});

test("a pool with a winner that both events of a dead heat decide stays as it is", () => {
  assert.equal(costOf(RECEIPT, { ...HEAT, b: event("argentina:7", 9, { together_with: "a" }) }, "a"), null);
});

test("of two winners of a dead heat the other one is left, unless it was taken back before", () => {
  assert.deepEqual(costOf(BOTH, HEAT, "a").winners, ["brazil"]);
  assert.deepEqual(costOf(BOTH, HEAT, "b").winners, ["argentina"]);
  const left = { ...RECEIPT, winning_targets: ["brazil"] };
  assert.deepEqual(costOf(left, { ...HEAT, a: { ...HEAT.a, taken_back_at: 12 } }, "b").winners, []);
});

test("a held dead heat stays decided for the other event, and opens again without both", () => {
  const pool = { pool_id: "p", decided: { event_id: "a", winning_targets: ["argentina", "brazil"] } };
  const held = (id, events = HEAT) => heldBy({ p: pool, open: { pool_id: "open" } }, events, id).map(({ winners }) => winners);
  assert.deepEqual(held("a"), [["brazil"]]);
  assert.deepEqual(held("b"), [["argentina"]]);
  assert.deepEqual(held("c", { ...HEAT, c: event("brazil:7", 9) }), []);
  pool.decided.winning_targets = ["brazil"];
  assert.deepEqual(held("b", { ...HEAT, a: { ...HEAT.a, taken_back_at: 12 } }), [[]]);
});

test("of a dead heat, an event that still counts can be taken back", () => {
  assert.equal(standingOf(HEAT, "a"), "a");
  const first = { ...HEAT, a: { ...HEAT.a, taken_back_at: 12 } };
  assert.equal(standingOf(first, "a"), "b");
  assert.equal(standingOf({ ...first, b: { ...HEAT.b, taken_back_at: 13 } }, "a"), null);
});

test("only later results of its action may be the event's", () => {
  const result = (pool_id, action_id, resolved_at, winning_target = "none") => ({ pool_id, action_id, resolved_at, winning_target });
  const results = [result("own", "goal", 9), result("card", "card", 9), result("earlier", "goal", 8), result("cancelled", "goal", 9, null)];
  const heard = { ...result("heard", undefined, 10), pool: { action_id: "goal" } };
  const unknown = { ...result("unknown", undefined, 10), pool: null };
  assert.deepEqual(candidatesOf([...results, heard, unknown], event("x", 9)).map(({ pool_id: id }) => id), ["own", "heard", "unknown"]);
});

test("results that an event may have decided are not known if it happened before the oldest that is loaded", () => {
  const results = [{ resolved_at: 20 }, { resolved_at: 10 }];
  assert.equal(unknownBefore({ results, resultsTotal: 3 }, event("x", 9)), 10);
  assert.equal(unknownBefore({ results, resultsTotal: 3 }, event("x", 11)), null);
  assert.equal(unknownBefore({ results, resultsTotal: 2 }, event("x", 9)), null);
});

test("an event that was taken back has the reason of a result that was corrected by that", () => {
  const results = [{ pool_id: "p", corrected_at: 7 }, { pool_id: "q", corrected_at: 8 }, { pool_id: "r", corrected_at: null }];
  assert.deepEqual(correctedBy([{ taken_back_at: 7 }, {}], results).map(({ pool_id }) => pool_id), ["p"]);
  assert.deepEqual(correctedBy([{ taken_back_at: 7, reason: "Offside" }], results), []);
});
