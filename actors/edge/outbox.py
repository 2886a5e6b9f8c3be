"""The messages that wait for one connection: bounded, so that a slow client costs only itself.

Theory of operation
===================

The outbox is used only when the socket does not take a batch immediately. It holds `FrameBatch`es
in the order in which they were sent. Contract, section 9, has the bounds.

    put --> [ batch | batch | not counted | not counted | batch ] --> take (about CHUNK_BYTES)
              counted: the bounds hold      a replay: no bounds       take_all (before a close)

- A batch counts as one message, however many it holds.
- If a batch does not fit, the waiting 361s of each pool are merged into one. If it still does not
  fit, `put` returns False, and the client counts as lagging.
- An empty outbox accepts any batch, however large.
- Messages of a replay (`counted=False`) take no room: the client has asked for them, and their
  number has a bound of its own. Merging moves nothing across them, so positions keep their order.

`drained` is for requests of a client that is far behind: they wait instead of adding replies.
"""

import math
from collections import deque
from collections.abc import Sequence
from itertools import groupby

import trio
from attrs import frozen

from actors.link.encoded_message import FrameBatch, coalesce, single

CHUNK_BYTES = 65_536
"""Bytes of one write to a client that is behind, so that pings are sent in between."""


@frozen
class _Entry:
    batch: FrameBatch
    counted: bool


class Outbox:
    """A queue of at most `messages` batches and `size` bytes.

    `chunks_taken` counts the calls of `take`, so that `Keepalive` sees whether a client reads.
    """

    def __init__(self, messages: int, size: int) -> None:
        self._room, self._size_left = messages, size
        self._entries: deque[_Entry] = deque()
        self._filled = trio.Event()
        self._bytes = 0
        self.chunks_taken = 0
        self._drained: trio.Event | None = None

    def put(self, batch: FrameBatch, *, counted: bool = True) -> bool:
        """Queue a batch. Return False if there is no room for it, even after merging."""
        if counted and self._entries and not self._has_room(batch) and not self._make_room(batch):
            return False
        # A replay may be very large, so its messages leave one by one.
        for each in [batch] if counted else map(single, batch.messages):
            self._add(_Entry(each, counted))
        self._filled.set()
        return True

    async def take(self) -> bytes:
        """Wait for something to send. Return about `CHUNK_BYTES`, or nothing after `wake`."""
        if not self._entries:
            await self._filled.wait()
        self._filled = trio.Event()
        self.chunks_taken += 1
        return self._next(CHUNK_BYTES)

    def take_all(self) -> bytes:
        """Remove and return everything that is queued."""
        return self._next(math.inf)

    def _next(self, most: float) -> bytes:
        chunk: list[bytes] = []
        while self._entries and most > 0:
            entry = self._entries.popleft()
            self._account(entry, +1)
            chunk.append(entry.batch.data)
            most -= len(entry.batch.data)
        return b"".join(chunk)

    def wake(self) -> None:
        """Let `take` return, although nothing is queued."""
        self._filled.set()

    def clear(self) -> None:
        """Drop everything that is queued."""
        while self._entries:
            self._account(self._entries.popleft(), +1)

    @property
    def is_long(self) -> bool:
        """Whether more than `CHUNK_BYTES` are queued."""
        return self._bytes > CHUNK_BYTES

    async def drained(self) -> None:
        """Wait until at most `CHUNK_BYTES` are queued."""
        while self.is_long:
            if self._drained is None:
                self._drained = trio.Event()
            await self._drained.wait()

    @property
    def queued(self) -> int:
        """How many batches are queued."""
        return len(self._entries)

    def _has_room(self, batch: FrameBatch) -> bool:
        return self._room >= 1 and self._size_left >= len(batch.data)

    def _make_room(self, batch: FrameBatch) -> bool:
        """Merge what is queued; nothing moves across a message that is not counted."""
        queued, self._entries = self._entries, deque()
        for counted, run in groupby(queued, lambda entry: entry.counted):
            entries = list(run)
            self._entries.extend(self._merged(entries) if counted else entries)
        return self._has_room(batch)

    def _merged(self, entries: Sequence[_Entry]) -> Sequence[_Entry]:
        merged = [_Entry(each, True) for each in coalesce([entry.batch for entry in entries])]
        for entry in entries:
            self._account(entry, +1)
        for entry in merged:
            self._account(entry, -1)
        return merged

    def _add(self, entry: _Entry) -> None:
        self._account(entry, -1)
        self._entries.append(entry)

    def _account(self, entry: _Entry, sign: int) -> None:
        """Free the room of an entry (+1), or use it (-1)."""
        size = sign * len(entry.batch.data)
        self._bytes -= size
        if entry.counted:
            self._room += sign
            self._size_left += size
        if self._drained is not None and not self.is_long:
            self._drained.set()
            self._drained = None
