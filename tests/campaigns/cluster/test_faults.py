"""No acknowledged bet is lost, and no key executed twice, whatever befalls the leader or
the engine.

`make cluster-faults` has more faults, more bettors and more watchers.
"""

from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from tests.campaigns.cluster.faults import Fault
from tests.campaigns.cluster.trial import running
from tests.support.engine import Engine

CLIENTS = 20
TAKES_S = 300


async def survive(folder: Path, engine: Engine, faults: Sequence[Fault]) -> None:
    async with running(
        folder,
        engine,
        Random(1),
        node_count=2,
        bettor_count=CLIENTS,
        watcher_count=CLIENTS,
        has_cuts=Fault.CUT in faults,
    ) as trial:
        for fault in faults:
            await trial.befall(fault)
        await trial.settle()
    await trial.judge()
    assert all(bettor.placed for bettor in trial.bettors)


@pytest.mark.timeout(TAKES_S)
async def test_users_bet_through_kills_and_cuts_and_nothing_is_lost_or_done_twice(
    tmp_path: Path, mortal_engine: Engine
) -> None:
    faults = (*3 * (Fault.KILL,), Fault.HAND_OVER, *3 * (Fault.CUT,), Fault.FAILOVER)
    await survive(tmp_path, mortal_engine, faults)


@pytest.mark.timeout(TAKES_S)
async def test_a_leader_that_is_paused_ten_times_stores_and_tells_nothing_when_it_goes_on(
    tmp_path: Path, mortal_engine: Engine
) -> None:
    await survive(tmp_path, mortal_engine, 10 * (Fault.PAUSE,))
