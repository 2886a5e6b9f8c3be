"""The control socket of a running server, by which commands reach it.

The socket has mode 0600, and the system is asked for the user of each client that connects. A
malformed request costs only the connection that sent it. `actors/store.py` performs the writes.
"""

import os
import select
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final

import structlog
import trio

from actors.edge.closing import GONE
from actors.survival import survive
from storage.errors import StorageError
from storage.users import OperatorError
from storage.write import Values
from toteboard.http.account_service import PerformsWrites
from toteboard.operator import wire
from toteboard.operator.address import is_listening, listening, socket_path

log = structlog.get_logger()

CONNECTIONS: Final = 16
"""Commands that may be connected at the same time. The server closes others, which retry."""
REQUEST_S: Final = 5.0
"""How long the server waits for a request before it closes the connection."""
REPLY_S: Final = 5.0
LOOK_S: Final = 5.0
"""How often the server checks that its socket exists, and tries to create a missing one."""

ROOT: Final = 0


Commands = Callable[[str, Values], Awaitable[Values]]
"""Perform a command of a cluster, by its word; raise KeyError or TypeError for an unknown one."""


async def no_commands(word: str, _values: Values) -> Values:
    """Raise KeyError: a server that stands alone has no commands of a cluster."""
    raise KeyError(word)


@asynccontextmanager
async def controlled(
    database: Path,
    store: PerformsWrites,
    commands: Commands = no_commands,
    *,
    is_in_place: Callable[[], bool],
) -> AsyncIterator[None]:
    """Accept commands for a database whose lock the caller holds, until the end of the block.

    Requests that have been read by then are performed and answered. `is_in_place` returns whether
    the path still leads to the locked file. A socket is only opened then: otherwise commands for
    another database at that path would come here.
    """
    control = Control(socket_path(database), store, commands, is_in_place)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(control.run)
        await control.tried.wait()
        yield
        nursery.cancel_scope.cancel()


class Control:
    """The socket, and the conversations with the commands that are connected."""

    def __init__(
        self,
        path: Path,
        store: PerformsWrites,
        commands: Commands,
        is_in_place: Callable[[], bool],
    ) -> None:
        self._path, self._is_in_place = path, is_in_place
        self._store, self._commands = store, commands
        self._connected = 0
        self.tried = trio.Event()
        """Set once the socket is open, or could not be opened."""

    async def run(self) -> None:
        """Keep the socket open until cancelled. The server also runs without it."""
        async with trio.open_nursery() as conversations:
            while True:
                if self._is_in_place():
                    await self._open(conversations)
                self.tried.set()
                await trio.sleep(LOOK_S)

    async def _open(self, conversations: trio.Nursery) -> None:
        """Accept commands until the socket has lost its name. Log why it cannot be opened."""
        try:
            with _kept_at(self._path) as (listener, is_lost):
                await self._serve(listener, is_lost, conversations)
        except* OSError as errors:
            log.error("control_failed", error=str(errors.exceptions[0]))

    async def _serve(
        self, listener: socket.socket, is_lost: Callable[[], bool], conversations: trio.Nursery
    ) -> None:
        """Accept commands until the socket has lost its name in the file system."""
        streams = [trio.SocketListener(trio.socket.from_stdlib_socket(listener))]
        receive = partial(survive, self._receive)
        serve = partial(trio.serve_listeners, receive, streams, handler_nursery=conversations)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(serve)
            self.tried.set()
            while True:
                await trio.sleep(LOOK_S)
                if is_lost():
                    break
            nursery.cancel_scope.cancel()

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
            # Shielded: answer a request that was begun, also while the server stops.
            with trio.CancelScope(shield=True):
                if not _has_hung_up(stream):
                    await _send(stream, await self._reply(line))

    async def _reply(self, line: bytes) -> bytes:
        try:
            if (command := wire.asked_command(line)) is not None:
                return wire.performed(await self._command(*command))
        except OperatorError as refusal:
            return wire.refused(str(refusal), 1)
        except (wire.MalformedError, StorageError) as error:
            return wire.refused(str(error), 2)
        return await reply_to(self._store, line)

    async def _command(self, word: str, values: Values) -> Values:
        try:
            return await self._commands(word, values)
        except (KeyError, TypeError):
            raise wire.MalformedError("this server has no such command") from None


async def reply_to(store: PerformsWrites, line: bytes) -> bytes:
    """Perform the write that a line asks for. Return the line that answers it."""
    try:
        write = wire.read_request(line)
        values = await store.perform(write)
    except OperatorError as refusal:
        return wire.refused(str(refusal), 1)
    except wire.MalformedError as error:
        return wire.refused(str(error), 2)
    except StorageError as error:
        log.error("storage_failed", error=str(error))
        return wire.refused(str(error), 2)
    log.info("operator_acted", act=write.word, user_id=values.get("id"))
    return wire.performed(values)


@contextmanager
def _kept_at(path: Path) -> Iterator[tuple[socket.socket, Callable[[], bool]]]:
    """Listen on a socket at `path`, and remove it at the end. Raise OSError.

    Yield the socket, and a function that returns whether something else has taken its name. The
    socket of another server has not: that server made it because the database was moved away.
    """
    with listening(path) as listener:
        ours = path.stat()
        try:
            yield listener, lambda: not _is_at(path, ours) and not is_listening(path)
        finally:
            if _is_at(path, ours):
                with suppress(OSError):
                    path.unlink()


def _is_at(path: Path, about: os.stat_result) -> bool:
    try:
        return os.path.samestat(path.stat(), about)
    except OSError:
        return False


def _is_trusted(stream: trio.SocketStream) -> bool:
    """Return whether the client is the server's own user or root, where the system can tell."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    size = struct.calcsize("3i")
    peer = stream.socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    _, user_id, _ = struct.unpack("3i", peer)
    return user_id in (ROOT, os.geteuid())


def _has_hung_up(stream: trio.SocketStream) -> bool:
    """Return whether the client no longer waits for a reply: it may have given up and retry."""
    poll = select.poll()
    poll.register(stream.socket.fileno(), select.POLLIN)
    return bool(poll.poll(0))


async def _read_line(stream: trio.SocketStream) -> bytes:
    """Read one request. Return b"" at the end of the stream, or for more than one line."""
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
