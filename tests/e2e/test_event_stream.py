"""The event stream of a real server: no fact is lost by a failing receiver or a kill."""

import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import orjson
import pytest
import trio

from storage.opening import open_for_reading
from tests.e2e.bettors import open_games
from tests.support.hook_receiver import SECRET, is_genuine
from tests.support.process import PATIENCE_S, Process, toteboard
from toteboard_client import Client


class Receiver(ThreadingHTTPServer):
    """Keeps the positions of what is posted, by game. `answers`: those to give instead of 204."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[int] = []
        self.positions: defaultdict[str, list[int]] = defaultdict(list)
        self.forged = 0
        self._came = threading.Condition()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/facts"

    def answer(self, headers: dict[str, str], body: bytes) -> int:
        """Take a post, and return the status of its answer."""
        self.forged += not is_genuine(headers, body)
        status = self.answers.pop(0) if self.answers else 204
        with self._came:
            for fact in orjson.loads(body)["facts"] if status == 204 else ():
                self.positions[fact["game_id"]].append(fact["seq"])
            self._came.notify_all()
        return status

    def wait_for(self, game_id: str, seq: int) -> None:
        """Wait until a fact has come."""
        with self._came:
            assert self._came.wait_for(lambda: seq in self.positions[game_id], PATIENCE_S)


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        status = self.server.answer({k.lower(): v for k, v in self.headers.items()}, body)
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(params=["1", "2"], ids=["one process", "workers"])
async def server(request: Any, tmp_path: Path, receiver: Receiver) -> AsyncIterator[Process]:
    hook = f'[webhooks.ledger]\nurl = "{receiver.url}"\nsecret = "{SECRET}"\n'
    (tmp_path / "settings.toml").write_text(hook)
    async with Process(
        tmp_path, "--config", "settings.toml", "--workers", request.param
    ) as process:
        yield process


async def test_every_fact_comes_in_order_whatever_befalls_receiver_and_server(
    server: Process, receiver: Receiver
) -> None:
    receiver.answers = [500, 302]
    server.add_user("hanna", can_host=True)
    async with server.connect("hanna") as host:
        games = list(await open_games(host, 3))
        await change(host, games)
    await server.kill()
    await server.start()
    async with server.connect("hanna") as host:
        await change(host, games)
        await has_all(server, receiver)
        receiver.answers = [410]
        await change(host, games)
        await is_stopped(server)
    replayed = await toteboard(
        server.folder, "hooks", "replay", "ledger", "--config", "settings.toml", "--from", "0"
    )
    assert replayed.returncode == 0, replayed.stderr
    await has_all(server, receiver)
    assert receiver.forged == 0


async def change(host: Client, games: list[str]) -> None:
    """Change the details of each game some times."""
    for number in range(5):
        for game_id in games:
            assert (await host.call(373, game_id=game_id, hashtag=f"#n{number}"))["res"] == 343


async def has_all(server: Process, receiver: Receiver) -> None:
    """Wait until the receiver has every fact of the file. None came before an earlier one did."""
    with closing(open_for_reading(server.database)) as database:
        rows = list(database.rows("SELECT game_id, max(seq) AS last FROM facts GROUP BY game_id"))
    for row in rows:
        await trio.to_thread.run_sync(receiver.wait_for, row["game_id"], row["last"])
        came = receiver.positions[row["game_id"]]
        assert list(dict.fromkeys(came)) == [*range(1, row["last"] + 1)]


async def is_stopped(server: Process) -> None:
    """Wait until the command says that the hook has stopped."""
    with trio.fail_after(PATIENCE_S):
        while True:
            listed = await toteboard(server.folder, "hooks", "list", "--config", "settings.toml")
            assert SECRET not in listed.stdout.decode()
            if orjson.loads(listed.stdout)["stopped"]:
                return
