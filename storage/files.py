"""Files that SQLite does not make for us: private from the first byte, and durable.

None of this may touch a database that this process has open: see `storage/lock.py`, "Closing".
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp


def make_private(path: Path) -> None:
    """Create an empty file that only its owner can open. Raise FileExistsError if it exists."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(descriptor, 0o600)  # a umask may have taken even the owner's rights
    finally:
        os.close(descriptor)


@contextmanager
def private_draft(target: Path) -> Iterator[Path]:
    """Create a private, empty file beside `target`, and delete it at the end if it is still there.

    `publish` gives it its name. A process that is killed leaves the draft, never half a target.
    """
    descriptor, name = mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    os.fchmod(descriptor, 0o600)
    os.close(descriptor)
    draft = Path(name)
    try:
        yield draft
    finally:
        for each in (draft, draft.with_name(f"{draft.name}-journal")):
            with suppress(OSError):
                each.unlink(missing_ok=True)


def publish(draft: Path, target: Path) -> None:
    """Give a finished draft its name, durably. Raise FileExistsError if the name is taken."""
    sync(draft)
    try:
        os.link(draft, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if os.path.lexists(target):
            raise FileExistsError(target) from None
        draft.rename(target)
    else:
        draft.unlink()
    sync(target.parent)


def sync(path: Path) -> None:
    """Wait until a file's content, or a folder's names, are on disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
