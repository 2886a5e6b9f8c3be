"""The control socket of a running server: commands come in here, and nobody else.

The socket has mode 0600, and whoever connects is asked of the system once more. Whatever comes in
costs at most the connection that it came by. What is asked is done by `actors/operator_desk.py`.
"""

import os
import select
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final

import structlog
import trio

from actors.edge.wire import GONE
from actors.games.supervisor import survive
from actors.operator_desk import OperatorDesk
from storage.errors import StorageError
from storage.users import OperatorError
from toteboard.operator import wire
from toteboard.operator.address import listening, socket_path

log = structlog.get_logger()

CONNECTIONS: Final = 16
"""How many commands may be connected at once; another is hung up on, and tries again."""
REQUEST_S: Final = 5.0
"""How long a connection may take for a request; one that asks nothing is closed."""
REPLY_S: Final = 5.0
LOOK_S: Final = 5.0
"""How often the server looks whether its socket is there, and tries to make it anew."""

ROOT: Final = 0


@asynccontextmanager
async def controlled(database: Path, desk: OperatorDesk) -> AsyncIterator[None]:
    """Let commands in beside a database whose lock the caller holds, until the end of the block.

    What was asked by then is done and answered.
    """
    control = Control(socket_path(database), desk)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(control.run)
        await control.tried.wait()
        yield
        nursery.cancel_scope.cancel()


class Control:
    """The socket, and the conversations with those who came in by it."""

    def __init__(self, path: Path, desk: OperatorDesk) -> None:
        self._path = path
        self._desk = desk
        self._connected = 0
        self.tried = trio.Event()
        """Set once the socket is open, or cannot be opened for now."""

    async def run(self) -> None:
        """Keep the socket open until cancelled: without one the server serves all the same."""
        async with trio.open_nursery() as conversations:
            while True:
                try:
                    with _kept_at(self._path) as listener:
                        await self._serve(listener, conversations)
                except* OSError as errors:
                    log.error("control_failed", error=str(errors.exceptions[0]))
                self.tried.set()
                await trio.sleep(LOOK_S)

    async def _serve(self, listener: socket.socket, conversations: trio.Nursery) -> None:
        """Let commands in for as long as the socket can be found."""
        streams = [trio.SocketListener(trio.socket.from_stdlib_socket(listener))]
        receive = partial(survive, self._receive)
        serve = partial(trio.serve_listeners, receive, streams, handler_nursery=conversations)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(serve)
            self.tried.set()
            await self._gone()
            nursery.cancel_scope.cancel()

    async def _gone(self) -> None:
        """Wait until the socket cannot be found any more."""
        while True:
            await trio.sleep(LOOK_S)
            if not self._path.exists():
                return

    async def _receive(self, stream: trio.SocketStream) -> None:
        """Serve one connection to its end."""
        self._connected += 1
        try:
            async with stream:
                if self._connected <= CONNECTIONS and _is_trusted(stream):
                    with suppress(trio.TooSlowError, *GONE):
                        await self._converse(stream)
        finally:
            self._connected -= 1

    async def _converse(self, stream: trio.SocketStream) -> None:
        await _send(stream, wire.hello())
        while line := await _read_line(stream):
            with trio.CancelScope(shield=True):  # what was begun is told, also while we stop
                if not _has_hung_up(stream):
                    await _send(stream, await self._reply(line))

    async def _reply(self, line: bytes) -> bytes:
        try:
            return wire.done(await self._desk.perform(wire.read_request(line)))
        except OperatorError as refusal:
            return wire.refused(str(refusal), 1)
        except wire.MalformedError as error:
            return wire.refused(str(error), 2)
        except StorageError as error:
            log.error("storage_failed", error=str(error))
            return wire.refused(str(error), 2)


@contextmanager
def _kept_at(path: Path) -> Iterator[socket.socket]:
    """A socket that listens at `path`, and is gone from there at the end. Raises OSError."""
    with listening(path) as listener:
        ours = path.stat()
        try:
            yield listener
        finally:
            # Another server may have made its own, if the database was moved away under us.
            with suppress(OSError):
                if os.path.samestat(path.stat(), ours):
                    path.unlink()


def _is_trusted(stream: trio.SocketStream) -> bool:
    """Whether the other side is the server's own user or root, where the system can tell."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    size = struct.calcsize("3i")
    peer = stream.socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    _, user_id, _ = struct.unpack("3i", peer)
    return user_id in (ROOT, os.geteuid())


def _has_hung_up(stream: trio.SocketStream) -> bool:
    """Whether the other side waits for a reply no more: it may have given up, and ask again."""
    poll = select.poll()
    poll.register(stream.socket.fileno(), select.POLLIN)
    return bool(poll.poll(0))


async def _read_line(stream: trio.SocketStream) -> bytes:
    """One request; nothing at the end of the stream, or if more than one line came."""
    line = b""
    with trio.fail_after(REQUEST_S):
        while not line.endswith(b"\n"):
            data = await stream.receive_some(wire.LONGEST_REQUEST)
            line += data
            if not data or len(line) > wire.LONGEST_REQUEST or b"\n" in line[:-1]:
                return b""
    return line


async def _send(stream: trio.SocketStream, line: bytes) -> None:
    with trio.fail_after(REPLY_S):
        await stream.send_all(line)
