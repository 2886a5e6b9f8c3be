"""The byte stream between a TCP or TLS connection and trio-websocket.

Theory of operation
===================

trio-websocket sees a `Wire` as its transport. Most traffic never reaches it, because whole text
frames are read and written beside it:

                        plain texts                           replies, publications
                  +-----------> Receiver               Sender ----------+
                  |                ^                                    v
    socket --> FrameSplitter       | other messages                FrameWriter --> socket
                  |                |                                    ^
                  +--------------- | --> receive_some    send_all ------+
                    other bytes    |          |             |  handshake, pings, pongs, close
                                   |          v             |
                                 +----------------------------+
                                 |       trio-websocket       |
                                 +----------------------------+

The states of reading, in order:

    handshake    `receive_some` returns the handshake that the gate has read, and no byte more.
    open         After `admit`. Plain texts go to the receiver, other bytes are returned. A message
                 in these bytes is in trio-websocket's queue when it asks for more: then it goes to
                 the receiver too, before anything that is behind it.
    closing      trio-websocket has begun to close: everything up to the client's close frame is
                 dropped.
    closed       After `aclose`. Every call raises `trio.ClosedResourceError`.

Backpressure. If the receiver returns a `Continuation`, `receive_some` awaits it before it reads on.

The fast path. On plain TCP, the shared `SocketReader` calls `_read_now` when the socket is
readable. A read that holds only plain texts, all of which can be handled immediately, never wakes
the connection's own task.

The end. trio-websocket closes the stream silently on broken frames and on text that is not UTF-8.
`aclose` then sends the close frame itself (1002 or 1007), and gives up after `CLOSE_FRAME_S`. A
message that is too big makes the receiver close (1009): nothing more is looked at.

Which bytes are whose: `actors/edge/frame_splitter.py`. What may be written when:
`actors/edge/frame_writer.py`. Frames as bytes: `protocol/frames.py`.
"""

import os
from collections.abc import Sequence
from contextlib import suppress

import trio
from trio_websocket import ConnectionClosed, WebSocketConnection

from actors.edge.closing import GONE, INVALID_TEXT, PROTOCOL_ERROR
from actors.edge.frame_splitter import TEXTS_AT_ONCE, FrameSplitter
from actors.edge.frame_writer import FrameWriter
from actors.edge.receiver import Receiver
from actors.edge.sender import Sender
from actors.edge.socket_reader import SocketReader
from actors.link.caller import Continuation

CLOSE_FRAME_S = 1.0
"""How long a close frame that trio-websocket left out may take to be written."""
READ_BYTES = 65_536


