"""The composition root of `toteboard serve`: from the settings to the exit code.

This module opens the files and sockets, sets up logs and signals, and runs `actors/server.py`.
"""

import os
import ssl
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog
import trio
from attrs import evolve

from actors.clock import SystemClock, WatchedClock
from actors.commit.file_watch import FileWatch
from actors.commit.writer import Writer
from actors.counters import Counters
from actors.games.local_side import LocalDecidingSide
from actors.games.presence import NO_PRESENCE
from actors.link.messages import Readiness
from actors.remote_edge import RemoteEdges, WorkerFailedError
from actors.server import MakeTokenDesk, Server
from storage.errors import DatabaseUnusableError, StorageError
from storage.opening import open_for_reading
from storage.sealing import KeyFile
from toteboard import __version__, logs
from toteboard.exits import complain, innermost, unwritable
from toteboard.files import IncompleteError, is_missing, locked, open_files_of
from toteboard.hooks.metrics import HookMetrics
from toteboard.hooks.stream import EventStream
from toteboard.http.side import HttpSide
from toteboard.key_file import key_file
from toteboard.logs import LineSink, effective_format
from toteboard.node_tls import NodeTls, node_tls
from toteboard.operator.control import controlled
from toteboard.ports import (
    CannotStartError,
    Ports,
    Sockets,
    announce,
    for_workers,
    listen,
    operator_url,
)
from toteboard.process import (
    Process,
    arrivals,
    collect_less_often,
    open_as_many_files_as_allowed,
    secured,
    tls_context,
)
from toteboard.settings import Settings
from toteboard.stop_signals import StopSignals
from toteboard.systemd import STOPPING, notify
from toteboard.tls_files import UnusableTlsError
from toteboard.tokens.key_sources import KeySource
from toteboard.tokens.sign_in import TokenDesk, key_source
from toteboard.workers import Workers, worker_settings

UNUSABLE = 2
"""The exit code if the server cannot start with its settings."""
INCOMPLETE = 1
"""The exit code if the server leaves a moved or deleted database incomplete."""

NEEDS_EXTRA = "--cluster needs toteboard[cluster]: {}"
DATABASE_FETCH_S = 30.0
"""How long a node without a database looks for one that gives it a copy."""

Tls = TypeVar("Tls")

log = structlog.get_logger()


def run_server(settings: Settings) -> int:
    """Serve until SIGTERM, SIGINT or SIGHUP. Return the exit code; print the reason if not 0."""
    code = 0
    try:
        tls, tls_of_nodes = _tls(settings, tls_context), _tls(settings, node_tls)
        with logs.configure(settings.log_format, settings.log_level) as opened:
            collect_less_often()
            open_as_many_files_as_allowed()
            trio.run(_run, settings, tls, tls_of_nodes, opened.sink)
    except* (CannotStartError, DatabaseUnusableError, WorkerFailedError) as errors:
        code = complain(str(innermost(errors)), UNUSABLE)
    except* StorageError as errors:
        code = complain(f"cannot use {settings.database}: {innermost(errors)}", UNUSABLE)
    except* IncompleteError as errors:
        code = complain(str(innermost(errors)), INCOMPLETE)
    return code


def _issuer_keys(settings: Settings) -> KeySource | None:
    if not settings.tokens.is_on:
        return None
    try:
        return key_source(settings.tokens)
    except (OSError, ValueError) as error:
        raise CannotStartError(f"cannot use jwt_public_key: {error}") from error


def _refuse_incomplete_node(settings: Settings) -> None:
    if settings.cluster is None:
        return
    if settings.node_address is None:
        raise CannotStartError("set node_address too, at which the other nodes reach this one")
    if settings.workers > 1:
        raise CannotStartError("a node has no workers: set workers to 1")


def _tls(settings: Settings, make: Callable[[Settings], Tls]) -> Tls:
    try:
        return make(settings)
    except UnusableTlsError as error:
        raise CannotStartError(str(error)) from error


async def _run(
    settings: Settings, tls: ssl.SSLContext | None, tls_of_nodes: NodeTls, sink: LineSink
) -> None:
    """Open sockets and files, and serve. Sockets come first: a failure then leaves no database."""
    path, keys = Path(settings.database), key_file(settings, os.environ)
    issuer_keys = _issuer_keys(settings)
    _refuse_incomplete_node(settings)
    public = await listen(settings.host, settings.port)
    operator: list[trio.SocketListener] = []
    if settings.operator_port >= 0:
        operator = await listen(settings.operator_host, settings.operator_port)
    stop = trio.Event()
    with ExitStack() as open_files:
        in_cluster = settings.cluster is not None
        if in_cluster and is_missing(path):
            open_files.enter_context(StopSignals().calling(stop.set))
            await _fetch(settings, keys, tls_of_nodes, stop)
            if stop.is_set():
                return
        lock = await locked(path)
        open_files.callback(lock.release)
        files = open_files_of(path, keys, lock, open_files, in_cluster=in_cluster)
        open_files.enter_context(StopSignals().calling(stop.set))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_must_be_written, sink)
            nursery.start_soon(_notify_of, stop)
            control = partial(controlled, path, is_in_place=lock.is_in_place)
            process = Process(settings, files, sink, issuer_keys, control)
            if in_cluster:
                nodes = await _for_nodes(settings)
                sockets = Sockets(public, operator, nodes, tls, tls_of_nodes)
                await _run_node(process, sockets, stop)
            else:
                ports = _ports(settings, public, operator, tls)
                writer = Writer(files.writing, off_loop=files.disk.perform)
                await serve_deciding(
                    process, ports, stop, writer, SystemClock(settings.clock_patience)
                )
            nursery.cancel_scope.cancel()


