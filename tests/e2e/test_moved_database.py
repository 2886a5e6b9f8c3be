"""An operator moves the database's files while the real server runs: nothing is lost."""

import os
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
import trio

from storage.opening import open_for_reading
from tests.support.process import PATIENCE_S, Process, toteboard

NO_OPERATORS = "--operator-port", "-1"


def moved(database: Path) -> None:
    database.rename(database.with_name("moved.db"))


def deleted(database: Path) -> None:
    database.unlink()


def replaced(database: Path) -> None:
    shutil.copy(database, database.with_name("copy.db"))
    database.with_name("copy.db").replace(database)


async def bet(server: Process, name: str) -> str:
    """Place a bet. The client receives the reply, so the bet must survive."""
    async with server.connect("ann") as ann:
        return str((await ann.call(365, source_name=name))["source_id"])


async def readiness(server: Process, wanted: str) -> int:
    """Wait until `/readyz` reports `wanted`, and return the status code."""
    url = (await server.logged("listening"))["http_url"]
    async with httpx.AsyncClient() as http:
        with trio.fail_after(PATIENCE_S):
            while True:
                answer = await http.get(f"{url}readyz")
                if answer.json()["status"] == wanted:
                    return answer.status_code
                await trio.sleep(0.05)


async def kept(folder: Path, database: str) -> set[str]:
    """Return the ids of sources and the names of users in a file that passes `check`."""
    checked = await toteboard(folder, "check", "--database", database)
    assert (checked.returncode, checked.stderr) == (0, b""), checked.stdout
    with closing(open_for_reading(folder / database)) as opened:
        both = "SELECT id AS what FROM sources UNION SELECT name FROM users"
        return {row["what"] for row in opened.rows(both)}


@pytest.mark.parametrize(
    ("done", "kept_in", "next_start"),
    [
        (moved, "moved.db", "is missing, but"),
        (deleted, "toteboard.db", None),
        (replaced, "toteboard.db.deleted1", None),
    ],
)
async def test_what_was_committed_after_the_file_was_moved_is_there_after_a_stop(
    tmp_path: Path, done: Callable[[Path], None], kept_in: str, next_start: str | None
) -> None:
    async with Process(tmp_path) as server:
        server.add_user("ann", can_host=True)
        told: set[str] = {await bet(server, "before")}
        assert await readiness(server, "ready") == 200
        done(server.database)
        assert await readiness(server, "database file moved") == 503
        told |= {await bet(server, "after")}
        added = await toteboard(tmp_path, "user", "add", "eve")
        assert added.returncode == 0, "the server adds her"
        told |= {"eve"}
        for command in (("user", "list"), ("check",), ("backup", "copy.db")):
            refused = await toteboard(tmp_path, *command)
            assert (refused.returncode, refused.stdout) == (2, b""), command
            assert refused.stderr.count(b"\n") == 1
        assert await server.stop() == 0
        assert server.events().count("database_moved") == 1
        assert server.stderr == b""
    assert await kept(tmp_path, kept_in) == told | {"ann"}
    again = await toteboard(tmp_path, "user", "add", "bob")
    assert again.returncode == (2 if next_start else 0)
    assert (next_start or "") in again.stderr.decode()


async def test_a_moved_file_that_is_put_back_is_as_if_nothing_had_happened(tmp_path: Path) -> None:
    async with Process(tmp_path) as server:
        server.add_user("ann", can_host=True)
        moved(server.database)
        assert await readiness(server, "database file moved") == 503
        told = {await bet(server, "meanwhile")}
        (tmp_path / "moved.db").rename(server.database)
        assert await readiness(server, "ready") == 200
        assert await server.stop() == 0
        assert not server.database.with_name("toteboard.db-wal").exists()
        await server.start()
        told |= {await bet(server, "later")}
    assert await kept(tmp_path, "toteboard.db") == told | {"ann"}


async def test_a_stop_that_cannot_complete_the_moved_file_says_which_wal_to_keep(
    tmp_path: Path,
) -> None:
    async with Process(tmp_path) as server:
        server.add_user("ann", can_host=True)
        with closing(open_for_reading(server.database)) as reader, reader.snapshot():
            reader.rows("SELECT name FROM users")
            moved(server.database)
            told = {await bet(server, "meanwhile")}
            assert await server.stop() == 1
        wal = f"{server.database}-wal: keep that file"
        assert wal in (await server.logged("storage_failed"))["error"]
        assert wal in server.stderr.decode()
        assert server.stderr.count(b"\n") == 1
        (tmp_path / "moved.db").rename(server.database)
    assert await kept(tmp_path, "toteboard.db") == told | {"ann"}


async def test_a_server_that_is_killed_while_its_file_is_moved_loses_nothing(
    tmp_path: Path,
) -> None:
    async with Process(tmp_path) as server:
        server.add_user("ann", can_host=True)
        moved(server.database)
        told = {await bet(server, "meanwhile")}
        await server.kill()
        refused = await toteboard(tmp_path, "serve", "--port", "0", *NO_OPERATORS)
        assert (refused.returncode, refused.stdout) == (2, b"")
        assert b"Move it back" in refused.stderr
        (tmp_path / "moved.db").rename(server.database)
    assert await kept(tmp_path, "toteboard.db") == told | {"ann"}


@pytest.mark.parametrize("how", ["hard link", "lock file deleted", "symbolic link", "moved"])
async def test_two_servers_never_run_on_one_file(tmp_path: Path, how: str) -> None:
    async with Process(tmp_path) as server:
        other: Any = tmp_path / "other" / "other.db"
        other.parent.mkdir()
        match how:
            case "hard link":
                os.link(server.database, other)
            case "symbolic link":
                other.symlink_to(server.database)
            case "moved":
                server.database.rename(other)
            case _:
                (tmp_path / "toteboard.db.lock").unlink()
                other = server.database
        serve = "serve", "--port", "0", *NO_OPERATORS, "--database", str(other)
        second = await toteboard(tmp_path, *serve)
        assert (second.returncode, second.stdout) == (2, b"")
        assert second.stderr.count(b"\n") == 1
        assert (b"names" if how == "hard link" else b"another server") in second.stderr
