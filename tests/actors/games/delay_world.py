"""Shorthand for tests of the bet delay on a whole server."""

from typing import Any

import trio
from attrs import define

from tests.support.people import open_game, open_pool, players
from tests.support.world import NOW, World
from toteboard_client import Client, Message

DELAY_S = 5


@define
class InPlay:
    """A game in play with a pool in which a bet waits for five seconds, and its people.

    `fan` has joined the game. Nobody else has. The admin of the game is `hanna`.
    """

    world: World
    host: Client
    ann: Client
    cleo: Client
    fan: Client
    game_id: str
    pool_id: str

    async def until(self, second: float) -> None:
        """Wait until so many seconds after the beginning of the world."""
        wait_s = (NOW - self.world.now()) / 1_000 + second
        await trio.sleep_until(trio.current_time() + wait_s)

    async def bet(self, client: Client, amount: float = 40, **more: Any) -> None:
        """Send a bet on Argentina, and wait for no reply."""
        wanted: Message = {"pool_id": self.pool_id, "target": "argentina", "amount": amount}
        await client.send(392, **wanted | more)

    async def goal(self, **more: Any) -> Message:
        """Register a goal of Argentina."""
        wanted = {"game_id": self.game_id, "action_id": "goal", "target_id": "argentina:1"}
        return await self.host.call(395, **wanted | more)

    async def bets(self) -> list[tuple[int, float, float]]:
        """Return user, amount and time of acceptance of the pool's bets; seconds of the world."""
        shown = await self.host.call(393, pool_id=self.pool_id)
        return [
            (bet["user_id"], bet["amount"], (bet["placed_at"] - NOW) / 1_000)
            for target in shown["distribution"].values()
            for bet in target["bets"].values()
        ]

    @property
    def set_aside(self) -> int:
        """The hundredths that the bank has set aside for all users."""
        balances = self.world.server.services.bank._balances.values()
        return sum(balance.reserved for balance in balances)


async def in_play(world: World, **pool: Any) -> InPlay:
    """Open a game with a pool that delays bets."""
    host, game_id = await open_game(world, host="hanna")
    wanted = {"bet_delay": DELAY_S * 1_000} | pool
    pool_id = await open_pool(host, game_id, **wanted)
    ann, cleo, fan = await players(world, "ann", "cleo", "fan")
    await fan.call(363, game_id=game_id)
    await fan.receive()  # its own 470
    return InPlay(world, host, ann, cleo, fan, game_id, pool_id)
