"""Hostile clients that stall, disconnect abruptly and send invalid requests."""

import secrets
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Final

import trio

from bench.line import frame
from tests.campaigns.line import Line, LostError, signed_in
from tests.campaigns.soak.town import Person, Role, Town
from toteboard_client import signed_url

STALL_S: Final = 45.0
PAUSE_S: Final = 3.0
PATIENCE_S: Final = 30.0
NARROW: Final = 4_096
TOO_LARGE: Final = 70_000
_NONSENSE: Final = (
    frame(4711),
    frame(392, pool_id=5, amount="much"),
    frame(363, game_id="nowhere"),
    frame(370, source_id="x", game_name="y" * 300),
    bytes([0x81, 0x81]) + bytes(4) + b"{",
    bytes([0x82, 0x82]) + bytes(4) + b"{}",
)
"""The server replies with an error."""
_BREACHES: Final = (
    bytes([0x81, 0xFF]) + TOO_LARGE.to_bytes(8) + bytes(4) + b"x" * TOO_LARGE,
    bytes([0xC1, 0x80]) + bytes(4),
    bytes([0x81, 0x81]) + bytes(4) + b"\xff",
)
"""The server closes the connection."""


async def staller(town: Town, person: Person) -> None:
    """Join, read nothing for a while, read what is left, and reconnect with `since`."""
    game_id, seq = "", 0
    while True:
        if game_id not in town.games:
            game_id, seq = await town.a_game(), 0
        with suppress(LostError):
            async with _narrow(town, person) as line:
                since = {"since": seq} if seq else {}
                await line.send(frame(363, game_id=game_id, **since))
                await trio.sleep(STALL_S)
                seq = await _read(town, line, seq)
        town.done["stalls"] += 1


async def _read(town: Town, line: Line, seq: int) -> int:
    """Read for a while. Return the position, unless too much was missed."""
    with trio.move_on_after(PAUSE_S), suppress(LostError):
        while True:
            for message in await line.receive():
                if seq and message.get("prev_seq", 0) > seq:
                    town.findings.append(f"a gap: knew {seq}, heard {message}")
                seq = 0 if message.get("resync") else max(seq, message.get("seq", 0))
    return seq


@asynccontextmanager
async def _narrow(town: Town, person: Person) -> AsyncIterator[Line]:
    """Open a connection with a small receive buffer."""
    own = trio.socket.socket()
    own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, NARROW)
    await own.connect(("127.0.0.1", town.port))
    async with trio.SocketStream(own) as stream:
        line = Line(stream)
        await line.shake_hands(signed_url("/", *person))
        yield line


async def vandal(town: Town, person: Person) -> None:
    """Send one invalid input after another."""
    ways = (_talk_nonsense, _breach, _break_off, _knock_wrongly, _say_half)
    while True:
        way = town.dice.choice(ways)
        with trio.fail_after(PATIENCE_S), suppress(LostError):
            await way(town, person)
        town.done[way.__name__.strip("_").replace("_", " ")] += 1
        await town.wait(PAUSE_S)


async def _talk_nonsense(town: Town, person: Person) -> None:
    async with signed_in(town.port, *person) as line:
        for request in town.dice.sample(_NONSENSE, 3):
            await line.send(request)
            (answer,) = await line.receive()
            if answer["res"] != 666 or answer["code"] == "internal_error":
                town.findings.append(f"{request[:60]!r} was answered {answer}")


async def _breach(town: Town, person: Person) -> None:
    async with signed_in(town.port, *person) as line:
        await line.send(town.dice.choice(_BREACHES))
        while True:
            await line.receive()


async def _break_off(town: Town, person: Person) -> None:
    """Disconnect in the middle of a request without a close frame."""
    async with signed_in(town.port, *person) as line:
        await line.send(frame(363, game_id=await town.a_game()))
        await line.send(frame(1)[:-3])


async def _knock_wrongly(town: Town, person: Person) -> None:
    async with await trio.open_tcp_stream("127.0.0.1", town.port) as stream:
        target = signed_url("/", person[0], secrets.token_urlsafe(16))
        with suppress(AssertionError):
            await Line(stream).shake_hands(target)
            town.findings.append("let in with a wrong key")


async def _say_half(town: Town, person: Person) -> None:
    """Send half a handshake and disconnect."""
    async with await trio.open_tcp_stream("127.0.0.1", town.port) as stream:
        await stream.send_all(b"GET / HTTP/1.1\r\nHost: tote")
        await town.wait(PAUSE_S)


def roles(town: Town, stallers: Sequence[Person], vandals: Sequence[Person]) -> list[Role]:
    """Return the roles of the hostile clients."""
    return [
        *(partial(staller, town, each) for each in stallers),
        *(partial(vandal, town, each) for each in vandals),
    ]
