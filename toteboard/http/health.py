"""Whether the process is alive (`/healthz`), and whether it is ready to serve (`/readyz`).

Ready means: started, not stopping, no trouble reported, and the latest write reached the disk. Both
questions are answered within a second, because a supervisor may restart a server that does not
answer. Trying the storage can take longer than that. So a task of its own tries it, and a request
waits for the outcome for `PROBE_S` at most.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

import trio
from starlette.requests import Request
from starlette.responses import Response

from actors.commit.writer import StorageState, Writer
from storage.errors import StorageError
from toteboard.http.responses import json_answer

PROBE_S: Final = 0.5

Trouble = Callable[[], str | None]
"""Return a reason not to be ready, such as "clock stepped", or None."""


class Health:
    """The state of the server. `stop` is set once the server stops; `run` must be running."""

    def __init__(self, writer: Writer, stop: trio.Event, troubles: Sequence[Trouble] = ()) -> None:
        self._writer = writer
        self._stop = stop
        self._troubles = troubles
        self._has_started = False
        self._wanted, self._probed = trio.Event(), trio.Event()

    def started(self) -> None:
        """Note that the server accepts connections."""
        self._has_started = True

    @property
    def is_serving(self) -> bool:
        """Whether the server has started and is not stopping."""
        return self._has_started and not self._stop.is_set()

    async def alive(self, _request: Request) -> Response:
        """Answer GET /healthz: a process that can answer is alive."""
        return json_answer({"status": "alive"})

    async def ready(self, _request: Request) -> Response:
        """Answer GET /readyz."""
        status = await self._status()
        return json_answer({"status": status}, 200 if status == "ready" else 503)

    async def run(self) -> None:
        """Try the storage whenever a request asks for it, until cancelled."""
        while True:
            await self._wanted.wait()
            self._wanted = trio.Event()
            with suppress(StorageError):  # the writer's state tells it
                await self._writer.probe()
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
        if self._writer.state is not StorageState.STORING:
            probed = self._probed
            self._wanted.set()
            with trio.move_on_after(PROBE_S):
                await probed.wait()
        return self._writer.state is StorageState.STORING
