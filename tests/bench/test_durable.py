import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest

from bench.betting_database import Generated, generate
from bench.durable import bets_script
from bench.field import NEEDS, WORK, peer
from bench.line import connected
from bench.question import Plan
from bench.sample import DURABLE_PEERS, USUAL
from bench.script import requests, said_of_a_bet
from bench.server_process import serving
from storage.opening import key_path

PLAN = Plan(rounds=1, seconds=1.0)
TABLES = ("facts", "transfers", "accounts", "player_entries", "games")


def place_a_bet(made: Generated, port: int, database: Path) -> tuple[Any, Any]:
    """The messages that a bettor receives, and the rows afterwards: their shape, without values."""
    with connected(port, made.people[:1]) as (line,):
        said = said_of_a_bet(requests(made.games[0]), line)
    with closing(sqlite3.connect(database)) as connection:
        tables = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in TABLES}
    return shape(said), {name: shape(rows) for name, rows in tables.items()}


def shape(value: Any) -> Any:
    """The value with each text and blob as its length, and each time as 0."""
    match value:
        case dict():
            return {key: shape(each) for key, each in value.items()}
        case list() | tuple():
            return [shape(each) for each in value]
        case str() | bytes():
            return len(value)
        case int() if value > 10**12:
            return 0
    return value


@pytest.fixture
def made(tmp_path: Path) -> Generated:
    return generate(tmp_path / "generated.db", 2, [(1, 3)])


@pytest.mark.parametrize("name", DURABLE_PEERS)
def test_a_peer_writes_and_sends_what_our_server_does(
    name: str, made: Generated, tmp_path: Path
) -> None:
    if name == USUAL and not all((WORK / each).exists() for each in NEEDS[USUAL]):
        pytest.skip("its Node packages are not installed: run bench.durable once")
    ours, theirs, script = (tmp_path / part for part in ("ours.db", "theirs.db", "script.json"))
    for copy in (ours, theirs):
        shutil.copy(made.path, copy)
    shutil.copy(key_path(made.path), key_path(ours))
    script.write_bytes(orjson.dumps(bets_script(PLAN, made) | {"database": str(theirs)}))
    with serving(ours) as server:
        server.wait_until_listening(30)
        expected = place_a_bet(made, server.port, ours)
    with peer(name, script) as contender:
        assert place_a_bet(made, contender.port, theirs) == expected
