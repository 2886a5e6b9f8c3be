// Node with ws. A publication is encoded once for all its subscribers.
"use strict";

const { readFileSync } = require("node:fs");
const { WebSocketServer } = require("ws");

const JOIN = 363;
const script = JSON.parse(readFileSync(process.argv[2], "utf8"));
const joined = new Set();

const encoded = (body) =>
  Buffer.from(JSON.stringify({ response_header: { t: Date.now() }, ...body }));

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: 0,
  backlog: 1024,
  perMessageDeflate: false,
});
server.on("listening", () => console.log(server.address().port));
server.on("connection", (socket) => {
  socket.on("close", () => joined.delete(socket));
  socket.on("error", () => socket.terminate());
  socket.on("message", (text) => {
    const request = JSON.parse(text);
    const said = script[request.op];
    if (request.op === JOIN) joined.add(socket);
    socket.send(encoded(said.reply), { binary: false });
    if (!said.publication) return;
    const bytes = encoded(said.publication);
    for (const each of joined) {
      if (each !== socket) each.send(bytes, { binary: false });
    }
  });
});
