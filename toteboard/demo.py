"""`toteboard demo`: a real server with a temporary database, and a scripted match on it.

The server is a process, `toteboard serve`, and each player is a client on a real socket.
`toteboard/match.py` plays the match, and `toteboard/transcript.py` prints it.
"""

import errno
import os
import secrets
import shlex
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import orjson
import trio
from argon2 import PasswordHasher
from attrs import evolve, frozen

from actors.clock import SystemClock
from storage.opening import key_path
from storage.store import AddUser, NewUser
from toteboard import __version__
from toteboard.exits import complain, innermost
from toteboard.match import Match, Player
from toteboard.match_script import FANS, HOST
from toteboard.operator.operating import operating
from toteboard.people import HOME_CURRENCY
from toteboard.settings import PREFIX, TABLE, Loaded, Origin, Settings, to_toml
from toteboard.stop_signals import StopSignals
from toteboard.transcript import LEGEND, Transcript
from toteboard_client import ConnectionClosedError, HandshakeError, connect, signed_url

TOTEBOARD: Final = (sys.executable, "-P", "-m", "toteboard")
"""The command line. -P prevents the import of packages from the working folder."""
GUEST: Final = "guest"
PACE: Final = 3.0
"""Seconds for one second of the script: a match takes three minutes."""
BETWEEN_MATCHES_S: Final = 5.0
"""The pause between two matches, in seconds of the script."""

Event = dict[str, Any]


class ServerEndedError(Exception):
    """The server's process has ended, or has never listened."""


@frozen
class Stage:
    """What a demo uses: a temporary folder, users, and a transcript. `pace`: see `run_demo`."""

    folder: Path
    settings: Settings
    people: dict[str, NewUser]
    password: str
    transcript: Transcript
    pace: float


def run_demo(settings: Settings, *, once: bool = False, pace: float = PACE) -> int:
    """Play until Ctrl-C, or one match. Return the exit code: 1 if the database is not sound.

    `pace`: the number of seconds that one second of the match takes.
    """
    failure, unwritten = "", BaseException()
    try:
        with TemporaryDirectory(prefix="toteboard-demo-") as folder:
            stage = _stage(Path(folder), settings, pace)
            return trio.run(_demonstrate, stage, once, StopSignals())
    except* ServerEndedError:
        failure = "the demo's server has ended"
    except* (ConnectionClosedError, HandshakeError):
        failure = "the demo's server has closed a connection"
    except* OSError as errors:
        unwritten = innermost(errors)
    if not failure:
        raise unwritten  # standard output is closed
    return complain(failure, 1)


def _stage(folder: Path, settings: Settings, pace: float) -> Stage:
    """Create the database, with users whose session keys never expire."""
    path = folder / "demo.db"
    clock = SystemClock()
    password = secrets.token_urlsafe(8)
    hashed = PasswordHasher().hash(password)
    balances = {HOME_CURRENCY: settings.limits.initial_balance}
    people = {}
    with operating(path, may_make=True) as operator:
        for name in (HOST, *FANS, GUEST):
            known_by = hashed if name == GUEST else None
            new = operator(AddUser(name, name == HOST, balances, None, known_by))
            people[name] = NewUser(**new)
    own = evolve(
        settings,
        database=str(path),
        key_file=str(key_path(path)),
        log_format="json",
        log_level="info",
        tls_cert=None,
        tls_key=None,
        hooks=(),  # the facts of a demo are nobody's
    )
    return Stage(folder, own, people, password, Transcript(sys.stdout, clock), pace)


async def _demonstrate(stage: Stage, once: bool, stop: StopSignals) -> int:
    code, scope = 0, trio.CancelScope()
    with stop.calling(scope.cancel), scope:
        code = await _show(stage, once)
    if stop.has_come:
        stage.transcript.title("Stopping.")
    return code


async def _show(stage: Stage, once: bool) -> int:
    async with trio.open_nursery() as nursery:
        listening, events = await _open(stage, nursery)
        url = listening["url"]
        _introduce(stage, url)
        nursery.start_soon(_welcome_guests, stage, url, events)
        code = await _play(stage, url, listening["http_url"], once)
        nursery.cancel_scope.cancel()
    return code


# The server.


async def _open(stage: Stage, nursery: trio.Nursery) -> tuple[Event, AsyncIterator[Event]]:
    """Start the server. Return its event "listening", and an iterator of the later events."""
    events = await _serve(await _with_free_ports(stage), stage.folder, nursery)
    async for event in events:
        if event["event"] == "listening":
            return event, events
    raise ServerEndedError


async def _with_free_ports(stage: Stage) -> Settings:
    """Return the settings, with any free port in place of one that is taken."""
    own = stage.settings
    port = await _free_port(stage, own.host, own.port)
    operator_port = await _free_port(stage, own.operator_host, own.operator_port)
    return evolve(own, port=port, operator_port=operator_port)


async def _free_port(stage: Stage, host: str, port: int) -> int:
    if port <= 0 or await _is_free(host, port):
        return port
    stage.transcript.say(f"Port {port} is taken, so the demo uses a free one.")
    return 0