class Wire(trio.abc.Stream):
    """The stream of one connection. Texts may have `longest_text` bytes.

    `reader` reads from the socket if it is plain TCP. `handshake` is the client's request, for
    trio-websocket; `received` is what the client sent behind it. `writer` writes.
    """

    def __init__(
        self,
        stream: trio.abc.Stream,
        longest_text: int,
        reader: SocketReader | None = None,
        *,
        handshake: bytes = b"",
        received: bytes | bytearray = b"",
    ) -> None:
        self._stream = stream
        self._fileno = stream.socket.fileno if isinstance(stream, trio.SocketStream) else None
        self._reader = None if self._fileno is None else reader
        self.writer = FrameWriter(stream)
        self._splitter = FrameSplitter(longest_text, received)
        self._handshake = handshake
        self._socket: WebSocketConnection | None = None
        self._receiver: Receiver | None = None
        self._admitted: trio.Event | None = trio.Event()
        self._close_sent: trio.Event | None = None  # while a message is too big

    def admit(self, socket: WebSocketConnection, receiver: Receiver, sender: Sender) -> None:
        """End the handshake: messages go to `receiver` from now on.

        What waits in `sender` is written before a close frame.
        """
        self._socket, self._receiver = socket, receiver
        self.writer.pending = sender.take_all
        self._end_handshake()

    def _end_handshake(self) -> None:
        if self._admitted is not None:
            self._admitted.set()
            self._admitted = None

    # What trio-websocket writes: the handshake's response and control frames.

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Write, after the rest of a frame that is half written."""
        await self.writer.send(bytes(data))
        if self.writer.has_sent_close and self._close_sent is not None:
            self._close_sent.set()

    async def wait_send_all_might_not_block(self) -> None:
        """Wait until the stream has room."""
        self.writer.refuse_if_closed()
        await self._stream.wait_send_all_might_not_block()

    # Reading.

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        """Return bytes for trio-websocket: the handshake, and what is not plain text."""
        while True:
            self.writer.refuse_if_closed()
            handshake, self._handshake = self._handshake, b""
            if passed_on := handshake or await self._next_other():
                await trio.lowlevel.checkpoint()  # many small frames must not delay other tasks
                return passed_on
            if self._is_closing and self._splitter.skip_to_close():
                return b""
            self.writer.refuse_if_closed()
            data = await self._read()
            if callable(data):
                await data()
                continue
            if not data:
                return data
            self._splitter.feed(data)

    async def _read(self) -> bytes | bytearray | Continuation:
        """Wait for bytes, or for the work that is left of texts that were handled already."""
        if self._reader is None or self._fileno is None:
            return await self._stream.receive_some(READ_BYTES)
        return await self._reader.read(self._fileno(), self._read_now)

    def _read_now(self) -> bytes | Continuation | None:
        """Read from the socket without blocking.

        Return None if nothing is left to do, the bytes if they are not all plain texts, or the work
        to await. Raise `trio.BrokenResourceError` if the read fails.
        """
        assert self._fileno is not None
        try:
            data = os.read(self._fileno(), READ_BYTES)
        except BlockingIOError:
            return None
        except OSError as error:
            raise trio.BrokenResourceError(f"cannot read: {error}") from error
        if not data or self._receiver is None:
            return data
        texts = self._splitter.only_texts(data)
        return data if texts is None else self._receiver.receive(texts)

    async def _next_other(self) -> bytes:
        """Handle the messages that come next. Return the other bytes behind them, if any."""
        if self._admitted is not None:
            await self._admitted.wait()
        if self._splitter.has_passed_message:
            await self._handle_passed_message()
        while not self._is_closing:
            if await self._handle_texts():
                continue
            other = self._splitter.take_other()
            if self._splitter.is_too_big:
                await self._refuse_too_big()
            return other
        return b""

    async def _handle_passed_message(self) -> None:
        """Handle the message whose last byte was passed to trio-websocket."""
        self._splitter.has_passed_message = False
        assert self._socket is not None
        try:
            message = await self._socket.get_message()
        except ConnectionClosed:  # the message was broken, or came too late
            return
        await self._handle([message])

    async def _handle_texts(self) -> bool:
        """Handle the plain texts that come next. Return False if there are none."""
        texts = self._splitter.take_texts()
        if texts and not self._is_over:
            await self._handle(texts)
        if len(texts) == TEXTS_AT_ONCE:
            await trio.lowlevel.checkpoint()
        return bool(texts)

    async def _handle(self, messages: Sequence[str | bytes]) -> None:
        if self._receiver is not None:
            continuation = self._receiver.receive(messages)
            if continuation is not None:
                await continuation()

    async def _refuse_too_big(self) -> None:
        """Let the connection close, and wait for the close frame: nothing more is looked at."""
        if self._receiver is not None:
            self._close_sent = trio.Event()
            self._receiver.refuse_too_big()
            await self._close_sent.wait()

    # The end.

    def release(self) -> None:
        """Drop the references to the connection, which refers to this stream."""
        self._socket = self._receiver = None
        self.writer.pending = bytes

    async def aclose(self) -> None:
        """Close the stream, or send the close frame that trio-websocket left out."""
        self.writer.close()
        self._end_handshake()
        if self._close_sent is not None:
            self._close_sent.set()
        if self._reader is not None and self._fileno is not None:
            self._reader.release(self._fileno())
        if self._missing_close_code() is None or self.writer.has_sent_close:
            await self._stream.aclose()
        else:
            await self.send_missing_close()

    async def send_missing_close(self) -> None:
        """Send a close frame where trio-websocket closes silently (RFC 6455, 7.4), once."""
        code = self._missing_close_code()
        if code is not None:
            with trio.move_on_after(CLOSE_FRAME_S), suppress(*GONE):
                await self.writer.send_close(code)

    def _missing_close_code(self) -> int | None:
        """Return the code of the close frame that trio-websocket does not send, if any."""
        reason = None if self._socket is None else self._socket.closed
        is_missing = reason is not None and reason.code in (PROTOCOL_ERROR, INVALID_TEXT)
        return reason.code if reason is not None and is_missing else None

    @property
    def _is_closing(self) -> bool:
        return self._socket is not None and self._socket.closed is not None

    @property
    def _is_over(self) -> bool:
        return self.writer.is_closed or self.writer.has_sent_close
