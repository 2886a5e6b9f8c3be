"""Starts workers: processes that hold the sockets of clients (`toteboard/worker_process.py`).

Each worker has a listening socket of its own for each address of the public port (SO_REUSEPORT), so
the kernel spreads new connections evenly. The deciding process makes the sockets and keeps them
open: connections that arrive while a worker is replaced are served by its successor.
"""

import os
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, Final

import orjson
import trio

from actors.link.messages import WorkerSettings
from toteboard.policies import policies_from_values
from toteboard.settings import POLICIES, Settings, from_values, to_values
from toteboard.signals import STOP_SIGNALS

BACKLOG: Final = 1_024
LINK_BYTES: Final = 1_048_576
"""The size of the buffers of a link, in each direction."""


class Worker:
    """A worker that was started."""

    def __init__(self, pid: int, stream: trio.abc.Stream) -> None:
        self.pid, self.stream = pid, stream
        self._descriptor = os.pidfd_open(pid)

    async def wait(self) -> int:
        """Wait until it has ended. Return its exit code, negative for a signal. Call it once."""
        await trio.lowlevel.wait_readable(self._descriptor)
        return self._reap()

    def kill(self) -> None:
        """End it immediately."""
        signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)

    def _reap(self) -> int:
        _, status = os.waitpid(self.pid, 0)
        os.close(self._descriptor)
        return os.waitstatus_to_exitcode(status)


class Workers:
    """Starts workers. `sockets` are the listening sockets of each, numbered from 1."""

    def __init__(self, sockets: Sequence[Sequence[socket.socket]]) -> None:
        self._sockets = sockets

    def stop_listening(self) -> None:
        """Close the listening sockets of this process. Connections are then refused."""
        for sockets in self._sockets:
            for each in sockets:
                each.close()

    def start(self, number: int) -> Worker:
        """Start the worker with this number. Raise OSError."""
        ours, theirs = socket.socketpair()
        with theirs, ExitStack() as if_it_fails:
            if_it_fails.callback(ours.close)
            listening = [each.fileno() for each in self._sockets[number - 1]]
            for each in (ours, theirs):
                each.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LINK_BYTES)
            pid = _spawned(number, [theirs.fileno(), *listening])
            if_it_fails.pop_all()
        ours.setblocking(False)
        return Worker(pid, trio.SocketStream(trio.socket.from_stdlib_socket(ours)))


def _spawned(number: int, descriptors: Sequence[int]) -> int:
    """Start a worker that has these descriptors, under the same numbers. Return its process id.

    The stop signals are blocked from its first moment on. Python could not ignore them before it
    has been imported, and a terminal and systemd send them to every process.
    """
    # -P: what is imported does not depend on the folder in which the server was started.
    arguments = map(str, (os.getpid(), number, *descriptors))
    command = [sys.executable, "-P", "-m", "toteboard.worker", *arguments]
    return os.posix_spawn(
        sys.executable,
        command,
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, each, each) for each in descriptors],
        setsigmask=STOP_SIGNALS,
    )


def for_each_worker(
    listeners: Sequence[trio.SocketListener], workers: int
) -> list[list[socket.socket]]:
    """Return listening sockets for each worker, at the addresses of `listeners`.

    The first worker has the listeners themselves. They were opened without SO_REUSEPORT, so no
    other server listens there, and none can begin to. Raise OSError.
    """
    first = [_first_to_share(each) for each in listeners]
    addresses = [(each.family, each.getsockname()) for each in first]
    others = [[_shared(*address) for address in addresses] for _ in range(1, workers)]
    return [first, *others]


def _first_to_share(listener: trio.SocketListener) -> socket.socket:
    """Return the socket of a listener, from now on with a port that it shares."""
    made = socket.socket(fileno=os.dup(listener.socket.fileno()))
    listener.socket.close()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    return made


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
    policies = policies_from_values(values.pop(POLICIES))
    own = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
    return from_values(own, policies)
