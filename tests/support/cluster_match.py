"""A match on the nodes of a simulated cluster, whose people are at different nodes."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.support.cluster import Nodes
from tests.support.people import heard
from toteboard_client import Client, ConnectionClosedError, Message

TAKEOVER_S: Final = 3.5
"""How long no node leads after one was killed, in tests."""


class Match:
    """A game with a pool: ann hosts at node 2, bob is at node 2, cid at node 3, dan at node 1."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self.clients: dict[str, Client] = {}

    async def begin(self) -> None:
        """Let all join the game."""
        for name, number in {"ann": 2, "bob": 2, "cid": 3, "dan": 1}.items():
            self.nodes.add_user(name, can_host=name == "ann")
            self.clients[name] = await self.nodes.connect(name, number)
        self.ann, self.bob, self.cid, self.dan = self.clients.values()
        source = await self.ann.call(365, source_name="league")
        game = await self.ann.call(
            370, source_id=source["source_id"], game_name="a - b", actions="Goal", targets="A,B"
        )
        self.game_id = game["game_id"]
        await self.ann.call(616, game_id=self.game_id)
        for client in self.clients.values():
            await client.call(363, game_id=self.game_id)
        pool = await self.ann.call(385, game_id=self.game_id, description="?", action="goal")
        self.pool_id = pool["pool_id"]
        await self.hear()

    async def hear(self, within_ms: int = 500) -> dict[str, list[Message]]:
        """Return what each client of a living node has received."""
        told: dict[str, list[Message]] = {}
        for name, client in self.clients.items():
            with suppress(ConnectionClosedError):
                told[name] = await heard(client, within_ms=within_ms)
        return told

    async def bet(self, client: Client, *, key: str | None = None) -> Message:
        """Bet 5.00 on A."""
        return await client.call(392, pool_id=self.pool_id, target="a", amount=5, key=key)

    def bets(self) -> int:
        """Return how many bets are in the journals."""
        row = self.nodes.operator.row("SELECT count(*) n FROM facts WHERE kind = 'bet_placed'")
        assert row is not None
        return int(row["n"])


async def play_match(path: Path, play: Callable[[Match], Awaitable[None]]) -> None:
    """Play a part of a match on new nodes."""
    async with Nodes(path) as nodes:
        match = Match(nodes)
        await match.begin()
        await play(match)
