"""The demo: what the match shows, and how the process starts, ends and cleans up."""

import io
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trio
from trio_websocket import open_websocket_url

from game.vocabulary import Status
from tests.support.world import World
from toteboard import doctor
from toteboard.match import Match, Player
from toteboard.match_script import FANS, HOST, SCRIPT
from toteboard.transcript import Transcript

QUICK_MATCH = """
import sys
from toteboard.demo import run_demo
from toteboard.settings import Settings
ports = map(int, sys.argv[1:])
sys.exit(run_demo(Settings(port=next(ports), operator_port=next(ports)), once=True, pace=0.05))
"""
DEMO = "from toteboard.cli import main; main(['demo', '--port', '0'], prog_name='toteboard')"
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
SIGNED_URL = re.compile(r"ws://[0-9.:]+/\?\S+")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


async def played(path: Path, out: io.StringIO) -> str:
    """Return the transcript of a source and two matches, in simulated time."""
    async with World(path) as world, trio.open_nursery() as listening:
        transcript = Transcript(out, world.clock)
        players = {}
        for name in (HOST, *FANS):
            world.add_user(name, can_host=name == HOST)
            players[name] = Player(name, await world.connect(name), transcript)
            listening.start_soon(players[name].listen)
        match = Match(players, world.clock, transcript)
        await match.open_source("Demo League")
        await match.play()
        await match.play()
        listening.cancel_scope.cancel()
    return out.getvalue()


