"""Starts workers: processes that hold the sockets of clients (`toteboard/worker.py`).

Each worker has a listening socket of its own for each address of the public port (SO_REUSEPORT), so
the kernel spreads new connections evenly. The deciding process makes the sockets and keeps them
open: connections that arrive while a worker is replaced are served by its successor.
"""

import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, Final

import orjson
import trio
from attrs import define

from actors.link.messages import WorkerSettings
from toteboard.settings import Settings, from_values, to_values

BACKLOG: Final = 1_024
LINK_BYTES: Final = 1_048_576
"""The size of the buffers of a link, in each direction."""


@define(eq=False)
class Worker:
    """A worker that was started."""

    process: trio.Process
    stream: trio.abc.Stream

    @property
    def pid(self) -> int:
        """The process id."""
        return self.process.pid

    async def wait(self) -> int:
        """Wait until it has ended. Return its exit code, negative for a signal."""
        return await self.process.wait()

    def kill(self) -> None:
        """End it immediately."""
        self.process.send_signal(signal.SIGKILL)


class Workers:
    """Starts workers. `sockets` are the listening sockets of each, numbered from 1."""

    def __init__(self, sockets: Sequence[Sequence[socket.socket]]) -> None:
        self._sockets = sockets

    def stop_listening(self) -> None:
        """Close the listening sockets of this process. Connections are then refused."""
        for sockets in self._sockets:
            for each in sockets:
                each.close()

    async def start(self, number: int) -> Worker:
        """Start the worker with this number. Raise OSError."""
        with ExitStack() as cleanup:
            ours, theirs = socket.socketpair()
            cleanup.callback(theirs.close)
            listening = [each.fileno() for each in self._sockets[number - 1]]
            for each in (ours, theirs):
                each.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LINK_BYTES)
            # -P: what is imported does not depend on the folder in which the server was started.
            command = [sys.executable, "-P", "-m", "toteboard.worker"]
            numbers = [str(each) for each in (number, theirs.fileno(), *listening)]
            process = await trio.lowlevel.open_process(
                [*command, *numbers], pass_fds=(theirs.fileno(), *listening), stdin=None
            )
        ours.setblocking(False)
        return Worker(process, trio.SocketStream(trio.socket.from_stdlib_socket(ours)))


def for_each_worker(
    listeners: Sequence[trio.SocketListener], workers: int
) -> list[list[socket.socket]]:
    """Return listening sockets for each worker, at the addresses of `listeners`, and close those.

    The listeners have made sure that no other server listens there: sockets that share a port would
    not notice it. Raise OSError.
    """
    addresses = [(each.socket.family, each.socket.getsockname()) for each in listeners]
    for each in listeners:
        each.socket.close()
    return [[_shared(*address) for address in addresses] for _ in range(workers)]


def _shared(family: int, address: Any) -> socket.socket:
    """Return a listening socket that shares its port with others."""
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    made.setblocking(False)
    made.bind(address)
    made.listen(BACKLOG)
    return made


def worker_settings(settings: Settings, port: int) -> WorkerSettings:
    """Return what a worker has to know: the settings in force, and the port that it serves."""
    return WorkerSettings(port, orjson.dumps(to_values(settings)))


def settings_of(message: WorkerSettings) -> Settings:
    """Return the settings that a worker was sent."""
    values = orjson.loads(message.settings)
    return from_values({name: tuple(v) if isinstance(v, list) else v for name, v in values.items()})
