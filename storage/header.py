"""The header of a database file, by which a server notices that another process wrote to the file.

While a server runs, only its own checkpoints write to the file. They never make it smaller, and
keep the version of the schema. A program that copies another database over the file, or truncates
it, writes to the same inode. An older copy of the same file with as many pages is not noticed.

The offsets are those of https://www.sqlite.org/fileformat2.html#the_database_header.
"""

import os
from typing import Final, Self

from attrs import frozen

HEADER_BYTES: Final = 100

Versions = tuple[int, int]
"""The version of the schema as SQLite counts its changes, and as Toteboard numbers it."""


@frozen
class FileHeader:
    """What the first page of a file says, and the size of the file in bytes."""

    size: int
    layout: bytes
    changes: int
    versions: Versions

    @classmethod
    def read(cls, descriptor: int) -> Self:
        """Read the header of an open file. Raise OSError."""
        page = os.pread(descriptor, HEADER_BYTES, 0)
        return cls(
            size=os.fstat(descriptor).st_size,
            layout=page[:24],
            changes=int.from_bytes(page[24:28]),
            versions=(int.from_bytes(page[40:44]), int.from_bytes(page[60:64])),
        )

    def can_become(self, later: Self, versions: Versions) -> bool:
        """Return whether checkpoints alone can lead from this header to a later one.

        `versions` are those of the commits that are not in the file yet.
        """
        return (
            later.size >= self.size
            and later.layout == self.layout
            and later.changes >= self.changes
            and later.versions in (self.versions, versions)
        )