@contextmanager
def started(code: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", code, *arguments]
    environment = os.environ | {"PYTHONPATH": str(doctor.HOME)}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


def until(process: subprocess.Popen[str], text: str) -> str:
    """Return the next line of standard output that has `text`."""
    assert process.stdout is not None
    return next(line for line in process.stdout if text in line)


def whole(shown: str) -> str:
    """Return the transcript with every message on one line."""
    return re.sub(r"\n {9,}", " ", shown)


def matches(shown: str) -> list[str]:
    """Return the parts of the transcript that show a match each."""
    return shown.split("Hanna announces a match")[1:]


async def test_a_game_is_seen_to_live_through_its_statuses_in_a_minute(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    shown = await played(tmp_path, io.StringIO())
    for match in matches(whole(shown)):
        seen = re.findall(r"(0:[0-9.]+)  \w+ +(?:gets|hears) .*status=(\w+)", match)
        first_seen = {status: time for time, status in reversed(seen)}
        assert first_seen == {
            Status.NOT_YET_ACTIVE: "0:03.0",  # Ann joins
            Status.PRE_GAME: "0:08.0",
            Status.IN_PROGRESS: "0:22.0",
        }
        assert re.findall(r"(1:[0-9.]+)  \w+ +hears  341 game_closed", match) == ["1:00.0"] * 2


async def test_every_op_of_the_script_is_shown_with_what_it_is_answered(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    shown = await played(tmp_path, io.StringIO())
    for match in matches(shown):
        assert re.findall(r" asks  +\d+ (\w+)", match) == [line.op for line in SCRIPT]
        assert len(re.findall(r" gets  +\d+ \w+", match)) == len(SCRIPT)
    refused = re.findall(r"(\w+) +gets   666 error .*code=(\w+)", whole(shown))
    assert refused == [("bob", "insufficient_funds"), ("bob", "not_authorized")] * 2


async def test_every_pool_is_seen_to_end_as_the_script_says(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    shown = await played(tmp_path, io.StringIO())
    for match in matches(whole(shown)):
        ended = re.findall(
            r"(\S+)  \w+ +hears  (36[23]) .* winning_target=(\S+)(?: winners={(.*?)})?", match
        )
        assert ended == [
            ("0:29.0", "362", "argentina", "2=30"),  # Ann; Cleo's bet came after the goal
            ("0:37.0", "362", "brazil", "3=30"),  # Bob
            ("0:48.0", "363", "none", "4=5"),  # Cleo: the time ran out
            ("0:54.0", "362", "yes", "4=3"),  # Cleo: decided by the host
            ("1:00.0", "362", "none", ""),  # closed without a winner: refunds
        ]
        assert re.findall(r"(\S+)  cleo +hears  815 .*cause=refund", match) == ["0:29.0"]
        assert "leaderboard=[(username=cleo points=8 rank=1)" in match


async def test_sources_and_games_are_named_in_full_once_and_all_games_are_in_one_source(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    shown = whole(await played(tmp_path, io.StringIO()))
    (source,) = re.findall(rf"source_id=({UUID})", shown)
    games = re.findall(rf"game_id=({UUID})", shown)
    assert len(games) == len(set(games)) == 2
    created = re.findall(r" asks  +\d+ create_game .*source_id=(\w+)\.\.", shown)
    assert created == [source[:8]] * 2


async def test_bettors_follow_the_score(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    shown = await played(tmp_path, io.StringIO())
    for match in matches(whole(shown)):
        bets = re.findall(r"0:(3.|40)\.0  (\w+) +asks   392 .* target=(\w+)", match)
        assert bets == [
            ("33", "ann", "argentina"),
            ("34", "bob", "brazil"),
            ("40", "ann", "argentina"),
        ]


async def test_who_comes_back_is_seen_to_be_told_what_was_missed(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    for match in matches(whole(await played(tmp_path, io.StringIO()))):
        missed = re.findall(r"0:48.0  ann +hears  363 .* seq=(\d+) prev_seq=(\d+)", match)
        since = re.findall(r"bob +asks   363 join_game .*since=(\d+)", match)
        assert since == [prev_seq for _, prev_seq in missed]
        assert match.count("0:51.0  bob    hears  363 bet_pool_expired") == 1


async def test_colours_are_for_a_terminal_and_not_for_who_does_not_want_them(
    tmp_path: Path, autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    escape = "\x1b"
    shown = []
    for number, out in enumerate((io.StringIO(), Terminal())):
        path = tmp_path / str(number)
        path.mkdir()
        shown.append(await played(path, out))
    monkeypatch.setenv("NO_COLOR", "1")
    (tmp_path / "unwanted").mkdir()
    shown.append(await played(tmp_path / "unwanted", Terminal()))
    assert [escape in text for text in shown] == [False, True, False]


def test_one_match_is_played_on_a_real_server_and_the_books_hold() -> None:
    with ExitStack() as taken:
        ports = [
            str(taken.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1])
            for _ in range(2)
        ]
        with started(QUICK_MATCH, *ports) as process:
            out, err = process.communicate()
    calm = [f"Port {port} is taken, so the demo uses a free one." for port in ports]
    assert out.splitlines()[:2] == calm
    game = re.search(rf" gets  .*game_id=({UUID})", whole(out))
    assert game
    board = re.findall(rf"in a browser:  http://127.0.0.1:\d+/#/g/{game[1]}$", out, re.M)
    assert len(board) == 3, "the address is repeated while the match is played"
    assert re.search(r"^  ws://127\.0\.0\.1:\d+/ 5 [\w-]{43}$", out, re.M)
    assert re.search(r"^Sign in there as guest with the password \S{8,}, or sign up", out, re.M)
    assert re.search(r"session key \(ID \d+, key \S{20,}\)", out)
    assert re.search(rf"^  http://127.0.0.1:\d+/#/desk/{game[1]}$", out, re.M)
    assert "hears  341 game_closed" in out
    assert re.search(r"demo\.db holds: 5 users, 1 games, \d+ facts, \d+ transfers", out)
    assert (process.returncode, err) == (0, "")
    assert not Path(re.findall(r"--database (\S+)", out)[0]).parent.exists()


async def test_each_guest_finds_a_fresh_signed_url_and_ctrl_c_ends_it_all() -> None:
    with started(DEMO) as process:
        urls = []
        for _ in range(2):
            line = await trio.to_thread.run_sync(until, process, "/?id=")
            urls.append(SIGNED_URL.findall(line)[0])
            async with open_websocket_url(urls[-1]):
                pass
        process.send_signal(signal.SIGINT)
        out, err = await trio.to_thread.run_sync(process.communicate)
    assert (process.returncode, err) == (0, "")
    assert out.rstrip().endswith("Stopping.")
    with pytest.raises(OSError, match="connect"):
        await trio.open_tcp_stream("127.0.0.1", urlsplit(urls[0]).port or 0)
