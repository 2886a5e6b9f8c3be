"""Whether the process is alive, and whether it is worth asking it for anything.

Ready means: started, not stopping, in no trouble (`Services.troubles`), and able to store. After a
failed commit and until one succeeds, each request makes the server try one that changes nothing.
"""

from collections.abc import Callable, Iterable

import trio
from starlette.requests import Request
from starlette.responses import Response

from actors.writer import Writer
from storage.database import Database, StorageError
from toteboard.http.answers import json_answer


class Health:
    """What is known of the server. `troubles`: see `Services`; `stop` is set once it stops."""

    def __init__(
        self, writer: Writer, troubles: Iterable[Callable[[], str | None]], stop: trio.Event
    ) -> None:
        self._writer = writer
        self._troubles = troubles
        self._stop = stop
        self._has_started = False
        self._trying = trio.Lock()

    def started(self) -> None:
        """It can be used from now on."""
        self._has_started = True

    @property
    def is_serving(self) -> bool:
        """Whether it has started and is not about to stop."""
        return self._has_started and not self._stop.is_set()

    async def alive(self, _request: Request) -> Response:
        """GET /healthz: whoever can answer is alive."""
        return json_answer({"status": "alive"})

    async def ready(self, _request: Request) -> Response:
        """GET /readyz."""
        status = await self._status()
        return json_answer({"status": status}, 200 if status == "ready" else 503)

    async def _status(self) -> str:
        if self._stop.is_set():
            return "stopping"
        if not self._has_started:
            return "starting"
        for trouble in filter(None, (ask() for ask in self._troubles)):
            return trouble
        return "ready" if await self._can_store() else "storage fails"

    async def _can_store(self) -> bool:
        if not self._writer.tally.is_storing:
            async with self._trying:
                await self._try()
        return self._writer.tally.is_storing

    async def _try(self) -> None:
        if self._writer.tally.is_storing:
            return
        try:
            await self._writer.perform(Database.probe)
        except StorageError:
            return
