"""Whether the process is alive, and whether it is ready to serve.

Ready means: started, not stopping, no trouble reported, and the storage takes what is written. Both
questions are answered within a second, because what restarts a server that does not answer asks
them. So a storage that has failed is probed by a task of its own: a request waits for the outcome
for `PROBE_S` and no longer.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

import trio
from starlette.requests import Request
from starlette.responses import Response

from actors.commit.writer import Writer
from storage.database import Database
from storage.errors import StorageError
from toteboard.http.responses import json_answer

PROBE_S: Final = 0.5

Trouble = Callable[[], str | None]
"""Names a reason not to be ready, such as "clock stepped"; None if there is none."""


class Health:
    """What is known of the server. `stop` is set once it stops; `run` must be running."""

    def __init__(self, writer: Writer, stop: trio.Event, troubles: Sequence[Trouble] = ()) -> None:
        self._writer = writer
        self._stop = stop
        self._troubles = troubles
        self._has_started = False
        self._wanted, self._probed = trio.Event(), trio.Event()

    def started(self) -> None:
        """It can be used from now on."""
        self._has_started = True

    @property
    def is_serving(self) -> bool:
        """Whether it has started and is not about to stop."""
        return self._has_started and not self._stop.is_set()

    async def alive(self, _request: Request) -> Response:
        """GET /healthz: a process that can answer is alive."""
        return json_answer({"status": "alive"})

    async def ready(self, _request: Request) -> Response:
        """GET /readyz."""
        status = await self._status()
        return json_answer({"status": status}, 200 if status == "ready" else 503)

    async def run(self) -> None:
        """Probe the storage, with a commit that changes nothing, when a request wants to know."""
        while True:
            await self._wanted.wait()
            self._wanted = trio.Event()
            with suppress(StorageError):  # the writer counts it
                await self._writer.perform(Database.probe)
            self._probed.set()
            self._probed = trio.Event()

    async def _status(self) -> str:
        if self._stop.is_set():
            return "stopping"
        if not self._has_started:
            return "starting"
        for trouble in self._troubles:
            if (status := trouble()) is not None:
                return status
        return "ready" if await self._can_store() else "storage fails"

    async def _can_store(self) -> bool:
        if not self._writer.counters.is_storing:
            probed = self._probed
            self._wanted.set()
            with trio.move_on_after(PROBE_S):
                await probed.wait()
        return self._writer.counters.is_storing
