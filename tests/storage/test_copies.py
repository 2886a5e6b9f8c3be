"""Backup and restore: private, verified, complete or absent, and neither loses anything."""

import os
import resource
import shutil
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from storage import users
from storage.accounts import credit
from storage.audit import audit
from storage.copies import NotSoundError, back_up, restore
from storage.database import Database
from storage.errors import DatabaseUnusableError, StorageError
from storage.lock import ServerLock
from storage.opening import key_path, open_database, open_for_reading
from storage.sealing import KeyFile
from storage.store import AddUser, NewUser
from tests.support.version_1 import fill, fill_soundly

NOW = 1_700_000_000_000
STAMP = "20261128T120000Z"


def add(database: Database, name: str) -> NewUser:
    return NewUser(**AddUser(name, False, {"DON": 5}, None).perform(database, NOW))


def names(path: Path) -> list[str]:
    """Return the users of a database, which must be sound."""
    with closing(open_database(path, must_exist=True)) as database:
        assert audit(database) == []
        return [user.name for user in users.list_users(database)]


def go_back(path: Path, source: Path) -> Path | None:
    _, kept = restore(path, source, KeyFile(key_path(path)), STAMP)
    return kept


def files(folder: Path) -> dict[str, bytes]:
    """Return each file, except the temporary ones of SQLite."""
    return {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if not path.name.endswith(("-wal", "-shm", ".lock"))
    }


@pytest.fixture
def copy(path: Path) -> Path:
    """Return a backup with ann, of a database to which bob was added afterwards."""
    copy = path.with_name("copy.db")
    with closing(open_database(path)) as database:
        add(database, "ann")
        back_up(path, copy)
        add(database, "bob")
    return copy


def test_a_backup_holds_all_that_was_committed_and_needs_no_other_file(
    path: Path, database: Database, tmp_path: Path
) -> None:
    add(database, "ann")
    copy = tmp_path / "elsewhere" / "copy.db"
    copy.parent.mkdir()
    assert back_up(path, copy) == "1 users, 0 games, 0 facts, 1 transfers"
    assert [each.name for each in copy.parent.iterdir()] == ["copy.db"]
    assert names(copy) == ["ann"]


def test_a_backup_is_of_one_moment_whatever_is_written_meanwhile(
    path: Path, database: Database, tmp_path: Path
) -> None:
    for number in range(2_000):
        add(database, f"user{number}")
    user, copy, reports = 1, tmp_path / "copy.db", list[tuple[int, int]]()

    def paid(done: int, total: int) -> None:
        reports.append((done, total))
        database.write(credit(user, "DON", 1, NOW + len(reports)))

    back_up(path, copy, paid)
    assert len(reports) > 2
    assert reports == sorted(reports)
    assert reports[-1][0] == reports[-1][1]
    with closing(open_for_reading(copy)) as opened:
        assert audit(opened) == []
        assert opened.rows("SELECT 1 FROM operator_acts WHERE kind = 'credited'") == []


@pytest.mark.parametrize("umask", [0o000, 0o777])
def test_a_backup_is_private_from_the_first_byte_whatever_the_umask(
    path: Path, database: Database, tmp_path: Path, umask: int
) -> None:
    modes: set[int] = set()

    def look(*_: int) -> None:
        modes.update(
            stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir() if "copy" in each.name
        )

    before = os.umask(umask)
    try:
        back_up(path, tmp_path / "copy.db", look)
    finally:
        os.umask(before)
    look()
    assert modes == {0o600}


def test_a_backup_has_no_session_key_in_it(path: Path, database: Database, tmp_path: Path) -> None:
    key = add(database, "ann").session_key
    back_up(path, tmp_path / "copy.db")
    assert key.encode() not in (tmp_path / "copy.db").read_bytes()


@pytest.mark.parametrize("existing", ["file", "empty", "folder", "dangling link"])
def test_a_backup_replaces_nothing(
    path: Path, database: Database, tmp_path: Path, existing: str
) -> None:
    copy = tmp_path / "copy.db"
    match existing:
        case "folder":
            copy.mkdir()
        case "dangling link":
            copy.symlink_to(tmp_path / "nowhere")
        case _:
            copy.write_text("x" if existing == "file" else "")
    with pytest.raises(DatabaseUnusableError, match=f"{copy} exists"):
        back_up(path, copy, interrupt)  # refused before anything is copied
    assert not [each for each in tmp_path.iterdir() if each.name.endswith(".part")]
    assert not (tmp_path / "nowhere").exists()


