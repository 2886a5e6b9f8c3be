// The list of games is requested no more often than a room needs it, one request at a time.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { setImmediate as settled } from "node:timers/promises";

import { poll } from "../../../toteboard/page/app/polling.js";
import { newGame } from "../../../toteboard/page/app/state/game.js";
import { listedBy, needsList, pauseAfter } from "../../../toteboard/page/app/state/listed.js";
import { Visits } from "../../../toteboard/page/app/visits.js";

const OPEN = { ...newGame("g"), hasBoard: true, details: { status: "game_in_progress_betting_active", hashtag: "#Copa" } };
const CLOSED = { ...OPEN, details: { ...OPEN.details, status: "game_closed" } };

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  globalThis.document = Object.assign(new EventTarget(), { hidden: false });
});
afterEach(() => mock.timers.reset());

function show(isShown) {
  document.hidden = !isShown;
  document.dispatchEvent(new Event("visibilitychange"));
}

test("a poll sends nothing while its last request has no reply, and pauses after it", async () => {
  const replies = [];
  poll(() => new Promise((resolve) => replies.push(resolve)));
  mock.timers.tick(60_000);
  assert.equal(replies.length, 1);
  replies[0](3000);
  await settled();
  mock.timers.tick(2999);
  assert.equal(replies.length, 1);
  mock.timers.tick(1);
  assert.equal(replies.length, 2);
});

test("a hidden page sends nothing, and one request when it is shown", async () => {
  let count = 0;
  poll(() => (count++, 3000));
  await settled();
  show(false);
  mock.timers.tick(60_000);
  assert.equal(count, 1);
  show(true);
  assert.equal(count, 2);
});

test("a poll ends when it is told to, also while a request waits or the page is hidden", async () => {
  let count = 0;
  const stop = poll(() => (count++, 3000));
  stop();
  await settled();
  mock.timers.tick(60_000);
  show(false);
  poll(() => count++)();
  show(true);
  assert.equal(count, 1);
});

test("a list that the page waits for is not requested again", async () => {
  const sent = [];
  const visits = new Visits({ ask: (name, parameters) => new Promise((resolve) => sent.push({ parameters, resolve })) });
  const replies = [visits.list("copa"), visits.list("copa"), visits.list("")];
  assert.deepEqual(sent.map(({ parameters: { query } }) => query), ["copa", undefined]);
  sent.forEach(({ resolve }, index) => resolve(index));
  assert.deepEqual(await Promise.all(replies), [0, 0, 1]);
  visits.list("copa");
  assert.equal(sent.length, 3);
});

test("a board asks how many watch its game every 30 s, unless that is published or never listed", () => {
  assert.equal(listedBy({ ...OPEN, hasBoard: false }), null);
  assert.equal(listedBy(OPEN), "#Copa");
  assert.deepEqual([OPEN, { ...OPEN, crowd: 300 }].map(needsList), [true, false]);
  assert.deepEqual([[{ game_id: "g" }], null, []].map((games) => pauseAfter(OPEN, games)), [30_000, 30_000, null]);
});

test("a closed board asks for the next game every 15 s, until there is one", () => {
  assert.equal(listedBy(CLOSED), "");
  assert.equal(needsList({ ...CLOSED, crowd: 300 }), true);
  const lists = [[], null, [{ game_id: "g" }], [{ game_id: "h" }]];
  assert.deepEqual(lists.map((games) => pauseAfter(CLOSED, games)), [15_000, 15_000, 15_000, null]);
});
