"""The composition root of `toteboard serve`: settings in, exit code out.

Opens the files and sockets, sets up logs and signals, and lets `actors/server.py` do the rest.
"""

import gc
import resource
import signal
import ssl
import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

import structlog
import trio
from attrs import frozen

from actors.arrivals import Arrivals
from actors.clock import SystemClock
from actors.server import Listeners, Server
from actors.writer import Writer
from storage.database import (
    Database,
    DatabaseUnusableError,
    ServerLock,
    StorageError,
    open_database,
    open_for_reading,
)
from toteboard import __version__, logs
from toteboard.http.addresses import address
from toteboard.http.side import HttpSide
from toteboard.settings import Settings
from toteboard.systemd import READY, STOPPING, notify

UNUSABLE = 2
"""The exit code when the server cannot start as it was told to."""

log = structlog.get_logger()


class CannotStartError(Exception):
    """The server cannot start; the text is one line for a person."""


def run(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT. Gives the exit code; says why on standard error if not 0."""
    code = 0
    try:
        tls = _tls(settings)
        with logs.configure(settings.log_format, settings.log_level):
            _collect_less_often()
            _open_as_many_files_as_allowed()
            trio.run(_run, settings, tls)
    except* (CannotStartError, DatabaseUnusableError) as errors:
        code = _cannot_start(_first(errors))
    except* StorageError as errors:
        code = _cannot_start(f"cannot use {settings.database}: {_first(errors)}")
    return code


def _first(error: BaseException) -> BaseException:
    """What went wrong, without the groups that nurseries wrap around it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _cannot_start(why: object) -> int:
    print(f"toteboard: {why}", file=sys.stderr)
    return UNUSABLE


def _collect_less_often() -> None:
    """Games and connections live long: looking through all of them again and again is a third of
    the time that many timers take."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _open_as_many_files_as_allowed() -> None:
    """A connection is a file: the system's first limit, often 1,024, is not meant for servers."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@frozen
class Files:
    """Connections to the database: for the loop to read by, for the writer, and for metrics."""

    reading: Database
    writing: Database
    counting: Database


def _open(settings: Settings, open_files: ExitStack) -> Files:
    path = Path(settings.database)
    open_files.enter_context(ServerLock(path))
    reading, writing = (open_database(path, lock_held=True) for _ in range(2))
    files = Files(reading, writing, open_for_reading(path))
    for database in (files.reading, files.writing, files.counting):
        open_files.callback(database.close)
    return files


def _tls(settings: Settings) -> ssl.SSLContext | None:
    if settings.tls_cert is None or settings.tls_key is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(settings.tls_cert, settings.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise CannotStartError(f"cannot use the TLS certificate and key: {error}") from error
    return context


@frozen
class Ports:
    """What is listened on, from the start on. No listener for operators: there is no such port."""

    public: Sequence[Arrivals]
    operator: Sequence[Arrivals]
    tls: ssl.SSLContext | None

    def streams(self) -> Listeners:
        """The public port's listeners, behind TLS if there is a certificate."""
        if self.tls is None:
            return self.public
        # Browsers and HTTP clients hang up without the goodbye of TLS.
        return [trio.SSLListener(each, self.tls, https_compatible=True) for each in self.public]


async def _run(settings: Settings, tls: ssl.SSLContext | None) -> None:
    """The sockets come first: a server that cannot have them leaves no new database behind."""
    public = await _listen(settings.host, settings.port)
    operator = []
    if settings.operator_port >= 0:
        operator = await _listen(settings.operator_host, settings.operator_port)
    with ExitStack() as open_files:
        files = _open(settings, open_files)
        await _serve(settings, files, Ports(public, operator, tls))


async def _serve(settings: Settings, files: Files, ports: Ports) -> None:
    server = Server(
        clock=SystemClock(),
        limits=settings.limits,
        reading=files.reading,
        writer=Writer(files.writing),
        version=__version__,
    )
    stop = trio.Event()
    side = HttpSide(settings, server.services, files.counting, stop, ports.public[0].port)

    def on_ready() -> None:
        side.health.started()
        _announce(settings, ports)

    async with trio.open_nursery() as nursery:
        await nursery.start(_stop_at_signal, stop)
        # The operator port answers before the games are there and while they stop.
        await nursery.start(side.run, ports.operator)
        await server.serve(ports.streams(), stop, on_ready, side.public.serve)
        nursery.cancel_scope.cancel()


async def _listen(hosts: str, port: int) -> list[Arrivals]:
    """Listen at each of the comma-separated hosts; port 0 is the same free port at all of them."""
    listeners: list[Arrivals] = []
    for host in (each.strip() for each in hosts.split(",")):
        try:
            listeners += map(Arrivals, await trio.open_tcp_listeners(port, host=host))
        except (OSError, UnicodeError) as error:
            text = getattr(error, "strerror", None) or error
            raise CannotStartError(f"cannot listen on {host}:{port}: {text}") from error
        port = port or listeners[0].port
    return listeners


def _announce(settings: Settings, ports: Ports) -> None:
    secure, host = "" if ports.tls is None else "s", settings.host.split(",")[0].strip()
    url, http_url = (
        address(f"{kind}{secure}", host, ports.public[0].port) for kind in ("ws", "http")
    )
    operator_url = None
    if ports.operator:
        operator_host = settings.operator_host.split(",")[0].strip()
        operator_url = address("http", operator_host, ports.operator[0].port)
    log.info(
        "listening", url=url, http_url=http_url, operator_url=operator_url, version=__version__
    )
    notify(READY)


async def _stop_at_signal(
    stop: trio.Event, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
) -> None:
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        task_status.started()
        async for _ in signals:  # one more while it stops must not end it half-way
            stop.set()
            notify(STOPPING)
