"""The composition root of `toteboard serve`: from the settings to the exit code.

This module opens the files and sockets, sets up logs and signals, and runs `actors/server.py`.
"""

import os
import socket
import ssl
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

import structlog
import trio
from attrs import evolve, frozen

from actors.clock import SystemClock
from actors.commit.disk_thread import disk_thread
from actors.commit.file_watch import FileWatch
from actors.commit.writer import Writer
from actors.counters import Counters
from actors.edge.arrivals import Arrivals
from actors.games.local_side import LocalDecidingSide
from actors.link.messages import Readiness
from actors.remote_edge import RemoteEdges, WorkerFailedError
from actors.server import MakeTokenDesk, Server
from storage.completion import complete
from storage.database import Database
from storage.errors import DatabaseInUseError, DatabaseUnusableError, StorageError
from storage.lock import ServerLock
from storage.opening import open_database, open_for_reading
from storage.sealing import KeyFile
from storage.session_keys import adopt, is_scrubbed
from toteboard import __version__, logs
from toteboard.exits import complain, innermost, unwritable
from toteboard.http.addresses import address
from toteboard.http.side import HttpSide
from toteboard.key_file import key_file
from toteboard.logs import LineSink, effective_format
from toteboard.operator.control import controlled
from toteboard.process import (
    arrivals,
    collect_less_often,
    open_as_many_files_as_allowed,
    secured,
    tls_context,
)
from toteboard.progress import progress_bar
from toteboard.settings import Settings
from toteboard.signals import StopSignals, end_immediately
from toteboard.systemd import READY, STOPPING, notify
from toteboard.tokens.key_sources import KeySource
from toteboard.tokens.sign_in import TokenDesk, key_source
from toteboard.workers import Workers, for_each_worker, worker_settings

UNUSABLE = 2
"""The exit code if the server cannot start with its settings."""
INCOMPLETE = 1
"""The exit code if the server leaves a moved or deleted database incomplete."""

SERVER_LOCK_PATIENCE_S = 2.0
SERVER_LOCK_PAUSE_S = 0.02

log = structlog.get_logger()


class CannotStartError(Exception):
    """The server cannot start. The text is one line for a person."""


class IncompleteError(Exception):
    """The server has stopped, and some commits are not in the database file."""


def run_server(settings: Settings) -> int:
    """Serve until SIGTERM, SIGINT or SIGHUP. Return the exit code; print the reason if not 0."""
    end_immediately()
    code = 0
    try:
        tls = _tls(settings)
        with logs.configure(settings.log_format, settings.log_level) as opened:
            collect_less_often()
            open_as_many_files_as_allowed()
            trio.run(_run, settings, tls, opened.sink)
    except* (CannotStartError, DatabaseUnusableError, WorkerFailedError) as errors:
        code = complain(str(innermost(errors)), UNUSABLE)
    except* StorageError as errors:
        code = complain(f"cannot use {settings.database}: {innermost(errors)}", UNUSABLE)
    except* IncompleteError as errors:
        code = complain(str(innermost(errors)), INCOMPLETE)
    return code


@frozen
class Files:
    """The database: a connection for reads on the event loop, the writer, one for metrics."""

    lock: ServerLock
    reading: Database
    writer: Writer
    counting: Database


async def _locked(path: Path) -> ServerLock:
    """Return the lock, taken. Retry, because a command without a server may hold it briefly."""
    lock = ServerLock(path)
    with trio.move_on_after(SERVER_LOCK_PATIENCE_S):
        while True:
            with suppress(DatabaseInUseError):
                lock.take()
                return lock
            await trio.sleep(SERVER_LOCK_PAUSE_S)
    lock.take()
    return lock


def _open(path: Path, keys: KeyFile, lock: ServerLock, open_files: ExitStack) -> Files:
    with progress_bar("upgrading the database") as on_progress:
        reading = open_database(path, lock_held=True, on_progress=on_progress, key_file=keys)
    writing = open_database(path, lock_held=True, key_file=keys)
    counting = open_for_reading(path)
    for database in (reading, writing, counting):
        open_files.callback(database.close)
    open_files.callback(_complete, path, lock, writing)
    _look_after_keys(reading, writing)
    disk = open_files.enter_context(disk_thread())
    return Files(lock, reading, Writer(writing, off_loop=disk.perform), counting)


def _look_after_keys(reading: Database, writing: Database) -> None:
    """Note this server's secret in the database, and log where plain-text session keys remain."""
    if sealed := adopt(writing):
        log.warning("key_file_changed", key_file=str(writing.key_file.path), session_keys=sealed)
    if reading.upgraded_from is not None:
        log.warning("database_upgraded", copy=str(reading.upgraded_from))
    if not is_scrubbed(writing):
        log.warning("database_not_scrubbed")


def _complete(path: Path, lock: ServerLock, writing: Database) -> None:
    """Move all commits into the database file, which SQLite does not do if the file was moved.

    If this fails, raise IncompleteError, unless the file is in its place: then the next start finds
    the `-wal`.
    """
    try:
        saved = complete(writing, lock, path)
    except (StorageError, OSError) as error:
        log.error("storage_failed", error=str(error))
        if not lock.is_in_place():
            raise IncompleteError(str(error)) from error
    else:
        if saved is not None:
            log.error("database_saved", copy=str(saved))


def _issuer_keys(settings: Settings) -> KeySource | None:
    if not settings.tokens.is_on:
        return None
    try:
        return key_source(settings.tokens)
    except (OSError, ValueError) as error:
        raise CannotStartError(f"cannot use jwt_public_key: {error}") from error


def _tls(settings: Settings) -> ssl.SSLContext | None:
    try:
        return tls_context(settings)
    except (OSError, ssl.SSLError) as error:
        raise CannotStartError(f"cannot use the TLS certificate and key: {error}") from error


