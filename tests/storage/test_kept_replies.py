"""Stored replies: what `toteboard check` finds in them."""

from pathlib import Path

import pytest

from storage.audit import audit
from storage.chain import digest
from storage.kept_replies import MISREMEMBERED
from storage.opening import open_database
from tests.support.people import open_game, open_pool, players
from tests.support.world import World

CHANGES = [
    """reply = replace(reply, '"amount":0.29', '"amount":0.3')""",
    """reply = replace(reply, '"target":"brazil"', '"target":"argentina"')""",
    "reply = replace(reply, json_extract(reply, '$.bet_id'), 'another')",
    "reply = replace(reply, json_extract(reply, '$.pool_id'), 'another')",
    "user_id = 1",
    "reply = 'x'",
]


@pytest.mark.parametrize("change", CHANGES)
async def test_a_kept_reply_to_a_bet_that_was_changed_is_found(
    tmp_path: Path, autojump_clock: object, change: str
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        (bob,) = await players(world, "bob")
        bet = {"pool_id": pool_id, "target": "brazil", "amount": 0.29}
        assert (await bob.call(392, key="k", **bet))["res"] == 356
        assert audit(world.operator) == []
        world.operator.execute(f"UPDATE answers SET {change}")
        assert any("was changed after it was sent" in line for line in audit(world.operator))
        [row] = world.operator.rows("SELECT * FROM answers")
        row.pop("digest")
        world.operator.execute("UPDATE answers SET digest = ?", (digest(*row.values()),))
        assert len(audit(world.operator)) == 1


def test_the_check_does_not_read_every_bet_for_each_reply(tmp_path: Path) -> None:
    database = open_database(tmp_path / "toteboard.db")
    plan = [row["detail"] for row in database.rows(f"EXPLAIN QUERY PLAN {MISREMEMBERED}")]
    database.close()
    assert [step for step in plan if step.startswith("SEARCH bets USING")]
    assert not [step for step in plan if step.startswith("SCAN bets")]
