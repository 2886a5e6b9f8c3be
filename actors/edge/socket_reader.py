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

from collections.abc import Callable
from selectors import EVENT_READ, DefaultSelector
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
                for count, (key, _) in enumerate(selector.select(0), start=1):
                    self._read(key.fd, key.data)
                    if count % SOCKETS_AT_ONCE == 0:
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

    def _read(self, socket: int, reading: _Reading) -> None:
        if not self._is_current(socket, reading):
            return  # a socket that was read before it, in the same round, has ended it
        received = outcome.capture(reading.receive)
        is_done = isinstance(received, outcome.Error) or received.value is not None
        if is_done and self._is_current(socket, reading):
            self._remove(socket)
            trio.lowlevel.reschedule(reading.task, received)

    def _remove(self, socket: int) -> _Reading:
        self._selector.unregister(socket)
        return self._readings.pop(socket)

    def _is_current(self, socket: int, reading: _Reading) -> bool:
        return self._readings.get(socket) is reading
