"""A copy of a node's database on its way to another node: frames with a digest each.

    giver                                   taker
    -----                                   -----
    ALIVE, each second ---------------> while the copy is being made
    PIECE, up to 256 KiB -------------> the file, in order
    END, SHA-256 of the whole file --->
    REFUSED, the reason --------------> instead, at any time

    kind 1 byte | length 4 bytes | data | HMAC-SHA256(key, number of the frame, kind, data)

The key is new for each copy (`actors/link/node_auth.py`). So a frame that was changed, left out,
repeated or exchanged is noticed at once, and a copy that was cut has no end. Neither side holds
more than one piece.
"""

import hmac
from collections.abc import Callable
from hashlib import sha256
from typing import Final, Protocol

import trio

from actors.link.node_auth import NotTrustedError, exactly

COPY_PIECE_BYTES: Final = 256 * 1_024
DIGEST_BYTES: Final = 32
COPY_ALIVE: Final = b"."
COPY_PIECE: Final = b"p"
COPY_ENDS: Final = b"e"
COPY_REFUSED: Final = b"r"
COPY_ALIVE_S: Final = 1.0
COPY_SILENT_S: Final = 10.0
"""How long a taker waits for a frame, and a giver until the taker has read one."""
MOST_REASON_BYTES: Final = 1_000


class CopyFailedError(Exception):
    """There is no copy: it was refused, cut or changed on the way. The text is for a person."""


class TakesPieces(Protocol):
    """What a copy is written to."""

    def write(self, data: bytes, /) -> int:
        """Write a piece. Raise OSError."""


class CopySeal:
    """Makes and verifies the digests of frames, in order."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._number = 0

    def next(self, kind: bytes, data: bytes) -> bytes:
        """Return the digest of the next frame."""
        self._number += 1
        about = self._number.to_bytes(8, "big") + kind
        return hmac.digest(self._key, about + data, "sha256")


class CopySender:
    """The giver's end. Only one method may run at a time."""

    def __init__(self, stream: trio.abc.Stream, key: bytes) -> None:
        self._stream, self._seal = stream, CopySeal(key)

    async def stay_alive(self, is_made: trio.Event) -> None:
        """Send a sign of life each second, until the copy is made."""
        while not is_made.is_set():
            await self._send(self._frame(COPY_ALIVE, b""))
            with trio.move_on_after(COPY_ALIVE_S):
                await is_made.wait()

    async def send_file(self, read: Callable[[int], bytes]) -> None:
        """Send what `read` returns, called in a thread, piece by piece; b"" is the end."""
        whole = sha256()

        def next_frame() -> bytes | None:
            piece = read(COPY_PIECE_BYTES)
            whole.update(piece)
            return self._frame(COPY_PIECE, piece) if piece else None

        while (frame := await trio.to_thread.run_sync(next_frame)) is not None:
            await self._send(frame)
        await self._send(self._frame(COPY_ENDS, whole.digest()))

    async def refuse(self, reason: str) -> None:
        """Send why there is no copy."""
        await self._send(self._frame(COPY_REFUSED, reason.encode()[:MOST_REASON_BYTES]))

    def _frame(self, kind: bytes, data: bytes) -> bytes:
        return kind + len(data).to_bytes(4, "big") + data + self._seal.next(kind, data)

    async def _send(self, frame: bytes) -> None:
        with trio.fail_after(COPY_SILENT_S):
            await self._stream.send_all(frame)


async def receive_copy(stream: trio.abc.Stream, key: bytes, file: TakesPieces) -> None:
    """Write a copy to a file. Raise CopyFailedError if it is not whole, and OSError of the file."""
    seal, whole = CopySeal(key), sha256()
    while True:
        kind, data = await _frame(stream, seal)
        if kind == COPY_PIECE:
            await trio.to_thread.run_sync(_write, file, data)
            whole.update(data)
        elif kind == COPY_ENDS:
            if not hmac.compare_digest(data, whole.digest()):
                raise CopyFailedError("the copy does not have the digest of the file")
            return
        elif kind == COPY_REFUSED:
            raise CopyFailedError(data.decode(errors="replace"))
        elif kind != COPY_ALIVE:
            raise CopyFailedError("the other node sends what this version does not know")


def _write(file: TakesPieces, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]  # type: ignore[arg-type]  # any buffer will do


async def _frame(stream: trio.abc.Stream, seal: CopySeal) -> tuple[bytes, bytes]:
    try:
        with trio.fail_after(COPY_SILENT_S):
            head = await exactly(stream, 5)
            kind, length = head[:1], int.from_bytes(head[1:], "big")
            if length > COPY_PIECE_BYTES:
                raise CopyFailedError("the copy has a piece that is too large")
            data = await exactly(stream, length)
            digest = await exactly(stream, DIGEST_BYTES)
    except trio.TooSlowError as error:
        raise CopyFailedError(f"nothing came for {COPY_SILENT_S:.0f} s") from error
    except (NotTrustedError, trio.BrokenResourceError, trio.ClosedResourceError) as error:
        raise CopyFailedError("the copy was cut") from error
    if not hmac.compare_digest(digest, seal.next(kind, data)):
        raise CopyFailedError("a piece of the copy was changed on the way")
    return kind, data