def test_a_file_that_appears_meanwhile_is_not_replaced(
    path: Path, database: Database, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"

    def appear(*_: int) -> None:
        copy.write_text("theirs")

    with pytest.raises(DatabaseUnusableError, match=f"{copy} exists"):
        back_up(path, copy, appear)
    assert copy.read_text() == "theirs"
    assert not list(tmp_path.glob(".copy*"))


@contextmanager
def full_disk() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def interrupt(*_: int) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("how", ["full disk", "interrupted", "unsound", "no folder"])
def test_a_backup_that_fails_leaves_nothing_behind(path: Path, tmp_path: Path, how: str) -> None:
    with closing(open_database(path)) as database:
        add(database, "ann")
        if how == "unsound":
            database.execute("UPDATE accounts SET balance = balance + 1 WHERE account <> 'issue'")
    before, copy = files(tmp_path), tmp_path / "copy.db"
    match how:
        case "full disk":
            with full_disk(), pytest.raises(StorageError):
                back_up(path, copy)
        case "interrupted":
            with pytest.raises(KeyboardInterrupt):
                back_up(path, copy, interrupt)
        case "unsound":
            with pytest.raises(NotSoundError, match=r"player:1:available has 0\.06"):
                back_up(path, copy)
        case _:
            with pytest.raises(DatabaseUnusableError, match="cannot write"):
                back_up(path, tmp_path / "nowhere" / "copy.db")
    assert files(tmp_path) == before


def test_a_backup_has_its_name_only_when_it_is_on_disk(
    path: Path, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, synced = tmp_path / "copy.db", list[tuple[int, int]]()

    def fsync(descriptor: int) -> None:
        size = copy.stat().st_size if copy.exists() else 0
        synced.append((os.fstat(descriptor).st_ino, size))

    monkeypatch.setattr(os, "fsync", fsync)
    back_up(path, copy)
    about = copy.stat()
    assert synced == [(about.st_ino, 0), (tmp_path.stat().st_ino, about.st_size)]


class Onlooker:
    """Records the size of a file before every operation on any file."""

    def __init__(self, path: Path) -> None:
        self.path, self.is_looking, self.seen = path, True, set[int]()
        sys.addaudithook(self._look)  # permanent: Python cannot remove an audit hook

    def _look(self, event: str, _: object) -> None:
        if self.is_looking and event.startswith(("os.", "open")):
            with suppress(FileNotFoundError):
                self.seen.add(self.path.stat().st_size)


def test_a_backup_is_never_seen_half(path: Path, database: Database, tmp_path: Path) -> None:
    onlooker = Onlooker(copy := tmp_path / "copy.db")
    back_up(path, copy)
    onlooker.is_looking = False
    assert onlooker.seen == {copy.stat().st_size}
    assert copy.stat().st_nlink == 1


def test_a_backup_replaces_nothing_where_the_system_cannot_rename_to_free_names_alone(
    path: Path, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.files.RENAME_NOREPLACE", 1 << 20)  # not an existing flag
    add(database, "ann")
    back_up(path, tmp_path / "copy.db")
    assert names(tmp_path / "copy.db") == ["ann"]
    with pytest.raises(DatabaseUnusableError, match="exists"):
        back_up(path, tmp_path / "theirs.db", lambda *_: (tmp_path / "theirs.db").touch())
    assert (tmp_path / "theirs.db").read_bytes() == b""


def test_a_restore_puts_the_backup_in_place_and_keeps_what_was_there(
    path: Path, copy: Path
) -> None:
    kept = go_back(path, copy)
    assert kept == path.with_name(f"tote.db.before-{STAMP}")
    assert names(path) == ["ann"]
    assert names(kept) == ["ann", "bob"]
    assert names(copy) == ["ann"]
    assert {each.stat().st_mode & 0o777 for each in (path, kept, copy)} == {0o600}
    assert {each.stat().st_nlink for each in (path, kept, copy)} == {1}


def test_what_a_killed_server_left_in_the_wal_is_kept_too(path: Path, copy: Path) -> None:
    with closing(open_database(path)) as database:
        add(database, "cat")
        wal = path.with_name("tote.db-wal").read_bytes()
        main = path.read_bytes()
    path.write_bytes(main)
    path.with_name("tote.db-wal").write_bytes(wal)
    kept = go_back(path, copy)
    assert kept is not None
    assert not kept.with_name(f"{kept.name}-wal").exists()
    assert names(kept) == ["ann", "bob", "cat"]
    assert names(path) == ["ann"]


def test_a_damaged_database_can_be_replaced_and_is_kept_as_it_is(path: Path, copy: Path) -> None:
    path.write_bytes(b"rubbish" * 1_000)
    path.with_name("tote.db-wal").write_bytes(b"more of it")
    kept = go_back(path, copy)
    assert kept is not None
    assert kept.read_bytes() == b"rubbish" * 1_000
    assert kept.with_name(f"{kept.name}-wal").read_bytes() == b"more of it"
    assert not path.with_name("tote.db-wal").exists(), "the new one would meet it"
    assert names(path) == ["ann"]


def test_a_restore_where_there_was_nothing_keeps_nothing(path: Path, copy: Path) -> None:
    path.unlink()
    assert go_back(path, copy) is None
    assert names(path) == ["ann"]
    assert not list(path.parent.glob("*before*"))


def test_an_older_version_s_backup_is_upgraded(path: Path, copy: Path) -> None:
    old = path.with_name("old.db")
    with closing(sqlite3.connect(old)) as connection:
        fill_soundly(connection)
    before = old.read_bytes()
    go_back(path, old)
    assert names(path) == ["Ann"]
    assert old.read_bytes() == before
    assert b"'key'" not in path.read_bytes()
    assert not [each for each in path.parent.iterdir() if ".v1" in each.name]


def test_a_restore_of_an_older_version_s_backup_that_fails_leaves_no_copy_of_it(
    path: Path, copy: Path
) -> None:
    old = path.with_name("old.db")
    with closing(sqlite3.connect(old)) as connection:
        fill(connection)
    key_path(path).write_text("short")
    before = files(path.parent)
    with pytest.raises(DatabaseUnusableError, match="key file"):
        go_back(path, old)
    assert files(path.parent) == before


def theirs(path: Path) -> None:
    with closing(sqlite3.connect(path)) as stranger:
        stranger.execute("CREATE TABLE theirs (x)")


def newer(path: Path) -> None:
    with closing(open_database(path)) as database:
        database.execute("PRAGMA user_version = 10000")


def unsound(path: Path) -> None:
    with closing(open_database(path)) as database:
        add(database, "eve")
        database.execute("UPDATE accounts SET balance = balance + 1 WHERE account <> 'issue'")


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: None, "is not a file"),
    "a folder": (Path.mkdir, "is not a file"),
    "empty": (Path.touch, "not a toteboard database"),
    "another program's": (theirs, "not a toteboard database"),
    "no database": (lambda path: path.write_text("x" * 9_999), "not a database"),
    "newer": (newer, "newer version"),
    "unsound": (unsound, r"player:1:available has 0\.06"),
}


@pytest.mark.parametrize("why", REFUSED)
@pytest.mark.parametrize("exists", [True, False])
def test_what_is_no_sound_backup_is_refused_and_changes_nothing(
    path: Path, copy: Path, why: str, exists: bool
) -> None:
    make, said = REFUSED[why]
    source = path.with_name("source.db")
    make(source)
    if not exists:
        path.unlink()
    before = [each for each in path.parent.iterdir() if each.is_file()]
    held = path.read_bytes() if exists else b""
    with pytest.raises(StorageError, match=said):
        go_back(path, source)
    after = [each for each in path.parent.iterdir() if each.is_file()]
    assert {p for p in after if p.suffix != ".lock" and "source" not in p.name} == {
        p for p in before if "source" not in p.name
    }
    assert (path.read_bytes() if exists else b"") == held


def test_no_restore_while_a_server_runs_or_of_the_database_itself(path: Path, copy: Path) -> None:
    with ServerLock(path), pytest.raises(DatabaseUnusableError, match="another server"):
        go_back(path, copy)
    with pytest.raises(DatabaseUnusableError, match="the database itself"):
        go_back(path, path)
    assert names(path) == ["ann", "bob"]


def test_an_interrupted_restore_changes_nothing(path: Path, copy: Path) -> None:
    before = files(path.parent)
    with pytest.raises(KeyboardInterrupt):
        restore(path, copy, KeyFile(key_path(path)), STAMP, interrupt)
    assert files(path.parent) == before
    assert names(path) == ["ann", "bob"]


def test_a_restored_database_on_another_machine_signs_nobody_in_without_the_key_file(
    path: Path, copy: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere" / "tote.db"
    elsewhere.parent.mkdir()
    go_back(elsewhere, copy)
    with closing(open_database(elsewhere)) as database:
        assert users.session_key_of(database, 1) is None
    shutil.copy(key_path(path), key_path(elsewhere))
    with closing(open_database(elsewhere)) as database:
        assert users.session_key_of(database, 1) is not None
