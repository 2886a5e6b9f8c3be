// The connection reconnects: it resumes its games, and its requests receive their replies.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { Codes } from "../../../toteboard/page/app/codes.js";
import { Connection } from "../../../toteboard/page/app/connection.js";
import { Frames } from "../../../toteboard/page/app/frames.js";
import { allPools } from "../../../toteboard/page/app/pages.js";

const OPCODES = { get_opcodes: 2, join_game: 363, get_game_details: 372, list_all_betting_pools_for_game: 387, place_bet_in_betting_pool: 392, text_message: 900 };
const RESPONSES = { opcodes: 2, game_joined: 333, game_details: 342, all_pools_for_game: 3535, new_betting_pool: 352, bet_placed: 356, error: 666 };

class Socket {
  static OPEN = 1;
  static all = [];
  readyState = 0;
  sent = [];

  constructor(url) {
    this.url = url;
    Socket.all.push(this);
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {}

  opens() {
    this.readyState = Socket.OPEN;
    this.onopen();
  }

  says(res, body = {}, requestId) {
    this.onmessage({ data: JSON.stringify({ response_header: { t: 1, request_id: requestId }, res, ...body }) });
  }

  answers(op, res, body) {
    this.says(res, body, this.asked(op).at(-1).header.request_id);
    return settled();
  }

  asked(op) {
    return this.sent.filter((message) => message.op === op);
  }

  breaks() {
    this.readyState = 3;
    this.onclose({ reason: "" });
  }
}

const settled = () => new Promise(setImmediate);
let connection, heard, statuses, isServerUp;

async function signedIn() {
  const socket = Socket.all.at(-1);
  socket.opens();
  await socket.answers(2, 2, { opcodes: OPCODES, response_codes: RESPONSES });
  return socket;
}

async function isBack() {
  mock.timers.tick(10_000);
  await settled();
  return signedIn();
}

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  Socket.all = [];
  heard = [];
  statuses = [];
  isServerUp = false;
  const codes = new Codes();
  let signed = 0;
  connection = new Connection({
    codes,
    frames: new Frames(codes),
    sign: () => `ws://toteboard/?n=${++signed}`,
    isServerUp: async () => isServerUp,
    onMessage: (name) => heard.push(name),
    onStatus: (status) => statuses.push(status),
    Socket,
  });
  connection.start();
});

test("every request has its own ID, and receives its reply", async () => {
  const socket = await signedIn();
  const first = connection.ask("get_game_details", { game_id: "a" });
  const second = connection.ask("get_game_details", { game_id: "b" });
  const [a, b] = socket.asked(372);
  socket.says(342, { name: "B" }, b.header.request_id);
  socket.says(342, { name: "A" }, a.header.request_id);
  assert.equal((await first).name, "A");
  assert.equal((await second).name, "B");
});

test("no request is sent before the server's names are known", async () => {
  const socket = Socket.all.at(-1);
  socket.opens();
  connection.ask("get_game_details", { game_id: "a" });
  assert.deepEqual(socket.sent.map(({ op }) => op), [2]);
  await socket.answers(2, 2, { opcodes: OPCODES, response_codes: RESPONSES });
  assert.deepEqual(socket.sent.map(({ op }) => op), [2, 372]);
});

test("a refusal rejects with the server's text and is not passed on as a message", async () => {
  const socket = await signedIn();
  const asked = connection.ask("place_bet_in_betting_pool", { amount: 5 });
  socket.answers(392, 666, { text: "Too little.", parameter: "amount" });
  await assert.rejects(asked, { text: "Too little.", parameter: "amount" });
  assert.ok(!heard.includes("error"));
});

test("it reconnects with a new signature and resumes each game from the greatest known seq", async () => {
  const socket = await signedIn();
  const joined = connection.join("g");
  await socket.answers(363, 333, { game_id: "g", seq: 4 });
  await joined;
  socket.says(352, { game_id: "g", seq: 9, prev_seq: 4 });
  socket.breaks();
  assert.equal(statuses.at(-1).phase, "reconnecting");
  const next = await isBack();
  assert.notEqual(next.url, socket.url);
  assert.equal(next.asked(363)[0].since, 9);
});

test("it reports how many missed messages were loaded", async () => {
  const socket = await signedIn();
  const joined = connection.join("g");
  await socket.answers(363, 333, { game_id: "g", seq: 4 });
  await joined;
  socket.breaks();
  const next = await isBack();
  next.answers(363, 333, { game_id: "g", seq: 4 });
  next.says(352, { game_id: "g", seq: 5, prev_seq: 4 });
  next.says(352, { game_id: "g", seq: 6, prev_seq: 5 });
  await next.answers(372, 342, { game_id: "g", seq: 6 });
  assert.deepEqual(statuses.at(-1), { phase: "resumed", caughtUp: 2 });
});

