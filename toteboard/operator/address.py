"""Where a server and the commands meet: a Unix socket beside the database, its owner's alone.

An address holds 107 bytes, 103 on some systems, and a path may be longer: then Linux is asked by
way of an open descriptor.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final

LONGEST: Final = 103
"""Bytes of an address on every system."""
WAITING: Final = 64
"""Connections that may wait to be accepted."""
OWNER_ALONE: Final = 0o177
"""The umask under which a socket is made with mode 0600."""


def socket_path(database: Path) -> Path:
    """The socket of the server that uses this database, by whatever name."""
    real = database.resolve()
    return real.with_name(real.name + ".control")


def connected(path: Path, timeout_s: float) -> socket.socket:
    """A connection to a socket; its timeout is set. Raises OSError."""
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        client.settimeout(timeout_s)
        with _named(path) as address:
            client.connect(address)
    except BaseException:
        client.close()
        raise
    return client


def listening(path: Path) -> socket.socket:
    """A socket that listens at `path`, in the place of whatever was there. Raises OSError.

    It is never there with another mode than 0600, nor before it listens.
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
        before = os.umask(OWNER_ALONE)  # a chmod would come a moment too late
        try:
            listener.bind(os.path.join(folder, path.name))
        finally:
            os.umask(before)


@contextmanager
def _opened(folder: Path) -> Iterator[str]:
    """A name for a folder that leaves room for a short file name."""
    if len(os.fsencode(folder)) + 1 + len(".0123456789abcdef.control") <= LONGEST:
        yield str(folder)
        return
    with _by_descriptor(folder, os.O_DIRECTORY) as name:
        yield name


@contextmanager
def _named(path: Path) -> Iterator[str]:
    """A name for a socket that fits into an address."""
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
