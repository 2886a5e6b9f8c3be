// Signatures, names of codes, and the frames for the inspector.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { Codes } from "../../../toteboard/page/app/codes.js";
import { Frames } from "../../../toteboard/page/app/frames.js";
import { route } from "../../../toteboard/page/app/routes.js";
import { signedUrl } from "../../../toteboard/page/app/signature.js";

test("a URL is signed with the SHA-256 of id, nonce and key", () => {
  const url = new URL(signedUrl("ws://toteboard:9999/", 17, "schlüssel", "n1"));
  const digest = createHash("sha256").update("17n1schlüssel").digest("hex");
  assert.deepEqual(Object.fromEntries(url.searchParams), { id: "17", n: "n1", h: digest });
});

test("no two URLs are alike", () => {
  assert.notEqual(signedUrl("ws://t/", 1, "k"), signedUrl("ws://t/", 1, "k"));
});

test("a reply names its request and how long it took", () => {
  const codes = new Codes();
  codes.learn({ opcodes: { ping: 1 }, response_codes: { pong: 1 } });
  const frames = new Frames(codes);
  frames.sent("{}", { op: 1, header: { request_id: 5 } });
  frames.received("{}", { res: 1, response_header: { request_id: 5 } });
  const [answer] = frames.list();
  assert.equal(answer.answers, "ping");
  assert.equal(typeof answer.took, "number");
});

test("only the newest thousand frames are kept", () => {
  const frames = new Frames(new Codes());
  for (let i = 0; i < 2500; i++) frames.received(`{"n":${i}}`, { res: 1 });
  assert.equal(frames.list().length, 1000);
  assert.equal(frames.list()[0].text, '{"n":2499}');
  assert.equal(frames.total, 2500);
});

test("frames are found by a text and by their direction", () => {
  const frames = new Frames(new Codes());
  frames.sent('{"op":1}', { op: 1 });
  frames.received('{"text":"Argentina"}', { res: 901 });
  assert.equal(frames.list("argentina").length, 1);
  assert.equal(frames.list("", "out").length, 1);
});

test("an unknown address shows the games", () => {
  assert.deepEqual(route("#/board/g1"), { view: "board", id: "g1" });
  assert.deepEqual(route("#/nonsense"), { view: "games", id: null });
  assert.deepEqual(route(""), { view: "games", id: null });
});
