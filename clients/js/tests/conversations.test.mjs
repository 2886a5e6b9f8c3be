// The conversations that every client must read in the same way (clients/conversations).
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { describe, it, mock } from "node:test";

import { Money, RefusedError, SignInRefusedError, openSession } from "../src/index.js";
import { read } from "../src/reading.js";

const FOLDER = new URL("../../conversations/", import.meta.url);
const NAMES = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));
const LONGEST_PAUSE_MS = 31_000;
const content = (name) => JSON.parse(readFileSync(new URL(name, FOLDER), "utf8"));
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** What a client has made of a message, as the files show it: without nulls and header. */
function reading(value, isMessage = false) {
  if (value instanceof Money) return String(value);
  if (Array.isArray(value)) return value.map((each) => reading(each));
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).filter(([name, each]) => {
    return each !== null && !(isMessage && name === "response_header");
  });
  return Object.fromEntries(entries.map(([name, each]) => [name, reading(each)]));
}

const shown = (news) => ("res" in news ? reading(news, true) : { notice: news.constructor.name });

/** A session, and the server that the steps of a conversation play. */
class Stage {
  sockets = [];
  headers = {};
  outcomes = {};
  told = { session: [] };

  constructor() {
    const { sockets } = this;
    this.Socket = class {
      sent = [];
      constructor() {
        sockets.push(this);
      }
      on(event, act) {
        this.refuse = (statusCode) => act(null, { statusCode });
      }
      send(text) {
        this.sent.push(JSON.parse(text));
      }
      close() {}
    };
  }

  get socket() {
    return this.sockets.at(-1);
  }

  async connect({ connect: status }) {
    for (let ms = 0; this.socket?.isUsed !== false && ms < LONGEST_PAUSE_MS; ms += 100) {
      if (this.socket && !this.socket.isUsed) break;
      mock.timers.tick(100);
      await settled();
    }
    this.socket.isUsed = true;
    if (status === 101) this.socket.onopen();
    else this.socket.refuse(status);
  }

  call({ call, op, parameters }) {
    this.session.ask(op, parameters).then(
      (reply) => (this.outcomes[call] = reading(read(reply), true)),
      (error) => (this.outcomes[call] = error),
    );
  }

  async join({ join, game_id }) {
    this.session.join(game_id).then(async (game) => {
      this.told[join] = [];
      await this.read(join, game);
      this.told[join].push("the end");
    });
  }

  async read(name, source) {
    try {
      for await (const news of source) this.told[name].push(shown(news));
    } catch (error) {
      assert.ok(error instanceof SignInRefusedError);
      this.told[name].push("refused");
    }
  }

  async sends({ sends, for: name, key = false }) {
    for (let ms = 0; this.socket.sent.length === 0 && ms < 2_000; ms += 100) {
      mock.timers.tick(100);
      await settled();
    }
    const { header, ...request } = this.socket.sent.shift();
    assert.deepEqual(request, sends);
    assert.equal("idempotency_key" in header, key);
    if (name !== "resume") assert.deepEqual((this.headers[name] ??= header), header);
    this.headers[name] = header;
  }

  receives({ receives, for: name, repeated }) {
    const header = { t: 1 };
    if (name) header.request_id = this.headers[name].request_id;
    if (repeated) header.repeated = true;
    this.socket.onmessage({ data: JSON.stringify({ response_header: header, ...receives }) });
  }

  close({ close, reason = "" }) {
    this.socket.onclose({ code: close ?? 1006, reason });
  }

  tells({ tells, news }) {
    const told = this.told[tells].filter((each) => each !== "the end");
    assert.deepEqual(told, news);
    this.told[tells].splice(0, told.length);
  }

  ends({ ends }) {
    assert.deepEqual(this.told[ends], ["the end"]);
  }

  returns({ returns, reply }) {
    assert.deepEqual(this.outcomes[returns], reply);
  }

  refused({ refused, code }) {
    assert.ok(this.outcomes[refused] instanceof RefusedError);
    assert.equal(this.outcomes[refused].code, code);
  }

  over() {
    assert.equal(this.told.session.at(-1), "refused");
    for (const each of Object.values(this.outcomes)) assert.ok(each instanceof SignInRefusedError);
  }

  async play(step) {
    await this[Object.keys(step)[0]](step);
    await settled();
  }
}

describe("a conversation is read as it should be", () => {
  for (const name of NAMES.filter((each) => each !== "recorded.json")) {
    it(name, async () => {
      mock.timers.enable({ apis: ["setTimeout"] });
      try {
        const stage = new Stage();
        const [first, ...steps] = content(name).steps;
        const opening = openSession("ws://h/", { id: 1, key: "k" }, { WebSocket: stage.Socket });
        await stage.play(first);
        stage.session = await opening;
        stage.read("session", stage.session);
        for (const step of steps) await stage.play(step);
        assert.deepEqual(stage.socket.sent, [], "nothing else was sent");
        await stage.session.close();
      } finally {
        mock.timers.reset();
      }
    });
  }
});

it("a recorded message is read as it should be", () => {
  for (const { message, reading: expected } of content("recorded.json")) {
    assert.deepEqual(reading(read(message), true), expected);
  }
});
