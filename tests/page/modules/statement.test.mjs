// The statement: pages join, days are the reader's, and a bet shows what it has set aside.

import assert from "node:assert/strict";
import { test } from "node:test";

import { newPage, reduce } from "../../../toteboard/page/app/state/page.js";
import { daysAgo, daysOf, spanOf } from "../../../toteboard/page/app/state/statement.js";

const at = (text) => new Date(text).getTime();
const entry = (id, cause, available, more) => ({ id, cause, at: at("2026-11-28T21:00"), available_balance: available, ...more });
const page = (ids, before, currency = "DON") => ({
  response_header: { t: 1 }, currency, opening_balance: 0, closing_balance: 9, before,
  entries: ids.map((id) => entry(id, "credit", id)),
});
const after = (state, parameters, message) => reduce(state, "user_statement", message, { parameters });
const idsOf = ({ statement }) => statement.entries.map(({ id }) => id);

test("the next page of a statement is added, and anything else replaces it", () => {
  const first = after(newPage({ id: 1 }), { from: 5 }, page([9, 8], 8));
  const whole = after(first, { from: 5, before: 8 }, page([7], null));
  assert.deepEqual([idsOf(whole), whole.statement.before], [[9, 8, 7], null]);
  assert.deepEqual(idsOf(after(whole, { from: 5 }, page([10, 9], 9))), [10, 9]);
  assert.deepEqual(idsOf(after(first, { from: 6, before: 8 }, page([7], null))), [7]);
  assert.deepEqual(idsOf(after(first, { from: 5, before: 8 }, page([7], null, "EUR"))), [7]);
  assert.deepEqual(idsOf(after(first, { from: 5, before: 7 }, page([6], null))), [6]);
});

test("a period begins at the reader's midnight, and chosen days are included", () => {
  const now = at("2026-11-28T21:14");
  assert.deepEqual(spanOf({ period: "day" }, now), { from: at("2026-11-28T00:00"), to: undefined });
  assert.deepEqual(spanOf({ period: "week" }, now), { from: at("2026-11-22T00:00"), to: undefined });
  assert.deepEqual(spanOf({ period: "dates" }, now), { from: 0, to: undefined });
  const days = { period: "dates", first: "2026-10-01", last: "2026-10-31" };
  assert.deepEqual(spanOf(days, now), { from: at("2026-10-01T00:00"), to: at("2026-11-01T00:00") });
  assert.equal(daysAgo(at("2026-11-27T23:59"), now), 1);
});

test("entries are listed by day, and a bet shows what it has set aside", () => {
  const days = daysOf([
    entry(4, "bet", 975), entry(3, "bet", 987.5), entry(2, "payout", 1000),
    entry(1, "credit", 1000, { at: at("2026-11-27T18:20") }),
  ]);
  assert.deepEqual(days.map(({ day, entries }) => [day, entries.map(({ stake }) => stake)]), [
    [at("2026-11-28T00:00"), [1250, 1250, null]],
    [at("2026-11-27T00:00"), [null]],
  ]);
  assert.equal(daysOf([entry(7, "bet", 975)])[0].entries[0].stake, null, "the entry before it is on the next page");
});
