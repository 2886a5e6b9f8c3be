// The form of the user's own limits sends what was changed, and nothing else.

import assert from "node:assert/strict";
import { test } from "node:test";

import { changesOf } from "../../../toteboard/page/app/state/limits.js";

const none = { spend: null, loss: null };
const KNOWN = { day: { spend: 20, loss: null }, week: none, month: { spend: null, loss: 100 } };
const SHOWN = { "day-spend": "20.00", "month-loss": "100.00" };

test("a form that was not touched changes nothing", () => {
  assert.deepEqual(changesOf(KNOWN, SHOWN), { limits: null, wrong: {} });
});

test("a changed field is an amount, and one that was emptied is no limit any more", () => {
  const { limits } = changesOf(KNOWN, { ...SHOWN, "day-spend": "", "week-loss": "12,50" });
  assert.deepEqual(limits, { day: { spend: "none" }, week: { loss: "12.50" } });
});

test("a field that is no amount above 0 is named with what is wrong, and is not sent", () => {
  const { limits, wrong } = changesOf(KNOWN, { ...SHOWN, "day-loss": "ten", "week-spend": "1.2345" });
  assert.equal(limits, null);
  assert.deepEqual(Object.keys(wrong), ["day-loss", "week-spend"]);
  assert.match(wrong["day-loss"], /above 0/);
  assert.match(wrong["week-spend"], /at most 2 decimals/);
});
