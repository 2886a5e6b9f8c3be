"""The server's lock: one server at a time on a database file, under any of its names.

A server takes two locks. Both are advisory (flock), and the system releases them when the process
ends, even if it is killed.

The file's lock is on the database file itself. A second name for the file (a link, a bind mount)
leads to the same lock, and deleting a file does not get around it. Linux keeps flock locks apart
from the fcntl locks that SQLite takes on the same file. Other systems do not, and neither does NFS,
where SQLite's WAL does not work anyway. So outside Linux a server takes only the name's lock.

The name's lock is on `<database>.lock`. The first versions took only this one, so that an old and a
new version cannot run together. The server writes into it which file it serves. If a command finds
the name's lock taken, and another file or no file under the name, the database was moved or
replaced while its server runs. The command must then touch nothing: the `-wal` belongs to the moved
file, and SQLite would apply it to any file of that name, or delete it.

Closing. When a process closes any descriptor of a file, POSIX drops all fcntl locks of the process
on that file, SQLite's too. Another process could then remove the WAL that this process writes. So
`Descriptors` closes a descriptor of a database file only when this process has no connection to it.
"""

import fcntl
import os
import select
import stat
import sys
from collections import Counter, defaultdict
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final, Self

from storage.errors import DatabaseInUseError, DatabaseUnusableError
from storage.header import FileHeader
from storage.own_names import refuse_name_of_database

FLOCK_IS_APART: Final = sys.platform == "linux"
"""Whether a flock lock on the database file leaves SQLite's own locks alone."""
TRIES, TRY_AGAIN_S = 10, 0.003
"""Retries to take a lock, because a command that looks for a server holds it for a moment."""

Inode = tuple[int, int]


class Descriptors:
    """The descriptors of database files that this process must not close yet."""

    def __init__(self) -> None:
        self._connections: Counter[Inode] = Counter()
        self._waiting: defaultdict[Inode, list[int]] = defaultdict(list)

    def connected(self, file: Inode) -> None:
        """Note that SQLite is about to open a connection to this file."""
        self._connections[file] += 1

    def disconnected(self, file: Inode) -> None:
        """Note that a connection is closed; after the last one, close the waiting descriptors."""
        self._connections[file] -= 1
        if not self._connections[file]:
            for descriptor in self._waiting.pop(file, ()):
                os.close(descriptor)

    def close(self, descriptor: int) -> None:
        """Close a descriptor as soon as that cannot drop a lock of SQLite."""
        file = inode_of(os.fstat(descriptor))
        if self._connections[file]:
            self._waiting[file].append(descriptor)
        else:
            os.close(descriptor)


DESCRIPTORS: Final = Descriptors()
"""The descriptors of this process. There is one object, because POSIX drops locks by process."""


class ServerLock:
    """Prevents a second server on a database file, and tells whether the file is still in place."""

    def __init__(self, path: Path) -> None:
        self._path = real(path)
        self._file: Inode | None = None
        self._descriptor = -1
        self._held = ExitStack()

    def take(self) -> None:
        """Take both locks, creating an empty file if there is none.

        Raise DatabaseInUseError and DatabaseUnusableError.
        """
        refuse_special_files(self._path)
        refuse_name_of_database(self._path)
        with ExitStack() as held:
            beside = self._take_name(held)
            refuse_orphans(self._path)
            self._take_file(held)
            self._file = inode_of(os.fstat(self._descriptor))
            if not self.is_in_place():
                raise DatabaseUnusableError(f"{self._path} was just replaced: try again")
            _note(beside, self._file)
            self._held = held.pop_all()

    def _take_name(self, held: ExitStack) -> int:
        beside = _open(_beside(self._path))
        held.callback(os.close, beside)
        if not _lock(beside):
            raise DatabaseInUseError(f"the database {self._path} is in use by another server")
        os.ftruncate(beside, 0)
        return beside

    def _take_file(self, held: ExitStack) -> None:
        self._descriptor = _open(self._path)
        held.callback(DESCRIPTORS.close, self._descriptor)
        refuse_links(self._path)
        if not FLOCK_IS_APART:
            return
        if not _lock(self._descriptor):
            raise DatabaseUnusableError(
                f"{self._path} is in use by another server, which has it under another name or "
                f"lost its {_beside(self._path).name}"
            )
        held.callback(fcntl.flock, self._descriptor, fcntl.LOCK_UN)

    def probe(self) -> None:
        """Raise DatabaseUnusableError if a server holds the locks."""
        self.take()
        self.release()

    def release(self) -> None:
        """Release both locks, if held."""
        self._held.close()

    def is_in_place(self) -> bool:
        """Return whether the path still leads to the locked file."""
        try:
            return inode_of(os.stat(self._path)) == self._file
        except OSError:
            return False

    def header(self) -> FileHeader:
        """Read the header of the locked file. Raise OSError."""
        return FileHeader.read(self._descriptor)

    def has_a_name(self) -> bool:
        """Return whether the file still has a name: False once it was deleted."""
        return os.fstat(self._descriptor).st_nlink > 0

    def __enter__(self) -> Self:
        self.take()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def refuse_strange_use(path: Path) -> None:
    """Raise DatabaseUnusableError if opening this path could harm a file that a server uses.

    Every process that opens a database without being its server calls this before SQLite opens it.
    """
    path = real(path)
    refuse_special_files(path)
    refuse_name_of_database(path)
    refuse_orphans(path)
    refuse_links(path)
    name_is_taken, file_is_taken = _is_taken(_beside(path)), FLOCK_IS_APART and _is_taken(path)
    if name_is_taken and _noted(path) not in (None, _file_at(path)):
        raise DatabaseUnusableError(
            f"{path} was moved or replaced while its server runs: put the file back, or stop the "
            "server, which completes the moved file"
        )
    # Check the name again, because the server may have started after the first check.
    if file_is_taken and not name_is_taken and not _is_taken(_beside(path)):
        raise DatabaseUnusableError(f"a server uses {path} under another name: use that name")


