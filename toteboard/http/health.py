"""Whether the process is alive (`/healthz`), and whether it is ready to serve (`/readyz`).

Ready means: started, not stopping, no trouble reported, and the latest write reached the disk. Both
questions are answered within a second, because a supervisor may restart a server that does not
answer. Trying the storage can take longer than that. So a task of its own tries it, and a request
waits for the outcome for `PROBE_S` at most.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, Protocol

import trio
from starlette.requests import Request
from starlette.responses import Response

from actors.commit.writer import StorageState, Writer
from actors.link.messages import Readiness
from storage.errors import StorageError
from toteboard.http.responses import json_answer

IS_READY: Final = "ready"
PROBE_S: Final = 0.5
MOST_SILENT_S: Final = 3.0
"""A deciding process that has sent nothing for so long cannot serve."""

Trouble = Callable[[], str | None]
"""Return a reason not to be ready, such as "clock stepped", or None."""


def readiness(status: str, warnings: Sequence[str]) -> Response:
    """Return the answer of `/readyz`."""
    body: dict[str, object] = {"status": status}
    if warnings:
        body["warnings"] = list(warnings)
    return json_answer(body, 200 if status == IS_READY else 503)


class ServesRequests(Protocol):
    """Whether a server answers requests, and what its health is."""

    @property
    def is_serving(self) -> bool:
        """Whether the server has started and is not stopping."""

    async def alive(self, request: Request) -> Response:
        """Answer GET /healthz."""

    async def ready(self, request: Request) -> Response:
        """Answer GET /readyz."""


class RemoteHealth:
    """The health of a worker: that of the deciding process.

    `readiness` returns the last `Readiness` from there, and `heard_at` when the last message
    arrived, in trio's time.
    """

    def __init__(self, readiness: Callable[[], Readiness], heard_at: Callable[[], float]) -> None:
        self._readiness, self._heard_at = readiness, heard_at

    @property
    def is_serving(self) -> bool:
        """Whether the server is not stopping. A worker listens only once it has started."""
        return not self._readiness().is_stopping

    async def alive(self, _request: Request) -> Response:
        """Answer GET /healthz: a process that can answer is alive."""
        return json_answer({"status": "alive"})

    async def ready(self, _request: Request) -> Response:
        """Answer GET /readyz."""
        is_silent = trio.current_time() - self._heard_at() > MOST_SILENT_S
        status = "the deciding process is silent" if is_silent else self._readiness().status
        return json_answer({"status": status}, 200 if status == IS_READY else 503)


class Health:
    """The state of the server. `stop` is set once the server stops; `run` must be running.

    `warnings` returns what an operator should know, although the server is ready.
    """

    def __init__(
        self,
        writer: Writer,
        stop: trio.Event,
        troubles: Sequence[Trouble] = (),
        warnings: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        self._writer, self._warnings = writer, warnings
        self._stop = stop
        self._troubles = troubles
        self._has_started = False
        self._unserved: Trouble = lambda: None
        self._wanted, self._probed = trio.Event(), trio.Event()

    def started(self) -> None:
        """Note that the server accepts connections."""
        self._has_started = True

    def served_elsewhere(self, trouble: Trouble) -> None:
        """Note that other processes serve the clients. `trouble` returns why none does, or None."""
        self._unserved = trouble

    @property
    def is_stopping(self) -> bool:
        """Whether the server is stopping."""
        return self._stop.is_set()

    @property
    def is_serving(self) -> bool:
        """Whether the server has started and is not stopping."""
        return self._has_started and not self._stop.is_set()

    async def alive(self, _request: Request) -> Response:
        """Answer GET /healthz: a process that can answer is alive."""
        return json_answer({"status": "alive"})

    async def ready(self, _request: Request) -> Response:
        """Answer GET /readyz."""
        return readiness(await self.status(), self._warnings())

    async def run(self) -> None:
        """Try the storage whenever a request asks for it, until cancelled."""
        while True:
            await self._wanted.wait()
            self._wanted = trio.Event()
            with suppress(StorageError):  # the writer's state tells it
                await self._writer.probe()
            self._probed.set()
            self._probed = trio.Event()

    async def status(self) -> str:
        """Return `IS_READY`, or the first reason not to be ready."""
        if not self._has_started and not self._stop.is_set():
            return "starting"
        status = await self.status_once_started()
        return self._unserved() or status if status == IS_READY else status

    async def status_once_started(self) -> str:
        """Return the same for a worker, which listens only when the deciding process can serve."""
        if self._stop.is_set():
            return "stopping"
        for trouble in self._troubles:
            if (status := trouble()) is not None:
                return status
        return IS_READY if await self._can_store() else "storage fails"

    async def _can_store(self) -> bool:
        if self._writer.state is not StorageState.STORING:
            probed = self._probed
            self._wanted.set()
            with trio.move_on_after(PROBE_S):
                await probed.wait()
        return self._writer.state is StorageState.STORING
