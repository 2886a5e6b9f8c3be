"""`toteboard bench` against a real server finds nothing wrong, and reports what is wrong."""

import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import orjson
import pytest
import trio

from storage.opening import open_database
from storage.users import list_users
from tests.support.process import PATIENCE_S, TOTEBOARD, Process, environment, toteboard

SMALL = ("--users", "4", "--games", "2", "--rate", "40")


def url_of(server: Process) -> str:
    return f"ws://127.0.0.1:{server.port}/"


async def test_a_sound_server_is_found_to_be_sound(tmp_path: Path) -> None:
    async with Process(tmp_path, "--log-level", "warning") as server:
        given = ("--database", "toteboard.db", "--duration", "1s", "--json")
        done = await toteboard(tmp_path, "bench", url_of(server), *SMALL, *given)
        assert done.returncode == 0, done
        report = orjson.loads(done.stdout)
        assert (report["users"], report["games"]) == (4, 2)
        assert report["bets"] + report["bets_not_sent"] == 40
        assert (report["gaps"], report["bets_lost"], report["findings"]) == (0, 0, [])
        assert report["answer_ms"]["p50"] <= report["answer_ms"]["max"]
        assert (await toteboard(tmp_path, "check")).returncode == 0
        listed = (await toteboard(tmp_path, "user", "list")).stdout.splitlines()
        users = [orjson.loads(line) for line in listed]
        assert len(users) == 5
        assert all(user["name"].startswith("bench-") and user["disabled"] for user in users)


async def test_it_stops_in_time_whatever_the_rate_and_says_what_was_not_sent(
    tmp_path: Path,
) -> None:
    async with Process(tmp_path, "--log-level", "warning", "--rate-limit", "0") as server:
        given = ("--users", "4", "--rate", "100000", "--duration", "500ms", "--json")
        done = await toteboard(
            tmp_path, "bench", url_of(server), *given, "--database", "toteboard.db"
        )
    report = orjson.loads(done.stdout)
    assert (done.returncode, report["findings"]) == (0, [])
    assert report["bets_not_sent"] > 0
    assert report["bets"] + report["bets_not_sent"] == 50_000


async def test_a_database_of_another_server_is_found_out_and_left_without_users(
    tmp_path: Path,
) -> None:
    open_database(tmp_path / "other.db").close()
    async with Process(tmp_path) as server:
        url = url_of(server)
        done = await toteboard(tmp_path, "bench", url, "--users", "2", "--database", "other.db")
    assert (done.returncode, done.stdout) == (2, b"")
    last = done.stderr.decode().splitlines()[-1]
    assert last == f"toteboard: the database is not that of the server at {url}"
    with closing(open_database(tmp_path / "other.db")) as database:
        assert [user.disabled for user in list_users(database)] == [True] * 3


async def test_a_server_that_goes_for_good_is_given_up_with_a_report(tmp_path: Path) -> None:
    errors = tmp_path / "errors"
    async with Process(tmp_path) as server:
        command = [*TOTEBOARD, "bench", url_of(server), *SMALL, "--duration", "1h", "--json"]
        with errors.open("wb") as stderr:
            process = await trio.lowlevel.open_process(
                [*command, "--database", "toteboard.db"],
                stdout=subprocess.PIPE,
                stderr=stderr,
                cwd=tmp_path,
                env=environment(),
            )
        with trio.fail_after(PATIENCE_S):
            await server.logged("bet_placed")
            await server.kill()
            with unanswered(server.port):
                assert process.stdout is not None
                said = b"".join([bytes(data) async for data in process.stdout])
                assert (await process.wait(), bool(said)) == (1, True), errors.read_text()
        report = orjson.loads(said)
        assert (report["findings"], report["bets_lost"]) == (["the server is not reachable"], 0)
        assert report["bets_per_second"] is not None
        with closing(open_database(server.database)) as database:
            assert all(user.disabled for user in list_users(database))


