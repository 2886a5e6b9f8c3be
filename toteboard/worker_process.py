"""A worker: a process that holds sockets of clients, beside the process that decides.

    deciding process -- link -- worker: gate, handshakes, HTTP, page, rate limits, outboxes

`toteboard/worker.py` begins it. Its life: `actors/worker_edge.py`. Log lines leave on the link, so
that the log is one stream.

Signals that stop a server are blocked here: a terminal and systemd send them to every process, and
the deciding process stops its workers in order.
"""

import socket
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import trio

from actors.clock import SystemClock
from actors.edge.arrivals import Arrivals
from actors.link.messages import Readiness, WorkerSettings
from actors.worker_edge import CannotServeError, EdgeSetup, WorkerEdge
from storage.errors import StorageError
from storage.opening import open_for_reading
from storage.reads import Reads
from toteboard import __version__, logs
from toteboard.http.account_service import RemoteAccountService
from toteboard.http.accounts import Accounts
from toteboard.http.health import RemoteHealth
from toteboard.http.page import PAGE_FOLDER
from toteboard.http.site import public_service
from toteboard.process import (
    collect_less_often,
    open_as_many_files_as_allowed,
    secured,
    tls_context,
)
from toteboard.tls_files import UnusableTlsError
from toteboard.workers import settings_of


class _Worker:
    """Opens what the edge of this process needs, and closes it at the end."""

    def __init__(self, listening: Sequence[int], open_files: ExitStack) -> None:
        self._listening, self._open_files = listening, open_files
        self._readiness = Readiness(False, "starting")

    def on_readiness(self, readiness: Readiness) -> None:
        """Note the latest readiness of the deciding process."""
        self._readiness = readiness

    async def prepare(self, edge: WorkerEdge, message: WorkerSettings) -> EdgeSetup:
        """Open the log, the database and the listeners. Raise `CannotServeError`."""
        try:
            return await self._prepare(edge, message)
        except (OSError, StorageError, UnusableTlsError) as error:
            raise CannotServeError(str(error)) from error

    async def _prepare(self, edge: WorkerEdge, message: WorkerSettings) -> EdgeSetup:
        settings = settings_of(message)
        logs.configure_worker(
            edge.number, edge.send_lines, settings.log_format or "json", settings.log_level
        )
        database = open_for_reading(Path(settings.database))
        self._open_files.callback(database.close)
        health = RemoteHealth(lambda: self._readiness, lambda: edge.heard_at)
        accounts = Accounts(
            RemoteAccountService(edge.calls),
            Reads(database),
            settings.limits,
            health,
            has_signup=settings.signup,
        )
        await accounts.passwords.prepare()
        site = public_service(settings, accounts, health, message.port, PAGE_FOLDER)
        listeners = [Arrivals(trio.SocketListener(_opened(each))) for each in self._listening]
        return EdgeSetup(
            listeners=secured(listeners, tls_context(settings)),
            site=site,
            limits=settings.limits,
            clock=SystemClock(settings.clock_patience),
            version=__version__,
        )


def _opened(descriptor: int) -> trio.socket.SocketType:
    opened = socket.socket(fileno=descriptor)
    opened.setblocking(False)
    return trio.socket.from_stdlib_socket(opened)


async def _run(number: int, link: int, listening: Sequence[int]) -> None:
    with ExitStack() as open_files:
        worker = _Worker(listening, open_files)
        stream = trio.SocketStream(_opened(link))
        await WorkerEdge(number, stream, worker.prepare, worker.on_readiness).run()


def run(number: int, link: int, listening: Sequence[int]) -> None:
    """Run the worker with this number and these file descriptors."""
    collect_less_often()
    open_as_many_files_as_allowed()
    trio.run(_run, number, link, listening)
