"""The limit: durable bets with as little work as possible, in one trio program.

It reads every connection that has data. A thread commits the rows of all bets that wait in one
transaction, and then they are replied to. There are no rules, no users, no log and no library
between the program and the socket. It is run with the path of the bets' script
(`bench/durable.py`), and the first line that it prints is the port.
"""

import base64
import hashlib
import math
import select
import socket
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import orjson
import trio

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, LONG = 0x81, 126
CHUNK = 1 << 16
DIGEST = bytes(32)
"""Stands for the digest of a fact: the row has its size."""
script: dict[str, Any] = orjson.loads(Path(sys.argv[1]).read_bytes())
sql = script["statements"]


class Connection:
    """A bettor's connection. Its user is the id of its URL, unverified."""

    def __init__(self, own: socket.socket, user_id: int) -> None:
        self.socket, self.user_id, self._rest = own, user_id, b""

    def requests(self) -> Iterator[dict[str, Any]]:
        """Yield the requests that have arrived. Raise `ConnectionError` if it was closed."""
        if not (data := self._rest + self.socket.recv(CHUNK)):
            raise ConnectionError
        while len(data) >= 2:
            size, start = data[1] & 0x7F, 2
            if size == LONG:
                size, start = int.from_bytes(data[2:4]), 4
            end = start + 4 + size
            if len(data) < end:
                break
            mask = data[start : start + 4] * (size // 4 + 1)
            text = int.from_bytes(data[start + 4 : end]) ^ int.from_bytes(mask[:size])
            yield orjson.loads(text.to_bytes(size))
            data = data[end:]
        self._rest = data


Bet = tuple[Connection, dict[str, Any], str]
"""Who bets, the request, and the id of the bet."""


class Bank:
    """The rows: the same as our server writes."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect(
            script["database"], isolation_level=None, check_same_thread=False
        )
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._seq = script["seq"]

    def commit(self, bets: list[Bet], now: int) -> None:
        """Write the rows of all the bets in one transaction."""
        game_id, moved = script["game_id"], Counter[str]()
        facts, transfers, entries = [], [], []
        for connection, request, bet_id in bets:
            self._seq += 1
            user_id, amount = connection.user_id, request["amount"] * 100
            available, exposure = f"player:{user_id}:available", f"player:{user_id}:exposure"
            fact = {
                "pool_id": request["pool_id"],
                "bet_id": bet_id,
                "user_id": user_id,
                "target_id": request["target"],
                "amount": amount,
            }
            body = orjson.dumps(fact).decode()
            row = (game_id, self._seq, now, "bet_placed", body, request["pool_id"], DIGEST)
            facts.append(row)
            money = (now, "DON", available, exposure, amount, "bet", game_id, self._seq)
            transfers.append((*money, None))
            line = (user_id, "DON", now, "bet", 0, -amount, game_id, request["pool_id"], self._seq)
            entries.append((*line, None))
            moved[available] -= amount
            moved[exposure] += amount
        run = self._connection
        run.execute("BEGIN IMMEDIATE")
        run.executemany(sql["fact"], facts)
        run.executemany(sql["transfer"], transfers)
        run.executemany(sql["account"], [(name, "DON", delta) for name, delta in moved.items()])
        run.executemany(sql["entry"], entries)
        run.execute(sql["game"], [*script["game"], self._seq, DIGEST])
        run.execute("COMMIT")


def frame(body: dict[str, Any], now: int) -> bytes:
    """A message as a text frame, with the time. The messages are longer than 125 bytes."""
    text = orjson.dumps({"response_header": {"t": now}, **body})
    return bytes([TEXT, LONG]) + len(text).to_bytes(2) + text


async def let_in(poll: select.epoll, connections: dict[int, Connection], listener: Any) -> None:
    """Accept connections until killed, one handshake at a time."""
    while True:
        await trio.lowlevel.wait_readable(listener)
        own, _ = listener.accept()
        own.setblocking(False)
        own.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        heard = b""
        while not heard.endswith(b"\r\n\r\n"):
            await trio.lowlevel.wait_readable(own)
            heard += own.recv(CHUNK)
        target, *headers = heard.decode().split("\r\n")
        key = next(line for line in headers if line.startswith("Sec-WebSocket-Key: "))[19:]
        accept = base64.b64encode(hashlib.sha1(key.encode() + GUID).digest())
        head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        own.send(head + b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
        user_id = int(parse_qs(urlsplit(target.split()[1]).query)["id"][0])
        connections[own.fileno()] = Connection(own, user_id)
        poll.register(own.fileno(), select.EPOLLIN)


async def read(
    poll: select.epoll,
    connections: dict[int, Connection],
    waiting: trio.MemorySendChannel[list[Bet]],
) -> None:
    """Pass on the bets that have arrived, until killed."""
    while True:
        await trio.lowlevel.wait_readable(poll.fileno())
        bets = list[Bet]()
        for number, _ in poll.poll(0):
            connection = connections[number]
            try:
                bets += [(connection, each, str(uuid4())) for each in connection.requests()]
            except ConnectionError:
                poll.unregister(number)
                connections.pop(number).socket.close()
        waiting.send_nowait(bets)


async def write(waiting: trio.MemoryReceiveChannel[list[Bet]]) -> None:
    """Commit all that waits together, and then reply, until killed."""
    bank = Bank()
    async for bets in waiting:
        for _ in range(waiting.statistics().current_buffer_used):
            bets += waiting.receive_nowait()
        if not bets:
            continue
        now = time.time_ns() // 1_000_000
        await trio.to_thread.run_sync(bank.commit, bets, now)
        for connection, _, bet_id in bets:
            reply = frame(script["reply"] | {"bet_id": bet_id}, now)
            connection.socket.send(reply + frame(script["balance"], now))


async def main() -> None:
    """Serve until killed."""
    poll, connections = select.epoll(), dict[int, Connection]()
    listener = socket.create_server(("127.0.0.1", 0), backlog=1_024)
    listener.setblocking(False)
    print(listener.getsockname()[1], flush=True)
    sender, receiver = trio.open_memory_channel[list[Bet]](math.inf)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(let_in, poll, connections, listener)
        nursery.start_soon(read, poll, connections, sender)
        nursery.start_soon(write, receiver)


trio.run(main)
