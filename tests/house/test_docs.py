"""The promises of the documentation: its programs run, and its tables are correct."""

import ast
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import orjson
import pytest
import trio

from game.payout import settle
from game.pools import Bet
from game.state import FACTS
from protocol.op import Response
from tests.support.documents import install_js_client, program_for_browsers, programs
from tests.support.people import create_game, open_pool
from tests.support.process import PATIENCE_S, Process, environment, toteboard
from tests.support.tree import FLOORS, ROOT, tracked_python
from toteboard.settings import TABLE
from toteboard_client import Client

REFERENCE = ROOT / "docs" / "reference"
TUTORIAL = "docs/tutorial/first-match.md"
LEVELS = {"debug", "info", "warning", "error"}
NODE = ("node", "--experimental-websocket")


def table(page: str, column: str) -> list[list[str]]:
    """Return the rows of a page's only table with this column, its head first."""
    tables = re.findall(r"(?:^\|.*\|\n)+", (ROOT / page).read_text(), re.M)
    (found,) = (rows for rows in tables if f"| {column} |" in rows.partition("\n")[0])
    head, _, *rows = found.splitlines()
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in (head, *rows)]


def logged_events() -> set[str]:
    """Return every event name that the code logs immediately or after a commit."""
    events = {fact.kind for fact in FACTS}
    for _, text in tracked_python(*FLOORS):
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and is_about_the_log(ast.unparse(node.func)):
                events |= set(re.findall(r"'([a-z]+(?:_[a-z]+)*)'", first_argument(node)))
            elif isinstance(node, ast.keyword) and node.arg == "event":
                events |= set(re.findall(r"^'(\w+)'$", ast.unparse(node.value)))
    return events


def is_about_the_log(function: str) -> bool:
    loggers = {f"{name}.{level}" for name in ("log", "bound") for level in LEVELS}
    return function in loggers | {"self.pending.lines.append"}


def first_argument(call: ast.Call) -> str:
    argument = call.args[0]
    return ast.unparse(argument.elts[0] if isinstance(argument, ast.Tuple) else argument)


@asynccontextmanager
async def host(folder: Path) -> AsyncIterator[list[str]]:
    """Run a server. Yield the arguments of a host's program: the address, the id and the key."""
    async with Process(folder) as server:
        added = await toteboard(folder, "user", "add", "hanna", "--can-host")
        user = orjson.loads(added.stdout)
        with trio.fail_after(PATIENCE_S):
            yield [f"ws://127.0.0.1:{server.port}/", str(user["id"]), user["session_key"]]


@asynccontextmanager
async def match(folder: Path) -> AsyncIterator[tuple[Client, str, list[str]]]:
    """Open a pool on a server. Yield its host, its game, and a player's arguments."""
    async with Process(folder) as server:
        server.add_user("hanna", can_host=True)
        for name in ("ann", "bob"):
            user = orjson.loads((await toteboard(folder, "user", "add", name)).stdout)
            server.keys[name] = user["id"], user["session_key"]
        user_id, key = server.keys["ann"]
        async with server.connect("hanna") as host:
            game_id = await create_game(host, actions="goal", targets="Argentina, Brazil")
            await host.call(616, game_id=game_id)
            await host.call(363, game_id=game_id)
            pool_id = await open_pool(host, game_id)
            async with server.connect("bob") as bob:
                await bob.call(392, pool_id=pool_id, target="argentina", amount=5)
            while (await host.receive())["res"] != Response.BETS_DISTRIBUTION_CHANGED:
                pass
            with trio.fail_after(PATIENCE_S):
                url = f"ws://127.0.0.1:{server.port}/"
                yield host, game_id, [url, str(user_id), key]


every_first_client = pytest.mark.parametrize(
    ("command", "text"),
    [
        ([sys.executable], programs("README.md", "python")[0]),
        (NODE, programs("README.md", "js")[0]),
        (NODE, programs("docs/how-to/write-a-client.md", "js")[0]),
        (NODE, program_for_browsers()),
    ],
    ids=["python", "javascript", "no library", "no library in browsers"],
)


@every_first_client
async def test_the_first_clients_end_with_a_sentence_while_no_pool_is_open(
    tmp_path: Path, command: list[str], text: str
) -> None:
    install_js_client(tmp_path)
    script = tmp_path / "first.mjs"  # Python takes any name
    script.write_text(text)
    async with host(tmp_path) as arguments:
        run = [*command, str(script), *arguments]
        done = await trio.run_process(run, capture_stdout=True, env=environment())
    assert done.stdout.decode() == "No pool is open at the moment.\n"


@every_first_client
async def test_the_first_clients_fail_with_a_clear_line_if_the_key_is_wrong(
    tmp_path: Path, command: list[str], text: str
) -> None:
    install_js_client(tmp_path)
    script = tmp_path / "first.mjs"  # Python takes any name
    script.write_text(text)
    async with host(tmp_path) as (url, user_id, _):
        done = await trio.run_process(
            [*command, str(script), url, user_id, "wrong"],
            capture_stdout=True,
            capture_stderr=True,
            check=False,
            env=environment(),
        )
    assert done.returncode == 1
    printed = (done.stdout + done.stderr).decode()
    refused = f"SignInRefusedError: the server refused the session key of user {user_id}\n"
    assert refused in printed or printed == "The connection failed or was refused.\n"
    assert "ExceptionGroup" not in printed


