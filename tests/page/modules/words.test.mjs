// Texts for all times and numbers, and the replacement of a view that has failed.

import assert from "node:assert/strict";
import { test } from "node:test";

import { contained } from "../../../toteboard/page/app/html.js";
import { money, moneyOf, oddsText } from "../../../toteboard/page/app/money.js";
import { sparkline } from "../../../toteboard/page/app/state/sparkline.js";
import { clock, left, outcomeText, when, winnersText } from "../../../toteboard/page/app/words.js";

const LARGEST_TIME = 2 ** 53 - 1;
const LAST_DATE = 8.64e15;

test("a time is shown as far as a Date goes, and beyond it as beyond", () => {
  assert.match(when(LAST_DATE, 0), /275760/);
  for (const say of [clock, when]) {
    assert.equal(say(LAST_DATE + 1), "after the year 275760");
    assert.equal(say(LARGEST_TIME), "after the year 275760");
    assert.equal(say(-LARGEST_TIME), "before the year 271821 BC");
  }
});

test("a missing time is a dash, not the year 1970 and not now", () => {
  for (const none of [null, undefined, NaN, Infinity, "soon"]) {
    assert.equal(clock(none), "–");
    assert.equal(when(none), "–");
  }
});

test("every amount and every odds can be written", () => {
  for (const write of [money, moneyOf, oddsText]) {
    for (const number of [0, 1e12, 1e300, Infinity, NaN, -1]) assert.equal(typeof write(number), "string");
  }
});

const DETAILS = { targets: { a: { display_name: "Ann" }, b: { display_name: "Bea" } } };
const ENDED = { winning_target: "a", winning_targets: ["a"], winners: {}, losers: {}, invalidated_bettors: [] };

test("a result names all winners of a dead heat, each with its price", () => {
  const heat = { ...ENDED, winning_targets: ["a", "b"], prices: { a: 1.5, b: 2.25 }, winners: { 1: 5, 2: 6 }, losers: { 3: 11 } };
  assert.equal(winnersText(DETAILS, heat), "Ann and Bea");
  const paid = "Paid 1.50 on Ann, 2.25 on Bea for 1. 2 winners won 11.00 from 1 bettor";
  assert.equal(outcomeText(DETAILS, heat), paid);
});

test("a result says the price that was paid, and what is carried over", () => {
  const won = { ...ENDED, prices: { a: 3 }, winners: { 1: 4 }, losers: { 2: 4 }, invalidated_bettors: [3] };
  assert.equal(outcomeText(DETAILS, won), "Paid 3.00 for 1. 1 winner won 4.00 from 1 bettor; 1 late bettor refunded");
  const carried = { ...ENDED, losers: { 2: 4 }, carried_out: 4 };
  assert.equal(outcomeText(DETAILS, carried), "No bet on it; 4.00 carried over to a later pool");
  assert.equal(winnersText(DETAILS, { ...ENDED, winning_target: null, winning_targets: [] }), "");
});

test("a view that fails is replaced, and the next one is rendered", () => {
  const View = contained(() => null, ({ id }) => `no ${id}`);
  const view = new View({ id: "g" }, {});
  assert.equal(typeof view.render({ id: "g" }, {}), "object");
  assert.deepEqual(View.getDerivedStateFromError(new RangeError("x")), { error: new RangeError("x") });
  assert.equal(view.render({ id: "g" }, { error: new RangeError("x") }), "no g");
});

test("what is left is counted in seconds, and in days when it is long", () => {
  const said = { 0: null, [-1]: null, 1: "0:01", 42_000: "0:42", 61_000: "1:01", 5_472_000: "1:31:12", [49 * 3_600_000]: "2 d" };
  for (const [ms, text] of Object.entries(said)) assert.equal(left(Number(ms)), text, ms);
});

test("a chart needs two points, and holds each value until the next", () => {
  const at = (t, odds) => ({ t, odds: { a: odds } });
  assert.equal(sparkline([at(0, 2)], "a"), null);
  assert.equal(sparkline([at(0, 2), at(1000, null)], "a"), null);
  assert.equal(sparkline([at(0, 2), at(1000, 2)], "a"), null);
  const { points, x, y } = sparkline([at(0, 2), at(500, 4), at(1000, 3)], "a");
  const [first, held, moved] = points.split(" ").map((point) => point.split(",").map(Number));
  assert.equal(first[1], held[1]);
  assert.equal(held[0], moved[0]);
  assert.ok(moved[1] < first[1], "higher odds are higher");
  assert.deepEqual([x, y], points.split(" ").at(-1).split(",").map(Number));
});