async def _is_free(host: str, port: int) -> bool:
    try:
        listeners = await trio.open_tcp_listeners(port, host=host)
    except OSError as error:
        return error.errno != errno.EADDRINUSE  # the server reports any other error
    for listener in listeners:
        await listener.aclose()
    return True


async def _serve(settings: Settings, folder: Path, nursery: trio.Nursery) -> AsyncIterator[Event]:
    """Start `toteboard serve` with exactly these settings; return the events of its log."""
    config = folder / "demo.toml"
    config.write_text(to_toml(Loaded(settings, dict.fromkeys(TABLE, Origin.FILE))))
    command = [*TOTEBOARD, "serve", "--config", str(config)]
    # Start a new session, so that Ctrl-C reaches only the demo, which then stops the server.
    start = trio.run_process
    process: trio.Process = await nursery.start(
        lambda task_status: start(
            command,
            stdout=subprocess.PIPE,
            check=False,
            env=_environment(),
            start_new_session=True,
            task_status=task_status,
        )
    )
    send, receive = trio.open_memory_channel[Event](float("inf"))
    nursery.start_soon(_read_log, process, folder / "server.log", send)
    return receive


async def _read_log(process: trio.Process, log: Path, send: trio.MemorySendChannel[Event]) -> None:
    assert process.stdout is not None
    rest = b""
    with log.open("ab", buffering=0) as file, send:
        async for data in process.stdout:
            file.write(data)
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                send.send_nowait(orjson.loads(line))


def _environment() -> dict[str, str]:
    """Return our environment without settings, because those are in the file."""
    return {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}


# The audience.


def _introduce(stage: Stage, url: str) -> None:
    guest, users = stage.people[GUEST], stage.people.values()
    python = os.path.relpath(sys.executable)
    sign = f'from toteboard_client import signed_url; print(signed_url("{url}", ID, "KEY"))'
    me = [python, *TOTEBOARD[1:], "user", "add", "me", "--database", stage.settings.database]
    stage.transcript.title(f"Toteboard {__version__} serves at {url}")
    stage.transcript.say(f"""
A scripted match plays repeatedly until Ctrl-C. To bet in it with your own program ("Your first
client" in README.md), pass it the URL and the guest's ID and KEY:
  {url} {guest.id} {guest.session_key}
This adds another user:
  {shlex.join(me)}
Without a client library, connect to a signed URL. Each works once. This prints one:
  {shlex.join([python, "-c", sign])}
The server's log is {stage.folder / "server.log"}

{LEGEND}
Users are numbers: {", ".join(f"{each.id} is {each.name}" for each in users)}.
""")
    _invite(stage, url)


def _invite(stage: Stage, url: str) -> None:
    guest = stage.people[GUEST]
    fresh = signed_url(url, guest.id, guest.session_key)
    stage.transcript.say(f"A fresh signed URL for the guest:\n  {fresh}")


def _show_page(stage: Stage, page: str, game_id: str) -> None:
    """Print the page's addresses of a match, and how to sign in there."""
    host = stage.people[HOST]
    stage.transcript.say(f"""
Watch and bet in a browser:  {page}#/g/{game_id}
Sign in there as {GUEST} with the password {stage.password}, or sign up. To run the match as
{HOST}, sign in by session key (ID {host.id}, key {host.session_key}) and open
  {page}#/desk/{game_id}""")


async def _welcome_guests(stage: Stage, url: str, events: AsyncIterator[Event]) -> None:
    """Print a new signed URL whenever the guest has used one."""
    async for event in events:
        is_guest = event.get("user_id") == stage.people[GUEST].id
        if event["event"] == "connection_opened" and is_guest:
            _invite(stage, url)
    raise ServerEndedError


# The match.


async def _play(stage: Stage, url: str, page: str | None, once: bool) -> int:
    """Connect the players, and play matches. Return the exit code."""
    async with AsyncExitStack() as connections:
        players = {}
        for name in (HOST, *FANS):
            person = stage.people[name]
            client = await connections.enter_async_context(
                connect(url, person.id, person.session_key)
            )
            players[name] = Player(name, client, stage.transcript)
        async with trio.open_nursery() as listening:
            for player in players.values():
                listening.start_soon(player.listen)
            show = None if page is None else partial(_show_page, stage, page)
            match = Match(players, SystemClock(), stage.transcript, stage.pace, on_game=show)
            stage.transcript.title("Hanna opens a source. It lists her games.")
            await match.open_source("Demo League")
            code = await _play_matches(stage, match, once)
            listening.cancel_scope.cancel()
    return code


async def _play_matches(stage: Stage, match: Match, once: bool) -> int:
    """Verify the database after each match; stop if it is not sound. Return the exit code."""
    while True:
        await match.play()
        code = await _check(stage)
        if once or code:
            return code
        await trio.sleep(BETWEEN_MATCHES_S * stage.pace)


async def _check(stage: Stage) -> int:
    """Run `toteboard check` while the server runs; print its output and return its exit code."""
    command = [*TOTEBOARD, "check", "--database", stage.settings.database]
    done = await trio.run_process(command, capture_stdout=True, check=False, env=_environment())
    stage.transcript.title(
        "The match is over. `toteboard check` replays every game and adds up every account."
    )
    stage.transcript.say(done.stdout.decode().strip())
    return done.returncode
