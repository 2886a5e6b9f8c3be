// What you would write first: Node with ws and better-sqlite3, and a commit for each bet. It writes
// the same rows as our server and replies with the same messages. It has no rules, users or log.
"use strict";

const { readFileSync } = require("node:fs");
const { randomUUID } = require("node:crypto");
const Database = require("better-sqlite3");
const { WebSocketServer } = require("ws");

const script = JSON.parse(readFileSync(process.argv[2], "utf8"));
const digest = Buffer.alloc(32); // stands for the digest of a fact
const database = new Database(script.database);
database.pragma("journal_mode = WAL");
database.pragma("synchronous = FULL");
const sql = {};
for (const [name, text] of Object.entries(script.statements)) sql[name] = database.prepare(text);
let seq = script.seq;

const place = database.transaction((userId, betId, request, now) => {
  seq += 1;
  const amount = request.amount * 100;
  const [available, exposure] = [`player:${userId}:available`, `player:${userId}:exposure`];
  const body = JSON.stringify({
    pool_id: request.pool_id,
    bet_id: betId,
    user_id: userId,
    target_id: request.target,
    amount,
  });
  sql.fact.run(script.game_id, seq, now, "bet_placed", body, request.pool_id, digest);
  sql.transfer.run(now, "DON", available, exposure, amount, "bet", script.game_id, seq, null);
  // Its parameters are numbered, which better-sqlite3 takes for names.
  sql.account.run({ 1: available, 2: "DON", 3: -amount });
  sql.account.run({ 1: exposure, 2: "DON", 3: amount });
  sql.entry.run({
    1: userId, 2: "DON", 3: now, 4: "bet", 5: 0, 6: -amount, 7: script.game_id, 8: request.pool_id,
    9: seq, 10: null,
  });
  sql.game.run(...script.game, seq, digest);
});

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: 0,
  backlog: 1024,
  perMessageDeflate: false,
});
server.on("listening", () => console.log(server.address().port));
server.on("connection", (socket, handshake) => {
  const userId = Number(new URL(handshake.url, "ws://localhost").searchParams.get("id"));
  const send = (body, now) => socket.send(JSON.stringify({ response_header: { t: now }, ...body }));
  socket.on("error", () => socket.terminate());
  socket.on("message", (text) => {
    const [request, betId, now] = [JSON.parse(text), randomUUID(), Date.now()];
    place(userId, betId, request, now);
    send({ ...script.reply, bet_id: betId }, now);
    send(script.balance, now);
  });
});