test("after a resync the pools are requested again", async () => {
  const socket = await signedIn();
  const joined = connection.join("g");
  await socket.answers(363, 333, { game_id: "g", seq: 4 });
  await joined;
  socket.breaks();
  const next = await isBack();
  await next.answers(363, 333, { game_id: "g", seq: 4, resync: true });
  assert.equal(next.asked(387).length, 1);
  await next.answers(387, 3535, { game_id: "g", pools_list: { p: {}, q: {} }, total: 3 });
  assert.deepEqual(next.asked(387).map(({ offset }) => offset), [0, 2]);
  await next.answers(387, 3535, { game_id: "g", pools_list: { r: {} }, total: 3 });
  await next.answers(372, 342, { game_id: "g", seq: 6 });
  assert.equal(next.asked(387).length, 2);
  assert.equal(statuses.at(-1).phase, "resumed");
});

const LIST = "list_all_betting_pools_for_game";

test("a list is requested page by page until it is complete", async () => {
  const socket = await signedIn();
  const listed = allPools(connection, LIST, "g");
  await socket.answers(387, 3535, { game_id: "g", pools_list: { p: { n: 1 } }, total: 2 });
  await socket.answers(387, 3535, { game_id: "g", pools_list: { q: { n: 2 } }, total: 2 });
  assert.deepEqual(await listed, { p: { n: 1 }, q: { n: 2 } });
  const none = allPools(connection, LIST, "g");
  await socket.answers(387, 3535, { game_id: "g", pools_list: {}, total: 0 });
  assert.deepEqual(await none, {});
});

test("a list of which a pool has ended meanwhile is requested from its beginning", async () => {
  const socket = await signedIn();
  const listed = allPools(connection, LIST, "g");
  await socket.answers(387, 3535, { game_id: "g", pools_list: { p: {}, q: {} }, total: 4 });
  await socket.answers(387, 3535, { game_id: "g", pools_list: { s: {} }, total: 3 });
  await socket.answers(387, 3535, { game_id: "g", pools_list: { q: {}, r: {}, s: {} }, total: 3 });
  assert.deepEqual(Object.keys(await listed), ["q", "r", "s"]);
  assert.deepEqual(socket.asked(387).map(({ offset }) => offset), [0, 2, 0]);
});

test("a bet without a reply is repeated with the same idempotency key, and answered once", async () => {
  const socket = await signedIn();
  const bet = connection.ask("place_bet_in_betting_pool", { amount: 5 });
  const [first] = socket.asked(392);
  socket.breaks();
  const next = await isBack();
  assert.deepEqual(next.asked(392), [first]);
  next.answers(392, 356, { bet_id: "b" });
  assert.equal((await bet).bet_id, "b");
});

test("a request made while disconnected is sent after reconnecting", async () => {
  const socket = await signedIn();
  socket.breaks();
  connection.ask("place_bet_in_betting_pool", { amount: 5 });
  const next = await isBack();
  assert.equal(next.asked(392).length, 1);
});

test("chat is not repeated: it is rejected when the reply is lost", async () => {
  const socket = await signedIn();
  const said = connection.ask("text_message", { text: "hi" }, { again: false });
  socket.breaks();
  await assert.rejects(said, { code: "lost" });
  const next = await isBack();
  assert.equal(next.asked(900).length, 0);
});

test("a server that is up and refuses the connection has refused the key; one that is down has not", async () => {
  for (let i = 0; i < 8; i++) {
    Socket.all.at(-1).breaks();
    mock.timers.tick(10_000);
    await settled();
  }
  assert.ok(statuses.every(({ phase }) => phase === "connecting"));
  isServerUp = true;
  for (let i = 0; i < 3; i++) {
    assert.equal(statuses.at(-1).phase, "connecting");
    Socket.all.at(-1).breaks();
    mock.timers.tick(10_000);
    await settled();
  }
  assert.equal(statuses.at(-1).phase, "refused");
});

test("a server that has just restarted has not refused the key", async () => {
  await signedIn();
  for (let i = 0; i < 8; i++) {
    Socket.all.at(-1).breaks();
    isServerUp = i === 7;
    mock.timers.tick(10_000);
    await settled();
  }
  await signedIn();
  assert.equal(statuses.at(-1).phase, "resumed");
});

test("each wait is longer than the one before, up to a limit", async () => {
  const before = () => Socket.all.length;
  Socket.all.at(-1).breaks();
  mock.timers.tick(250);
  await settled();
  assert.equal(before(), 2);
  for (let i = 0; i < 6; i++) {
    Socket.all.at(-1).breaks();
    mock.timers.tick(8000);
    await settled();
  }
  const count = before();
  Socket.all.at(-1).breaks();
  mock.timers.tick(3900);
  await settled();
  assert.equal(before(), count);
  mock.timers.tick(4100);
  await settled();
  assert.equal(before(), count + 1);
});
