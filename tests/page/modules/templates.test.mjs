// The pools that a new one can start from.

import assert from "node:assert/strict";
import { test } from "node:test";

import { fitting, keptIn, templatesOf, withEarlier } from "../../../toteboard/page/app/state/templates.js";

const pool = (description, more = {}) => ({
  description, type: 1, action_id: "goal", start_at: 1000, stop_accepting_bets_at: 301_000, finish_at: null, is_hot: false,
  recreate_on_end: true, confirm_for: 20_000, distribution: { "brazil:7": {}, none: {} }, ...more,
});
const DETAILS = { actions: { goal: {} }, targets: { brazil: { targets: { 7: {} } }, none: {} } };
const template = (description, more = {}) => ({
  description, action: "goal", minutes: "", ends: "", targets: null, isHot: false, isReopened: false, isHeld: false, ...more,
});
const names = (templates) => templates.map(({ description }) => description);

test("the pools of a game are templates with all that they were opened with, the newest first and each once", () => {
  const results = [{ description: "Old", pool: pool("Old", { type: 4, finish_at: 61_000 }) }, { description: "New", pool: pool("New") }];
  const [first, second, ...others] = templatesOf({ pools: { a: pool("New") }, results });
  assert.deepEqual(first, template("New", { minutes: "5", targets: ["brazil:7"], isReopened: true, isHeld: true }));
  assert.deepEqual([second.description, second.action, second.ends], ["Old", "", "1"]);
  assert.deepEqual(others, []);
});

test("a result of which the page knows only the list is a template whose targets can be asked for", () => {
  const result = { pool_id: "p", description: "Next goal", type: 1, action_id: "goal" };
  assert.deepEqual(templatesOf({ pools: {}, results: [result] }), [template("Next goal", { poolId: "p" })]);
});

test("those of the match before follow, and one that is known in full replaces one that is not", () => {
  const earlier = [template("Next card"), template("Next goal", { minutes: "5" })];
  const all = withEarlier([template("Next goal", { poolId: "p" })], earlier);
  assert.deepEqual(all, [earlier[1], earlier[0]]);
});

test("a template of another match has its targets if this game has them, or else the usual ones", () => {
  const templates = [template("Here", { targets: ["brazil:7"] }), template("There", { targets: ["chile"] })];
  assert.deepEqual(fitting(templates, { pools: {} }, DETAILS).map(({ targets }) => targets), [["brazil:7"], null]);
});

test("what is open, or of an action that the game has not, is no template", () => {
  const templates = [template("Open"), template("Corner", { action: "corner" }), template("Yes", { action: "" })];
  assert.deepEqual(names(fitting(templates, { pools: { a: pool("Open") } }, DETAILS)), ["Yes"]);
});

test("of what the browser has kept, what is no template is left out", () => {
  const [good, bad] = [template("Next goal"), [null, 7, { description: "No action" }, template("Odd", { targets: "all" })]];
  assert.deepEqual(keptIn(JSON.stringify({ s: [...bad, good], t: "x" })), { s: [good] });
  assert.deepEqual(["null", "7", "[]", null].map(keptIn), [{}, {}, {}, {}]);
});
