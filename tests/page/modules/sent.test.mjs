// The bets that were sent: what is known of them before their replies.

import assert from "node:assert/strict";
import { test } from "node:test";

import { newPage } from "../../../toteboard/page/app/state/page.js";
import { withBetRefused, withBetSent, withWaitingBetsSent, withoutBetSent } from "../../../toteboard/page/app/state/sent.js";
import { closedText } from "../../../toteboard/page/app/words.js";

const BET = { id: 1, gameId: "g", poolId: "p", path: "yes", amount: 250 };
const CONNECTED = { ...newPage({ id: 1 }), slip: { gameId: "g", poolId: "p", path: "yes" }, status: { phase: "connected" } };
const AWAY = { ...CONNECTED, status: { phase: "away" } };

test("a bet that is sent leaves the slip free", () => {
  const { slip, sentBets } = withBetSent(CONNECTED, BET, 7);
  assert.deepEqual([slip, sentBets], [null, [{ ...BET, sentAt: 7, error: null }]]);
});

test("the delay of a bet begins with the connection, and not again after a cut", () => {
  const waiting = withBetSent(AWAY, BET, 7);
  assert.equal(waiting.sentBets[0].sentAt, null);
  const sent = withWaitingBetsSent(waiting, 9);
  assert.equal(sent.sentBets[0].sentAt, 9);
  assert.equal(withWaitingBetsSent(sent, 11).sentBets[0].sentAt, 9);
});

test("a refusal belongs to its own bet, and stays until it is dismissed", () => {
  const both = withBetSent(withBetSent(CONNECTED, BET, 7), { ...BET, id: 2 }, 8);
  const refused = withBetRefused(both, 1, { code: "pool_resolved" });
  assert.deepEqual(refused.sentBets.map(({ error }) => error?.code), ["pool_resolved", undefined]);
  assert.deepEqual(withoutBetSent(refused, 1).sentBets.map(({ id }) => id), [2]);
});

test("a refusal that names a pool or a game by its ID says which question has closed, and others keep their text", () => {
  const refusal = (code, text) => ({ code, raw: { text } });
  for (const [code, text] of [["pool_resolved", "Pool 'p' is already resolved."], ["game_closed", "Game 'g' is closed."]]) {
    assert.equal(closedText(refusal(code, text), "Who?"), "Betting on “Who?” has closed.");
  }
  assert.equal(closedText(refusal("pool_blocked", "Something has happened in the game since you placed the bet."), "Who?"), null);
  assert.equal(closedText(refusal("unknown_target", "No target 'x' exists."), "Who?"), null);
});
