"""A recording: changes of files and messages to clients, in order, written by several processes.

The files are those of one folder. All processes append to one file. Each entry is one write, so
that entries do not mix.
"""

import os
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from attrs import frozen

FOLDER: Final = ""
"""The folder itself, which is synced like a file."""


@frozen
class Created:
    """A name was created."""

    name: str


@frozen
class Removed:
    """A name was removed."""

    name: str


@frozen
class Linked:
    """A file has one more name, `new`. Another file with that name loses it."""

    name: str
    new: str


@frozen
class Wrote:
    """Bytes were written. All processes see them, but they need not be on disk."""

    name: str
    offset: int
    data: bytes


@frozen
class Truncated:
    """A file was set to this size."""

    name: str
    size: int


@frozen
class SyncBegun:
    """A sync of a file or of a folder's names has begun. `by`: the thread."""

    name: str
    by: int


@frozen
class Synced:
    """The system has reported the end of the sync."""

    name: str
    by: int


@frozen
class Heard:
    """A user has received a message. If it replies to a request with a key, that request."""

    user_id: int
    message: dict[str, Any]
    key: str | None = None
    request: dict[str, Any] | None = None


@frozen
class LetIn:
    """A nonce of a user has opened a connection."""

    user_id: int
    nonce: str


@frozen
class Printed:
    """A command of the command line has succeeded and printed this."""

    arguments: tuple[str, ...]
    said: str


Entry = (
    Created | Removed | Linked | Wrote | Truncated | SyncBegun | Synced | Heard | LetIn | Printed
)


class Pen:
    """Appends entries to a recording."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def note(self, entry: Entry) -> None:
        """Append an entry after those of all processes."""
        line = pickle.dumps(entry)
        assert os.write(self._file, line) == len(line)

    def close(self) -> None:
        os.close(self._file)


def read(path: Path) -> Sequence[Entry]:
    """Return all entries, in order."""
    entries: list[Entry] = []
    with path.open("rb") as file:
        size = path.stat().st_size
        while file.tell() < size:
            entries.append(pickle.load(file))
    return entries
