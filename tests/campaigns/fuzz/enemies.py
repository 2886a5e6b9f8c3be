"""Many hostile clients of all kinds at the same time, for `tests/campaigns/fuzz/hostile.py`.

`python -m tests.campaigns.fuzz.enemies PUBLIC OPERATOR CONNECTIONS ADDRESSES SECONDS SEED` is a
process of its own, so that it does not delay the measuring process. Each client repeats one kind of
attack, on a new connection each time that the server has closed the last. At the end it prints a
line of JSON: how often each kind was tried, and how often each status was received.
"""

import json
import re
import resource
import socket
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from random import Random
from typing import Final

import trio

from tests.campaigns.fuzz.http.inputs import posted, request, upgrade

GONE: Final = (trio.BrokenResourceError, trio.ClosedResourceError, OSError)
STATUS: Final = re.compile(rb"HTTP/1\.1 (\d{3}) ")
TLS: Final = bytes.fromhex("16030100c8010000c40303") + bytes(190)
HTTP_2: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9)
LARGE: Final = request("GET", "/asyncapi.json")
DRIP_S: Final = 1.0
PAUSE_S: Final = 0.1
"""The pause of a client before its next connection."""
LAST_S: Final = 30.0
"""The longest duration of one connection."""


class Enemy:
    """One hostile client. Others may share its address."""

    def __init__(self, port: int, address: str, chance: Random, told: Counter[str]) -> None:
        self._port, self._address, self.chance, self._told = port, address, chance, told

    async def go_on(self, kind: "Kind") -> None:
        """Repeat one kind of attack."""
        while True:
            self._told[kind.__name__.strip("_")] += 1
            with suppress(*GONE), trio.move_on_after(LAST_S), self._socket() as connection:
                await connection.connect(("127.0.0.1", self._port))
                await kind(self, trio.SocketStream(connection))
            await trio.sleep(PAUSE_S)

    def _socket(self) -> trio.socket.SocketType:
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # close by reset
        made.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT
        made.bind((self._address, 0))
        made.setblocking(False)
        return trio.socket.from_stdlib_socket(made)

    async def hear(self, stream: trio.SocketStream) -> bytes:
        """Receive once, and count the statuses in it."""
        data = bytes(await stream.receive_some(65_536))
        self._told.update(f"HTTP {found.decode()}" for found in STATUS.findall(data))
        return data

    async def hear_out(self, stream: trio.SocketStream) -> None:
        """Receive until the server closes."""
        while await self.hear(stream):
            pass


Kind = Callable[[Enemy, trio.SocketStream], Awaitable[None]]


async def _silent(enemy: Enemy, stream: trio.SocketStream) -> None:
    await enemy.hear_out(stream)


async def _a_byte_now_and_then(enemy: Enemy, stream: trio.SocketStream) -> None:
    for byte in LARGE:
        await stream.send_all(bytes([byte]))
        await trio.sleep(DRIP_S * enemy.chance.random())


async def _half_a_head(enemy: Enemy, stream: trio.SocketStream) -> None:
    await stream.send_all(LARGE[: enemy.chance.randrange(len(LARGE))])
    await enemy.hear_out(stream)


async def _half_a_body(enemy: Enemy, stream: trio.SocketStream) -> None:
    await stream.send_all(posted("/r/login/", '{"username": "ann"', "application/json")[:-1])
    await enemy.hear_out(stream)


async def _deaf(enemy: Enemy, stream: trio.SocketStream) -> None:
    """Request much data and read none of it."""
    while True:
        await stream.send_all(LARGE * 10)


async def _pipeline(enemy: Enemy, stream: trio.SocketStream) -> None:
    path = enemy.chance.choice(("/healthz", "/config.json", "/nowhere", "/style.css"))
    await stream.send_all(request("GET", path) * 200)
    await enemy.hear_out(stream)


async def _tls(enemy: Enemy, stream: trio.SocketStream) -> None:
    await stream.send_all(TLS)
    await enemy.hear_out(stream)


async def _http_2(enemy: Enemy, stream: trio.SocketStream) -> None:
    await stream.send_all(HTTP_2)
    await enemy.hear_out(stream)


async def _stranger(enemy: Enemy, stream: trio.SocketStream) -> None:
    """Send a handshake without valid credentials."""
    await stream.send_all(upgrade(enemy.chance.choice(("/", "/?id=1&n=2&h=3", "/x"))))
    await enemy.hear_out(stream)


async def _flood(enemy: Enemy, stream: trio.SocketStream) -> None:
    """Send valid requests one after the other, as fast as they are answered."""
    path = enemy.chance.choice(("/", "/config.json", "/style.css", "/asyncapi.json", "/metrics"))
    while True:
        await stream.send_all(request("GET", path))
        if not await enemy.hear(stream):
            return


async def _wrong_password(enemy: Enemy, stream: trio.SocketStream) -> None:
    name = f"user{enemy.chance.randrange(10_000)}"
    body = f'{{"username": "{name}", "password": "hunter2 hunter2"}}'
    await stream.send_all(posted("/r/login/", body, "application/json"))
    await enemy.hear(stream)


async def _new_each_time(enemy: Enemy, stream: trio.SocketStream) -> None:
    """Send each valid request on a new connection, which soon earns a 429."""
    await stream.send_all(request("GET", "/config.json"))
    await enemy.hear(stream)


async def _reset(enemy: Enemy, stream: trio.SocketStream) -> None:
    await stream.send_all(enemy.chance.choice((b"G", LARGE, LARGE * 3, upgrade("/"))))


async def _large_body(enemy: Enemy, stream: trio.SocketStream) -> None:
    head = request("POST", "/r/login/", {"Content-Type": "a/b", "Content-Length": "999999999"})
    await stream.send_all(head)
    while True:
        await stream.send_all(bytes(65_536))


KINDS: Final[Sequence[Kind]] = (
    *(_silent, _a_byte_now_and_then, _half_a_head, _half_a_body, _deaf, _pipeline, _tls, _http_2),
    *(_stranger, _flood, _wrong_password, _new_each_time, _reset, _large_body),
)


async def attack(
    ports: Sequence[int], connections: int, addresses: int, seconds: float, seed: int
) -> Counter[str]:
    """Run all clients at the same time for `seconds`."""
    told: Counter[str] = Counter()
    with trio.move_on_after(seconds):
        async with trio.open_nursery() as nursery:
            for number in range(connections):
                kind = KINDS[number % len(KINDS)]
                port = ports[number // len(KINDS) % len(ports)]
                address = f"127.0.{number % addresses // 250}.{number % addresses % 250 + 1}"
                enemy = Enemy(port, address, Random(f"{seed} {number}"), told)
                nursery.start_soon(enemy.go_on, kind)
    return told


def main(*arguments: str) -> None:
    """Run the attack and print the counts."""
    public, operator, connections, addresses, seconds, seed = map(int, arguments)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    ports = (public, operator)
    print(json.dumps(trio.run(attack, ports, connections, addresses, seconds, seed)))


if __name__ == "__main__":
    main(*sys.argv[1:])
