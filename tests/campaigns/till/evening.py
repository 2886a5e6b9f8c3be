"""An evening at the till: the lives of a server, and the comparison at the end."""

from collections import Counter
from pathlib import Path
from random import Random
from typing import Any, Final

import httpx
import orjson
import trio

from tests.campaigns.till.player import Moved, Player
from tests.support.process import PATIENCE_S, Process, toteboard

START: Final = "10.00"
"""What each player has at first: too little for everything, so that much is refused."""
CAUSES: Final = {"credit": ["credit"], "debit": ["debit"], "hold": ["hold", "debit", "release"]}
"""The lines that a payment has in the statement, by its kind."""


class Evening:
    """Players, an operator, and a server that is killed at some of their answers."""

    def __init__(
        self, folder: Path, users: int, each: int, kills: int, seed: int, workers: int
    ) -> None:
        self._kills, self._dice = kills, Random(seed)
        options = ("--operator-port", "0", "--workers", str(workers), "--rate-limit", "0")
        self._server = Process(folder, *options)
        self._names = [f"player-{number}" for number in range(users)]
        self._each, self._folder = each, folder
        self.players: list[Player] = []
        self.answers = 0
        self._goal, self._is_reached = 0, trio.Event()
        self.findings: list[str] = []

    async def run(self) -> None:
        """Run all the lives, then compare."""
        async with self._server as server:
            await self._prepare(server)
            total = 2 * self._each * len(self.players)
            for life in range(self._kills + 1):
                is_last = life == self._kills
                self._goal = total * (life + 1) // (self._kills + 1)
                async with trio.open_nursery() as nursery:
                    await self._live(server, nursery, is_last)
                if not is_last:
                    await server.start()
            await self._compare(server)
        check = await toteboard(self._folder, "check")
        if check.returncode:
            self.findings.append(check.stdout.decode())

    def summary(self) -> str:
        """Summarize what has happened in a line."""
        bets = sum(len(player.bets) for player in self.players)
        paid = sum(len(player.paid) for player in self.players)
        refused = sum((player.refused for player in self.players), Counter[str]())
        told = sum(len(told) for player in self.players for told in player.told)
        return (
            f"{len(self.players)} players, {bets} bets, {paid} payments, {self._kills} kills;"
            f" refused: {dict(refused)}; {told} changes of balance told; {len(self.findings)} wrong"
        )

    # The lives.

    async def _prepare(self, server: Process) -> None:
        """Add the host, the pool, the players and a key of the API."""
        added = await toteboard(self._folder, "key", "add", "till", "--role", "cashier")
        self._api_key = orjson.loads(added.stdout)["key"]
        server.add_user("host", can_host=True)
        async with server.connect("host") as host:
            source = await host.call(365, source_name="the source")
            about: dict[str, Any] = {"actions": ["goal"], "targets": ["argentina", "brazil"]}
            source_id = source["source_id"]
            game = await host.call(370, source_id=source_id, game_name="the game", **about)
            self._game_id = game["game_id"]
            await host.call(616, game_id=self._game_id)
            wanted = {"description": "?", "action": "goal"}
            self._pool_id = (await host.call(385, game_id=self._game_id, **wanted))["pool_id"]
        async with await self._client(server) as client:
            for name in self._names:
                user_id = server.add_user(name)
                await client.post(f"/v1/users/{user_id}/credits", json={"amount": START})
                player = Player(name, user_id, server.keys[name][1], self._on_answer)
                player.plan(self._dice, self._each)
                self.players.append(player)

    async def _live(self, server: Process, nursery: trio.Nursery, is_last: bool) -> None:
        """Let everybody act until the goal is reached. Then kill the server, or end the pool."""
        url = await self._url(server)
        for player in self.players:
            nursery.start_soon(player.bet, server.port, self._pool_id)
            nursery.start_soon(player.pay, url, self._api_key)
        if self.answers < self._goal:
            self._is_reached = trio.Event()
            with trio.fail_after(PATIENCE_S):
                await self._is_reached.wait()
        if not is_last:
            await server.kill()
            return
        async with server.connect("host") as host:
            goal = {"action_id": "goal", "target_id": "brazil"}
            ended = await host.call(395, game_id=self._game_id, **goal)
            if ended["res"] == 666:
                self.findings.append(f"the pool does not end: {ended}")
        nursery.cancel_scope.deadline = trio.current_time() + PATIENCE_S

    def _on_answer(self) -> None:
        self.answers += 1
        if self.answers >= self._goal:
            self._is_reached.set()

    async def _url(self, server: Process) -> str:
        return str((await server.logged("listening"))["operator_url"])

    async def _client(self, server: Process) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {self._api_key}"}
        url = await self._url(server)
        return httpx.AsyncClient(base_url=url, headers=headers, timeout=PATIENCE_S)

    # The comparison.

    async def _compare(self, server: Process) -> None:
        async with await self._client(server) as client:
            for player in self.players:
                self.findings += player.findings
                entries, balances = await _statement(client, player.user_id)
                self._compare_balances(player, entries, balances)
                self._expect(player.has_result, player, "did not hear of the result")
                self._compare_told(player, entries[1:])
                self._compare_payments(player, entries[1:])
                bets = await _all(client, f"/v1/users/{player.user_id}/bets", "bets")
                kept = Counter(each["bet_id"] for each in bets)
                self._expect(kept == Counter(player.bets.values()), player, "bets", len(kept))

    def _expect(self, holds: bool, player: Player, *about: object) -> None:
        if not holds:
            self.findings.append(f"{player.name}: {about}")

    def _compare_balances(
        self, player: Player, entries: list[dict[str, Any]], balances: dict[str, Any]
    ) -> None:
        lowest = min(each["available_balance"] for each in entries)
        self._expect(lowest >= 0, player, "below zero", lowest)
        last = entries[-1]["current_balance"], entries[-1]["available_balance"]
        now = balances["current_balance"], balances["available_balance"]
        self._expect(last == now, player, "the statement ends at", last, "not", now)
        total = round(sum(each["change"] for each in entries), 2)
        self._expect(total == now[0], player, "the changes sum to", total, "not", now)

    def _compare_told(self, player: Player, entries: list[dict[str, Any]]) -> None:
        """Every connection was told consecutive lines of the statement, the last one to its end."""
        lines: list[Moved] = [
            (each["cause"], each["current_balance"], each["available_balance"]) for each in entries
        ]
        for told in player.told:
            places = range(len(lines) - len(told) + 1)
            is_part = any(lines[place : place + len(told)] == told for place in places)
            self._expect(is_part, player, "was told what is not the statement", told[:3])
        is_whole = self._kills > 0 or player.told == [lines]
        self._expect(is_whole, player, "was told less than the statement has")
        self._expect(player.told[-1][-1:] == lines[-1:], player, "the end was not told")

    def _compare_payments(self, player: Player, entries: list[dict[str, Any]]) -> None:
        lines: dict[str, list[str]] = {}
        for each in entries:
            if each["reference"] is not None:
                lines.setdefault(each["reference"], []).append(each["cause"])
        wanted = {name: CAUSES[paid["kind"]] for name, paid in player.paid.items()}
        self._expect(lines == wanted, player, "payments", lines, "not", wanted)
        self._expect(not lines.keys() & player.declined, player, "paid and declined")


async def _statement(
    client: httpx.AsyncClient, user_id: int
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the lines of a statement, the oldest first, and the balances."""
    entries = await _all(client, f"/v1/users/{user_id}/statement", "entries")
    user = (await client.get(f"/v1/users/{user_id}")).json()
    return entries[::-1], user["balances"]["DON"]


async def _all(client: httpx.AsyncClient, path: str, name: str) -> list[dict[str, Any]]:
    """Return the items of all pages, in their order."""
    items: list[dict[str, Any]] = []
    before: dict[str, Any] = {"limit": 100}
    while True:
        page = (await client.get(path, params=before)).json()
        items += page[name]
        if page["before"] is None:
            return items
        before = {"limit": 100, "before": page["before"]}