@contextmanager
def unanswered(port: int) -> Iterator[None]:
    """Hold a port that refuses connections, so that no server of another test is given it."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", port))
        yield


async def test_users_that_there_are_come_from_a_file(tmp_path: Path) -> None:
    async with Process(tmp_path, "--log-level", "warning") as server:
        lines = [
            (await toteboard(tmp_path, "user", "add", name, "--can-host")).stdout
            for name in ("hanna", "ann", "bob")
        ]
        (tmp_path / "users").write_bytes(b"".join(lines))
        # One bet a second is possible on a busy machine too.
        given = ("--users", "2", "--users-file", "users", "--duration", "3s", "--rate", "1")
        done = await toteboard(tmp_path, "bench", url_of(server), *given)
        assert done.returncode == 0, done
        assert b"2 users in 2 games, 3 bets" in done.stdout
        assert b"bets lost     0" in done.stdout


async def test_bets_that_are_refused_are_said_and_are_exit_1(tmp_path: Path) -> None:
    async with Process(tmp_path, "--log-level", "warning") as server:
        added = []
        for name in ("hanna", "ann", "bob"):
            pay = ("--balance", "0.05", "--can-host")
            added.append((await toteboard(tmp_path, "user", "add", name, *pay)).stdout)
        (tmp_path / "users").write_bytes(b"".join(added))
        given = ("--users", "2", "--users-file", "users", "--duration", "2s", "--rate", "20")
        done = await toteboard(tmp_path, "bench", url_of(server), *given)
        assert done.returncode == 1, done
        found = re.findall(rb"^FAILED: (.*)$", done.stdout, re.M)
        # How many were sent in time depends on the machine.
        refused = [re.sub(rb"^\d+ bets?", b"some bets", line) for line in found]
        assert refused == [
            b"some bets of ann: insufficient_funds",
            b"some bets of bob: insufficient_funds",
        ]


async def test_interrupted_it_closes_its_games_and_reports_so_far(tmp_path: Path) -> None:
    async with Process(tmp_path) as server:
        command = [*TOTEBOARD, "bench", url_of(server), *SMALL, "--duration", "1h", "--json"]
        process = await trio.lowlevel.open_process(
            [*command, "--database", "toteboard.db"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=tmp_path,
            env=environment(),
        )
        with trio.fail_after(PATIENCE_S):
            await server.logged("bet_placed")
            process.send_signal(signal.SIGINT)
            assert process.stdout is not None
            said = b"".join([bytes(data) async for data in process.stdout])
            assert await process.wait() == 0
        report = orjson.loads(said)
        assert report["bets"] >= 1
        assert report["findings"] == []
        await server.logged("source_closed")
        assert server.events().count("game_closed") == 2


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["ws://127.0.0.1:1/", "--database", "toteboard.db"], "connect"),
        (["URL", "--database", "other.db"], "database other.db does not exist"),
        (["URL"], "either --database or --users-file"),
        (["http://127.0.0.1/", "--database", "toteboard.db"], "ws:// or wss://"),
        (["URL", "--database", "toteboard.db", "--duration", "soon"], "not a duration"),
        (["URL", "--database", "toteboard.db", "--duration", "0s"], "'0s' must be longer than 0"),
        (["URL", "--users-file", "nobody"], "is not what `user add` prints"),
        (["URL", "--users-file", "few"], "has 1 users; expected 1 host and 50 users"),
        (["URL", "--users", "0", "--database", "toteboard.db"], "is not a whole number from 1 to"),
    ],
)
async def test_bad_use_is_one_line_and_exit_2(
    tmp_path: Path, arguments: list[str], why: str
) -> None:
    (tmp_path / "nobody").write_text("hanna\n")
    (tmp_path / "few").write_text('{"id": 1, "name": "hanna", "session_key": "key"}\n')
    open_database(tmp_path / "toteboard.db").close()
    arguments = [each.replace("URL", "ws://127.0.0.1:1/") for each in arguments]
    done = await toteboard(tmp_path, "bench", *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    last = done.stderr.decode().splitlines()[-1]
    assert last.startswith("toteboard: ")
    assert why in last
    with closing(open_database(tmp_path / "toteboard.db")) as database:
        assert list_users(database) == [], "nothing is written before there is a server"
