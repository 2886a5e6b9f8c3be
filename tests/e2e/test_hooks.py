"""The event stream of a real server: one process, workers, a kill, and the commands on hooks."""

from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Condition, Thread
from typing import Any

import httpx
import orjson
import pytest
import trio

from storage.opening import open_for_reading
from tests.support.hook_receiver import SECRET
from tests.support.process import PATIENCE_S, Process, toteboard

Fact = dict[str, Any]


class Receiver(ThreadingHTTPServer):
    """Takes posts in threads of its own, and keeps their facts. `status`: what it answers."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.facts: list[Fact] = []
        self.status = 204
        self._came = Condition()

    def take(self, facts: list[Fact]) -> None:
        """Keep facts that came."""
        with self._came:
            self.facts += facts
            self._came.notify_all()

    def has_come(self, wanted: set[tuple[str, int]]) -> bool:
        """Wait for these facts. Return whether they have come."""
        with self._came:
            return self._came.wait_for(lambda: wanted <= self.positions(), PATIENCE_S)

    def positions(self) -> set[tuple[str, int]]:
        """Return the games and positions of the facts that came."""
        return {(fact["game_id"], fact["seq"]) for fact in self.facts}


class Handler(BaseHTTPRequestHandler):
    """Answers a post."""

    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.server.status == 204:
            self.server.take(orjson.loads(body)["facts"])
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


def settings(folder: Path, **values: str) -> Path:
    """Write a settings file with a hook."""
    table = {"secret": SECRET, "from": "beginning"} | values
    lines = [f'{key} = "{value}"' for key, value in table.items()]
    path = folder / "toteboard.toml"
    path.write_text("\n".join(["[webhooks.ledger]", *lines]))
    return path


@pytest.fixture(params=["1", "2"], ids=["one process", "workers"])
async def server(request: Any, tmp_path: Path, receiver: Receiver) -> AsyncIterator[Process]:
    file = settings(tmp_path, url=f"http://127.0.0.1:{receiver.server_port}/facts")
    options = ("--config", str(file), "--operator-port", "0", "--workers", request.param)
    async with Process(tmp_path, *options) as process:
        yield process


async def play(server: Process, name: str) -> None:
    server.add_user(name, can_host=True)
    async with server.connect(name) as host:
        source = await host.call(365, source_name=name)
        about: dict[str, Any] = {"actions": ["goal"], "targets": ["brazil", "chile"]}
        game = await host.call(370, source_id=source["source_id"], game_name=name, **about)
        await host.call(616, game_id=game["game_id"])
        pool = await host.call(385, game_id=game["game_id"], description="?", action="goal")
        assert pool["res"] == 350


async def until_all_came(server: Process, receiver: Receiver) -> None:
    """Wait until the receiver has every fact of the file."""
    with closing(open_for_reading(server.database)) as database:
        stored = {
            (row["game_id"], row["seq"]) for row in database.rows("SELECT game_id, seq FROM facts")
        }
    assert stored
    assert await trio.to_thread.run_sync(receiver.has_come, stored)
    assert stored == receiver.positions()


async def test_facts_reach_a_hook_over_a_kill_and_again_by_a_replay(
    server: Process, receiver: Receiver
) -> None:
    await play(server, "ann")
    await until_all_came(server, receiver)
    receiver.status = 503
    await play(server, "bob")
    await server.kill()
    receiver.status = 204
    await server.start()
    await until_all_came(server, receiver)
    url = (await server.logged("listening"))["operator_url"]
    async with httpx.AsyncClient(base_url=url, timeout=PATIENCE_S) as client:
        metrics = (await client.get("/metrics")).text
    assert 'toteboard_hook_lag_seconds{hook="ledger"}' in metrics
    config = ("--config", "toteboard.toml")
    listed = await toteboard(server.folder, "hooks", "list", *config)
    assert SECRET not in listed.stdout.decode()
    hook = orjson.loads(listed.stdout)
    assert (hook["name"], hook["stopped"]) == ("ledger", False)
    receiver.facts.clear()
    replayed = await toteboard(server.folder, "hooks", "replay", "ledger", "--from", "0", *config)
    assert replayed.returncode == 0, replayed.stderr
    await until_all_came(server, receiver)
    unknown = await toteboard(server.folder, "hooks", "replay", "nobody", "--from", "0", *config)
    assert (unknown.returncode, unknown.stdout) == (1, b"")
    assert (await toteboard(server.folder, "check")).returncode == 0


async def test_a_hook_that_cannot_be_used_is_refused_by_serve(tmp_path: Path) -> None:
    file = settings(tmp_path, url="ftp://books.example/")
    done = await toteboard(tmp_path, "serve", "--config", str(file), "--port", "0")
    assert done.returncode == 2
    assert done.stderr.startswith(b"toteboard: hook ledger (from the file) cannot be used: url")
    assert not (tmp_path / "toteboard.db").exists()
