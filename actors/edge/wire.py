"""The stream under a WebSocket: whole text frames go past trio-websocket, all else through it.

trio-websocket keeps pings, pongs and closing, and reads and writes through this stream. The gate
has read the handshake (`actors/edge/gate.py`); trio-websocket is given it before anything else. We
write ready-made text frames beside it, at once where the socket takes them, and take whole text
messages before it sees them. Two rules: no frame starts while another is partly written, and
nothing follows a close frame. Frames as bytes are `actors/edge/frames.py`; what waits for a reader
that does not keep up is `actors/edge/outbox.py`.
"""

import os
import struct
from collections.abc import Callable, Sequence
from contextlib import suppress

import trio
from trio_websocket import WebSocketConnection

from actors.edge.frames import CLOSE, Header, plain_texts, read_header
from actors.edge.socket_reader import SocketReader
from actors.link.caller import Continuation

PROTOCOL_ERROR = 1002
NOT_UTF8 = 1007
LAST_WORD_S = 1.0
READ_BYTES = 65_536
HANDED_OVER_AT_ONCE = 32
"""Messages of one connection that are dealt with before others may come in between."""

GONE = (trio.BrokenResourceError, trio.ClosedResourceError)
"""What a stream raises when the other side, or this one, has ended it."""

OnTexts = Callable[[Sequence[str]], Continuation | None]


