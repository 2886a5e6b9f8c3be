"""Sessions in a simulated world: seats whose connections can be cut, go deaf or lose messages."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import trio

from tests.support.streams import AnyioStream, translated
from tests.support.world import World
from toteboard_client import (
    Client,
    Message,
    News,
    Received,
    Session,
    SessionKey,
    converse,
    signed_url,
    stay_connected,
)

Hears = Callable[[Message], bool]


class Line(trio.abc.Stream):
    """A connection's stream, which can be cut, or go deaf: then nothing more arrives on it."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self._stream = stream
        self.is_deaf = False

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        await self._stream.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        await self._stream.wait_send_all_might_not_block()

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        data = await self._stream.receive_some(max_bytes)
        while self.is_deaf and data:
            data = await self._stream.receive_some(max_bytes)
        return data

    async def aclose(self) -> None:
        await self._stream.aclose()


class Selective(Client):
    """A connection on which some messages are lost."""

    hears: Hears = staticmethod(lambda _: True)

    async def _next(self) -> Message:
        while not self.hears(message := await super()._next()):
            pass
        return message


class Seat:
    """Where a session's connections come from."""

    def __init__(self, world: World, name: str, hears: Hears = lambda _: True) -> None:
        self.world, self.name, self.hears = world, name, hears
        self.lines: list[Line] = []

    @asynccontextmanager
    async def dial(self, anew: bool) -> AsyncIterator[Client]:
        identity = await SessionKey(*self.world.keys[self.name]).key(anew=anew)
        target = signed_url("/", identity.user_id, identity.session_key)
        with translated():
            self.lines.append(Line(await self.world.listener.open()))
        async with converse(AnyioStream(self.lines[-1]), "toteboard.test", target) as client:
            selective = Selective(client.socket)
            selective.hears = self.hears
            yield selective

    async def cut(self) -> None:
        await self.lines[-1].aclose()


@asynccontextmanager
async def sitting(seat: Seat, **options: Any) -> AsyncIterator[Session]:
    with trio.fail_after(600):
        async with stay_connected(seat.dial, **options) as session:
            yield session


async def news(session: Session, *, within_s: float = 60.0) -> list[News]:
    """Everything that a session tells until nothing more comes (simulated time)."""
    told: list[News] = []
    with trio.move_on_after(within_s):
        async for each in session:
            told.append(each)
    return told


def published(told: list[News], *wanted: int) -> list[Message]:
    messages = [each.raw for each in told if isinstance(each, Received)]
    return [message for message in messages if message["res"] in wanted]


def without_publications(told: list[News]) -> list[type[News]]:
    return [type(each) for each in told if not isinstance(each, Received)]
