"""The edges of a server with workers: one process for each, started again when it ends.

                    +-- StreamLink -- worker 1: sockets, HTTP, outboxes
    RemoteEdges ----+-- StreamLink -- worker 2
    (deciding side) +-- StreamLink -- worker 3

The life of a worker:

    starting --- Hello ---> serving --- the link or the process ends ---> pause ---> starting
                                           (its clients have left)

The pause grows while workers die young, from `SHORTEST_PAUSE_S` to `LONGEST_PAUSE_S`. A worker
whose link has ended closes its clients (1012) and ends. If it is still there after `ENDING_S`,
because it is paused or stuck, it is killed.

If the deciding process ends, every link ends, and so does every worker. systemd or the container
then restarts the server.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Protocol

import structlog
import trio

from actors.counters import Counters
from actors.games.supervisor import survive, survive_message
from actors.link.carrier import StreamLink
from actors.link.edge_peer import Calls, EdgePeer
from actors.link.messages import CloseConnections, LinkMessage, Readiness, StopReading
from actors.link.remote_client import RemoteClient
from actors.link.sides import DecidingSide

log = structlog.get_logger()

SHORTEST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 4.0
HEALTHY_S = 10.0
"""A worker that has lived for so long is replaced after the shortest pause."""
ENDING_S = 5.0
"""How long a worker may take to end after its link has ended."""
READINESS_S = 1.0
"""How often the workers are sent whether the server is ready."""


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

    async def start(self, number: int) -> WorkerProcess:
        """Start the worker with this number."""

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
        self._side = side
        self._workers, self._starter = workers, starter
        self._settings, self._status = settings, status
        self._calls, self._on_lines, self._counters = calls, on_lines, counters
        self._on_text = partial(survive_message, side.receive, side.failed)
        self._links: dict[StreamLink, EdgePeer] = {}
        self._link_ended = trio.Event()
        self._is_stopping = False

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Keep the workers running until cancelled."""
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

    def stop_accepting(self) -> None:
        """Accept no more connections, and read no more messages."""
        self._is_stopping = True
        self._starter.stop_listening()
        for link in self._links:
            link.send(StopReading())

    def stop_reading(self) -> None:
        """Do nothing: `stop_accepting` has sent it."""

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
        """Keep a worker running. Call `task_status.started` when the first one serves."""
        pause = SHORTEST_PAUSE_S
        while not self._is_stopping:
            began = trio.current_time()
            await self._live(number, nursery, task_status)
            task_status = trio.TASK_STATUS_IGNORED
            lived = trio.current_time() - began
            pause = SHORTEST_PAUSE_S if lived > HEALTHY_S else min(2 * pause, LONGEST_PAUSE_S)
            if not self._is_stopping:
                await trio.sleep(pause)

    async def _live(
        self, number: int, nursery: trio.Nursery, task_status: trio.TaskStatus[None]
    ) -> None:
        """Start a worker, serve its link until that ends, and wait until the worker has ended."""
        worker = await self._starter.start(number)
        log.info("worker_started", worker=number, pid=worker.pid)
        link = StreamLink(worker.stream)
        peer = EdgePeer(
            link,
            self._side,
            self._on_text,
            self._calls,
            lambda task, *arguments: nursery.start_soon(survive, task, *arguments),
            self._on_lines,
            task_status.started,
            self._counters,
        )
        self._links[link] = peer
        try:
            link.send(self._settings)
            link.send(await self._status())
            if self._is_stopping:
                link.send(StopReading())
            await link.run(peer.on_message)
        finally:
            del self._links[link]
            self._link_ended.set()
            self._link_ended = trio.Event()
            peer.ended()
            with trio.CancelScope(shield=True):
                code = await _ended(worker)
            signal = -code if code < 0 else None
            log.info(
                "worker_ended", worker=number, pid=worker.pid, signal=signal, reason=link.ended
            )

    async def _tell_readiness(self) -> None:
        while True:
            readiness = await self._status()
            for link in self._links:
                link.send(readiness)
            await trio.sleep(READINESS_S)


async def _ended(worker: WorkerProcess) -> int:
    """Wait for a worker whose link has ended; kill it after `ENDING_S`."""
    with trio.move_on_after(ENDING_S):
        return await worker.wait()
    worker.kill()
    return await worker.wait()
