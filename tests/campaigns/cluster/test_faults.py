"""No acknowledged bet is lost, and no key executed twice, whatever befalls the leader.

`make cluster-faults` has more faults, more bettors, and standbys.
"""

from pathlib import Path
from random import Random

import trio

from tests.campaigns.cluster.trial import Fault, running

BETTORS = 20


async def test_users_bet_through_faults_of_the_leader_and_nothing_is_lost_or_done_twice(
    tmp_path: Path, url: str
) -> None:
    with trio.fail_after(300):
        async with running(tmp_path, url, Random(1), node_count=2, bettor_count=BETTORS) as trial:
            for fault in (Fault.KILL, Fault.PAUSE, Fault.HAND_OVER):
                await trial.befall(fault)
            await trial.settle()
        await trial.judge()
    assert all(bettor.placed for bettor in trial.bettors)