class Wire(trio.abc.Stream):
    """One connection's stream, from the handshake on. Texts may have `longest_text` bytes.

    With a `reader`, what is plain is read by it. `handshake`: the client's, which trio-websocket
    has to see; `received`: what the client sent behind it.
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
        self._socket: WebSocketConnection | None = None
        self._on_texts: OnTexts | None = None
        self._on_too_big: Callable[[], None] | None = None
        self._rest: Callable[[], bytes] = bytes
        self._stream = stream
        self._longest_text = longest_text
        # Only what is plain can be read and written to directly: TLS cannot.
        self._fileno = stream.socket.fileno if isinstance(stream, trio.SocketStream) else None
        self._reader = None if self._fileno is None else reader
        self._writing = trio.Lock()
        self._unsent = b""
        self._is_sending = self._has_said_goodbye = self._is_closed = False
        self._handshake = handshake
        self._unread = bytearray(received)
        self._admitted = trio.Event()
        self._passing = 0
        self._in_message = self._ends_message = False
        self._message_size = self._message_parts = 0
        self._message_taken = trio.Event()
        self._message_taken.set()

    def admit(
        self,
        socket: WebSocketConnection,
        *,
        on_texts: OnTexts,
        on_too_big: Callable[[], None],
        rest: Callable[[], bytes],
    ) -> None:
        """The handshake is done: text messages go to `on_texts` from now on.

        `on_too_big` has to close: nothing that follows is looked at. `rest` gives the frames that
        are to be said before goodbye.
        """
        self._socket, self._on_texts, self._on_too_big = socket, on_texts, on_too_big
        self._rest = rest
        self._admitted.set()

    # Our own writing.

    def write_now(self, data: bytes) -> bool:
        """Write frames as far as the socket takes them at once; false if it took nothing of them.

        What it took half is written by the next `flush`, before anything else.
        """
        if self._fileno is None or self._is_sending or self._unsent:
            return False
        if self._is_closed or self._has_said_goodbye:
            return False
        try:
            # Asked for each time: a number that was kept might be another connection's by now.
            taken = os.write(self._fileno(), data)
        except BlockingIOError:
            return False
        except OSError:
            return True  # it is broken: whoever reads from it hears so, and closes
        self._unsent = data[taken:]
        return True

    @property
    def is_behind(self) -> bool:
        """Whether a frame is half written and has to be flushed."""
        return bool(self._unsent)

    async def flush(self, data: bytes = b"") -> None:
        """Write what is left of a frame, then more frames, waiting for the socket."""
        self._unsent += data  # at once: whoever writes next writes it, be it a goodbye
        async with self._writing:
            if not self._is_over:
                await self._send()

    # What trio-websocket writes: handshake and control frames, one at a time.

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send, after what is half written."""
        async with self._writing:
            self._refuse_if_closed()
            is_goodbye = self._socket is not None and data[:1] == bytes([CLOSE])
            await self._send((self._rest() if is_goodbye else b"") + bytes(data))
            if is_goodbye:
                self._has_said_goodbye = True
                self._message_taken.set()  # whether or not it is: nobody takes any more

    async def wait_send_all_might_not_block(self) -> None:
        """Wait for room."""
        self._refuse_if_closed()
        await self._stream.wait_send_all_might_not_block()

    async def _send(self, data: bytes = b"") -> None:
        if self._is_sending:
            raise trio.BrokenResourceError("the frame before was cut off when its sender gave up")
        self._is_sending = True
        data, self._unsent = self._unsent + data, b""
        await self._stream.send_all(data)
        self._is_sending = False

    # Reading.

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        """What trio-websocket is to see: the handshake, and every frame that is not plain text."""
        while True:
            self._refuse_if_closed()
            handshake, self._handshake = self._handshake, b""
            if passed_on := handshake or await self._frames():
                await trio.lowlevel.checkpoint()  # many small frames must not hold up the others
                return passed_on
            if self._is_closing and self._has_heard_goodbye():
                return b""
            self._refuse_if_closed()
            data = await self._read()
            if callable(data):  # texts that were dealt with, but for what has to be waited for
                await data()
                continue
            if not data:
                return data
            self._unread += data

    async def _read(self) -> bytes | bytearray | Continuation:
        """What comes next, or what is left to do of it."""
        if self._reader is None or self._fileno is None:
            return await self._stream.receive_some(READ_BYTES)
        return await self._reader.read(self._fileno(), self._read_at_once)

    def _read_at_once(self) -> bytes | Continuation | None:
        """What has come; nothing, if it was dealt with. Raises `trio.BrokenResourceError`."""
        assert self._fileno is not None
        try:
            data = os.read(self._fileno(), READ_BYTES)
        except BlockingIOError:
            return None
        except OSError as error:
            raise trio.BrokenResourceError(f"cannot read: {error}") from error
        is_amid = self._unread or self._in_message or self._passing
        if not data or is_amid or self._on_texts is None:
            return data
        texts, size = plain_texts(data, self._longest_text, HANDED_OVER_AT_ONCE)
        return data if size < len(data) else self._on_texts(texts)

    def message_taken(self) -> None:
        """A message that went through trio-websocket has been dealt with: more may follow."""
        self._message_taken.set()

    async def _frames(self) -> bytes | None:
        """Deal with what is ours of what was read; gives what comes before the next of ours."""
        for before in (self._admitted, self._message_taken):
            if not before.is_set():
                await before.wait()
        if self._passing and not self._is_closing:
            return self._pass_on()
        while not self._is_closing:
            if not self._in_message and await self._hand_over():
                continue
            header = read_header(self._unread)
            if header is None or (self._is_ours(header) and not self._is_whole(header)):
                return None
            if header.is_data and self._is_too_big(header):
                return None
            return self._begin_to_pass_on(header)
        return None

    def _is_too_big(self, header: Header) -> bool:
        """Whether a message gets too long by this frame; then nothing more is looked at.

        Each part takes memory, an empty one too: there may be no more of them than bytes.
        trio-websocket would count code points, the contract counts bytes (section 1, "Errors").
        What is wrong with a broken frame is trio-websocket's to say.
        """
        if not header.is_sound or header.is_continuation is not self._in_message:
            return False
        if not self._in_message:
            self._message_size = self._message_parts = 0
        self._message_size += header.size
        self._message_parts += 1
        most = max(self._message_size, self._message_parts)
        if most <= self._longest_text or self._on_too_big is None:
            return False
        self._message_taken = trio.Event()
        self._on_too_big()
        return True

    def _is_ours(self, header: Header) -> bool:
        fits = header.size <= self._longest_text
        return header.is_plain_text and fits and not self._in_message

    def _is_whole(self, header: Header) -> bool:
        return len(self._unread) >= header.length + header.size

    async def _hand_over(self) -> bool:
        """Deal with the plain texts that come next; false if there are none."""
        texts, size = plain_texts(self._unread, self._longest_text, HANDED_OVER_AT_ONCE)
        del self._unread[:size]
        if texts and self._on_texts is not None and not self._is_over:
            rest = self._on_texts(texts)
            if rest is not None:
                await rest()
        if len(texts) == HANDED_OVER_AT_ONCE:
            await trio.lowlevel.checkpoint()
        return bool(texts)

    def _begin_to_pass_on(self, header: Header) -> bytes:
        self._passing = header.length + header.size
        if header.is_data:
            self._in_message = not header.ends_message
        self._ends_message = header.ends_message
        return self._pass_on()

    def _pass_on(self) -> bytes:
        """As much as is there of a frame that is not ours. A whole message is then waited for."""
        passed_on = self._take(min(self._passing, len(self._unread)))
        self._passing -= len(passed_on)
        if self._ends_message and not self._passing:
            self._message_taken = trio.Event()
        return passed_on

    def _has_heard_goodbye(self) -> bool:
        """Skip to the other side's close frame: trio-websocket fails on a ping while it closes."""
        self._skip()
        while not self._passing and (header := read_header(self._unread)) is not None:
            if header.first == CLOSE:
                return True
            self._passing = header.length + header.size
            self._skip()
        return False

    def _skip(self) -> None:
        self._passing -= len(self._take(min(self._passing, len(self._unread))))

    def _take(self, size: int) -> bytes:
        taken = bytes(self._unread[:size])
        del self._unread[:size]
        return taken

    # The end.

    def forget(self) -> None:
        """Let go of the connection, which knows this stream."""
        self._socket = self._on_texts = self._on_too_big = None
        self._rest = bytes

    async def aclose(self) -> None:
        """trio-websocket has no more to say: say what it left out, or close."""
        self._is_closed = True
        self._admitted.set()
        self._message_taken.set()
        if self._reader is not None and self._fileno is not None:
            self._reader.let_go(self._fileno())
        if self._leaves_out() is None or self._has_said_goodbye:
            await self._stream.aclose()
        else:
            await self.last_word()

    async def last_word(self) -> None:
        """Say goodbye, once, where trio-websocket hangs up without a word (RFC 6455, 7.4).

        It does on text that is not UTF-8 and on broken frames.
        """
        code = self._leaves_out()
        if code is None:
            return
        with trio.move_on_after(LAST_WORD_S), suppress(*GONE):
            async with self._writing:
                if not self._has_said_goodbye:
                    await self._send(self._rest() + struct.pack("!BBH", CLOSE, 2, code))
                    self._has_said_goodbye = True

    def _leaves_out(self) -> int | None:
        reason = None if self._socket is None else self._socket.closed
        is_unsaid = reason is not None and reason.code in (PROTOCOL_ERROR, NOT_UTF8)
        return reason.code if reason is not None and is_unsaid else None

    @property
    def _is_closing(self) -> bool:
        return self._socket is not None and self._socket.closed is not None

    @property
    def _is_over(self) -> bool:
        return self._is_closed or self._has_said_goodbye

    def _refuse_if_closed(self) -> None:
        if self._is_closed:
            raise trio.ClosedResourceError("this side has closed the connection")