@every_first_client
async def test_the_first_clients_place_a_bet_and_print_its_result(
    tmp_path: Path, command: list[str], text: str
) -> None:
    install_js_client(tmp_path)
    script = tmp_path / "first.mjs"  # Python takes any name
    script.write_text(text)
    async with match(tmp_path) as (host, game_id, arguments):
        printed: list[str] = []

        async def play() -> None:
            run = [*command, str(script), *arguments]
            done = await trio.run_process(run, capture_stdout=True, env=environment())
            printed.append(done.stdout.decode())

        async with trio.open_nursery() as nursery:
            nursery.start_soon(play)
            while (await host.receive())["res"] != Response.BETS_DISTRIBUTION_CHANGED:
                pass
            await host.call(395, game_id=game_id, action_id="goal", target_id="brazil")
    (text,) = printed
    assert re.sub(r"\.?0+\b", "", text) == "who scores? 2.5 on brazil\nbrazil: won 5\n"


@pytest.mark.parametrize(
    ("command", "language", "replies"),
    [
        ([sys.executable], "python", ["640", "333", "356", "356", "366", "810", "341"]),
        (NODE, "js", ["640", "333", "356", "366", "341"]),
    ],
    ids=["python", "javascript"],
)
async def test_the_matches_of_the_tutorial_run(
    tmp_path: Path, command: list[str], language: str, replies: list[str]
) -> None:
    install_js_client(tmp_path)
    script = tmp_path / "match.mjs"  # Python takes any name
    script.write_text(programs(TUTORIAL, language)[0])
    async with host(tmp_path) as arguments:
        added = orjson.loads((await toteboard(tmp_path, "user", "add", "ann")).stdout)
        player = [str(added["id"]), added["session_key"]]
        done = await trio.run_process(
            [*command, str(script), *arguments, *player], capture_stdout=True, env=environment()
        )
    messages = re.split(r"^(?=\w+:? )", done.stdout.decode(), flags=re.M)
    published = [each for each in messages if each.startswith("event:")]
    others = [each for each in messages if each not in published]
    assert re.findall(r"\bres'?: (\d+)", "".join(others)) == replies
    told = re.findall(r"\bres'?: (\d+)", "".join(published))
    assert [code for code in told if code != "815"] == ["470", "352", "361", "366", "362", "341"]
    if language == "python":
        (repeat,) = [each for each in others if each.startswith("repeat:")]
        assert "'repeated': True" in repeat
        assert "refused insufficient_funds 997.50\n" in others


@pytest.mark.parametrize("column", ["paid if Argentina", "paid if yes"])
def test_payouts_are_those_of_the_rules(column: str) -> None:
    head, *rows = table("docs/reference/payouts.md", column)
    stakes = [(target.lower(), int(Decimal(stake) * 100)) for _, target, stake, *_ in rows]
    bets = [Bet(str(i), i, target, stake, i) for i, (target, stake) in enumerate(stakes)]
    for place, title in enumerate(head[3:], start=3):
        outcome = settle(bets, (title.removeprefix("paid if ").lower(),), void_after=len(bets))
        paid = [Decimal(user.paid) / 100 for user in outcome.settlements]
        assert paid == [Decimal(row[place]) for row in rows], title


def test_the_reference_has_every_event_of_the_log_and_no_other() -> None:
    page = (REFERENCE / "log-events.md").read_text()
    rows = re.findall(r"^\| (.*?) \| (?:debug|info|warning|error)[^|]* \|", page, re.M)
    said = [event for row in rows for event in re.findall(r"`(\w+)`", row)]
    assert sorted(said) == sorted(logged_events() | {"log_lines_dropped"})


def test_the_reference_has_every_setting_as_help_explains_it() -> None:
    head, *rows = table("docs/reference/settings.md", "setting")
    assert head == ["setting", "default", "description"]
    defaults = {row.name: row.shown_default.removeprefix("none") for row in TABLE.values()}
    assert rows == [[f"`{row.name}`", defaults[row.name], row.about] for row in TABLE.values()]


every_page = pytest.mark.parametrize(
    "page", sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]), ids=lambda page: page.name
)


@every_page
def test_a_printed_command_means_in_a_shell_what_it_says(page: Path) -> None:
    printed = re.sub(r"```(?!\n|sh\n)\w+\n.*?```", "", page.read_text(), flags=re.S)
    commands = re.findall(r"^ *(?:\S*/)?(?:toteboard|curl|docker|export) .*$", printed, re.M)
    unquoted = [re.sub(r"'[^']*'|\"[^\"]*\"", "", command) for command in commands]
    assert not [each for each in unquoted if re.search(r"[?*]|&(?!&)\S|\w&", each)]


@every_page
def test_no_link_leads_nowhere(page: Path) -> None:
    text = page.read_text()
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    links += re.findall(r'\b(?:src|srcset|href)="(?!https?:)([^"#]+)"', text)
    assert not [link for link in links if not (page.parent / link).exists()]
