"""Reads from all plain sockets: one task that waits for them all, not a wait in trio for each.

Most messages are answered as they come, and the task of their connection sleeps on. What a stream
makes of its bytes is `actors/edge/wire.py`.
"""

from collections.abc import Callable
from selectors import EVENT_READ, DefaultSelector
from typing import Any, TypeVar

import outcome
import trio
from attrs import define

SOCKETS_AT_ONCE = 256
"""Sockets that are read before other work may come in between: what was asked at the same time is
decided together, and committed once."""

Taken = TypeVar("Taken")


@define(eq=False)
class _Reading:
    """A task that sleeps until `take` has given something, or has raised."""

    task: trio.lowlevel.Task
    take: Callable[[], Any]


class SocketReader:
    """`run` must be running."""

    def __init__(self) -> None:
        self._selector = DefaultSelector()
        self._readings: dict[int, _Reading] = {}

    async def run(self) -> None:
        """Read for ever."""
        with self._selector as selector:
            while True:
                await trio.lowlevel.wait_readable(selector.fileno())
                for count, (key, _) in enumerate(selector.select(0), start=1):
                    self._read(key.fd, key.data)
                    if count % SOCKETS_AT_ONCE == 0:
                        await trio.lowlevel.checkpoint()

    async def read(self, socket: int, take: Callable[[], Taken | None]) -> Taken:
        """Call `take` whenever the socket can be read from, until it gives something.

        Raises what it raises, and `trio.ClosedResourceError` after `let_go`.
        """
        reading = _Reading(trio.lowlevel.current_task(), take)
        self._selector.register(socket, EVENT_READ, reading)
        self._readings[socket] = reading

        def abort(_: object) -> trio.lowlevel.Abort:
            self._end(socket)
            return trio.lowlevel.Abort.SUCCEEDED

        taken: Taken = await trio.lowlevel.wait_task_rescheduled(abort)
        return taken

    def let_go(self, socket: int) -> None:
        """The socket is about to be closed, or was closed before (then its number is -1)."""
        if socket in self._readings:
            closed = trio.ClosedResourceError("this side has closed the connection")
            trio.lowlevel.reschedule(self._end(socket).task, outcome.Error(closed))

    def _read(self, socket: int, reading: _Reading) -> None:
        if not self._goes_on(socket, reading):
            return  # what came before it in the same go has ended it
        taken = outcome.capture(reading.take)
        has_given = isinstance(taken, outcome.Error) or taken.value is not None
        if has_given and self._goes_on(socket, reading):
            self._end(socket)
            trio.lowlevel.reschedule(reading.task, taken)

    def _end(self, socket: int) -> _Reading:
        self._selector.unregister(socket)
        return self._readings.pop(socket)

    def _goes_on(self, socket: int, reading: _Reading) -> bool:
        return self._readings.get(socket) is reading