@frozen
class Ports:
    """The listeners, and the public port.

    There are none for operators if the operator port is off. Workers have the public ones, if there
    are workers.
    """

    public: Sequence[Arrivals]
    operator: Sequence[Arrivals]
    tls: ssl.SSLContext | None
    port: int
    of_workers: Sequence[Sequence[socket.socket]] = ()


async def _run(settings: Settings, tls: ssl.SSLContext | None, sink: LineSink) -> None:
    """Open sockets and files, and serve. Sockets come first: a failure then leaves no database."""
    path, keys = Path(settings.database), key_file(settings, os.environ)
    issuer_keys = _issuer_keys(settings)
    listeners = await _listen(settings.host, settings.port)
    port = int(listeners[0].socket.getsockname()[1])
    operator: list[trio.SocketListener] = []
    if settings.operator_port >= 0:
        operator = await _listen(settings.operator_host, settings.operator_port)
    stop = trio.Event()
    if settings.workers > 1:
        of_workers = _for_workers(listeners, settings)
        ports = Ports([], arrivals(operator), tls, port, of_workers)
    else:
        ports = Ports(arrivals(listeners), arrivals(operator), tls, port)
    with ExitStack() as open_files:
        lock = await _locked(path)
        open_files.callback(lock.release)
        files = _open(path, keys, lock, open_files)
        open_files.enter_context(StopSignals().calling(stop.set))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_must_be_written, sink)
            nursery.start_soon(_notify_of, stop)
            await _serve(settings, files, ports, stop, sink, issuer_keys)
            nursery.cancel_scope.cancel()


def _token_desk(settings: Settings, keys: KeySource | None) -> MakeTokenDesk | None:
    if keys is None:
        return None
    return partial(TokenDesk, settings.tokens, keys, settings.limits.initial_balance)


async def _must_be_written(sink: LineSink) -> None:
    """Raise CannotStartError if the first line of the log cannot be written."""
    error = await trio.to_thread.run_sync(sink.first_error, abandon_on_cancel=True)
    if error is not None:
        raise CannotStartError(unwritable(error))


async def _serve(
    settings: Settings,
    files: Files,
    ports: Ports,
    stop: trio.Event,
    sink: LineSink,
    keys: KeySource | None,
) -> None:
    clock = SystemClock(settings.clock_patience)
    server = Server(
        clock=clock,
        limits=settings.limits,
        reading=files.reading,
        writer=files.writer,
        version=__version__,
        make_token_desk=_token_desk(settings, keys),
    )
    watch = FileWatch(files.lock, files.reading, files.writer)
    side = HttpSide(
        settings,
        server,
        files.counting,
        stop,
        ports.port,
        troubles=(watch.trouble, clock.trouble),
        operator_url=_operator_url(settings, ports),
        keys=keys,
    )

    def on_ready() -> None:
        side.health.started()
        _announce(settings, ports)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(watch.run)
        nursery.start_soon(clock.watch)
        # The operator port answers before the games have started and while they stop.
        await nursery.start(side.run, ports.operator)
        async with controlled(Path(settings.database), server.store):
            if ports.of_workers:
                make = partial(_edges, settings, ports, side, sink, server.services.counters)
                await server.serve_edges(make, stop, on_ready)
            else:
                streams = secured(ports.public, ports.tls)
                await server.serve(streams, stop, on_ready, side.public)
        nursery.cancel_scope.cancel()


def _edges(
    settings: Settings,
    ports: Ports,
    side: HttpSide,
    sink: LineSink,
    counters: Counters,
    deciding: LocalDecidingSide,
) -> RemoteEdges:
    async def status() -> Readiness:
        return Readiness(side.health.is_stopping, await side.health.status_once_started())

    return RemoteEdges(
        deciding,
        settings.workers,
        Workers(ports.of_workers),
        worker_settings(
            evolve(settings, log_format=effective_format(settings.log_format)), ports.port
        ),
        status,
        side.service.calls,
        sink.write,
        counters,
    )


async def _listen(hosts: str, port: int) -> list[trio.SocketListener]:
    """Listen on each of the comma-separated hosts; port 0 is the same free port on all of them."""
    listeners: list[trio.SocketListener] = []
    for host in (each.strip() for each in hosts.split(",")):
        try:
            listeners += await trio.open_tcp_listeners(port, host=host)
        except (OSError, UnicodeError) as error:
            text = getattr(error, "strerror", None) or error
            raise CannotStartError(f"cannot listen on {host}:{port}: {text}") from error
        port = port or listeners[0].socket.getsockname()[1]
    return listeners


def _for_workers(
    listeners: Sequence[trio.SocketListener], settings: Settings
) -> Sequence[Sequence[socket.socket]]:
    try:
        return for_each_worker(listeners, settings.workers)
    except OSError as error:
        raise CannotStartError(f"cannot listen for each worker: {error.strerror}") from error


def _announce(settings: Settings, ports: Ports) -> None:
    secure, host = "" if ports.tls is None else "s", settings.host.split(",")[0].strip()
    url, http_url = (address(f"{kind}{secure}", host, ports.port) for kind in ("ws", "http"))
    operator_url = _operator_url(settings, ports)
    log.info(
        "listening", url=url, http_url=http_url, operator_url=operator_url, version=__version__
    )
    notify(READY)


def _operator_url(settings: Settings, ports: Ports) -> str | None:
    if not ports.operator:
        return None
    host = settings.operator_host.split(",")[0].strip()
    return address("http", host, ports.operator[0].port)


async def _notify_of(stop: trio.Event) -> None:
    await stop.wait()
    notify(STOPPING)
