"""What can be done about an erased user: end what there is, and take the rest of the money out.

Each call of the operator's API has its command, and both refuse the same.
"""

from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from storage.acts import ActKind
from storage.changes import SourceOpened
from storage.opening import open_database
from storage.store import AddUser
from storage.user_writes import EraseUser
from tests.support.till import Till, till
from toteboard.cli import main

NOW = 1_700_000_000_000
NAME = "erased-1"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Till]:
    """Yield a desk whose user 1 is erased, with 10.00 DON left."""
    async with till(tmp_path) as opened:
        user = (await opened.post("/v1/users", name="carl", balances={"DON": 10})).json()
        assert user["id"] == 1
        await opened.post("/v1/users/1/erase")
        yield opened


@pytest.mark.parametrize(
    ("call", "body"),
    [("enable", {}), ("lift_break", {}), ("credits", {"amount": 1, "reference": "r"})],
)
async def test_the_api_does_nothing_for_an_erased_user(
    desk: Till, call: str, body: dict[str, Any]
) -> None:
    acts = "SELECT * FROM operator_acts"
    before = desk.site.world.operator.rows(acts)
    answer = await desk.post(f"/v1/users/1/{call}", **body)
    assert (answer.status_code, answer.json()["code"]) == (422, "user_erased")
    assert desk.site.world.operator.rows(acts) == before


@pytest.mark.parametrize("call", ["disable", "erase"])
async def test_the_api_answers_that_an_erased_user_is_out_already(desk: Till, call: str) -> None:
    answer = await desk.post(f"/v1/users/1/{call}")
    assert (answer.status_code, answer.json()["disabled"]) == (200, True)
    assert answer.json()["name"] == NAME


async def test_the_api_takes_the_rest_of_the_money_of_an_erased_user_out(desk: Till) -> None:
    await desk.paid("/v1/users/1/debits", amount=4)
    hold = await desk.paid("/v1/users/1/debits", amount=6, hold=True)
    posted = await desk.paid(f"/v1/holds/{hold['id']}/post")
    assert posted["current_balance"] == 0


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a database in the working folder whose user 1 is erased, and a source."""
    monkeypatch.chdir(tmp_path)
    with closing(open_database(Path("toteboard.db"))) as database:
        AddUser("carl", False, {"DON": 1_000}, None).perform(database, NOW)
        EraseUser(1).perform(database, NOW)
        database.write([SourceOpened("s", "League", None, NOW)])


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, input="hunter2 hunter2\n")


@pytest.mark.parametrize(
    "command",
    [
        ("user", "enable", NAME),
        ("user", "key", NAME),
        ("user", "host", NAME),
        ("user", "password", NAME),
        ("user", "credit", NAME, "1"),
        ("source", "add-admin", "s", NAME),
    ],
)
@pytest.mark.usefixtures("folder")
def test_a_command_does_nothing_for_an_erased_user(command: tuple[str, ...]) -> None:
    result = run(*command)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"toteboard: user '{NAME}' is erased\n"
    with closing(open_database(Path("toteboard.db"))) as database:
        [last] = database.rows("SELECT kind FROM operator_acts ORDER BY id DESC LIMIT 1")
    assert last["kind"] == ActKind.ERASED


@pytest.mark.usefixtures("folder")
def test_a_command_takes_the_rest_of_the_money_of_an_erased_user_out() -> None:
    result = run("user", "debit", NAME, "10")
    assert (result.exit_code, result.stderr) == (0, "")
    assert '"available_balance":0' in result.stdout
    assert run("user", "disable", NAME).exit_code == 0
    assert NAME in run("user", "show", NAME).stdout
