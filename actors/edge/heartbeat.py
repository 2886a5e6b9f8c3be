"""Sends every connection a beat once in an interval: one task for all of them.

What a connection does on a beat is its own business: `Connection.beat`.

Pauses. The whole process may stand still: a signal, a virtual machine that is moved, a container
that is paused. Clients have answered meanwhile, but nothing was read. So the task wakes up `LOOKS`
times in an interval. If it wakes up more than one such step late, every connection is excused, and
a client that owes a pong has a whole interval again. A pause that is not noticed is shorter than
two steps: it leaves the client three quarters of the interval.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import trio

from actors.edge.connection import Connection

LOOKS = 8
"""How often the task wakes up in an interval, to notice pauses."""


class Heartbeat:
    """The connections that are kept, each with an own beat every `interval` seconds."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._step = interval / LOOKS
        # A beat is always an interval from now, so the order in the dict is that of the beats.
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
        """Beat until cancelled."""
        while True:
            while not self._next:
                self._added = trio.Event()
                await self._added.wait()
            await self._sleep_until_next()
            self._beat_if_due()

    async def _sleep_until_next(self) -> None:
        """Sleep for a step, or until the next beat if that is sooner; notice a pause."""
        now = trio.current_time()
        first_at = next(iter(self._next.values()))
        wake_at = max(now, min(now + self._step, first_at))
        await trio.sleep_until(wake_at)
        if trio.current_time() - wake_at > self._step:
            for connection in self._next:
                connection.excuse()

    def _beat_if_due(self) -> None:
        """Let the first connection beat if its time has come; others may work before the next."""
        first = next(iter(self._next.items()), None)
        now = trio.current_time()
        if first is None or first[1] > now:
            return
        connection, _ = first
        del self._next[connection]
        self._next[connection] = now + self._interval
        connection.beat()
