"""Weeks of play under limits that change, against an oracle that knows the statement alone.

Before each bet the oracle adds up the player's whole statement and the exposure, applies the limits
as it remembers the requests, and says what the reply must be. The server counts incrementally, and
starts again from its file at each restart.
"""

from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
import trio
from attrs import Factory, define

from game.own_limits import LimitKind, Period, start_of
from storage.audit import audit
from storage.payments import CREDIT, DEBIT, Pay
from tests.support.people import bet, open_game, open_pool
from tests.support.world import World
from toteboard_client import Client

MINUTE: Final = 60_000
DAY: Final = 24 * 60 * MINUTE
STEPS: Final = 120
KEYS: Final = [(str(period), str(kind)) for period in Period for kind in LimitKind]


@define
class Oracle:
    """What the player has asked for: by limit, the amounts in hundredths and when each holds."""

    asked: dict[tuple[str, str], list[tuple[int, int | None]]] = Factory(dict)

    def ask(self, key: tuple[str, str], amount: int | None, now: int) -> None:
        plans = self.asked.setdefault(key, [(0, None)])
        present = self.amount(key, now)
        pending = [plan for plan in plans if plan[0] > now]
        is_raise = present is not None and (amount is None or amount > present)
        if is_raise and pending and pending[-1][1] == amount:
            return
        plans[:] = [plan for plan in plans if plan[0] <= now]
        plans.append((now + DAY if is_raise else now, amount))

    def amount(self, key: tuple[str, str], now: int) -> int | None:
        return [amount for at, amount in self.asked.get(key, [(0, None)]) if at <= now][-1]

    async def refuses(self, player: Client, stake: int, now: int) -> bool:
        """Return whether a stake (hundredths) must be refused, by the whole statement."""
        entries = (await player.call(8200))["entries"]
        in_play = hundredths((await player.call(840))["exposure"])
        for key in KEYS:
            most, start = self.amount(key, now), start_of(Period(key[0]), now)
            lines = [line for line in entries if line["at"] >= start]
            spent = sum(-hundredths(available_change(line, entries)) for line in lines)
            results = ("payout", "loss", "correction")
            lost = -sum(hundredths(line["change"]) for line in lines if line["cause"] in results)
            used = max(0, spent) if key[1] == "spend" else lost + in_play
            if most is not None and used + stake > most:
                return True
        return False


def available_change(line: dict[str, Any], entries: list[dict[str, Any]]) -> float:
    """Return what a bet or a refund changed of the available balance; 0 for other entries."""
    if line["cause"] not in ("bet", "refund"):
        return 0
    before = next((each for each in entries if each["id"] == line["id"] - 1), None)
    return float(line["available_balance"] - (before["available_balance"] if before else 0))


def hundredths(amount: float) -> int:
    return round(amount * 100)


@define
class Weeks:
    """The player and the host, in a world, and what they do at random."""

    world: World
    dice: Random
    host: Client
    player: Client
    game_id: str
    oracle: Oracle = Factory(Oracle)
    pools: list[str] = Factory(list)
    outcomes: list[int] = Factory(list)

    async def step(self) -> None:
        acts = [self.bet] * 6 + [self.limit, self.wait, self.end, self.end, self.pay, self.restart]
        await self.dice.choice(acts)()

    async def bet(self) -> None:
        if len(self.pools) < 3:
            self.pools.append(await open_pool(self.host, self.game_id))
        stake, now = self.dice.randint(1, 600), self.world.now()
        is_refused = await self.oracle.refuses(self.player, stake, now)
        side = self.dice.choice(("argentina", "brazil"))
        reply = await bet(self.player, self.dice.choice(self.pools), side, stake / 100)
        assert reply["res"] == (666 if is_refused else 356), (stake, reply)
        assert reply.get("code") in (None, "limit_reached")
        self.outcomes.append(reply["res"])

    async def limit(self) -> None:
        limits: dict[str, dict[str, Any]] = {}
        for period, kind in self.dice.sample(KEYS, 2):
            amount = self.dice.choice((None, *range(500, 4_000, 500)))
            self.oracle.ask((period, kind), amount, self.world.now())
            limits.setdefault(period, {})[kind] = "none" if amount is None else amount / 100
        assert (await self.player.call(8300, limits=limits))["res"] == 8300

    async def wait(self) -> None:
        await trio.sleep(self.dice.choice((MINUTE, 60 * MINUTE, DAY // 3, DAY)) / 1_000)

    async def end(self) -> None:
        """End one pool, or all, by a goal, which others bet on too; or cancel it."""
        if not self.pools:
            return
        pool_id = self.pools.pop()
        if self.dice.random() < 0.3:
            await self.host.call(399, pool_id=pool_id)
            return
        rival = await self.world.connect("cat")
        await bet(rival, pool_id, "argentina", 1)
        await bet(rival, pool_id, "brazil", 1)
        leaf = self.dice.choice(("argentina:1", "brazil:7"))
        await self.host.call(395, game_id=self.game_id, action_id="goal", target_id=leaf)
        self.pools.clear()

    async def pay(self) -> None:
        kind = self.dice.choice((CREDIT, DEBIT))
        await self.world.operate(Pay(kind, self.world.keys["bob"][0], "DON", 777))

    async def restart(self) -> None:
        if self.dice.random() < 0.5:
            await self.world.restart()
            self.host, self.player = [await self.world.connect(name) for name in ("ann", "bob")]


@pytest.mark.parametrize("seed", range(3))
async def test_every_bet_of_some_weeks_is_answered_as_the_whole_statement_says(
    tmp_path: Path, autojump_clock: object, seed: int
) -> None:
    async with World(tmp_path, ping_interval=10**12) as world:
        host, game_id = await open_game(world)
        for name in ("bob", "cat"):
            world.add_user(name)
        weeks = Weeks(world, Random(seed), host, await world.connect("bob"), game_id)
        for _ in range(STEPS):
            await weeks.step()
        assert {356, 666} <= set(weeks.outcomes)
        assert audit(world.operator) == []
