"""No acknowledged bet is lost, and no key executed twice, whatever befalls the leader or
the engine.

`make cluster-faults` has more faults and more bettors.
"""

from pathlib import Path
from random import Random

import trio

from tests.campaigns.cluster.faults import Fault
from tests.campaigns.cluster.trial import running
from tests.support.engine import Engine


async def test_users_bet_through_faults_of_the_leader_and_nothing_is_lost_or_done_twice(
    tmp_path: Path, mortal_engine: Engine
) -> None:
    with trio.fail_after(300):
        async with running(
            tmp_path, mortal_engine, Random(1), node_count=2, bettor_count=20, watcher_count=20
        ) as trial:
            for fault in (Fault.KILL, Fault.PAUSE, Fault.HAND_OVER, Fault.FAILOVER):
                await trial.befall(fault)
            await trial.settle()
        await trial.judge()
    assert all(bettor.placed for bettor in trial.bettors)
