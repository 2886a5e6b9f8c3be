"""The names of the files that belong to a database (docs/reference/files.md).

Another file must not have such a name. SQLite would apply a `-journal` or `-wal` to the database, a
server would replace a `.control`, and an upgrade would delete a `.v1`.
"""

import os
import re
from pathlib import Path
from typing import Final

from storage.errors import DatabaseUnusableError

_IN_USE: Final = re.compile(r"(.+?)(-wal|-shm|-journal|\.lock|\.control|\.key)")
_KEPT: Final = re.compile(r"(.+?)(\.before-.+|\.v[0-9]+)")


def refuse_name_of_new_file(path: Path) -> None:
    """Raise DatabaseUnusableError if the name of a file to make belongs to an existing database."""
    for names in (_IN_USE, _KEPT):
        _refuse(path, _owner(path, names))


def refuse_name_of_database(path: Path) -> None:
    """Raise DatabaseUnusableError if the path of a database is a file of another database.

    The copies that an upgrade and a restore keep are databases.
    """
    _refuse(path, _owner(path, _IN_USE))


def refuse_name_of_key_file(path: Path, database: Path) -> None:
    """Raise DatabaseUnusableError if a key file is the database, or a file of it or another one.

    To read such a file as a key would end SQLite's locks on it: `storage/lock.py`, "Closing".
    """
    if os.path.realpath(path) == os.path.realpath(database) or _is_same_file(path, database):
        raise DatabaseUnusableError(f"the key file {path} is the database itself: name another")
    if not path.name.endswith(".key"):
        refuse_name_of_new_file(path)
        if (owner := _stem(path, _IN_USE)) == Path(os.path.realpath(database)):
            _refuse(path, owner)


def _refuse(path: Path, owner: Path | None) -> None:
    if owner is not None:
        raise DatabaseUnusableError(
            f"{path} has a name that belongs to the database {owner}: name another file"
        )


def _owner(path: Path, names: re.Pattern[str]) -> Path | None:
    """Return the existing file to which a path belongs, None if there is none."""
    stem = _stem(path, names)
    return stem if stem is not None and os.path.isfile(stem) else None


def _stem(path: Path, names: re.Pattern[str]) -> Path | None:
    found = names.fullmatch(os.path.basename(real := os.path.realpath(path)))
    return None if found is None else Path(real).with_name(found[1])


def _is_same_file(one: Path, other: Path) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False
