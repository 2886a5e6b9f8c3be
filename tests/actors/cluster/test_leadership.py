"""What a node's edge learns of the leader: each change, once, and no change that is none."""

import trio
from trio.testing import wait_all_tasks_blocked

from actors.cluster.leadership import Leader, Leadership

ONE = Leader(1, "10.0.0.1:7000", False)
TWO = Leader(2, "10.0.0.2:7000", True)


async def test_a_change_of_the_leader_wakes_those_that_wait_for_it() -> None:
    leadership, seen = Leadership(), list[Leader | None]()

    async def follow() -> None:
        known = leadership.leader
        while known != TWO:
            known = await leadership.other_than(known)
            seen.append(known)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(follow)
        for leader in (None, ONE, ONE, None, TWO):
            leadership.know(leader)
            await wait_all_tasks_blocked()
    assert seen == [ONE, None, TWO]


async def test_a_change_that_came_before_the_wait_is_not_missed() -> None:
    leadership = Leadership()
    leadership.know(ONE)
    leadership.know(TWO)
    assert await leadership.other_than(ONE) == TWO
