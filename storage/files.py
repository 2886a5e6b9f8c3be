"""Files that SQLite does not create: private from the first byte, and durable.

Never use these functions on a database that this process has open (`storage/lock.py`, "Closing").
"""

import ctypes
import errno
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

AT_FDCWD: Final = -100
RENAME_NOREPLACE: Final = 1
"""Constants of Linux for renameat2(2), which Python does not define."""


def make_private(path: Path) -> None:
    """Create an empty file that only its owner can open. Raise FileExistsError if it exists."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(descriptor, 0o600)  # the umask may have removed the owner's rights
    finally:
        os.close(descriptor)


@contextmanager
def private_draft(target: Path) -> Iterator[Path]:
    """Create a private, empty file beside `target`; delete it at the end if it still exists.

    `publish` renames it. A process that is killed leaves the draft, never an incomplete target.
    """
    draft = target.with_name(f".{target.name}.{secrets.token_hex(8)}.part")
    try:
        make_private(draft)
        yield draft
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            with suppress(OSError):
                draft.with_name(draft.name + suffix).unlink(missing_ok=True)


def publish(draft: Path, target: Path) -> None:
    """Rename a finished draft durably. Raise FileExistsError if the name is taken.

    A kill leaves either the draft or the target, complete. A hard link would not do: a database
    must never have two names, not even after a power cut. Some file systems cannot rename without
    replacing (NFS, outside Linux). There, an empty file takes the name first; a kill may leave it.
    """
    sync(draft)
    if not _renamed_to_a_free_name(draft, target):
        _rename_over_an_empty_file(draft, target)
    sync(target.parent)


def _rename_over_an_empty_file(draft: Path, target: Path) -> None:
    make_private(target)
    try:
        draft.rename(target)
    except BaseException:
        target.unlink()
        raise


def _renamed_to_a_free_name(draft: Path, target: Path) -> bool:
    """Rename without replacing. Return False if the system cannot; raise FileExistsError."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    sys.audit("os.rename", draft, target, -1, -1)  # as os.rename does
    if not rename(AT_FDCWD, os.fsencode(draft), AT_FDCWD, os.fsencode(target), RENAME_NOREPLACE):
        return True
    number = ctypes.get_errno()
    if number in (errno.EINVAL, errno.ENOSYS):
        return False
    raise OSError(number, os.strerror(number), str(target))


def put_in_place(draft: Path, target: Path) -> None:
    """Rename a finished draft durably over any file. A kill leaves the old file or the new one."""
    sync(draft)
    draft.rename(target)
    sync(target.parent)


def sync(path: Path) -> None:
    """Wait until the content of a file, or the names in a folder, are on disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
