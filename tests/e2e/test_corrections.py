"""The worked example of docs/explanation/results.md on a real server, with balances afterwards."""

from pathlib import Path
from typing import Any

from storage.accounts import house_balance
from storage.opening import open_for_reading
from storage.store import Credit
from tests.support.process import Process, toteboard
from toteboard.operator.operating import operating
from toteboard_client import Client, Message

STAKES = {"ann": ("Argentina", 40), "bob": ("Argentina", 20), "cleo": ("Brazil", 30)}
STAKES |= {"dan": ("none", 10)}
START = 1_000
ROWS: list[tuple[dict[str, Any], dict[str, float], float, float]] = [
    ({"winning_target": "brazil"}, {"ann": -66.67, "bob": -3.33, "cleo": 100, "dan": 0}, -30, 30),
    ({"cancel": True}, {"ann": 40, "bob": 0, "cleo": -70, "dan": 10}, -10, 10),
    ({"winning_target": "argentina"}, {"ann": 26.67, "bob": 3.33, "cleo": -30, "dan": -10}, 0, 0),
]
"""The result, what each player receives, the balance of the house, and what Bob owes."""


class Table:
    """A server with a host who watches the game, and the four players."""

    def __init__(self, server: Process, host: Client, players: dict[str, Client]) -> None:
        self.server, self.host, self.players = server, host, players

    async def open(self) -> None:
        source = await self.host.call(365, source_name="Cup")
        self.source_id = source["source_id"]
        names: dict[str, Any] = {"actions": "Goal", "targets": "Argentina,Brazil"}
        game = await self.host.call(370, source_id=self.source_id, game_name="Final", **names)
        self.game_id = game["game_id"]
        for op in (616, 363):
            await self.host.call(op, game_id=self.game_id)

    async def pool(self) -> str:
        wanted = {"description": "Who is next?", "action": "goal"}
        pool = await self.host.call(385, game_id=self.game_id, **wanted)
        return str(pool["pool_id"])

    async def told(self, res: int) -> Message:
        """Return the next message with this code that the host receives."""
        while (message := await self.host.receive())["res"] != res:
            pass
        return message

    async def balances(self) -> dict[str, float]:
        return {
            name: (await client.call(810))["available_balance"]
            for name, client in self.players.items()
        }

    def house(self) -> float:
        database = open_for_reading(self.server.database)
        try:
            return house_balance(database, self.source_id, "DON") / 100
        finally:
            database.close()


async def test_the_table_of_the_documentation_is_paid_line_by_line(tmp_path: Path) -> None:
    async with Process(tmp_path, "--log-level", "warning") as server:
        server.add_user("host", can_host=True)
        players = {}
        for name in STAKES:
            server.add_user(name)
            with operating(server.database) as operator:
                operator(Credit(name, "DON", START * 100))
            players[name] = await server.dial(name)
        table = Table(server, await server.dial("host"), players)
        await table.open()
        pool_id = await table.pool()
        for name, (target, amount) in STAKES.items():
            bet: dict[str, Any] = {"pool_id": pool_id, "target": target, "amount": amount}
            placed = await players[name].call(392, **bet)
            assert placed["res"] == 356, placed
        goal = {"game_id": table.game_id, "action_id": "goal", "target_id": "argentina"}
        assert (await table.host.call(395, **goal))["res"] == 366
        result = (await table.told(362))["result_seq"]
        assert await table.balances() == {"ann": 1026.67, "bob": 1013.33, "cleo": 970, "dan": 990}
        elsewhere: dict[str, Any] = {"target": "none", "amount": START + 10}
        elsewhere["pool_id"] = await table.pool()
        assert (await players["bob"].call(392, **elsewhere))["res"] == 356
        for result_is, moved, house, owed in ROWS:
            before = await table.balances()
            told = await table.host.call(
                3992, pool_id=pool_id, corrects_seq=result, reason="video", **result_is
            )
            assert told["res"] == 3621, told
            result = told["result_seq"]
            after = await table.balances()
            assert {name: round(after[name] - before[name], 2) for name in after} == moved
            assert table.house() == house
            assert -table.house() == owed
        checked = await toteboard(tmp_path, "check")
        assert checked.returncode == 0, checked.stdout
