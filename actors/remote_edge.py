"""The edges of a server with workers: one process for each, started again when it ends.

Theory of operation
===================

                    +-- StreamLink -- worker 1: sockets, HTTP, outboxes
    RemoteEdges ----+-- StreamLink -- worker 2
    (deciding side) +-- StreamLink -- worker 3

The life of a worker:

    starting --- Hello ---> serving --- the link or the process ends ---> pause ---> starting
                                           (its clients have left)

A worker that ends before it serves, when the server starts, ends the start (`WorkerFailedError`):
the cause is likely the same for its successor. Later it is replaced as any other.

The pause grows while workers die young, from `SHORTEST_PAUSE_S` to `LONGEST_PAUSE_S`. A worker
whose link has ended closes its clients (1012) and ends. If it is still there after `ENDING_S`,
because it is paused or stuck, it is killed. A worker that does not serve yet when the server stops
is killed immediately: it has no clients. So is one that has not answered until then that it stopped
reading. A bug in the handling of a worker's message ends the link of that worker only, and so does
a silence of half a minute (`LINK_TO_WORKER`).

If the deciding process ends, every link ends, and so does every worker; the kernel continues those
that are stopped. systemd or the container then restarts the server.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import structlog
import trio

from actors.counters import Counters
from actors.link.carrier import LINK_TO_WORKER, StreamLink
from actors.link.edge_peer import Calls, DecidingProcess, EdgePeer
from actors.link.messages import CloseConnections, LinkMessage, Readiness, StopReading
from actors.link.remote_client import RemoteClient
from actors.link.sides import DecidingSide
from actors.survival import survive

log = structlog.get_logger()

SHORTEST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 4.0
HEALTHY_S = 10.0
"""A worker that has lived for so long is replaced after the shortest pause."""
ENDING_S = 5.0
"""How long a worker may take to end after its link has ended."""
SILENT_S = 3.0
"""A worker from which nothing has arrived for so long serves nobody: it is paused or stuck."""
READINESS_S = 1.0
"""How often the workers are sent whether the server is ready."""


class WorkerFailedError(Exception):
    """A worker has not begun to serve when the server started. The text is one line."""


class WorkerProcess(Protocol):
    """A worker that was started."""

    @property
    def pid(self) -> int:
        """The process id."""

    @property
    def stream(self) -> trio.abc.Stream:
        """This end of its link."""

    async def wait(self) -> int:
        """Wait until it has ended. Return its exit code, negative for a signal."""

    def kill(self) -> None:
        """End it immediately."""


class Starter(Protocol):
    """Starts workers, and holds the listening sockets that they share with it."""

    def start(self, number: int) -> WorkerProcess:
        """Start the worker with this number. Raise OSError."""

    def stop_listening(self) -> None:
        """Close the listening sockets: no worker will be started any more."""


class RemoteEdges:
    """An `EdgeSide` of several processes.

    `settings` is the first message to each worker. `status` returns what `/readyz` answers, and
    whether the server is serving. `calls` are what workers may ask. `on_lines` writes log lines.
    """

    def __init__(
        self,
        side: DecidingSide[RemoteClient],
        workers: int,
        starter: Starter,
        settings: LinkMessage,
        status: Callable[[], Awaitable[Readiness]],
        calls: Calls,
        on_lines: Callable[[bytes], None],
        counters: Counters,
    ) -> None:
        self._deciding = DecidingProcess(side, calls, counters, on_lines)
        self._workers, self._starter = workers, starter
        self._settings, self._status = settings, status
        self._links: dict[StreamLink, EdgePeer] = {}
        self._link_ended = trio.Event()
        self._is_stopping = False

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Keep the workers running until cancelled. `task_status` is told when all serve.

        Raise `WorkerFailedError` if one of them does not begin to.
        """
        async with trio.open_nursery() as nursery:
            async with trio.open_nursery() as starting:
                for number in range(1, self._workers + 1):
                    starting.start_soon(nursery.start, self._keep, number, nursery)
            task_status.started()
            await self._tell_readiness()

    @property
    def outboxes(self) -> Sequence[int]:
        """How many batches wait for each client, by the last report of each worker."""
        return [each for peer in self._links.values() for each in peer.outboxes]

    @property
    def peers(self) -> Sequence[EdgePeer]:
        """The workers that have a link."""
        return tuple(self._links.values())

    def trouble(self) -> str | None:
        """Return why no client is served, or None if a worker serves."""
        now = trio.current_time()
        is_served = any(
            peer.is_serving and now - link.heard_at < SILENT_S for link, peer in self._links.items()
        )
        return None if is_served else "no worker serves"

    def stop_reading(self) -> None:
        """Accept no more connections, and read no more messages."""
        self._is_stopping = True
        self._starter.stop_listening()
        for link, peer in self._links.items():
            _stop_reading(link, peer)

    async def all_answered(self) -> None:
        """Wait until everything that was read has its reply."""
        for link, peer in tuple(self._links.items()):
            if link in self._links:
                await peer.has_stopped_reading.wait()
            await peer.all_answered()

    async def close_all(self, code: int, reason: str) -> None:
        """Close every connection, and wait until the workers have ended."""
        for link in self._links:
            link.send(CloseConnections(code, reason))
        while self._links:
            await self._link_ended.wait()

    async def _keep(
        self,
        number: int,
        nursery: trio.Nursery,
        task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
    ) -> None:
        """Keep a worker running. Call `task_status.started` when the first one serves.

        Raise `WorkerFailedError` if the first one ends before that.
        """
        pause = SHORTEST_PAUSE_S
        while not self._is_stopping:
            began = trio.current_time()
            failure = await self._live(number, nursery, task_status)
            if failure and task_status is not trio.TASK_STATUS_IGNORED:
                raise WorkerFailedError(f"worker {number} cannot start: {failure}")
            task_status = trio.TASK_STATUS_IGNORED
            lived = trio.current_time() - began
            pause = SHORTEST_PAUSE_S if lived > HEALTHY_S else min(2 * pause, LONGEST_PAUSE_S)
            if not self._is_stopping:
                await trio.sleep(pause)

    async def _live(
        self, number: int, nursery: trio.Nursery, task_status: trio.TaskStatus[None]
    ) -> str:
        """Start a worker, serve its link until that ends, and wait until the worker has ended.

        Return why it has not served, empty if it has.
        """
        try:
            worker = self._starter.start(number)
        except OSError as error:
            reason = error.strerror or str(error)
            log.error("worker_failed", worker=number, error=reason)
            return reason
        log.info("worker_started", worker=number, pid=worker.pid)
        link = StreamLink(worker.stream, LINK_TO_WORKER)
        peer = EdgePeer(link, self._deciding, nursery, task_status.started)
        code = await self._serve_link(worker, number, link, peer)
        return "" if peer.is_serving else peer.failure or _end_of(code)

    async def _serve_link(
        self, worker: WorkerProcess, number: int, link: StreamLink, peer: EdgePeer
    ) -> int:
        """Serve the link of a worker until it ends. Return the exit code of the worker."""
        self._links[link] = peer
        is_unwanted = True
        try:
            link.send(self._settings)
            link.send(await self._status())
            await survive(link.run, peer.on_message)
            is_unwanted = self._is_stopping
        finally:
            del self._links[link]
            self._link_ended.set()
            self._link_ended = trio.Event()
            is_stuck = self._is_stopping and not peer.has_stopped_reading.is_set()
            is_at_once = is_stuck or (is_unwanted and not peer.is_serving)
            peer.ended()
            with trio.CancelScope(shield=True):
                code = await _ended(worker, 0 if is_at_once else ENDING_S)
            signal = -code if code < 0 else None
            log.info(
                "worker_ended", worker=number, pid=worker.pid, signal=signal, reason=link.ended
            )
        return code

    async def _tell_readiness(self) -> None:
        while True:
            readiness = await self._status()
            for link in self._links:
                link.send(readiness)
            await trio.sleep(READINESS_S)


def _stop_reading(link: StreamLink, peer: EdgePeer) -> None:
    """Let a worker read no more; end it if it does not serve yet."""
    if peer.is_serving:
        link.send(StopReading())
    else:
        link.give_up("the server stops")


def _end_of(code: int) -> str:
    return f"it ended with exit code {code}" if code >= 0 else f"it was ended by signal {-code}"


async def _ended(worker: WorkerProcess, patience_s: float) -> int:
    """Wait for a worker whose link has ended; kill it after `patience_s`."""
    with trio.move_on_after(patience_s):
        return await worker.wait()
    worker.kill()
    return await worker.wait()
