"""The page's pure modules: their own tests in Node, their arithmetic against the server's."""

import json
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest

from game.payout import settle
from game.pools import Bet
from tests.page.files import compressed, served
from tests.support.tree import ROOT

MODULES = Path(__file__).parent / "modules"
LIMIT_BYTES = 60_000
TARGETS = ("argentina", "brazil", "none")
LATE = 500


def node(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run Node and wait until it ends."""
    command = ["node", *arguments]
    return subprocess.run(
        command, input=given, capture_output=True, text=True, check=False, cwd=MODULES
    )


def test_the_pages_modules_keep_their_own_promises() -> None:
    run = node("--test", ".")
    assert run.returncode == 0, run.stdout


def test_the_page_is_small() -> None:
    sizes = {path.name: compressed(path) for path in served()}
    assert "preact.js" in sizes
    assert sum(sizes.values()) < LIMIT_BYTES, sizes


def test_libraries_are_not_tracked_and_no_registry_is_named() -> None:
    lock = json.loads((ROOT / "toteboard/page/package-lock.json").read_text("utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert all("integrity" in entry and "resolved" not in entry for entry in packages.values())


def bets(dice: random.Random) -> list[Bet]:
    """Draw bets in order of acceptance, a few of them late. Small stakes make remainders equal."""
    return [
        Bet(
            bet_id=str(place),
            user_id=dice.randint(1, 4),
            target_id=dice.choice(TARGETS),
            amount=dice.choice([1, 1, 3, 7, 100, 10**12]),
            placed_at=dice.choice([100, 200, LATE, LATE + 1]),
        )
        for place in range(dice.randint(0, 12))
    ]


@pytest.mark.parametrize("seed", range(5))
def test_the_hosts_preview_is_what_the_server_pays(seed: int) -> None:
    dice = random.Random(seed)
    pools = [bets(dice) for _ in range(60)]
    outcomes = json.loads(node("payout_probe.mjs", given=json.dumps(list(map(case, pools)))).stdout)
    for pool, outcome in zip(pools, outcomes, strict=True):
        truth = settle(pool, TARGETS[0], void_after=LATE)
        assert outcome["isMoneyReturn"] == truth.is_money_return
        assert {user["userId"]: (user["paid"], user["refunded"]) for user in outcome["users"]} == {
            settled.user_id: (settled.paid, settled.void_stake + settled.returned_stake)
            for settled in truth.settlements
        }


def case(pool: list[Bet]) -> dict[str, Any]:
    """Return a pool as the page stores it."""
    known = [
        {
            "userId": bet.user_id,
            "target": bet.target_id,
            "amount": bet.amount,
            "placedAt": bet.placed_at,
        }
        for bet in pool
    ]
    return {"bets": known, "target": TARGETS[0], "voidAfter": LATE}
