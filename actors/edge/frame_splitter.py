"""Splits what a client sends into plain texts for us and other bytes for trio-websocket. Pure.

Theory of operation
===================

Nearly all that clients send are *plain texts*: text frames that are whole, masked, unfragmented and
not too long. `frames.plain_texts` reads those. All other bytes are for trio-websocket, unchanged:
fragments, binary and control frames, text that is not UTF-8, frames that break the protocol.
trio-websocket reports what is wrong with them.

`feed` adds bytes to `_unread`. The next byte is between two frames or inside one:

    +-----------------+     the header of a frame that is not a     +-----------------+
    | between frames: | ---> plain text: _passing = its length ---> | inside a frame: |
    | _passing = 0    |                                             | _passing > 0    |
    +-----------------+ <------ its last byte is passed on <------- +-----------------+

`_passing` counts the bytes that are left of the frame. They are passed on as they arrive, while a
plain text is taken only when it is whole.

`_in_message` is True from the header of a message's first fragment until the header of its last
one; control frames in between do not change it. Plain texts are taken only between frames, and
only outside a message.

When the last byte of a message has been passed on, `has_passed_message` is set. `Wire` then asks
for nothing until that message is handled: a plain text behind it would overtake it.

Limits. A message of more than `longest` bytes, or of more than that many fragments, sets
`is_too_big`, and nothing behind it is looked at. Each fragment takes memory, an empty one too.
trio-websocket would count code points; the contract counts bytes (section 1, "Errors").
"""

from protocol.frames import CLOSE, FrameHeader, plain_texts, read_frame_header

TEXTS_AT_ONCE = 32
"""Messages of one connection that are handled before other tasks run."""


class FrameSplitter:
    """The unread bytes of one connection. Texts may have `longest` bytes."""

    __slots__ = (
        "_ends_message",
        "_in_message",
        "_longest",
        "_message_bytes",
        "_message_fragments",
        "_passing",
        "_unread",
        "has_passed_message",
        "is_too_big",
    )

    def __init__(self, longest: int, received: bytes | bytearray = b"") -> None:
        self._longest = longest
        self._unread = bytearray(received)
        self._passing = 0
        self._in_message = self._ends_message = False
        self._message_bytes = self._message_fragments = 0
        self.is_too_big = self.has_passed_message = False

    def only_texts(self, data: bytes) -> list[str] | None:
        """Return the texts in `data` if it is nothing but plain texts; else None.

        A fast path beside `feed`: also None if bytes are unread, or a frame or message has begun.
        """
        if self._unread or self._in_message or self._passing:
            return None
        texts, size = plain_texts(data, self._longest, TEXTS_AT_ONCE)
        return texts if size == len(data) else None

    def feed(self, data: bytes | bytearray) -> None:
        """Add bytes that were received."""
        self._unread += data

    def take_texts(self) -> list[str]:
        """Remove and return the plain texts that come next, at most `TEXTS_AT_ONCE`."""
        if self._in_message or self._passing:
            return []
        texts, size = plain_texts(self._unread, self._longest, TEXTS_AT_ONCE)
        del self._unread[:size]
        return texts

    def take_other(self) -> bytes:
        """Remove and return the bytes that come next and are trio-websocket's.

        To be called when `take_texts` has returned nothing. Return no bytes if more have to be
        received, or the message is too big.
        """
        self.has_passed_message = False
        if not self._passing:
            header = read_frame_header(self._unread)
            if header is None or self._is_text_begun(header):
                return b""
            if header.is_data and self._makes_message_too_big(header):
                self.is_too_big = True
                return b""
            self._begin(header)
        passed_on = self._take_passing()
        self.has_passed_message = self._ends_message and not self._passing
        return passed_on

    def skip_to_close(self) -> bool:
        """Drop everything up to the client's close frame. Return whether it has come.

        trio-websocket fails on a ping while it closes.
        """
        self._take_passing()
        while not self._passing and (header := read_frame_header(self._unread)) is not None:
            if header.first == CLOSE:
                return True
            self._passing = header.length + header.size
            self._take_passing()
        return False

    def _is_text_begun(self, header: FrameHeader) -> bool:
        """Whether the frame is a plain text that has not come completely."""
        is_ours = header.is_plain_text and header.size <= self._longest and not self._in_message
        return is_ours and len(self._unread) < header.length + header.size

    def _makes_message_too_big(self, header: FrameHeader) -> bool:
        """Add a fragment, or a whole message. Return whether the message exceeds the limit."""
        if not header.is_sound or header.is_continuation is not self._in_message:
            return False  # the frame breaks the protocol
        if not self._in_message:
            self._message_bytes = self._message_fragments = 0
        self._message_bytes += header.size
        self._message_fragments += 1
        return max(self._message_bytes, self._message_fragments) > self._longest

    def _begin(self, header: FrameHeader) -> None:
        self._passing = header.length + header.size
        if header.is_data:
            self._in_message = not header.ends_message
        self._ends_message = header.ends_message

    def _take_passing(self) -> bytes:
        taken = bytes(self._unread[: self._passing])
        del self._unread[: self._passing]
        self._passing -= len(taken)
        return taken
