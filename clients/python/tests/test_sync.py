"""Without await: scripts and the interactive interpreter."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import anyio
import pytest

from clients.python.tests.server import KEY, Answers, reply, run, serving
from toteboard_client import Message, Money, SessionClosedError, refusals, sync
from toteboard_client.messages import GameClosed

GAME = "00000000-0000-5000-8000-000000000001"
LEFT_OPEN = """
import sys
from toteboard_client import SessionKey, sync
session = sync.open_session(sys.argv[1], SessionKey(17, "secret"))
print(session.get_available_balance().available_balance)
"""


def answer(request: Message) -> Iterator[Message]:
    """Answer as a small server: 363 joins a game, 1 is a ping that closes it, 392 is refused."""
    match request["op"]:
        case 1:
            yield reply(request, 1)
            header = {"response_header": {"t": 1}, "res": 341}
            yield header | {"game_id": GAME, "prev_seq": 4, "seq": 5}
        case 810:
            yield reply(request, 810, currency="DON", available_balance=0.3)
        case 363:
            yield reply(request, 333, game_id=GAME, status="game_open", seq=4)
        case _:
            yield reply(request, 666, code="pool_blocked", text="No.", op=392, retryable=False)


def run_script(script: Callable[[str], None], answers: Answers = answer) -> None:
    """Run a script in a thread, with the URL of a server."""

    async def program() -> None:
        async with serving(answers) as server:
            await anyio.to_thread.run_sync(script, server.url)

    run("trio", program)


def test_a_script_needs_no_await() -> None:
    def script(url: str) -> None:
        with sync.open_session(url, KEY, timeout_s=20) as session:
            assert session.get_available_balance().available_balance == Money("0.30")
            assert session.ask(810)["available_balance"] == 0.3
            game = session.join(GAME)
            assert (game.joined.seq, game.game_id) == (4, GAME)
            session.ping()
            assert [type(event) for event in game] == [GameClosed]
            with pytest.raises(refusals.PoolBlockedError):
                game.place_bet("p", "brazil", 1)
        with pytest.raises(SessionClosedError):
            session.ping()

    run_script(script)


def test_a_call_of_a_script_that_takes_too_long_is_a_timeout() -> None:
    def script(url: str) -> None:
        with sync.open_session(url, KEY, timeout_s=0.05) as session:
            with pytest.raises(TimeoutError):
                session.ping()
            with pytest.raises(TimeoutError):
                next(session)

    run_script(script, lambda _: ())


def test_an_event_loop_that_cannot_start_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_files(*_: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr("anyio.run", no_files)
    with pytest.raises(OSError, match="Too many open files"):
        sync.open_session("ws://127.0.0.1:1/", KEY)


def test_a_program_that_leaves_its_session_open_ends() -> None:
    def script(url: str) -> None:
        command = [sys.executable, "-c", LEFT_OPEN, url]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
        assert (done.returncode, done.stdout, done.stderr) == (0, "0.30\n", "")

    run_script(script)


def test_an_interrupted_loop_loses_no_publication(monkeypatch: pytest.MonkeyPatch) -> None:
    def script(url: str) -> None:
        with sync.open_session(url, KEY, timeout_s=20) as session:
            game = session.join(GAME)
            portal = session._caller._portal
            start = portal.start_task_soon

            def start_interrupted(*work: Any) -> Future[Any]:
                running = start(*work)
                monkeypatch.undo()
                session.get_available_balance()  # The event loop waits for a publication by now.
                monkeypatch.setattr(running, "result", interrupt)
                return running

            monkeypatch.setattr(portal, "start_task_soon", start_interrupted)
            with pytest.raises(KeyboardInterrupt):
                next(game)
            session.ping()
            assert [type(event) for event in game] == [GameClosed]

    def interrupt() -> None:
        raise KeyboardInterrupt

    run_script(script)
