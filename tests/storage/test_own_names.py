"""No other file gets a name that belongs to the files of a database."""

from contextlib import closing
from pathlib import Path

import pytest

from storage.copies import back_up, restore
from storage.errors import DatabaseUnusableError
from storage.lock import ServerLock
from storage.opening import key_path, open_database, open_for_reading
from storage.own_names import refuse_name_of_key_file
from storage.sealing import KeyFile

IN_USE = ["-wal", "-shm", "-journal", ".lock", ".control", ".key"]
KEPT = [".before-20261128T120000Z", ".before-20261128T120000Z-wal", ".v1", ".v12"]


@pytest.fixture
def made(path: Path) -> Path:
    """Return the path of a closed database without other files."""
    open_database(path).close()
    for suffix in IN_USE:
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return path


@pytest.mark.parametrize("suffix", [*IN_USE, *KEPT])
def test_a_backup_does_not_get_such_a_name(made: Path, suffix: str) -> None:
    target = made.with_name(made.name + suffix)
    other = made.with_name("other.db")
    back_up(made, other)
    existed = target.exists()
    for source in (made, other):
        with pytest.raises(DatabaseUnusableError, match=f"belongs to the database {made}"):
            back_up(source, target)
    assert target.exists() == existed


@pytest.mark.parametrize("name", ["tote.db.backup", "tote-wal", "tote.v1", "new.db.key"])
def test_a_backup_gets_any_other_name(made: Path, name: str) -> None:
    back_up(made, made.with_name(name))


@pytest.mark.parametrize("suffix", IN_USE)
def test_a_database_does_not_get_such_a_name(made: Path, suffix: str) -> None:
    path, copy = made.with_name(made.name + suffix), made.with_name("copy.db")
    back_up(made, copy)
    existed = path.exists()
    with pytest.raises(DatabaseUnusableError, match="belongs to the database"):
        open_database(path)
    with pytest.raises(DatabaseUnusableError, match="belongs to the database"):
        ServerLock(path).take()
    with pytest.raises(DatabaseUnusableError, match="belongs to the database"):
        restore(path, copy, KeyFile(key_path(made)), "now")
    assert path.exists() == existed


def test_copies_that_are_kept_are_databases(made: Path) -> None:
    copy = made.with_name("copy.db")
    back_up(made, copy)
    for suffix in (".before-20261128T120000Z", ".v1"):
        with closing(open_for_reading(copy.rename(made.with_name(made.name + suffix)))):
            copy = made.with_name(made.name + suffix)


@pytest.mark.parametrize("suffix", ["", *IN_USE[:-1], *KEPT])
@pytest.mark.parametrize("is_made", [True, False])
def test_a_key_file_is_no_other_file_of_the_database(
    made: Path, suffix: str, is_made: bool
) -> None:
    if not is_made:
        made.unlink()
    elif suffix == "":
        made.with_name("link").symlink_to(made)
        with pytest.raises(DatabaseUnusableError, match="is the database itself"):
            refuse_name_of_key_file(made.with_name("link"), made)
    if is_made or suffix not in KEPT:
        with pytest.raises(DatabaseUnusableError, match="the database"):
            refuse_name_of_key_file(made.with_name(made.name + suffix), made)


def test_a_key_file_has_the_name_of_any_database_s_key_or_any_other(made: Path) -> None:
    for name in ("tote.db.key", "other.db.key", "secret"):
        refuse_name_of_key_file(made.with_name(name), made)
