"""The page's pure modules: their own tests in Node, their arithmetic against the server's."""

import json
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest

from game.payout import settle
from game.policy import SHIPPED, Policy
from game.pools import Bet
from tests.page.files import compressed, served
from tests.support.tree import ROOT

MODULES = Path(__file__).parent / "modules"
LIMIT_BYTES = 200_000
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
    policies = [SHIPPED[name] for name in ("plain", "plain", "social", "tote", "us")]
    pools = [
        (bets(dice), TARGETS[: dice.randint(1, 2)], dice.choice(policies), dice.choice([0, 700]))
        for _ in range(100)
    ]
    given = json.dumps([case(*pool) for pool in pools])
    outcomes = json.loads(node("payout_probe.mjs", given=given).stdout)
    for (pool, winners, policy, carry), outcome in zip(pools, outcomes, strict=True):
        truth = settle(pool, winners, void_after=LATE, policy=policy, carried_in=carry)
        assert outcome["isMoneyReturn"] == truth.is_money_return
        kept = [outcome[name] for name in ("takeout", "breakage", "minus", "carriedOut")]
        assert kept == [truth.takeout, truth.breakage, truth.minus, truth.carried_out]
        assert {user["userId"]: (user["paid"], user["refunded"]) for user in outcome["users"]} == {
            settled.user_id: (settled.paid, settled.void_stake + settled.returned_stake)
            for settled in truth.settlements
        }


def case(
    pool: list[Bet], winners: tuple[str, ...], policy: Policy, carried_in: int
) -> dict[str, Any]:
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
    values = {
        "takeout": policy.takeout,
        "breakTo": policy.break_to,
        "minimum": policy.minimum or 0,
        "deadHeat": policy.dead_heat,
        "unbacked": policy.unbacked,
        "carriedIn": carried_in,
    }
    return {"bets": known, "targets": winners, "voidAfter": LATE, "policy": values}
