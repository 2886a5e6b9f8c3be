"""The machine's clock is set while the server runs: the effect for operators and health checks."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import trio

from tests.support.process import PATIENCE_S, Process
from toteboard_client import Client

HOUR_MS = 3_600_000

# The machine's own clock is not changed. The process reads another, which a file sets.
PROGRAM = """
import pathlib, time

real, file = time.time_ns, pathlib.Path("ahead_ms")
time.time_ns = lambda: real() + int(file.read_text()) * 10**6

from toteboard.cli import main

main(prog_name="toteboard")
"""
TOTEBOARD = (sys.executable, "-c", PROGRAM)


class SetClock(Process):
    """A server whose clock can be set."""

    def __init__(self, folder: Path, *options: str) -> None:
        super().__init__(folder, "--operator-port", "0", *options)
        self.program = TOTEBOARD
        self.set_clock(0)

    def set_clock(self, ahead_ms: int) -> None:
        new = self.folder / "ahead_ms.new"
        new.write_text(str(ahead_ms))
        new.rename(self.folder / "ahead_ms")

    async def reports(self, status_code: int, status: str) -> None:
        """Wait until both ports report this readiness. A worker hears of it within a second."""
        with trio.fail_after(PATIENCE_S):
            while await self._readiness() != [(status_code, status)] * 2:
                pass

    async def _readiness(self) -> list[tuple[int, str]]:
        listening = await self.logged("listening")
        answers = []
        for url in (listening["http_url"], listening["operator_url"]):
            async with httpx.AsyncClient(base_url=url, timeout=PATIENCE_S) as http:
                answer = await http.get("/readyz")
            answers.append((answer.status_code, answer.json()["status"]))
        return answers


async def open_game(host: Client) -> str:
    """Open a game that closes in half an hour, and return its id."""
    source = await host.call(365, source_name="FIFA")
    game = await host.call(
        370,
        source_id=source["source_id"],
        game_name="Argentina - Brazil",
        close_at=source["response_header"]["t"] + HOUR_MS // 2,
    )
    await host.call(616, game_id=game["game_id"])
    return str(game["game_id"])


@pytest.fixture
async def server(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[SetClock]:
    async with SetClock(tmp_path, "--clock-patience", request.param) as process:
        process.add_user("ann", can_host=True)
        yield process


@pytest.mark.parametrize("server", ["60s"], indirect=True)
async def test_a_clock_that_is_set_ahead_and_back_closes_no_game(server: SetClock) -> None:
    async with server.connect("ann") as ann:
        game_id = await open_game(ann)
        server.set_clock(HOUR_MS)
        assert (await server.logged("clock_stepped"))["level"] == "error"
        await server.reports(503, "clock stepped")
        assert (await ann.call(373, game_id=game_id, actions="Goal"))["res"] == 343
        server.set_clock(0)
        await server.logged("clock_returned")
        await server.reports(200, "ready")
        details = await ann.call(372, game_id=game_id)
        assert details["status"] == "game_in_progress_betting_active"


@pytest.mark.parametrize("server", ["500ms"], indirect=True)
async def test_a_clock_that_stays_ahead_is_accepted(server: SetClock) -> None:
    async with server.connect("ann") as ann:
        game_id = await open_game(ann)
        server.set_clock(HOUR_MS)
        accepted = await server.logged("clock_accepted")
        assert accepted["step_ms"] == pytest.approx(HOUR_MS, abs=1_000)
        await server.reports(200, "ready")
        assert (await ann.call(372, game_id=game_id))["status"] == "game_closed"
    assert server.events().count("clock_stepped") == 1
