"""Bets and payments at once agree with the statements. `make till` has more of them."""

from pathlib import Path

import trio

from tests.campaigns.till.evening import Evening


async def test_bets_and_payments_at_once_agree_with_the_statements_over_a_kill(
    tmp_path: Path,
) -> None:
    evening = Evening(tmp_path, users=4, each=12, kills=1, seed=1, workers=1)
    with trio.fail_after(120):
        await evening.run()
    assert evening.findings == []
    assert evening.answers >= 2 * 4 * 12
    assert sum(player.refused.total() for player in evening.players) > 0
