"""The program of the documentation computes the payouts of every receipt again, by each policy."""

import json
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import trio

from tests.actors.games.policy_world import POLICIES, goal, world_in
from tests.support.people import bet, open_game, open_pool, players
from tests.support.tree import ROOT

PAGE = ROOT / "docs" / "how-to" / "answer-a-complaint.md"
ENDS = ("one winner", "two winners", "nobody backed it", "void bets", "cancelled")


def payouts_of_the_page() -> Callable[[Any], dict[str, int]]:
    [program] = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S)
    assert len(program.splitlines()) < 70
    names: dict[str, Any] = {"__name__": "recompute"}
    exec(program, names)  # the program of the documentation, as a reader runs it
    found: Callable[[Any], dict[str, int]] = names["payouts"]
    return found


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("policy", POLICIES)
async def test_a_receipt_is_enough_to_compute_the_payouts(
    tmp_path: Path, autojump_clock: object, policy: str, end: str
) -> None:
    async with world_in(tmp_path) as world:
        host, game_id = await open_game(world)
        clients = await players(world, "bob", "cat", "dan")
        pool_id = await open_pool(host, game_id, policy=policy)
        stakes = (("argentina", 33.34), ("brazil", 10.01), ("argentina", 7.77), ("brazil", 0.05))
        placed = [
            await bet(clients[number % 3], pool_id, target, size)
            for number, (target, size) in enumerate(stakes)
            if not (end == "nobody backed it" and target == "argentina")
        ]
        before = world.now()
        if end == "void bets":
            await trio.sleep(0.1)
            await bet(clients[0], pool_id, "argentina", 5)
        if end == "cancelled":
            await host.call(399, pool_id=pool_id, reason="rain")
        else:
            also: dict[str, Any] = {"also": ["brazil:7"]} if end == "two winners" else {}
            if end == "void bets":
                also = {"happened_at": before}
            await goal(host, game_id, "argentina:1", **also)
        receipt = await clients[0].call(3911, pool_id=pool_id)
        assert receipt["res"] == 3911, receipt
        receipt = json.loads(json.dumps(receipt))
        stated = {user: round(size * 100) for user, size in receipt["payouts"].items()}
        assert payouts_of_the_page()(receipt) == stated
        hashes = [each["hash"] for each in receipt["bets"]]
        assert hashes[: len(placed)] == [
            sha256(each["bet_id"].encode()).hexdigest() for each in placed
        ]
        page = await clients[0].call(3911, pool_id=pool_id, offset=1, limit=1)
        assert page["bets"] == receipt["bets"][1:2]
        assert (page["bets_total"], "seq" in page) == (len(receipt["bets"]), False)
