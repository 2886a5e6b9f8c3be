"""The composition root of `toteboard serve`: settings in, exit code out.

Opens the files and sockets, sets up logs and signals, and lets `actors/server.py` do the rest.
"""

import gc
import signal
import ssl
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import structlog
import trio

from actors.clock import SystemClock
from actors.server import Server
from actors.writer import Writer
from storage.database import Database, DatabaseUnusableError, ServerLock, open_database
from toteboard import __version__, logs
from toteboard.settings import Settings

UNUSABLE = 2
"""The exit code when the server cannot start as it was told to."""

log = structlog.get_logger()


class CannotStartError(Exception):
    """The server cannot start; the text is one line for a person."""


def run(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT. Gives the exit code; says why on standard error if not 0."""
    try:
        with ExitStack() as open_files:
            reading, writing = _open_twice(settings, open_files)
            tls = _tls(settings)
            open_files.enter_context(logs.configure(settings.log_format, settings.log_level))
            _collect_less_often()
            trio.run(_serve, settings, reading, writing, tls)
    except (CannotStartError, DatabaseUnusableError) as error:
        print(f"toteboard: {error}", file=sys.stderr)
        return UNUSABLE
    return 0


def _collect_less_often() -> None:
    """Games and connections live long: looking through all of them again and again is a third of
    the time that many timers take."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _open_twice(settings: Settings, open_files: ExitStack) -> tuple[Database, Database]:
    """A connection for the loop to read by, and one for the writer."""
    path = Path(settings.database)
    open_files.enter_context(ServerLock(path))
    databases = open_database(path, lock_held=True), open_database(path, lock_held=True)
    for database in databases:
        open_files.callback(database.close)
    return databases


def _tls(settings: Settings) -> ssl.SSLContext | None:
    if settings.tls_cert is None or settings.tls_key is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(settings.tls_cert, settings.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise CannotStartError(f"cannot use the TLS certificate and key: {error}") from error
    return context


async def _serve(
    settings: Settings, reading: Database, writing: Database, tls: ssl.SSLContext | None
) -> None:
    server = Server(
        clock=SystemClock(),
        limits=settings.limits,
        reading=reading,
        writer=Writer(writing),
        version=__version__,
    )
    listeners = await _listen(settings)
    stop = trio.Event()
    on_ready = partial(_announce, settings, listeners[0].socket.getsockname()[1], tls is not None)
    streams: Sequence[trio.abc.Listener[trio.abc.Stream]] = listeners
    if tls is not None:
        streams = [trio.SSLListener(listener, tls) for listener in listeners]
    async with trio.open_nursery() as nursery:
        await nursery.start(_stop_at_signal, stop)
        await server.serve(streams, stop, on_ready)
        nursery.cancel_scope.cancel()


async def _listen(settings: Settings) -> list[trio.SocketListener]:
    try:
        return await trio.open_tcp_listeners(settings.port, host=settings.host)
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        raise CannotStartError(f"cannot listen on {where}: {error.strerror or error}") from error


def _announce(settings: Settings, port: int, is_secure: bool) -> None:
    scheme = "wss" if is_secure else "ws"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    log.info("listening", url=f"{scheme}://{host}:{port}/", http_url=None, version=__version__)


async def _stop_at_signal(
    stop: trio.Event, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
) -> None:
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        task_status.started()
        async for _ in signals:  # one more while it stops must not end it half-way
            stop.set()
