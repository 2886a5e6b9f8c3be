"""What waits to be sent to one connection: bounded, so that a slow reader costs only itself.

Contract, section 9. What was said in one go counts as one message. Before a reader counts as
lagging, the waiting 361s of a pool are joined into one.
"""

import math
from collections import deque
from collections.abc import Sequence
from itertools import groupby

import trio
from attrs import frozen

from actors.link.encoded_message import FrameBatch, coalesce, single

GULP = 65_536
"""Bytes sent in one go to a reader that is behind, so that pings come in between."""


@frozen
class _Entry:
    batch: FrameBatch
    counted: bool


class Outbox:
    """A queue of batches with two bounds: how many, and how many bytes. `gulps`: taken so far."""

    def __init__(self, messages: int, size: int) -> None:
        self._room, self._size_left = messages, size
        self._entries: deque[_Entry] = deque()
        self._waiting = trio.Event()
        self._bytes = 0
        self.gulps = 0
        self._shortened: trio.Event | None = None

    def put(self, said: FrameBatch, *, counted: bool = True) -> bool:
        """Queue what is to leave together; false if there is no room for it, not even joined.

        Where nothing else waits there always is, however large it is. `counted` false: takes no
        room, as what is sent again to a returning reader.
        """
        if counted and self._entries and not self._has_room(said) and not self._make_room(said):
            return False
        # What is not counted may be very much: it leaves message by message.
        for each in [said] if counted else map(single, said.messages):
            self._add(_Entry(each, counted))
        self._waiting.set()
        return True

    async def take(self) -> bytes:
        """Wait for something to send, about a `GULP`; nothing if woken for another reason."""
        if not self._entries:
            await self._waiting.wait()
        self._waiting = trio.Event()
        self.gulps += 1
        return self._next(GULP)

    def rest(self) -> bytes:
        """All that waits, if anything."""
        return self._next(math.inf)

    def _next(self, most: float) -> bytes:
        gulp: list[bytes] = []
        while self._entries and most > 0:
            entry = self._entries.popleft()
            self._account(entry, +1)
            gulp.append(entry.batch.data)
            most -= len(entry.batch.data)
        return b"".join(gulp)

    def wake(self) -> None:
        """Let `take` return although nothing waits."""
        self._waiting.set()

    def clear(self) -> None:
        """Forget what waits."""
        while self._entries:
            self._account(self._entries.popleft(), +1)

    @property
    def is_long(self) -> bool:
        """Whether more than a `GULP` waits."""
        return self._bytes > GULP

    async def shortened(self) -> None:
        """Wait until it is not long."""
        while self.is_long:
            if self._shortened is None:
                self._shortened = trio.Event()
            await self._shortened.wait()

    @property
    def waiting(self) -> int:
        """How many batches wait."""
        return len(self._entries)

    def _has_room(self, said: FrameBatch) -> bool:
        return self._room >= 1 and self._size_left >= len(said.data)

    def _make_room(self, said: FrameBatch) -> bool:
        """Say what waits in fewer words; nothing changes places with what is sent again."""
        waiting, self._entries = self._entries, deque()
        for counted, run in groupby(waiting, lambda entry: entry.counted):
            entries = list(run)
            self._entries.extend(self._in_fewer_words(entries) if counted else entries)
        return self._has_room(said)

    def _in_fewer_words(self, entries: Sequence[_Entry]) -> Sequence[_Entry]:
        shorter = [_Entry(each, True) for each in coalesce([entry.batch for entry in entries])]
        for entry in entries:
            self._account(entry, +1)
        for entry in shorter:
            self._account(entry, -1)
        return shorter

    def _add(self, entry: _Entry) -> None:
        self._account(entry, -1)
        self._entries.append(entry)

    def _account(self, entry: _Entry, sign: int) -> None:
        size = sign * len(entry.batch.data)
        self._bytes -= size
        if entry.counted:
            self._room += sign
            self._size_left += size
        if self._shortened is not None and not self.is_long:
            self._shortened.set()
            self._shortened = None
