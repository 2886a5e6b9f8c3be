"""What was done to the files and what was told, in order: written by several processes as it goes.

The files are those of one folder. Each process appends to one file, an entry a write, so that none
tears another's apart.
"""

import os
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from attrs import frozen

FOLDER: Final = ""
"""The folder itself, where it is synced like a file."""


@frozen
class Created:
    """A name is there that was not."""

    name: str


@frozen
class Removed:
    """A name is gone."""

    name: str


@frozen
class Linked:
    """A file has one more name, `new`; what had this name before has it no more."""

    name: str
    new: str


@frozen
class Wrote:
    """Bytes are in the file, as everybody sees it who reads; on disk they need not be."""

    name: str
    offset: int
    data: bytes


@frozen
class Truncated:
    """The file has this size."""

    name: str
    size: int


@frozen
class SyncBegun:
    """A file, or a folder's names, are to be put on disk as they are now. `by`: which thread."""

    name: str
    by: int


@frozen
class Synced:
    """The system says that they are."""

    name: str
    by: int


@frozen
class Heard:
    """A user has been told this; if it is the reply to a request with a key, that request."""

    user_id: int
    message: dict[str, Any]
    key: str | None = None
    request: dict[str, Any] | None = None


@frozen
class LetIn:
    """A user's nonce has opened a connection."""

    user_id: int
    nonce: str


@frozen
class Printed:
    """A command of the command line has ended well and said this."""

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
        """Write an entry down, behind all that any process has written down."""
        line = pickle.dumps(entry)
        assert os.write(self._file, line) == len(line)

    def close(self) -> None:
        os.close(self._file)


def read(path: Path) -> Sequence[Entry]:
    """All entries, in order."""
    entries: list[Entry] = []
    with path.open("rb") as file:
        size = path.stat().st_size
        while file.tell() < size:
            entries.append(pickle.load(file))
    return entries
