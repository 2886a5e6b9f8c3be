"""What the documentation promises: its first client runs, and its tables leave nothing out."""

import ast
import re
import sys
from pathlib import Path

import orjson
import pytest
import trio

from game.facts import FACTS
from tests.packaging.tree import FLOORS, ROOT, tracked_python
from tests.process import PATIENCE_S, Process, environment, toteboard
from toteboard.settings import TABLE

OPERATORS = (ROOT / "docs" / "operators.md").read_text()
LEVELS = {"debug", "info", "warning", "error"}


def first_client() -> str:
    """The one Python program in the README."""
    (program,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    return str(program)


def logged_events() -> set[str]:
    """Every word that the code gives to a logger, or keeps for it until a commit."""
    events = {fact.kind for fact in FACTS}
    for _, text in tracked_python(*FLOORS):
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and is_about_the_log(ast.unparse(node.func)):
                events |= set(re.findall(r"'([a-z]+(?:_[a-z]+)*)'", first_argument(node)))
    return events


def is_about_the_log(function: str) -> bool:
    loggers = {f"{name}.{level}" for name in ("log", "bound") for level in LEVELS}
    return function in loggers | {"self.work.lines.append"}


def first_argument(call: ast.Call) -> str:
    argument = call.args[0]
    return ast.unparse(argument.elts[0] if isinstance(argument, ast.Tuple) else argument)


async def test_the_first_client_of_the_readme_runs(tmp_path: Path) -> None:
    script = tmp_path / "first.py"
    script.write_text(first_client())
    async with Process(tmp_path) as server:
        added = await toteboard(tmp_path, "user", "add", "hanna", "--can-host")
        user = orjson.loads(added.stdout)
        url = f"ws://127.0.0.1:{server.port}/"
        with trio.fail_after(PATIENCE_S):
            done = await trio.run_process(
                [sys.executable, str(script), url, str(user["id"]), user["session_key"]],
                capture_stdout=True,
                env=environment(),
            )
    said = done.stdout.decode().splitlines()
    heard = [line for line in said if line.startswith("heard:")]
    assert [re.findall(r"'res': (\d+)", line) for line in said if line not in heard] == [
        ["333"],
        ["640"],
        ["356"],
        ["810"],
        ["341"],
    ]
    told = [code for line in heard for code in re.findall(r"'res': (\d+)", line)]
    assert [code for code in told if code != "815"] == ["470", "352", "361"]


@pytest.mark.parametrize("event", sorted(logged_events() | {"log_lines_dropped"}))
def test_operators_find_every_event_of_the_log(event: str) -> None:
    assert re.search(rf"^\| .*`{event}`.* \| (debug|info|warning|error)", OPERATORS, re.M)


def test_operators_find_no_event_that_there_is_not() -> None:
    table = OPERATORS.partition("## The log")[2].partition("## ")[0]
    rows = re.findall(r"^\| (.*?) \| (?:debug|info|warning|error)[^|]* \|", table, re.M)
    said = {event for row in rows for event in re.findall(r"`(\w+)`", row)}
    assert said == logged_events() | {"log_lines_dropped"}


@pytest.mark.parametrize("setting", TABLE)
def test_operators_find_every_setting(setting: str) -> None:
    assert re.search(rf"^\| .*`{setting}`", OPERATORS, re.M)


@pytest.mark.parametrize(
    "page", sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]), ids=lambda page: page.name
)
def test_no_link_leads_nowhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text())
    assert not [link for link in links if not (page.parent / link).exists()]
