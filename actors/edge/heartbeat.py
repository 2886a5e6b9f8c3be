"""Calls every connection once per interval: one task for all of them.

What a connection does then: `Connection.on_heartbeat` and `actors/edge/keepalive.py`.

Pauses. The whole process may be paused: by a signal, a migration of the virtual machine, a frozen
container. Clients have answered meanwhile, but nothing was read. So the task wakes up `CHECKS`
times per interval. If it wakes up more than one such step late, every connection's `on_pause` is
called, and a client that owes a pong has a whole interval again. A pause that is not noticed is
shorter than two steps, which leaves the client three quarters of the interval.
"""

import trio

from actors.edge.connection import Connection

CHECKS = 8
"""How often the task wakes up per interval, to notice pauses."""


class Heartbeat:
    """The registered connections. Each is called every `interval` seconds."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._step = interval / CHECKS
        # A connection is always added at its latest time, so the dict is in the order of times.
        self._next: dict[Connection, float] = {}
        self._added = trio.Event()

    def add(self, connection: Connection) -> None:
        """Call the connection once per interval from now on."""
        self._next[connection] = trio.current_time() + self._interval
        self._added.set()

    def remove(self, connection: Connection) -> None:
        """Call the connection no more. It was added."""
        del self._next[connection]

    async def run(self) -> None:
        """Call connections until cancelled."""
        while True:
            while not self._next:
                self._added = trio.Event()
                await self._added.wait()
            await self._sleep_until_next()
            self._call_if_due()

    async def _sleep_until_next(self) -> None:
        """Sleep for a step, or until the next call if that is sooner; notice a pause."""
        now = trio.current_time()
        first_at = next(iter(self._next.values()))
        wake_at = max(now, min(now + self._step, first_at))
        await trio.sleep_until(wake_at)
        if trio.current_time() - wake_at > self._step:
            for connection in self._next:
                connection.on_pause()

    def _call_if_due(self) -> None:
        """Call the first connection if its time has come; other tasks may run before the next."""
        first = next(iter(self._next.items()), None)
        now = trio.current_time()
        if first is None or first[1] > now:
            return
        connection, _ = first
        del self._next[connection]
        self._next[connection] = now + self._interval
        connection.on_heartbeat()
