"""An edge in this process: accepts connections, serves HTTP and clients, and closes them at a stop.

    listeners --> Gate --+--> Admission --> Connection --> DecidingSide
                         +--> Site (HTTP)

A server of one process has this edge beside the deciding side. A worker is such an edge alone.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import trio

from actors.counters import Counters
from actors.edge.accept_loop import accept_all
from actors.edge.admission import Admission
from actors.edge.connection import Connection
from actors.edge.gate import Gate, Site
from actors.edge.heartbeat import Heartbeat
from actors.edge.socket_reader import SocketReader
from actors.link.sides import DecidingSide
from actors.survival import survive, survive_message
from protocol.limits import Limits

CLOSES_S = 4.0
"""How long a stop waits for the connections to close."""

Listeners = Sequence[trio.abc.Listener[trio.abc.Stream]]


class LocalEdge:
    """An `EdgeSide`. HTTP requests other than a WebSocket handshake go to `site`."""

    def __init__(
        self,
        deciding_side: DecidingSide[Connection],
        limits: Limits,
        listeners: Listeners,
        site: Site,
        counters: Counters,
    ) -> None:
        self._listeners, self._site = list(listeners), site
        self._reader = SocketReader()
        self._heartbeat = Heartbeat(limits.ping_interval / 1_000)
        self._listening = trio.CancelScope()
        self._connections: trio.Nursery | None = None
        self.admission = Admission(
            deciding_side,
            partial(survive_message, deciding_side.receive, deciding_side.failed),
            site.address_of,
            self._start,
            limits,
            self._reader,
            self._heartbeat,
            counters,
        )
        self._gate = Gate(
            head_timeout_s=limits.handshake_timeout / 1_000,
            on_request=site.serve,
            on_websocket=self.admission.receive,
        )

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Accept and serve connections until cancelled."""
        async with trio.open_nursery() as reading:
            reading.start_soon(self._reader.run)  # it must outlive the connections
            async with trio.open_nursery() as connections:
                self._connections = connections
                connections.start_soon(self._heartbeat.run)
                task_status.started()
                with self._listening:
                    await accept_all(self._listeners, partial(self._start, self._gate.receive))
                await trio.sleep_forever()

    def _start(self, task: Callable[..., Awaitable[None]], *arguments: Any) -> None:
        """Start a task of a connection. If it fails, that is logged and the server continues."""
        assert self._connections is not None
        self._connections.start_soon(survive, task, *arguments)

    @property
    def outboxes(self) -> Sequence[int]:
        """How many batches wait for each client."""
        return [connection.queued_batches for connection in self.admission.open]

    def stop_accepting(self) -> None:
        """Accept no more connections."""
        self._listening.cancel()

    def stop_reading(self) -> None:
        """Accept no more connections, and read no more messages."""
        self.stop_accepting()
        for connection in self.admission.open:
            connection.stop_reading()

    async def all_answered(self) -> None:
        """Wait until everything that was read has its reply."""
        for connection in tuple(self.admission.open):
            await connection.wait_until_idle()
        await self._site.all_answered()

    async def close_all(self, code: int, reason: str) -> None:
        """Close every connection, and wait until all are closed."""
        for connection in self.admission.open:
            connection.close(code, reason)
        await self.admission.all_closed()
