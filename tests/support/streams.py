"""The streams of trio as anyio has them, for the client on the streams of a simulated world."""

from collections.abc import Iterator
from contextlib import contextmanager

import anyio
import trio
from anyio.abc import ByteStream


class AnyioStream(ByteStream):
    """A stream of trio."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self._stream = stream

    async def receive(self, max_bytes: int = 65_536) -> bytes:
        with translated():
            data = await self._stream.receive_some(max_bytes)
        if not data:
            raise anyio.EndOfStream
        return bytes(data)

    async def send(self, item: bytes) -> None:
        with translated():
            await self._stream.send_all(item)

    async def send_eof(self) -> None:
        raise NotImplementedError

    async def aclose(self) -> None:
        await self._stream.aclose()


@contextmanager
def translated() -> Iterator[None]:
    """Raise the exceptions of trio's streams as those of anyio's."""
    try:
        yield
    except trio.BrokenResourceError as broken:
        raise anyio.BrokenResourceError from broken
    except trio.ClosedResourceError as closed:
        raise anyio.ClosedResourceError from closed
