"""The tasks of one connection, in a nursery that all connections share.

A nursery for each connection would take more memory than its tasks. So each connection has a task
of its own, which reads, and side tasks for as long as they are needed: one that closes, one that
waits for a pong, one that writes to a client that is behind.

    own task      runs within `lifetime`
    side task     ends when `end` is called, at the latest. If it fails, `lifetime` is cancelled, so
                  that the failure costs this connection
"""

from collections.abc import Awaitable, Callable

import trio

Start = Callable[..., None]
"""Starts a task with arguments, like `Nursery.start_soon`, and logs an exception that it raises."""

SideTask = Callable[[], Awaitable[None]]


class ConnectionTasks:
    """Starts the side tasks of one connection, and cancels its tasks."""

    __slots__ = ("_side_tasks", "_start", "lifetime")

    def __init__(self, start: Start) -> None:
        self._start = start
        self._side_tasks: dict[trio.CancelScope, None] = {}
        self.lifetime = trio.CancelScope()

    def start_soon(self, task: SideTask) -> None:
        """Start a side task."""
        scope = trio.CancelScope()
        self._side_tasks[scope] = None
        self._start(self._run, task, scope)

    async def _run(self, task: SideTask, scope: trio.CancelScope) -> None:
        has_failed = True
        try:
            with scope:
                await trio.lowlevel.checkpoint_if_cancelled()  # the connection may be released
                await task()
            has_failed = False
        finally:
            self._side_tasks.pop(scope, None)
            if has_failed:
                self.lifetime.cancel()

    def end(self) -> None:
        """Cancel the side tasks: the connection has ended."""
        for scope in self._side_tasks:
            scope.cancel()
