"""Asks every connection for a sign of life, once in an interval: one task for all of them.

What a connection does then is its own business: `Connection.beat`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import trio

from actors.connection import Connection


class Heartbeat:
    """The connections that are kept, each with an own beat every `interval` seconds."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        # All beats are as far apart, so that the order in the dict is that of the next beats: but
        # for those that were late, and they may be once more.
        self._next: dict[Connection, float] = {}
        self._added = trio.Event()

    @contextmanager
    def kept(self, connection: Connection) -> Iterator[None]:
        """Let the connection beat."""
        self._next[connection] = trio.current_time() + self._interval
        self._added.set()
        try:
            yield
        finally:
            del self._next[connection]

    async def run(self) -> None:
        """Beat for ever."""
        while True:
            first = next(iter(self._next.items()), None)
            if first is None:
                self._added = trio.Event()
                await self._added.wait()
                continue
            connection, at = first
            await trio.sleep_until(at)
            if connection in self._next:  # it may have gone meanwhile
                del self._next[connection]
                self._next[connection] = at + self._interval
                connection.beat()
