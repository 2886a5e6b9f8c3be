"""The worked examples of docs/explanation/policies.md on a real server, with balances afterwards.

tests/game/test_rule_books.py has the source of each. Here every amount goes through a socket, the
settings file, the journal and the accounts, and `toteboard check` settles all pools once more.
"""

from pathlib import Path
from typing import Any

import pytest

from storage.store import Credit
from tests.support.process import Process, toteboard
from tests.support.worked_pools import EXAMPLES, HORSES, POLICIES, Example
from toteboard.operator.operating import operating
from toteboard.policies import written_policies
from toteboard_client import Client, Message

START = 100_000_000
"""Hundredths that each bettor starts with."""
Figures = dict[str, float]


class Meeting:
    """A server with a host and a bettor for each horse. The pools are run one after the other."""

    def __init__(self, server: Process, host: Client, bettors: dict[str, Client]) -> None:
        self.server, self.host, self.bettors = server, host, bettors

    async def open(self) -> None:
        source = await self.host.call(365, source_name="Ascot")
        names: dict[str, Any] = {"game_name": "The 3.30", "actions": "Win", "targets": [*HORSES]}
        game = await self.host.call(370, source_id=source["source_id"], **names)
        self.game_id = game["game_id"]
        assert (await self.host.call(616, game_id=self.game_id))["res"] == 640
        self.watcher = await self.server.dial("host")
        assert (await self.watcher.call(363, game_id=self.game_id))["res"] == 333

    async def run(self, example: Example) -> Message:
        """Run a pool, and return its 362."""
        wanted = {"description": "?", "action": "win", "policy": example.policy}
        pool = await self.host.call(385, game_id=self.game_id, **wanted)
        for name, stake in example.stakes.items():
            bet = {"pool_id": pool["pool_id"], "target": name[-1], "amount": stake}
            assert (await self.bettors[name[0]].call(392, **bet))["res"] == 356
        for target in example.scratched:
            wanted = {"pool_id": pool["pool_id"], "target": target, "reason": "lame"}
            assert (await self.host.call(3994, **wanted))["res"] == 3681
        names = {"target_id": example.winners[0], "also": [*example.winners[1:]]}
        event: dict[str, Any] = {"game_id": self.game_id, "action_id": "win"} | names
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
    config.write_text(written_policies(POLICIES))
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
