"""The Unix socket between a server and the commands: beside the database, mode 0600.

A socket address holds 107 bytes, or 103 on some systems. For a longer path, Linux accepts the name
of an open descriptor instead.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final

LONGEST: Final = 103
"""Bytes that an address may have on every system."""
WAITING: Final = 64
"""Connections that may wait for the server to accept them."""
OWNER_ALONE: Final = 0o177
"""The umask that gives a new socket the mode 0600."""


def socket_path(database: Path) -> Path:
    """Return the path of the socket of the server that uses this database, by any of its names."""
    real = database.resolve()
    return real.with_name(real.name + ".control")


def connected(path: Path, timeout_s: float) -> socket.socket:
    """Connect to a socket, with a timeout for each later call. Raise OSError."""
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        client.settimeout(timeout_s)
        with _named(path) as address:
            client.connect(address)
    except BaseException:
        client.close()
        raise
    return client


def is_listening(path: Path) -> bool:
    """Return whether a process listens on a socket at `path`. Do not wait."""
    try:
        connected(path, 0).close()
    except BlockingIOError:
        return True  # its queue is full
    except OSError:
        return False
    return True


def listening(path: Path) -> socket.socket:
    """Listen on a socket at `path`, replacing any file there. Raise OSError.

    The socket appears at `path` with mode 0600 and already listening.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    fresh = path.with_name(f".{sha256(os.fsencode(path.name)).hexdigest()[:16]}.control")
    try:
        fresh.unlink(missing_ok=True)
        _bind(listener, fresh)
        listener.listen(WAITING)
        fresh.replace(path)
    except BaseException:
        listener.close()
        fresh.unlink(missing_ok=True)
        raise
    return listener


def _bind(listener: socket.socket, path: Path) -> None:
    with _opened(path.parent) as folder:
        # A chmod would leave a moment in which the socket has another mode.
        before = os.umask(OWNER_ALONE)
        try:
            listener.bind(os.path.join(folder, path.name))
        finally:
            os.umask(before)


@contextmanager
def _opened(folder: Path) -> Iterator[str]:
    """Give a name for a folder that leaves room for a short file name in an address."""
    if len(os.fsencode(folder)) + 1 + len(".0123456789abcdef.control") <= LONGEST:
        yield str(folder)
        return
    with _by_descriptor(folder, os.O_DIRECTORY) as name:
        yield name


@contextmanager
def _named(path: Path) -> Iterator[str]:
    """Give a name for a socket that fits into an address."""
    if len(os.fsencode(path)) <= LONGEST:
        yield str(path)
        return
    with _by_descriptor(path, getattr(os, "O_PATH", 0)) as name:
        yield name


@contextmanager
def _by_descriptor(path: Path, flags: int) -> Iterator[str]:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | flags)
    try:
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)
