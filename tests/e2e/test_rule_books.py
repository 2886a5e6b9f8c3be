"""The worked examples of docs/explanation/policies.md on a real server, with balances afterwards.

tests/game/test_rule_books.py has the source of each. Here every amount goes through a socket, the
settings file, the journal and the accounts, and `toteboard check` settles all pools once more.
"""

from pathlib import Path
from typing import Any

import pytest
from attrs import Factory, frozen

from storage.store import Credit
from tests.support.process import Process, toteboard
from toteboard.operator.operating import operating
from toteboard_client import Client, Message

POLICIES = """
[policies.encyclopedia]
takeout = 14.25
break_to = 0.10
minimum = 1.00

[policies.three]
takeout = 15
break_to = 0.01
minimum = 1.00

[policies.pool]
takeout = 18
break_to = 0.10
minimum = 1.05
dead_heat = "pool"

[policies.single]
takeout = 18
break_to = 0.10
minimum = 1.05

[policies.cents]
break_to = 0.01
"""
START = 100_000_000
"""Hundredths that each bettor starts with."""
HORSES = ["A", "B", "C", "D", "E", "F", "G", "H"]
Figures = dict[str, float]


@frozen
class Example:
    """A pool: stakes by target, a bettor for each, and what each has won or lost afterwards."""

    policy: str
    stakes: dict[str, float]
    winners: tuple[str, ...]
    won: dict[str, float]
    told: dict[str, Any] = Factory(dict)


EXAMPLES = {
    "V1": Example(
        "us", {"A": 23_872, "B": 169_041}, ("A",), {"A": 133_683.20, "B": -169_041},
        {"takeout": 34_724.34, "breakage": 633.46, "prices": {"a": 6.6}},
    ),
    "V2": Example(
        "encyclopedia", dict(zip(HORSES, [30, 70, 12, 55, 110, 47, 150, 40], strict=True)), ("D",),
        {"D": 385, "A": -30, "H": -40},
        {"takeout": 73.24, "breakage": 0.76, "prices": {"d": 8}},
    ),
    "V3": Example(
        "three", {"A": 100, "B": 300, "C": 500}, ("B",), {"A": -100, "B": 465, "C": -500},
        {"takeout": 135, "breakage": 0, "prices": {"b": 2.55}},
    ),
    "V4 profit": Example(
        "us", {"A": 200, "B": 100, "C": 700}, ("A", "B"), {"A": 260, "B": 260, "C": -700},
        {"prices": {"a": 2.3, "b": 3.6}, "breakage": 0, "winning_targets": ["a", "b"]},
    ),
    "V4 pool": Example(
        "pool", {"A": 200, "B": 100, "C": 700}, ("B", "A"), {"A": 200, "B": 310},
        {"prices": {"a": 2, "b": 4.1}, "breakage": 10, "winning_target": "a"},
    ),
    "V4 single": Example(
        "single", {"A": 200, "B": 100, "C": 700}, ("A", "B"), {"A": 340, "B": 170},
        {"prices": {"a": 2.7, "b": 2.7}, "breakage": 10},
    ),
    "V5": Example(
        "us", {"A": 900, "B": 100}, ("A",), {"A": 45, "B": -100},
        {"prices": {"a": 1.05}, "takeout": 180, "minus": 125, "breakage": 0},
    ),
    "V6": Example(
        "tote", {"A": 900, "B": 100}, ("D",), {"A": -900, "B": -100},
        {"prices": {}, "takeout": 0, "carried_out": 1_000, "is_money_return": False},
    ),
    "V7": Example(
        "tote", {"A": 100, "B": 400}, ("A",), {"A": 1_110, "B": -400},
        {"prices": {"a": 12.1}, "takeout": 288.75, "breakage": 1.25, "carried_out": 0},
    ),
    "V8": Example(
        "cents", {"A": 1, "B": 1, "C": 1, "D": 0.5}, ("A", "B", "C"),
        {"A": 0.16, "B": 0.16, "C": 0.16, "D": -0.5},
        {"takeout": 0, "breakage": 0.02},
    ),
    "V8 plain": Example(
        "plain", {"A": 1, "B": 1, "C": 1, "D": 0.5}, ("A", "B", "C"),
        {"A": 0.17, "B": 0.17, "C": 0.16, "D": -0.5},
        {"takeout": 0, "breakage": 0},
    ),
    "V9": Example(
        "single", {"A": 0.07, "B": 0.13, "C": 0.8}, ("A", "B"), {"A": 0.21, "B": 0.40, "C": -0.8},
        {"prices": {"a": 4.1, "b": 4.1}, "breakage": 0.01},
    ),
}  # fmt: skip
"""By the number in policies.md. V7 follows V6, whose stakes are carried over to it."""


class Meeting:
    """A server with a host and a bettor for each horse. The pools are run one after the other."""

    def __init__(self, server: Process, host: Client, bettors: dict[str, Client]) -> None:
        self.server, self.host, self.bettors = server, host, bettors

    async def open(self) -> None:
        source = await self.host.call(365, source_name="Ascot")
        names: dict[str, Any] = {"game_name": "The 3.30", "actions": "Win", "targets": HORSES}
        game = await self.host.call(370, source_id=source["source_id"], **names)
        self.game_id = game["game_id"]
        assert (await self.host.call(616, game_id=self.game_id))["res"] == 640
        self.watcher = await self.server.dial("host")
        assert (await self.watcher.call(363, game_id=self.game_id))["res"] == 333

    async def run(self, example: Example) -> Message:
        """Run a pool, and return its 362."""
        wanted = {"description": "?", "action": "win", "policy": example.policy}
        pool = await self.host.call(385, game_id=self.game_id, **wanted)
        for target, stake in example.stakes.items():
            bet = {"pool_id": pool["pool_id"], "target": target, "amount": stake}
            assert (await self.bettors[target].call(392, **bet))["res"] == 356
        first, *others = example.winners
        event = {"game_id": self.game_id, "action_id": "win", "target_id": first, "also": others}
        assert (await self.host.call(395, **event))["res"] == 366
        while (told := await self.watcher.receive())["res"] != 362:
            pass
        return told

    async def balances(self) -> Figures:
        """Return what each bettor can stake, asked for at the socket."""
        return {
            name: (await client.call(810))["available_balance"]
            for name, client in self.bettors.items()
        }


async def test_the_worked_examples_are_paid_to_the_hundredth(tmp_path: Path) -> None:
    config = tmp_path / "toteboard.toml"
    config.write_text(POLICIES)
    async with Process(tmp_path, "--config", str(config), "--log-level", "warning") as server:
        server.add_user("host", can_host=True)
        bettors = {}
        for name in HORSES:
            server.add_user(name)
            with operating(server.database) as operator:
                operator(Credit(name, "DON", START))
            bettors[name] = await server.dial(name)
        meeting = Meeting(server, await server.dial("host"), bettors)
        await meeting.open()
        for name, example in EXAMPLES.items():
            before = await meeting.balances()
            told = await meeting.run(example)
            assert {key: told[key] for key in example.told} == example.told, name
            after = await meeting.balances()
            won = {horse: round(after[horse] - before[horse], 2) for horse in example.won}
            assert won == pytest.approx(example.won), name
        checked = await toteboard(tmp_path, "check")
        assert checked.returncode == 0, checked.stdout
