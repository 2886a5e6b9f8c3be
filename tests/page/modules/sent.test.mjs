// The bets that were sent: what is known of them before their replies, and after a reload.

import assert from "node:assert/strict";
import { test } from "node:test";

import { moneyOf } from "../../../toteboard/page/app/money.js";
import { newPage } from "../../../toteboard/page/app/state/page.js";
import {
  betsIn, countsAt, decidedBy, foundAmong, lost, placedFrom, waitingMoney, withBetNotFound, withBetPlaced, withBetRefused,
  withBetSent, withBetsSentNow, withoutBetSent,
} from "../../../toteboard/page/app/state/sent.js";
import { closedText } from "../../../toteboard/page/app/words.js";

const PICK = { gameId: "g", poolId: "p", path: "yes" };
const BET = { id: 1, ...PICK, name: "Yes", amount: 250, currency: "DON", description: "Who?", delay: 100 };
const CONNECTED = { ...newPage({ id: 1 }), slip: PICK, status: { phase: "connected" } };
const AWAY = { ...CONNECTED, status: { phase: "away" } };
const SENT = withBetSent(CONNECTED, BET, 7);

test("a bet that is sent leaves the slip free", () => {
  const state = { sentAt: 7, repeatedAt: null, others: [], isLost: false, error: null };
  assert.deepEqual([SENT.slip, SENT.sentBets], [null, [{ ...BET, ...state }]]);
});

test("the delay of a bet begins with the connection, and again when it is repeated after a cut", () => {
  const waiting = withBetSent(AWAY, BET, 7);
  assert.equal(waiting.sentBets[0].sentAt, null);
  const [sent] = withBetsSentNow(waiting, 9).sentBets;
  assert.deepEqual([sent.sentAt, sent.repeatedAt, countsAt(sent)], [9, null, 109]);
  const [repeated] = withBetsSentNow(withBetsSentNow(waiting, 9), 50).sentBets;
  assert.deepEqual([repeated.sentAt, repeated.repeatedAt, countsAt(repeated)], [9, 50, 150]);
  assert.ok(decidedBy(repeated) > 250, "it may have waited for the refusal of the first request");
});

test("a refusal belongs to its own bet, and stays until it is dismissed", () => {
  const both = withBetSent(SENT, { ...BET, id: 2 }, 8);
  const refused = withBetRefused(both, 1, { code: "pool_resolved" });
  assert.deepEqual(refused.sentBets.map(({ error }) => error?.code), ["pool_resolved", undefined]);
  assert.deepEqual(withoutBetSent(refused, 1).sentBets.map(({ id }) => id), [2]);
});

test("the pick of a refused bet is back on the slip with its amount, if the slip is free and it could be placed again", () => {
  const back = { ...PICK, text: moneyOf(250) };
  assert.deepEqual(withBetRefused(SENT, 1, { code: "limit_reached" }).slip, back);
  assert.deepEqual(withBetRefused(SENT, 1, { code: "pool_blocked" }).slip, back);
  for (const code of ["pool_resolved", "game_closed", "unknown_target", undefined]) {
    assert.equal(withBetRefused(SENT, 1, { code }).slip, null, code);
  }
  const other = { ...PICK, path: "no" };
  assert.equal(withBetRefused({ ...SENT, slip: other }, 1, { code: "limit_reached" }).slip, other);
});

test("the money of bets without a reply is counted by currency, and no longer once they are refused", () => {
  const page = withBetSent(withBetSent(SENT, { ...BET, id: 2, amount: 100 }, 8), { ...BET, id: 3, currency: "EUR" }, 8);
  assert.deepEqual([waitingMoney(page, "DON"), waitingMoney(page, "EUR")], [350, 250]);
  assert.equal(waitingMoney(withBetRefused(page, 2, { code: "pool_blocked" }), "DON"), 250);
});

test("after a reload a bet that was sent is looked for, and one that was not is refused by that", () => {
  const kept = betsIn(JSON.stringify([...SENT.sentBets, ...withBetSent(AWAY, { ...BET, id: 2 }, 7).sentBets]));
  const [sent, unsent] = lost(kept);
  assert.deepEqual([sent.isLost, sent.error], [true, null]);
  assert.deepEqual([unsent.isLost, unsent.error.code], [false, "not_sent"]);
  assert.equal(withBetsSentNow({ ...SENT, sentBets: [sent] }, 50).sentBets[0].repeatedAt, null, "nothing sends it again");
});

test("the kept bets are shown without what is no bet", () => {
  const { name, ...nameless } = SENT.sentBets[0];
  const rubbish = [null, 1, {}, nameless, { ...SENT.sentBets[0], others: 1 }, { ...SENT.sentBets[0], sentAt: "now" }];
  assert.deepEqual(betsIn(JSON.stringify([...rubbish, SENT.sentBets[0]])), SENT.sentBets);
  for (const text of ["null", "1", "[]", "{}", '{"bets":{}}']) assert.deepEqual(betsIn(text), [], text);
  assert.throws(() => betsIn("{"), SyntaxError);
});

test("a lost bet is found by its user, target, amount and time, and never in a bet that is another one", () => {
  const before = withBetSent(CONNECTED, BET, 20_000, ["b0"]);
  const [bet] = withBetPlaced(withBetSent(before, { ...BET, id: 2 }, 20_001), 2, "b2").sentBets;
  const own = { id: "b1", userId: 1, target: "yes", amount: 250, placedAt: placedFrom(bet) };
  assert.ok(own.placedAt < bet.sentAt - 3000, "the page's estimate of the server's time may be ahead");
  const others = [{ userId: 2 }, { target: "no" }, { amount: 251 }, { placedAt: own.placedAt - 1 }, { id: "b0" }, { id: "b2" }];
  const decoys = others.map((change) => ({ ...own, ...change }));
  assert.equal(foundAmong(decoys, bet, 1), undefined);
  assert.equal(foundAmong([{ ...own, id: "b3", placedAt: 20_009 }, ...decoys, own], bet, 1).id, "b1");
});

test("a lost bet that is not found in time was not placed, and its pick is back on the slip", () => {
  const page = withBetNotFound({ ...SENT, sentBets: lost(SENT.sentBets) }, 1);
  assert.deepEqual([page.sentBets[0].error.code, page.slip.path], ["not_found", "yes"]);
});

test("a refusal that names a pool or a game by its ID says which question has closed, and others keep their text", () => {
  const refusal = (code, text) => ({ code, raw: { text } });
  for (const [code, text] of [["pool_resolved", "Pool 'p' is already resolved."], ["game_closed", "Game 'g' is closed."]]) {
    assert.equal(closedText(refusal(code, text), "Who?"), "Betting on “Who?” has closed.");
  }
  assert.equal(closedText(refusal("pool_blocked", "Something has happened in the game since you placed the bet."), "Who?"), null);
  assert.equal(closedText(refusal("unknown_target", "No target 'x' exists."), "Who?"), null);
});
