"""Starts the actors of games whose time comes. An idle game has no actor: it is only rows.

A game's row has its next time, `wake_at`. The alarms read the rows that act within `HORIZON_MS` and
have their actors started; the actors then wait for their own times. Between two reads the alarms
sleep until the next row is within the horizon, or until a new time is announced (`expect`).
"""

from collections.abc import Callable

import structlog
import trio

from actors.clock import Clock
from storage.errors import StorageError
from storage.reads import Reads

log = structlog.get_logger()

HORIZON_MS = 60_000
"""A game that acts within this time has an actor that waits for it."""

STARTED_TOGETHER = 200
"""Actors that are started before other tasks may run."""

RETRY_S = 1.0
"""How long the alarms wait after a read that failed."""


class Alarms:
    """`start_actor` is called with the id and the source of a game whose time is near."""

    def __init__(self, reads: Reads, clock: Clock, start_actor: Callable[[str, str], None]) -> None:
        self._reads = reads
        self._clock = clock
        self._start_actor = start_actor
        self._woken_until = -1
        self._changed = trio.Event()

    async def run(self) -> None:
        """Start actors in time, until cancelled."""
        while True:
            try:
                next_at = await self.wake(self._clock.now() + HORIZON_MS)
            except StorageError as error:
                log.error("storage_failed", error=str(error))
                await trio.sleep(RETRY_S)
                continue
            near = None if next_at is None else next_at - HORIZON_MS
            with trio.move_on_at(self._clock.deadline(near)):
                await self._changed.wait()
                self._changed = trio.Event()

    async def wake(self, until: int) -> int | None:
        """Start the actors of games that act up to a time. Return the next time after it.

        Games that act before the time of the previous call were started by it. Raise
        `StorageError`.
        """
        near = self._reads.games_to_wake(until, after=self._woken_until)
        self._woken_until = until
        for count, (game_id, source_id) in enumerate(near, start=1):
            self._start_actor(game_id, source_id)
            if count % STARTED_TOGETHER == 0:
                await trio.lowlevel.checkpoint()
        return self._reads.next_wake_at(until)

    def expect(self, game_id: str, source_id: str, wake_at: int) -> None:
        """Take note of a game without an actor that acts at a time (epoch ms)."""
        if wake_at <= self._woken_until:
            self._start_actor(game_id, source_id)
        else:
            self.look_again()

    def look_again(self) -> None:
        """Read the next time again: the times of games without an actor have changed."""
        self._changed.set()
