// The user's own limits and breaks: what a form sends, and what is offered.

import assert from "node:assert/strict";
import { test } from "node:test";

import { breaksOffered, changesOf, limitsElsewhere, runningBreak } from "../../../toteboard/page/app/state/limits.js";

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

const NOW = 1_800_000_000_000;
const DAY_MS = 24 * 3600_000;
const offered = (pause) => breaksOffered(pause, NOW).map(([text]) => text);

test("without a break every length is offered, also after one that has ended", () => {
  const all = ["1 day", "1 week", "1 month", "No end"];
  assert.deepEqual(offered(null), all);
  assert.deepEqual(offered({ until: NOW }), all);
  assert.equal(runningBreak({ until: NOW }, NOW), null);
});

test("during a break only longer ones are offered", () => {
  assert.deepEqual(offered({ until: NOW + DAY_MS }), ["1 week", "1 month", "No end"]);
  assert.deepEqual(offered({ until: NOW + DAY_MS / 2 }), ["1 day", "1 week", "1 month", "No end"]);
  assert.deepEqual(offered({ until: NOW + 90 * DAY_MS }), ["No end"]);
  assert.deepEqual(runningBreak({ until: NOW + 1 }, NOW), { until: NOW + 1 });
});

test("a length that would add a moment to a break is no choice", () => {
  assert.deepEqual(offered({ until: NOW + DAY_MS - 1000 }), ["1 week", "1 month", "No end"]);
});

test("during a break without an end nothing is offered", () => {
  assert.deepEqual(offered({ until: null }), []);
  assert.deepEqual(runningBreak({ until: null }, NOW), { until: null });
});

test("the limits in other currencies are listed, without those that have none", () => {
  const known = { DON: { limits: KNOWN }, EUR: { limits: KNOWN }, CHF: { limits: { day: none, week: none, month: none } } };
  assert.deepEqual(limitsElsewhere(known, "DON"), [{
    currency: "EUR",
    limits: [{ period: "day", kind: "spend", amount: 2000 }, { period: "month", kind: "loss", amount: 10000 }],
  }]);
  assert.deepEqual(limitsElsewhere({ DON: { limits: KNOWN } }, "DON"), []);
});
