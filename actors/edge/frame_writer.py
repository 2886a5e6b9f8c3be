"""Writes the frames of one connection: the server's own text frames and trio-websocket's frames.

Theory of operation
===================

Frames have two sources. `Sender` has text frames, ready-made, often the same bytes for thousands of
connections. trio-websocket has the handshake's response, pongs, pings and the close frame. Both
arrive here, and the bytes must not mix:

    Sender ----- write_now ----> os.write            whatever the socket takes without blocking
           ----- flush --------\
                                >-- lock --> stream.send_all
    trio-websocket -- send ----/                     the close frame takes the outbox along

Two rules:

- **No frame starts while another is half written.** `write_now` may write part of a frame; the rest
  stays in `_unsent`. As long as it is there, `write_now` writes nothing, and every other way writes
  `_unsent` first. A `send_all` that is cancelled half-way leaves `_is_sending` set, and every later
  send fails, because part of its frame may be on the wire.
- **Nothing follows a close frame.** The frames that wait in the outbox are written just before it.

`write_now` works on plain TCP only. Over TLS every frame goes through `flush`.
"""

import os
import struct
from collections.abc import Callable

import trio

from protocol.frames import CLOSE


class FrameWriter:
    """The output of one stream. `pending`: takes the frames to write before a close frame."""

    __slots__ = (
        "_fileno",
        "_is_sending",
        "_lock",
        "_stream",
        "_unsent",
        "has_sent_close",
        "is_closed",
        "pending",
    )

    def __init__(self, stream: trio.abc.Stream) -> None:
        self._stream = stream
        # TLS encrypts, so only a plain socket can be written to directly.
        self._fileno = stream.socket.fileno if isinstance(stream, trio.SocketStream) else None
        self._lock = trio.Lock()
        self._unsent = b""
        self._is_sending = False
        self.has_sent_close = self.is_closed = False
        self.pending: Callable[[], bytes] = bytes

    def write_now(self, data: bytes) -> bool:
        """Write frames as far as the socket takes them without blocking.

        Return False if nothing of them was written, and True otherwise; then the rest of a frame
        may be left (`is_behind`), which the next `flush` writes.
        """
        if self._fileno is None or self._is_sending or self._unsent:
            return False
        if self.is_closed or self.has_sent_close:
            return False
        try:
            # Look the descriptor up on every call: after a close, the OS may reuse the number.
            written = os.write(self._fileno(), data)
        except BlockingIOError:
            return False
        except OSError:
            return True  # the socket is broken: its reader notices and closes the connection
        self._unsent = data[written:]
        return True

    @property
    def is_behind(self) -> bool:
        """Whether a frame is half written and has to be flushed."""
        return bool(self._unsent)

    async def flush(self, data: bytes = b"") -> None:
        """Write the rest of a frame, then `data`, and wait until the socket has taken them."""
        self._unsent += data  # before the lock: a close frame must not overtake it
        async with self._lock:
            if not self.is_closed and not self.has_sent_close:
                await self._send()

    async def send(self, data: bytes) -> None:
        """Write what trio-websocket sends. Raise `trio.ClosedResourceError` after `close`."""
        async with self._lock:
            self.refuse_if_closed()
            is_close = data[:1] == bytes([CLOSE])
            await self._send((self.pending() if is_close else b"") + data)
            self.has_sent_close = self.has_sent_close or is_close

    async def send_close(self, code: int) -> None:
        """Write a close frame, also after `close`, unless one was written before."""
        async with self._lock:
            if not self.has_sent_close:
                await self._send(self.pending() + struct.pack("!BBH", CLOSE, 2, code))
                self.has_sent_close = True

    async def _send(self, data: bytes = b"") -> None:
        if self._is_sending:
            raise trio.BrokenResourceError("the frame before was cut off: its send was cancelled")
        self._is_sending = True
        data, self._unsent = self._unsent + data, b""
        await self._stream.send_all(data)
        self._is_sending = False

    def close(self) -> None:
        """Refuse everything from now on but the close frame."""
        self.is_closed = True

    def refuse_if_closed(self) -> None:
        """Raise `trio.ClosedResourceError` after `close`."""
        if self.is_closed:
            raise trio.ClosedResourceError("this side has closed the connection")
