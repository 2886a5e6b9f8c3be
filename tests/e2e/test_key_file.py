"""The secret that seals session keys, as an operator handles it, on a real server."""

import os
import shutil
from pathlib import Path

import httpx
import orjson
import pytest
import trio
from wsproto.events import AcceptConnection

from tests.support.process import PATIENCE_S, TOTEBOARD, Process, environment, toteboard
from tests.support.wire import wire_to
from toteboard_client import signed_url

NO_OPERATORS = "--operator-port", "-1"


async def is_signed_in(server: Process, name: str) -> bool:
    """Return whether this user's key opens a connection. If not, check for an ordinary 401."""
    async with wire_to(server) as wire:
        answer = await wire.handshake(signed_url("/", *server.keys[name]))
        assert isinstance(answer, AcceptConnection) or answer.status_code == 401
        return isinstance(answer, AcceptConnection)


async def test_a_stolen_copy_of_the_database_signs_nobody_in(tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "theirs").mkdir()
    async with Process(tmp_path / "ours") as server:
        server.add_user("ann")
        server.add_user("bob")
        assert await is_signed_in(server, "ann")
        await server.stop()
        keys = server.keys
        shutil.copy(server.database, tmp_path / "theirs")
    for _, key in keys.values():
        assert key.encode() not in (tmp_path / "theirs" / "toteboard.db").read_bytes()
    async with Process(tmp_path / "theirs") as thief:
        thief.keys = keys
        changed = await thief.logged("key_file_changed")
        assert (changed["level"], changed["session_keys"]) == ("warning", 2)
        assert not await is_signed_in(thief, "ann")
        assert not await is_signed_in(thief, "bob")


async def test_when_the_secret_is_lost_users_sign_in_again_and_nothing_else_is_lost(
    tmp_path: Path,
) -> None:
    async with Process(tmp_path) as server:
        server.add_user("ann")
        given = {"username": "cat", "password": "correct horse"}
        async with httpx.AsyncClient() as http:
            url = (await server.logged("listening"))["http_url"]
            signed_up = (await http.post(f"{url}r/signup/", json=given)).json()
            server.keys["cat"] = signed_up["id"], signed_up["user_session_key"]
            assert await is_signed_in(server, "cat")
            await server.stop()
            server.database.with_name("toteboard.db.key").unlink()
            checked = await toteboard(tmp_path, "check")
            assert (checked.returncode, checked.stderr) == (0, b"")
            refused = await toteboard(tmp_path, "user", "key", "ann")
            assert (refused.returncode, refused.stdout) == (2, b"")
            assert refused.stderr.count(b"\n") == 1
            await server.start()
            assert server.events().count("key_file_changed") == 1
            assert not await is_signed_in(server, "ann")
            assert not await is_signed_in(server, "cat")
            url = (await server.logged("listening"))["http_url"]
            signed_in = (await http.post(f"{url}r/login/", json=given)).json()
            server.keys["cat"] = signed_in["id"], signed_in["user_session_key"]
            assert await is_signed_in(server, "cat")
        new = orjson.loads((await toteboard(tmp_path, "user", "key", "ann")).stdout)
        server.keys["ann"] = new["id"], new["session_key"]
        assert await is_signed_in(server, "ann")
        assert await server.stop() == 0
        await server.start()
        assert "key_file_changed" not in server.events()
        assert await is_signed_in(server, "ann")


async def test_a_key_file_that_others_can_read_is_one_line_and_exit_2(tmp_path: Path) -> None:
    secret = tmp_path / "my.key"
    secret.write_text("x" * 40)
    secret.chmod(0o644)
    for command in (("serve", "--port", "0", *NO_OPERATORS), ("user", "add", "ann")):
        refused = await toteboard(tmp_path, *command, "--key-file", str(secret))
        assert (refused.returncode, refused.stdout) == (2, b""), command
        assert refused.stderr.count(b"\n") == 1
        assert b"chmod 600" in refused.stderr


async def test_a_key_file_that_is_the_database_is_refused_and_nothing_is_made(
    tmp_path: Path,
) -> None:
    for command in (("serve", "--port", "0"), ("user", "add", "ann")):
        refused = await toteboard(tmp_path, *command, "--key-file", "toteboard.db")
        assert (refused.returncode, refused.stdout) == (2, b"")
        assert refused.stderr == (
            b"toteboard: the key file toteboard.db is the database itself: name another\n"
        )
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("is_set", [False, True])
async def test_a_credential_of_systemd_s_is_used_unless_another_file_is_set(
    tmp_path: Path, is_set: bool
) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "toteboard.key").write_text("y" * 40)
    (folder / "toteboard.key").chmod(0o400)
    own = {"TOTEBOARD_KEY_FILE": str(tmp_path / "set.key")} if is_set else {}
    with trio.fail_after(PATIENCE_S):
        await trio.run_process(
            [*TOTEBOARD, "user", "add", "ann"],
            capture_stdout=True,
            cwd=tmp_path,
            env={**environment(), "CREDENTIALS_DIRECTORY": str(folder), **own},
        )
    assert (tmp_path / "set.key").exists() == is_set
    assert not (tmp_path / "toteboard.db.key").exists()


async def test_the_secret_is_told_nowhere(tmp_path: Path) -> None:
    async with Process(tmp_path, "--log-level", "debug") as server:
        server.add_user("ann")
        assert await is_signed_in(server, "ann")
        secret = server.database.with_name("toteboard.db.key").read_text().strip()
        assert len(secret) == 64
        assert server.database.with_name("toteboard.db.key").stat().st_mode & 0o777 == 0o600
        await server.stop()
        shown = await toteboard(tmp_path, "config")
        told = repr(server.lines) + server.stderr.decode() + shown.stdout.decode()
        assert secret not in told
        assert os.fsencode(secret) not in server.database.read_bytes()
