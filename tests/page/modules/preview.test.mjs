// What the desk shows and says before an event is registered.

import assert from "node:assert/strict";
import { test } from "node:test";

import { decisionsOf, holdText, resultsOf } from "../../../toteboard/page/app/state/preview.js";

const pool = (pool_id, targets, more = {}) => ({
  pool_id, action_id: "goal", start_at: 1, distribution: Object.fromEntries(targets.map((path) => [path, {}])), ...more,
});
const bet = (userId, target, amount, placedAt) => ({ userId, target, amount, placedAt });
const TEAMS = pool("teams", ["argentina", "brazil", "none"]);
const PLAYERS = pool("players", ["brazil:7", "none"]);
const GOAL = { action: "goal", target: "argentina:10", happenedAt: null };
const BETS = [bet(1, "argentina", 4000, 5), bet(2, "brazil", 3000, 6), bet(3, "argentina", 2000, 9)];

test("an event decides the pools of its action that have its target, and not one that is decided already", () => {
  const pools = { a: TEAMS, b: PLAYERS, c: pool("held", ["argentina"], { decided: {} }), d: pool("card", ["argentina"], { action_id: "card" }) };
  const { decides, spares } = decisionsOf(pools, GOAL);
  assert.deepEqual(decides, [{ pool: TEAMS, winners: ["argentina"] }]);
  assert.deepEqual(spares, [PLAYERS]);
});

test("the button says what all pools together pay, without the bets that were too late", () => {
  const decides = [{ pool: TEAMS, winners: ["argentina"] }, { pool: PLAYERS, winners: ["brazil:7"] }];
  const bets = { teams: BETS, players: [bet(4, "brazil:7", 500, 5)] };
  assert.equal(holdText(resultsOf(decides, bets, null)), "Hold to pay 95.00");
  assert.equal(holdText(resultsOf(decides, bets, 7)), "Hold to pay 75.00");
});

test("the button says that stakes go back, that a result is held, and that nothing is paid", () => {
  const on = (each, winner, bets) => holdText(resultsOf([{ pool: each, winners: [winner] }], { teams: bets }, null));
  assert.equal(on(TEAMS, "none", BETS), "Hold to return 90.00");
  assert.equal(on({ ...TEAMS, confirm_for: 20_000 }, "brazil", BETS), "Hold to pay 90.00 in 20 s");
  assert.equal(on(TEAMS, "brazil", []), "Hold to register");
  assert.equal(holdText([]), "Hold to register");
});

test("the button names the amount of each time, if one result is paid at once and another is held", () => {
  const of = (teams, players, bets = BETS) => {
    const decides = [{ pool: { ...TEAMS, confirm_for: teams }, winners: ["argentina"] }, { pool: { ...PLAYERS, confirm_for: players }, winners: ["brazil:7"] }];
    return holdText(resultsOf(decides, { teams: bets, players: [bet(4, "brazil:7", 500, 5)] }, null));
  };
  assert.equal(of(0, 20_000), "Hold to pay 90.00 now, 5.00 in 20 s");
  assert.equal(of(30_000, 20_000), "Hold to pay 5.00 in 20 s, 90.00 in 30 s");
  assert.equal(of(20_000, 20_000), "Hold to pay 95.00 in 20 s");
  assert.equal(of(0, 20_000, []), "Hold to pay 5.00 in 20 s");
  assert.equal(of(20_000, 0, []), "Hold to pay 5.00");
  assert.equal(of(0, 20_000, [bet(2, "brazil", 3000, 6)]), "Hold to return 30.00 now, pay 5.00 in 20 s");
});

test("while the bets of one pool are missing, there is no text to hold", () => {
  const decides = [{ pool: TEAMS, winners: ["argentina"] }, { pool: PLAYERS, winners: ["brazil:7"] }];
  assert.equal(holdText(resultsOf(decides, { teams: BETS }, null)), null);
});