def _token_desk(settings: Settings, keys: KeySource | None) -> MakeTokenDesk | None:
    if keys is None:
        return None
    return partial(TokenDesk, settings.tokens, keys, settings.limits.initial_balance)


def _ports(
    settings: Settings,
    public: Sequence[trio.SocketListener],
    operator: Sequence[trio.SocketListener],
    tls: ssl.SSLContext | None,
) -> Ports:
    port = int(public[0].socket.getsockname()[1])
    if settings.workers > 1:
        return Ports([], arrivals(operator), tls, port, for_workers(public, settings))
    return Ports(arrivals(public), arrivals(operator), tls, port)


async def _run_node(process: Process, sockets: Sockets, stop: trio.Event) -> None:
    try:
        from toteboard.node import NodeProcess
    except ImportError as error:
        raise CannotStartError(NEEDS_EXTRA.format(error)) from error
    with NodeProcess.opened(process, sockets, serve_deciding) as node:
        await node.run(stop)


async def _fetch(settings: Settings, keys: KeyFile, tls: NodeTls, stop: trio.Event) -> None:
    """Fetch the missing database of a node from another one, unless `stop` is set before."""
    try:
        from toteboard.rejoining import rejoin
    except ImportError as error:
        raise CannotStartError(NEEDS_EXTRA.format(error)) from error

    async def cancel() -> None:
        await stop.wait()
        nursery.cancel_scope.cancel()

    path, url = Path(settings.database), settings.cluster or ""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(cancel)
        fetched = await rejoin(path, url, keys, tls.calling, "", DATABASE_FETCH_S)
        log.info("database_fetched", address=fetched.address, record=fetched.record)
        nursery.cancel_scope.cancel()


async def _for_nodes(settings: Settings) -> Sequence[trio.SocketListener]:
    host, _, port = (settings.node_listen or settings.node_address or "").rpartition(":")
    return await listen(host.removeprefix("[").removesuffix("]"), int(port))


async def _must_be_written(sink: LineSink) -> None:
    """Raise CannotStartError if the first line of the log cannot be written."""
    error = await trio.to_thread.run_sync(sink.first_error, abandon_on_cancel=True)
    if error is not None:
        raise CannotStartError(unwritable(error))


async def serve_deciding(
    process: Process, ports: Ports, stop: trio.Event, writer: Writer, clock: WatchedClock
) -> None:
    """Decide, and serve the clients of the ports, until `stop` is set."""
    settings, files = process.settings, process.files
    server = Server(
        clock=clock,
        limits=settings.limits,
        reading=files.reading,
        writer=writer,
        version=__version__,
        presence=NO_PRESENCE if process.front is None else process.front.presence(),
        make_token_desk=_token_desk(settings, process.keys),
    )
    watch = FileWatch(files.lock, files.reading, writer)
    open_file = partial(open_for_reading, Path(settings.database))
    stream = EventStream(settings.hooks, server.services, open_file)
    await stream.note_hooks()
    side = HttpSide(
        settings,
        server,
        files.counting,
        stop,
        ports.port,
        troubles=(watch.trouble, clock.trouble),
        operator_url=operator_url(settings, ports),
        keys=process.keys,
        cluster=process.cluster,
        collectors=(HookMetrics(stream),),
    )

    def on_ready() -> None:
        side.health.started()
        announce(settings, ports)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(watch.run)
        nursery.start_soon(clock.watch)
        nursery.start_soon(stream.run, stop)
        # The operator port answers before the games have started and while they stop.
        await nursery.start(side.run, ports.operator)
        async with process.control(server.store):
            await _serve_clients(process, ports, server, side, stop, on_ready)
        nursery.cancel_scope.cancel()


async def _serve_clients(
    process: Process,
    ports: Ports,
    server: Server,
    side: HttpSide,
    stop: trio.Event,
    on_ready: Callable[[], None],
) -> None:
    """Decide for the clients of this process, of its workers, or of all nodes."""
    settings, counters = process.settings, server.services.counters
    if process.front is not None:
        await server.serve_edges(partial(process.front.edges, server, side), stop, on_ready)
    elif ports.of_workers:
        make = partial(_edges, settings, ports, side, process.sink, counters)
        await server.serve_edges(make, stop, on_ready)
    else:
        streams = secured(ports.public, ports.tls)
        await server.serve(streams, stop, on_ready, side.public)


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

    edges = RemoteEdges(
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
    side.health.served_elsewhere(edges.trouble)
    return edges


async def _notify_of(stop: trio.Event) -> None:
    await stop.wait()
    notify(STOPPING)
