"""A stolen database lets no client sign in: its session keys are sealed with a separate secret."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from storage import session_keys, users
from storage.database import Database
from storage.errors import DatabaseUnusableError
from storage.lock import ServerLock
from storage.opening import key_path, open_database
from storage.sealing import KeyFile, Sealer, derived
from storage.store import AddUser, NewUser, SignIn
from tests.support.version_1 import fill

NOW = 1_700_000_000_000
SECRET = b"x" * 32


def added(database: Database, name: str = "ann") -> NewUser:
    return NewUser(**AddUser(name, False, {}, None).perform(database, NOW))


def content(folder: Path) -> bytes:
    """Return the bytes of all files of a folder, except the copies that upgrades leave."""
    files = (path for path in folder.iterdir() if ".db.v" not in path.name)
    return b"".join(path.read_bytes() for path in files)


def test_no_session_key_is_in_the_database_s_files(path: Path, database: Database) -> None:
    ann = added(database)
    assert b"ann" in content(path.parent)
    assert ann.session_key.encode() not in content(path.parent)
    assert users.session_key_of(database, ann.id) == (ann.session_key, None)


def test_a_key_opens_for_its_user_alone(database: Database) -> None:
    ann, bob = added(database), added(database, "bob")
    database.execute(
        "UPDATE session_keys SET sealed = (SELECT sealed FROM session_keys WHERE user_id = ?) "
        "WHERE user_id = ?",
        (ann.id, bob.id),
    )
    assert users.session_key_of(database, bob.id) is None
    assert users.session_key_of(database, ann.id) == (ann.session_key, None)


def test_the_same_key_is_sealed_differently_each_time() -> None:
    sealer = Sealer(SECRET)
    first, second = (sealer.seal(1, "key") for _ in range(2))
    assert first != second
    assert sealer.unseal(1, first) == sealer.unseal(1, second) == "key"


@pytest.mark.parametrize("damaged", ["", "not base64!", "AAAA", "ä", "A" * 96])
def test_what_was_not_sealed_opens_nothing(damaged: str) -> None:
    assert Sealer(SECRET).unseal(1, damaged) is None


def test_a_changed_secret_opens_no_key_and_a_sign_in_makes_a_new_one(path: Path) -> None:
    with closing(open_database(path)) as database:
        ann = added(database)
    key_path(path).unlink()
    with closing(open_database(path)) as database:
        assert session_keys.adopt(database) == 1
        assert session_keys.adopt(database) == 0
        assert users.session_key_of(database, ann.id) is None
        values = SignIn(ann.id, 10, 1).perform(database, NOW)
        assert values["is_new"]
        assert users.session_key_of(database, ann.id) == (values["session_key"], NOW + 10)


@pytest.mark.parametrize("is_missing", [True, False])
def test_a_command_with_another_secret_than_the_server_s_makes_no_key(
    path: Path, is_missing: bool
) -> None:
    with closing(open_database(path)) as database:
        ann = added(database)
    other = path.with_name("other.key")
    if not is_missing:
        other.write_bytes(SECRET)
        other.chmod(0o600)
    with closing(open_database(path, key_file=KeyFile(other))) as database:
        with pytest.raises(DatabaseUnusableError, match="--key-file"):
            added(database, "bob")
        assert len(users.list_users(database)) == 1
    assert other.exists() != is_missing
    with closing(open_database(path)) as database:
        assert users.session_key_of(database, ann.id) == (ann.session_key, None)


@pytest.mark.parametrize("umask", [0o000, 0o777])
def test_the_key_file_is_for_its_owner_alone_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        KeyFile(tmp_path / "a.key").sealer()
    finally:
        os.umask(before)
    assert (tmp_path / "a.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["a.key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o777])
def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "a.key"
    path.write_bytes(SECRET)
    path.chmod(mode)
    if os.geteuid() == 0:
        os.chown(path, 12_345, 12_345)
    with pytest.raises(DatabaseUnusableError, match=f"chmod 600 {path}"):
        KeyFile(path).sealer()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize(("mode", "is_used"), [(0o440, True), (0o640, True), (0o444, False)])
def test_a_credential_of_root_s_may_be_readable_by_a_group(
    tmp_path: Path, mode: int, is_used: bool
) -> None:
    path = tmp_path / "a.key"
    path.write_bytes(SECRET)
    path.chmod(mode)
    if is_used:
        assert KeyFile(path).sealer().secret_id == Sealer(SECRET).secret_id
    else:
        with pytest.raises(DatabaseUnusableError):
            KeyFile(path).sealer()


@pytest.mark.parametrize("held", [b"", b"x" * 31, b" " * 40, b"x" * 4_097])
def test_a_key_file_without_a_secret_is_refused(tmp_path: Path, held: bytes) -> None:
    path = tmp_path / "a.key"
    path.write_bytes(held)
    path.chmod(0o600)
    with pytest.raises(DatabaseUnusableError, match="32 to 4096 bytes"):
        KeyFile(path).sealer()


def test_white_space_at_the_ends_of_a_secret_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "a.key"
    path.write_bytes(b"\n" + SECRET + b" \r\n")
    path.chmod(0o600)
    assert KeyFile(path).sealer().secret_id == Sealer(SECRET).secret_id


@pytest.mark.parametrize("missing", ["nowhere/a.key", "."])
def test_a_key_file_that_cannot_be_made_or_read_is_one_line(tmp_path: Path, missing: str) -> None:
    with pytest.raises(DatabaseUnusableError, match="cannot use the key file"):
        KeyFile(tmp_path / missing).sealer()


MAKE = """
import sys
from pathlib import Path
from storage.sealing import KeyFile
print("ready", flush=True)
sys.stdin.read()
print(KeyFile(Path(sys.argv[1])).sealer().secret_id)
"""


def test_all_who_make_a_key_file_at_once_have_the_same_secret(tmp_path: Path) -> None:
    command = [sys.executable, "-c", MAKE, str(tmp_path / "a.key")]
    gate, latch = os.pipe()
    makers = [
        subprocess.Popen(command, stdin=gate, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    for maker in makers:
        assert maker.stdout is not None
        maker.stdout.readline()
    os.close(latch)
    assert len({maker.communicate()[0] for maker in makers}) == 1
    os.close(gate)


def test_one_secret_serves_both_ends_and_its_id_tells_nothing_of_it() -> None:
    one, same, other = Sealer(SECRET), Sealer(SECRET), Sealer(b"y" * 32)
    assert one.secret_id == same.secret_id != other.secret_id
    assert bytes.fromhex(one.secret_id) not in derived(SECRET, b"session keys") + SECRET
    assert same.unseal(7, one.seal(7, "key")) == "key"
    assert other.unseal(7, one.seal(7, "key")) is None


KEYS = {number: f"plain-session-key-of-{number:05}-and-no-other" for number in range(1, 2_001)}


def old_file(path: Path) -> None:
    """Write a database of version 1, with keys in its rows, its free pages and its WAL."""
    with closing(sqlite3.connect(path)) as old:
        fill(old)
        old.execute("PRAGMA journal_mode=WAL")
        old.execute("PRAGMA secure_delete=OFF")  # some builds of SQLite have it on
        for user_id, key in KEYS.items():
            if user_id > 1:
                old.execute(
                    "INSERT INTO users VALUES (?, ?, ?, 0, 0, 1)",
                    (user_id, f"u{user_id}", f"u{user_id}"),
                )
            old.execute(
                "INSERT OR REPLACE INTO session_keys VALUES (?, ?, NULL)", (user_id, "gone-" + key)
            )
        old.commit()
        old.execute("DELETE FROM session_keys WHERE user_id > 500")
        for user_id, key in KEYS.items():
            old.execute(
                "INSERT OR REPLACE INTO session_keys VALUES (?, ?, NULL)", (user_id, key[::-1])
            )
        old.execute("DELETE FROM session_keys WHERE user_id > 1000")
        old.commit()


def plain(folder: Path) -> int:
    """Return how many keys can be read in the files of a folder."""
    held = content(folder)
    return sum(key.encode() in held or key[::-1].encode() in held for key in KEYS.values())


def test_an_upgrade_seals_the_keys_and_leaves_none_in_plain_in_the_file(path: Path) -> None:
    old_file(path)
    assert plain(path.parent) > 1_000
    with closing(open_database(path)) as database:
        assert plain(path.parent) == 0
        assert users.session_key_of(database, 17) == (KEYS[17][::-1], None)
        assert session_keys.is_scrubbed(database)
        copy = database.upgraded_from
    assert copy is not None
    assert KEYS[17][::-1].encode() in copy.read_bytes(), "the copy is the file as it was"
    assert copy.stat().st_mode & 0o777 == 0o600


def test_what_an_upgrade_could_not_scrub_the_next_start_does(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_file(path)
    with monkeypatch.context() as patch, closing(sqlite3.connect(path)) as reader:
        patch.setattr(Database, "checkpoint", lambda _: False)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM users").fetchone()
        with closing(open_database(path)) as database:
            assert not session_keys.is_scrubbed(database)
        assert plain(path.parent) > 0
    with ServerLock(path), closing(open_database(path)) as beside:
        assert not session_keys.is_scrubbed(beside), "nothing is rewritten under a server"
    with ServerLock(path), closing(open_database(path, lock_held=True)) as database:
        assert session_keys.is_scrubbed(database)
        assert plain(path.parent) == 0


def test_an_upgrade_of_a_file_without_keys_makes_no_key_file(path: Path) -> None:
    with closing(sqlite3.connect(path)) as old:
        fill(old)
        old.execute("DELETE FROM session_keys")
        old.commit()
    open_database(path).close()
    assert not key_path(path).exists()
