"""Reads from all plain sockets: one task waits for all of them, instead of one wait in trio each.

Theory of operation
===================

A task calls `read` and sleeps. `run` waits until any socket is readable and calls the
`receive` of its reading:

    receive returned None         the data was handled; the task sleeps on
    receive returned a value,     the reading ends; the task wakes up with it
    or raised

Most messages are handled inside `receive`, so most of the time no task wakes up. What a stream does
with its bytes: `actors/edge/wire.py`.
"""

from collections import deque
from collections.abc import Callable
from selectors import EVENT_READ, DefaultSelector, SelectorKey
from typing import Any, TypeVar

import outcome
import trio
from attrs import define

SOCKETS_AT_ONCE = 256
"""Sockets that are read before other tasks run. Requests that arrive together are decided together,
and committed once."""

Received = TypeVar("Received")


@define(eq=False)
class _Reading:
    """A task that sleeps until `receive` has returned a value or raised."""

    task: trio.lowlevel.Task
    receive: Callable[[], Any]


class SocketReader:
    """Reads as long as `run` runs."""

    def __init__(self) -> None:
        self._selector = DefaultSelector()
        self._readings: dict[int, _Reading] = {}

    async def run(self) -> None:
        """Read until cancelled."""
        with self._selector as selector:
            while True:
                await trio.lowlevel.wait_readable(selector.fileno())
                ready = deque(key for key, _ in selector.select(0))
                while ready:
                    # Not for each socket, because that takes as long as the reading itself.
                    result = outcome.capture(self._read_some, ready)
                    if isinstance(result, outcome.Error):
                        self._end(ready.popleft(), result)
                    if ready:
                        await trio.lowlevel.checkpoint()

    async def read(self, socket: int, receive: Callable[[], Received | None]) -> Received:
        """Call `receive` whenever the socket is readable, until it returns a value. Return that.

        Raise what it raises, and `trio.ClosedResourceError` after `release`.
        """
        reading = _Reading(trio.lowlevel.current_task(), receive)
        self._selector.register(socket, EVENT_READ, reading)
        self._readings[socket] = reading

        def abort(_: object) -> trio.lowlevel.Abort:
            self._remove(socket)
            return trio.lowlevel.Abort.SUCCEEDED

        received: Received = await trio.lowlevel.wait_task_rescheduled(abort)
        return received

    def release(self, socket: int) -> None:
        """End the reading of a socket that is about to be closed. Do nothing if there is none.

        A socket that is closed already has the number -1.
        """
        if socket in self._readings:
            closed = trio.ClosedResourceError("this side has closed the connection")
            trio.lowlevel.reschedule(self._remove(socket).task, outcome.Error(closed))

    def _read_some(self, ready: deque[SelectorKey]) -> None:
        """Read from the next sockets. If a reading raises, it is still the first of `ready`."""
        for _ in range(min(len(ready), SOCKETS_AT_ONCE)):
            key = ready[0]
            reading: _Reading = key.data
            # A socket that was read before it, in the same round, may have ended it.
            if self._readings.get(key.fd) is reading:
                received = reading.receive()
                if received is not None:
                    self._end(key, outcome.Value(received))
            ready.popleft()

    def _end(self, key: SelectorKey, received: outcome.Outcome[Any]) -> None:
        """Wake the task, unless its reading was ended meanwhile."""
        reading: _Reading = key.data
        if self._readings.get(key.fd) is reading:
            self._remove(key.fd)
            trio.lowlevel.reschedule(reading.task, received)

    def _remove(self, socket: int) -> _Reading:
        self._selector.unregister(socket)
        return self._readings.pop(socket)
