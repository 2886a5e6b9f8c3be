"""The programs of the clients' READMEs place a bet on a running server and print its result."""

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from protocol.op import Response
from storage.store import AddUser, NewUser
from tests.support.documents import install_js_client, programs
from tests.support.people import create_game, open_pool
from tests.support.process import PATIENCE_S, Process, environment
from toteboard.operator.operating import operating
from toteboard_client import Client

PYTHON = programs("clients/python/README.md", "python")
JAVASCRIPT = programs("clients/js/README.md", "js")


@asynccontextmanager
async def match(folder: Path) -> AsyncIterator[tuple[Client, list[str]]]:
    """Open a pool on a server. Return its host, and the arguments of a player's program."""
    async with Process(folder) as server:
        server.add_user("hanna", can_host=True)
        with operating(server.database) as operator:
            ann = NewUser(**operator(AddUser("ann", False, {"DON": 100_000}, None)))
        async with server.connect("hanna") as host:
            game_id = await create_game(host, actions="goal", targets="Argentina, Brazil")
            await host.call(616, game_id=game_id)
            await host.call(363, game_id=game_id)
            pool_id = await open_pool(host, game_id)
            url = f"ws://127.0.0.1:{server.port}/"
            with trio.fail_after(PATIENCE_S):
                yield host, [url, str(ann.id), ann.session_key, game_id, pool_id, "brazil"]


async def played(folder: Path, name: str, program: str, command: Sequence[str]) -> str:
    """Run a player's program until its bet is paid, and return what it prints."""
    (folder / name).write_text(program)
    async with match(folder) as (host, arguments):
        game_id = arguments[3]
        printed: list[str] = []

        async def play() -> None:
            done = await trio.run_process(
                [*command, str(folder / name), *arguments], capture_stdout=True, env=environment()
            )
            printed.append(done.stdout.decode())

        async with trio.open_nursery() as nursery:
            nursery.start_soon(play)
            while (await host.receive())["res"] != Response.BETS_DISTRIBUTION_CHANGED:
                pass
            await host.call(395, game_id=game_id, action_id="goal", target_id="brazil")
        return printed[0]


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
async def test_ten_lines_of_python_place_a_bet_and_print_its_result(
    tmp_path: Path, loop: str
) -> None:
    program = PYTHON[0]
    if loop == "trio":
        program = program.replace(
            "asyncio.run(main(*sys.argv[1:]))", "trio.run(main, *sys.argv[1:])"
        )
        program = program.replace("import asyncio", "import trio")
    printed = await played(tmp_path, "bet.py", program, [sys.executable])
    assert printed == "bet 2.50 on brazil\nbrazil wins: 0.00\n"


async def test_a_script_places_a_bet(tmp_path: Path) -> None:
    printed = await played(tmp_path, "bet.py", PYTHON[1], [sys.executable])
    assert printed == "2.50\n997.50\n"


async def test_ten_lines_of_javascript_place_a_bet_and_print_its_result(tmp_path: Path) -> None:
    install_js_client(tmp_path)
    printed = await played(tmp_path, "bet.mjs", JAVASCRIPT[0], ["node", "--experimental-websocket"])
    assert printed == "bet 2.50 on brazil\nbrazil wins: 0.00\n"
