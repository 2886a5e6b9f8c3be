// The frames for the inspector, the addresses of rooms, and amounts as people write them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Frames } from "../../../toteboard/page/app/frames.js";
import { amountIn, parameter } from "../../../toteboard/page/app/money.js";
import { route } from "../../../toteboard/page/app/routes.js";

test("a reply names its request and how long it took", () => {
  const frames = new Frames();
  frames.sent('{"op": 1, "header": {"request_id": 5}}');
  frames.received('{"res": 1, "response_header": {"request_id": 5}}');
  const [answer] = frames.list();
  assert.equal(answer.name, "pong");
  assert.equal(answer.answers, "ping");
  assert.equal(typeof answer.took, "number");
});

test("only the newest thousand frames are kept", () => {
  const frames = new Frames();
  for (let i = 0; i < 2500; i++) frames.received(`{"res":1,"n":${i}}`);
  assert.equal(frames.list().length, 1000);
  assert.equal(frames.list()[0].text, '{"res":1,"n":2499}');
  assert.equal(frames.total, 2500);
});

test("frames are found by a text and by their direction, and a text that is no JSON is shown", () => {
  const frames = new Frames();
  frames.sent('{"op":');
  frames.received('{"res": 901, "text": "Argentina"}');
  assert.equal(frames.list("argentina").length, 1);
  assert.equal(frames.list("", "out").length, 1);
});

test("an unknown address, or a board without a game, leads to the lobby", () => {
  assert.deepEqual(route("#/g/g1"), { room: "board", id: "g1" });
  assert.deepEqual(route("#/board/g1"), { room: "board", id: "g1" });
  assert.deepEqual(route("#/nonsense"), { room: "lobby", id: null });
  assert.deepEqual(route("#/g/"), { room: "lobby", id: null });
  assert.deepEqual(route(""), { room: "lobby", id: null });
  assert.deepEqual(route("#/g/%"), { room: "board", id: "%" }); // a stray %
});

test("an amount is read as people write it", () => {
  const written = { "12.50": 1250, "12,50": 1250, "5": 500, " 7 ": 700, "0,5": 50, "1 000": 100_000, "1,000.50": 100_050, "1.000,50": 100_050, "1,000,000": 100_000_000 };
  for (const [text, whole] of Object.entries(written)) assert.equal(amountIn(text, ","), whole, text);
  for (const text of ["", "x", "-3", "1,00,0", "1.2.3", "12.345", "1e3", "9".repeat(20)]) assert.equal(amountIn(text, ","), null, text);
});

test("three digits after a single separator are thousands where the locale groups by it", () => {
  assert.equal(amountIn("1,000", ","), 100_000);
  assert.equal(amountIn("1.000", ","), null);
  assert.equal(amountIn("1.000", "."), 100_000);
});

test("an amount is sent exactly, whatever the locale", () => {
  assert.equal(parameter(1250), "12.50");
  assert.equal(parameter(5), "0.05");
});