def refuse_orphans(path: Path) -> None:
    """Raise DatabaseUnusableError if the WAL under this name belongs to another file.

    SQLite deletes a `-wal` that it finds beside a new file, and the commits in it. An empty `-wal`
    is left by a server that has completed a moved file. A new database would be a mistake there
    too.
    """
    wal = path.with_name(f"{path.name}-wal")
    # Check the file last, because a process that creates one writes to it before the WAL exists.
    if wal.exists() and not _has_content(path):
        raise DatabaseUnusableError(
            f"{path} is missing, but {wal.name} exists: the database was moved or deleted while "
            f"in use. Move it back; to start with a new one, first move {wal.name} away"
        )


def refuse_special_files(path: Path) -> None:
    """Raise DatabaseUnusableError if the path is a device, a FIFO or a socket.

    To open a FIFO can take forever, and a restore would replace a device.
    """
    with suppress(OSError):
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # SQLite itself refuses a folder
            raise DatabaseUnusableError(f"{path} is not a regular file")


def refuse_links(path: Path) -> None:
    """Raise DatabaseUnusableError if the file has two names: each would have a WAL of its own."""
    if path.is_file() and (links := path.stat().st_nlink) > 1:
        raise DatabaseUnusableError(
            f"{path} has {links} names (hard links), each with a WAL of its own: remove all but one"
        )


def real(path: Path) -> Path:
    """Return the path without symbolic links: SQLite creates its files beside the target."""
    return Path(os.path.realpath(path))


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".lock")


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DatabaseUnusableError(f"cannot lock {path}: {error.strerror}") from error


def _has_content(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _file_at(path: Path) -> Inode | None:
    return inode_of(os.stat(path)) if path.exists() else None


def _lock(descriptor: int) -> bool:
    for _ in range(TRIES):
        if _try(descriptor, fcntl.LOCK_EX):
            return True
        select.select([], [], [], TRY_AGAIN_S)
    return False


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_taken(path: Path) -> bool:
    """Return whether a server holds this file's lock."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return not _try(descriptor, fcntl.LOCK_SH)
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)  # because it may stay open for a while
        DESCRIPTORS.close(descriptor)


def _note(beside: int, file: Inode) -> None:
    try:
        os.pwrite(beside, "{} {}\n".format(*file).encode(), 0)
    except OSError:  # with a full disk a server starts, and is not ready
        os.ftruncate(beside, 0)


def _noted(path: Path) -> Inode | None:
    """Return the file that the latest server of this path served; None if it is not known."""
    try:
        device, number = _beside(path).read_text().split()
        return int(device), int(number)
    except (OSError, ValueError):
        return None


def inode_of(about: os.stat_result) -> Inode:
    """Return the numbers that identify a file on this machine."""
    return about.st_dev, about.st_ino
