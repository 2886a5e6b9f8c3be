"""A kill loses nothing that was answered, and a server that cannot start prints the reason."""

import socket
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
import trio

from game.facts import DetailsUpdated
from storage.audit import audit
from storage.journal import entries
from storage.opening import open_for_reading
from tests.support.process import WORKERS, Process, heard_to_the_end, toteboard
from toteboard_client import Client, ConnectionClosedError

KILLS = 3
ASKED = 1_000
IN_FLIGHT = 300
LOST = 1006 if WORKERS == 1 else 1012
"""The close code after a kill: none was sent, but a worker sends "Service Restart"."""
UNUSABLE = 2


class Told:
    """What the server has acknowledged, over all its lives."""

    def __init__(self, source_id: str, game_id: str) -> None:
        self.source_id, self.game_id = source_id, game_id
        self.created: dict[str, str] = {}
        self.updated: set[str] = set()
        self.published: dict[int, str] = {}
        self.count = 0

    def requests(self, life: int) -> list[dict[str, Any]]:
        """Return more creations and updates than one life has time for."""
        update = {"op": 373, "game_id": self.game_id}
        creation = {"op": 370, "source_id": self.source_id}
        return [
            update | {"hashtag": f"#{life}-{number}"}
            if number % 2
            else creation | {"game_name": f"{life} {number}"}
            for number in range(ASKED)
        ]

    def note(self, message: dict[str, Any], requests: list[dict[str, Any]]) -> bool:
        """Record a reply or a publication. Return whether it acknowledges a change."""
        match message["res"]:
            case 340:
                self.created[message["game_id"]] = message["game_name"]
            case 343:
                number = message["response_header"]["request_id"]
                self.updated.add(requests[number]["hashtag"])
            case 342:
                self.published[message["seq"]] = message["hashtag"]
            case code:
                assert code in (333, 470), message
        return message["res"] in (340, 343)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Process]:
    async with Process(tmp_path, "--rate-limit", "0") as process:
        process.add_user("ann", can_host=True)
        yield process


async def ask_and_kill(server: Process, told: Told, life: int) -> None:
    """Send requests on one connection as fast as possible, and kill the server meanwhile."""
    requests = told.requests(life)
    before, enough = told.count, told.count + 40 * (life + 1)

    in_flight = trio.Semaphore(IN_FLIGHT)

    async def ask(client: Client) -> None:
        with suppress(ConnectionClosedError):
            for number, request in enumerate(requests):
                await in_flight.acquire()
                await client.send(header={"request_id": number}, **request)

    async def listen(client: Client) -> None:
        while told.count < enough:
            if told.note(await client.receive(), requests):
                in_flight.release()
                told.count += 1

    async with server.connect("ann") as client, trio.open_nursery() as nursery:
        await client.send(363, game_id=told.game_id)
        nursery.start_soon(ask, client)
        await listen(client)
        server.process.kill()
        heard, reason = await heard_to_the_end(client)
        nursery.cancel_scope.cancel()
    for message in heard:
        told.count += told.note(message, requests)
    assert reason.code == LOST
    assert await server.ended() != 0
    assert enough <= told.count < before + ASKED, "it was in the middle of it"


async def everything_is_there(server: Process, told: Told) -> None:
    with closing(open_for_reading(server.database)) as database:
        assert audit(database) == []
    await server.start()
    async with server.connect("ann") as client:
        listed: dict[str, str] = {}
        while (
            len(listed)
            < (page := await client.call(380, source_id=told.source_id, offset=len(listed)))[
                "total"
            ]
        ):
            listed |= {game_id: game["name"] for game_id, game in page["games"].items()}
        assert told.created.items() <= listed.items()
        details = await client.call(372, game_id=told.game_id)
    with closing(open_for_reading(server.database)) as database:
        kept = {
            entry.seq: entry.fact.hashtag
            for entry in entries(database, told.game_id, limit=KILLS * ASKED)
            if isinstance(entry.fact, DetailsUpdated)
        }
    assert told.published.items() <= kept.items()
    assert told.updated <= {*kept.values()}
    assert (details["seq"], details["hashtag"]) == (max(kept), kept[max(kept)])


async def test_what_was_answered_is_there_after_a_kill(server: Process) -> None:
    async with server.connect("ann") as client:
        source = await client.call(365, source_name="FIFA")
        game = await client.call(370, source_id=source["source_id"], game_name="the match")
    told = Told(source["source_id"], game["game_id"])
    for life in range(KILLS):
        await ask_and_kill(server, told, life)
        await everything_is_there(server, told)
    assert len(told.published) > KILLS
    await server.kill()
    checked = await toteboard(server.folder, "check")
    assert (checked.returncode, checked.stderr) == (0, b""), checked.stdout


async def cannot_start(folder: Path, *options: str) -> str:
    """Start a server that cannot start, and return the one line that it prints."""
    common = ("--port", "0", "--operator-port", "-1", "--log-format", "json")
    ended = await toteboard(folder, "serve", *common, *options)
    assert (ended.returncode, ended.stdout) == (UNUSABLE, b""), ended
    said = ended.stderr.decode()
    assert said.startswith("toteboard: ")
    assert said.count("\n") == 1
    assert said.endswith("\n")
    assert "Traceback" not in said
    return said


async def test_a_second_server_on_the_same_file_cannot_start(server: Process) -> None:
    assert "in use" in await cannot_start(server.folder, "--database", "toteboard.db")
    async with server.connect("ann") as client:
        assert (await client.call(1))["res"] == 1


async def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("not for a database " * 100)
    said = await cannot_start(tmp_path, "--database", "notes.txt")
    assert "notes.txt" in said
    assert notes.read_text() == "not for a database " * 100


async def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE cats (name TEXT)")
    assert "not a toteboard database" in await cannot_start(tmp_path, "--database", "other.db")
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("cats",)]


async def test_a_damaged_database_is_one_line(tmp_path: Path) -> None:
    async with Process(tmp_path):
        pass
    path = tmp_path / "toteboard.db"
    with closing(sqlite3.connect(path)) as database:
        tables = database.execute("SELECT rootpage FROM sqlite_master WHERE tbl_name = 'games'")
        pages = [page for (page,) in tables]
        (size,) = database.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        for page in pages:
            file.seek((page - 1) * size)
            file.write(b"\xff" * size)
    said = await cannot_start(tmp_path, "--database", path.name)
    assert "cannot use toteboard.db: database disk image is malformed" in said


async def test_a_database_from_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    async with Process(tmp_path):
        pass
    path = tmp_path / "toteboard.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 99")
    assert "newer version" in await cannot_start(tmp_path, "--database", path.name)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (99,)


@pytest.mark.parametrize("name", ["folder", "missing/toteboard.db"])
async def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()  # root can open this as well
    assert name in await cannot_start(tmp_path, "--database", name)


async def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        assert port in await cannot_start(tmp_path, "--port", port)


async def test_an_address_that_is_not_ours_is_named(tmp_path: Path) -> None:
    assert "192.0.2.1" in await cannot_start(tmp_path, "--host", "192.0.2.1")


@pytest.mark.parametrize("content", [None, "", "-----BEGIN CERTIFICATE-----\nAAAA\n"])
async def test_a_bad_certificate_is_told(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "cert.pem").write_text(content)
    said = await cannot_start(tmp_path, "--tls-cert", "cert.pem", "--tls-key", "cert.pem")
    assert "TLS" in said
