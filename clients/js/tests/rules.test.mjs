// The parts without I/O: money, hashes, reading, positions, and when to reconnect.
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import assert from "node:assert/strict";

import { Money, RefusedError, signedUrl } from "../src/index.js";
import { Positions } from "../src/positions.js";
import { read } from "../src/reading.js";
import { LATER_REFUSALS, Reconnection } from "../src/reconnection.js";
import { sha256 } from "../src/sha256.js";
import { opened } from "../src/socket.js";

describe("money", () => {
  it("is in units, and exact", () => {
    for (const [amount, hundredths] of [["2.50", 250], ["2.5", 250], [250, 25000], ["-0.05", -5]]) {
      assert.equal(Money.of(amount).hundredths, hundredths);
    }
    assert.ok(Money.of("0.10").plus(Money.of("0.20")).equals(Money.of("0.30")));
    assert.ok(Money.of(3).minus(Money.of(1)).times(2).equals(Money.of(4)));
    assert.ok(Money.of(9).compareTo(Money.of(10)) < 0);
  });
  it("prints with two decimals, and goes over the wire as a number", () => {
    assert.equal(`${Money.of("-1234.5")}`, "-1234.50");
    assert.equal(String(Money.of("0.05")), "0.05");
    assert.equal(JSON.stringify({ amount: Money.of("2.50") }), '{"amount":2.5}');
    for (const text of ["0.29", "1.15", "4.35", "999999999999.99"]) {
      assert.equal(String(Money.fromWire(JSON.parse(JSON.stringify(Money.of(text))))), text);
    }
  });
  it("refuses what is not an amount", () => {
    for (const wrong of ["", "2.505", "1,50", "1e3", "two", 2.5, NaN]) {
      assert.throws(() => Money.of(wrong), RangeError);
    }
    assert.throws(() => Money.of(1) + Money.of(2), TypeError);
    assert.throws(() => Money.of(1) < Money.of(2), TypeError);
    assert.throws(() => (Money.of(1).hundredths = 2), TypeError);
  });
});

describe("signing", () => {
  it("has the hash of the standard", () => {
    for (const text of ["", "abc", "é".repeat(31), "x".repeat(55), "x".repeat(56), "x".repeat(1000)]) {
      assert.equal(sha256(text), createHash("sha256").update(text).digest("hex"));
    }
  });
  it("signs the URL of one connection", () => {
    const signed = new URL(signedUrl("ws://127.0.0.1:9999/", { id: 17, key: "secret" }, "n1"));
    const h = createHash("sha256").update("17n1secret").digest("hex");
    assert.deepEqual(Object.fromEntries(signed.searchParams), { id: "17", n: "n1", h });
  });
});

describe("reading", () => {
  const header = { response_header: { t: 1 } };
  it("makes every amount exact, wherever it is", () => {
    const message = {
      ...header,
      res: 361,
      amount_total: 3,
      distribution: { amount: { backing_money: 0.1, backing_people: 1 } },
      new_bets: [{ amount: 2.5, bet_id: "b" }],
    };
    const seen = read(message);
    assert.equal(String(seen.amount_total), "3.00");
    assert.equal(String(seen.distribution.amount.backing_money), "0.10");
    assert.equal(seen.distribution.amount.backing_people, 1);
    assert.equal(String(seen.new_bets[0].amount), "2.50");
    assert.equal(message.amount_total, 3, "the message stays as it is");
  });
  it("lets what a newer server adds pass", () => {
    assert.deepEqual(read({ ...header, res: 99999, mood: 1 }), { ...header, res: 99999, mood: 1 });
    assert.equal(read({ ...header, res: 356, amount: 1, constructor: "x" }).constructor, "x");
  });
  it("has what a refusal says", () => {
    const refused = new RefusedError({ text: "No.", code: "insufficient_funds", available_balance: 1.5 });
    assert.equal(refused.name, "RefusedError");
    assert.equal(String(refused.availableBalance), "1.50");
  });
});

describe("positions", () => {
  const told = (prev_seq, seq, words = `up to ${seq}`) => ({ res: 342, words, prev_seq, seq });
  const at = (seq) => {
    const positions = new Positions();
    positions.joined("g", seq);
    return { positions, accept: (...message) => positions.accept("g", told(...message)) };
  };
  it("request what was missed, and deliver it first", () => {
    const { positions, accept } = at(3);
    assert.equal(accept(5, 6), "gap");
    assert.equal(positions.resume("g"), 3);
    assert.equal(accept(6, 7), "skipped");
    positions.joined("g", 3);
    assert.deepEqual([accept(3, 5), accept(5, 6), accept(6, 7)], ["new", "new", "new"]);
  });
  it("know a repetition by its content", () => {
    const { positions, accept } = at(4);
    assert.equal(accept(4, 4, "fact 6"), "new");
    positions.resume("g");
    positions.joined("g", 4);
    assert.equal(accept(4, 5, "fact 5"), "new");
    assert.equal(accept(5, 6, "fact 6"), "repeated");
  });
  it("request a gap once that stays", () => {
    const { positions, accept } = at(3);
    assert.equal(accept(5, 6), "gap");
    positions.resume("g");
    positions.joined("g", 3);
    assert.equal(accept(5, 6), "new");
  });
  it("accept the next message as it is after a resync", () => {
    const { positions, accept } = at(9);
    positions.resume("g");
    positions.joined("g", 2, true);
    assert.equal(accept(2, 3), "new");
    assert.equal(positions.resume("g"), 3);
  });
});

describe("reconnecting", () => {
  it("waits twice as long each time, half of it by chance", () => {
    const state = new Reconnection();
    assert.deepEqual([1, 1, 0].map((dice) => state.pause(dice)), [250, 500, 500]);
    for (let i = 0; i < 20; i++) state.pause(1);
    assert.equal(state.pause(1), 30000);
    state.received();
    assert.equal(state.pause(1), 250);
  });
  it("gives up where no retry can help", () => {
    for (const status of [400, 403, 404]) {
      assert.throws(() => new Reconnection().rejected(status), /HTTP/);
    }
    const state = new Reconnection();
    state.rejected(503);
    state.rejected(401);
    assert.equal(state.needsNewKey, true);
    assert.throws(() => state.rejected(401), /401/);
  });
  it("does not expel its successor", () => {
    const state = new Reconnection();
    state.signedIn();
    state.lost(1008);
    assert.throws(() => state.rejected(401), /401/);
  });
  it("takes three hidden failures for a refused key if the server is up", () => {
    const state = new Reconnection();
    [true, true, false, true, true].forEach((isUp) => state.failed(isUp));
    assert.equal(state.needsNewKey, false);
    state.failed(true);
    assert.equal(state.needsNewKey, true);
  });
  it("takes more of them for a bad network if the server has accepted the key before", () => {
    const state = new Reconnection();
    state.signedIn();
    for (let i = 1; i < LATER_REFUSALS; i++) state.failed(true);
    assert.equal(state.needsNewKey, false);
    state.failed(true);
    assert.equal(state.needsNewKey, true);
    state.signedIn();
    state.lost(1008);
    assert.throws(() => [1, 2, 3].forEach(() => state.failed(true)), /401/);
  });
});

describe("opening", () => {
  it("fails at an error event, because not every platform fires a close event after it", async () => {
    class Refused {
      constructor() {
        queueMicrotask(() => this.onerror?.());
      }
      close() {}
    }
    await assert.rejects(opened(Refused, "ws://127.0.0.1/"), /could not be reached, or refused/);
  });
});
