"""Connections that are slow, stall, or are reset, also within a frame."""

import trio
from trio.testing import memory_stream_pair

from tests.campaigns.dice import Dice
from tests.support.raw_client import small_pair
from tests.support.world import MemoryListener

GONE = (trio.BrokenResourceError, trio.ClosedResourceError)


class Link(trio.abc.Stream):
    """A client's end of a connection. The server's end is an ordinary stream."""

    def __init__(self, stream: trio.abc.Stream, dice: Dice) -> None:
        self._stream, self._dice = stream, dice
        self._gulp = dice.one_of((1, 65_536), (1, 4_096), (0.3, 300))
        self._pause_s = dice.one_of((2, 0.0), (1, 0.001), (0.3, 0.05))
        self._moving = trio.Event()
        self._moving.set()
        self._left: int | None = None
        self._pauses = 0

    def freeze(self) -> None:
        """Stop reading until `thaw`."""
        if self._moving.is_set():
            self._moving = trio.Event()

    def thaw(self) -> None:
        """Read on at full speed, and do not break off any more."""
        self._moving.set()
        self._left, self._gulp, self._pause_s = None, 65_536, 0.0

    @property
    def is_slow(self) -> bool:
        """Return whether bytes that were sent may still be in transit."""
        return not self._moving.is_set() or self._pause_s > 0 or self._pauses > 0

    def break_off_after(self, size: int) -> None:
        """Close the connection after `size` more bytes, even within a frame."""
        self._left = size

    async def cut(self) -> None:
        """Close the connection without a close frame."""
        await trio.aclose_forcefully(self._stream)

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        data = bytes(data)
        if self._left is not None and self._left < len(data):
            await self._stream.send_all(data[: self._left])
            await self.cut()
            raise trio.BrokenResourceError("broken off")
        if self._left is not None:
            self._left -= len(data)
        half = self._dice.randint(0, len(data)) if self._dice.happens(0.1) else 0
        for part in filter(None, (data[:half], data[half:])):
            await self._pause()
            await self._stream.send_all(part)

    async def wait_send_all_might_not_block(self) -> None:
        await trio.lowlevel.checkpoint()

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        await self._moving.wait()
        await self._pause()
        await self._moving.wait()
        return await self._stream.receive_some(min(max_bytes or self._gulp, self._gulp))

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def _pause(self) -> None:
        if self._pause_s and self._dice.happens(0.5):
            self._pauses += 1
            await trio.sleep(self._pause_s * self._dice.random())
            self._pauses -= 1


class Network(MemoryListener):
    """The server's listener, with all the links that were opened to it."""

    def __init__(self, dice: Dice) -> None:
        super().__init__()
        self._dice = dice
        self._count = 0
        self._ends: list[trio.abc.Stream] = []
        self._is_closed = False

    async def link(self) -> Link:
        """Open a connection. Half of them are plain sockets, to which the server writes directly.

        Raise `trio.BrokenResourceError` while no server is listening.
        """
        if self._is_closed:
            raise trio.BrokenResourceError("nobody listens")
        self._count += 1
        dice = self._dice.another(self._count)
        ours, theirs = small_pair() if dice.happens(0.5) else memory_stream_pair()
        self._ends.append(theirs)
        await self._send.send(theirs)
        return Link(ours, dice)

    async def aclose(self) -> None:
        """Stop listening."""
        self._is_closed = True
        await super().aclose()

    async def hang_up(self) -> None:
        """Close all connections, accepted or not, because the server has ended."""
        await self.aclose()
        for end in self._ends:
            await trio.aclose_forcefully(end)
