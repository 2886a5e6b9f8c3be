"""A worker: a process that holds sockets of clients, beside the process that decides.

    deciding process -- link -- worker: gate, handshakes, HTTP, page, rate limits, outboxes

`toteboard/workers.py` starts it as `python -m toteboard.worker NUMBER LINK LISTENING...`, where the
others are file descriptors. Settings come as the first message on the link. Log lines leave on the
link, so that the log is one stream.

Its end:
- the server stops: `StopReading`, then `CloseConnections`; the link ends once all are closed;
- the link ends: all connections are closed with 1012, and clients come back to another worker.

Signals that stop a server are ignored here: a terminal and systemd send them to every process, and
the deciding process stops its workers in order.
"""

import os
import socket
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import structlog
import trio

from actors.counters import Counters
from actors.edge.arrivals import Arrivals
from actors.edge.remote_side import RemoteDecidingSide
from actors.link.caller import Continuation
from actors.link.carrier import StreamLink
from actors.link.messages import (
    VERSION,
    CloseConnections,
    EdgeReport,
    Hello,
    LinkMessage,
    LogLines,
    Readiness,
    ReadingStopped,
    StopReading,
    Welcome,
)
from actors.local_edge import LocalEdge
from storage.opening import open_for_reading
from storage.reads import Reads
from toteboard import logs
from toteboard.http.account_service import RemoteAccountService
from toteboard.http.accounts import Accounts
from toteboard.http.health import RemoteHealth
from toteboard.http.page import PAGE_FOLDER
from toteboard.http.serving import HttpService
from toteboard.http.side import public_service
from toteboard.process import (
    collect_less_often,
    open_as_many_files_as_allowed,
    secured,
    tls_context,
)
from toteboard.settings import Settings
from toteboard.signals import ignore_signals
from toteboard.workers import welcomed

log = structlog.get_logger()

SERVICE_RESTARTS = 1012
"""The close code when the deciding process has gone (RFC 6455 registry, "Service Restart")."""
CLOSES_S = 4.0
"""How long the connections may take to close."""
REPORT_S = 1.0
"""How often the deciding process learns what was counted here."""


class WorkerEdge:
    """The edge of a worker, from the welcome to the end of the link."""

    def __init__(self, number: int, stream: trio.abc.Stream, listening: Sequence[int]) -> None:
        self._number = number
        self._listening = listening
        self._link = StreamLink(stream)
        self._side = RemoteDecidingSide(self._link)
        self._health = RemoteHealth(lambda: self._link.heard_at)
        self._counters = Counters()
        self._welcomed = trio.Event()
        self._welcome: Welcome | None = None
        self._edge: LocalEdge | None = None
        self._site: HttpService | None = None

    async def run(self) -> None:
        """Serve until the link has ended."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._run_link, nursery)
            await self._welcomed.wait()
            assert self._welcome is not None
            settings = welcomed(self._welcome)
            logs.configure_to(self._send_lines, settings.log_format or "json", settings.log_level)
            await self._serve(settings, self._welcome.port, nursery)

    async def _run_link(self, nursery: trio.Nursery) -> None:
        self._link_nursery = nursery
        await self._link.run(self._on_message)
        self._side.ended()
        if self._edge is not None:
            self._edge.stop_accepting()
            with trio.move_on_after(CLOSES_S):
                await self._edge.close_all(SERVICE_RESTARTS, "the server restarts")
        nursery.cancel_scope.cancel()

    async def _serve(self, settings: Settings, port: int, nursery: trio.Nursery) -> None:
        with closing(open_for_reading(Path(settings.database))) as database:
            accounts = Accounts(
                RemoteAccountService(self._side),
                Reads(database),
                settings.limits,
                self._health,
                has_signup=settings.signup,
            )
            await accounts.passwords.prepare()
            self._site = public_service(settings, accounts, self._health, port, PAGE_FOLDER)
            listeners = [Arrivals(_listener(each)) for each in self._listening]
            streams = secured(listeners, tls_context(settings))
            self._edge = LocalEdge(self._side, settings.limits, streams, self._site, self._counters)
            await nursery.start(self._edge.run)
            self._link.send(Hello(VERSION, self._number, os.getpid()))
            await self._report()

    async def _report(self) -> None:
        assert self._edge is not None
        while True:
            outboxes = [each for each in self._edge.outboxes if each]
            report = {"outboxes": outboxes, "counted": self._counters.take()}
            self._link.send(EdgeReport(orjson.dumps(report)))
            await trio.sleep(REPORT_S)

    def _send_lines(self, lines: bytes) -> None:
        self._link.send(LogLines(lines))

    def _on_message(self, message: LinkMessage) -> Continuation | None:
        match message:
            case Welcome():
                self._welcome = message
                self._welcomed.set()
            case Readiness(is_serving=is_serving, status=status):
                self._health.on_readiness(is_serving=is_serving, status=status)
            case StopReading():
                self._link_nursery.start_soon(self._stop_reading)
            case CloseConnections(code=code, reason=reason):
                self._link_nursery.start_soon(self._close, code, reason)
            case _:
                return self._side.on_message(message)
        return None

    async def _stop_reading(self) -> None:
        if self._edge is not None and self._site is not None:
            self._edge.stop_accepting()
            self._edge.stop_reading()
            await self._site.all_answered()
        self._link.send(ReadingStopped())

    async def _close(self, code: int, reason: str) -> None:
        if self._edge is not None:
            with trio.move_on_after(CLOSES_S):
                await self._edge.close_all(code, reason)
        self._link.finish()


def _listener(descriptor: int) -> trio.SocketListener:
    listening = socket.socket(fileno=descriptor)
    listening.setblocking(False)
    return trio.SocketListener(trio.socket.from_stdlib_socket(listening))


def _stream(descriptor: int) -> trio.SocketStream:
    link = socket.socket(fileno=descriptor)
    link.setblocking(False)
    return trio.SocketStream(trio.socket.from_stdlib_socket(link))


async def _run(number: int, link: int, listening: Sequence[int]) -> None:
    await WorkerEdge(number, _stream(link), listening).run()


def main(arguments: Sequence[Any]) -> None:
    """Run a worker with its number and its file descriptors."""
    ignore_signals()
    collect_less_often()
    open_as_many_files_as_allowed()
    number, link, *listening = map(int, arguments)
    trio.run(_run, number, link, listening)


if __name__ == "__main__":
    main(sys.argv[1:])
