"""Whoever waits for a connection's ops to be answered, be it more than one."""

import trio

from actors.edge.connection import Connection
from protocol.limits import Limits


async def test_two_may_wait_until_nothing_is_under_way(autojump_clock: object) -> None:
    connection = Connection(1, "ann", False, Limits())
    connection.request_started()
    over: list[int] = []

    async def wait(number: int) -> None:
        await connection.all_replied()
        over.append(number)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait, 1)
        nursery.start_soon(wait, 2)
        await trio.sleep(1)
        assert not over
        connection.request_finished()
    assert sorted(over) == [1, 2]


async def test_who_gave_up_waiting_is_in_nobodys_way(autojump_clock: object) -> None:
    connection = Connection(1, "ann", False, Limits())
    connection.request_started()
    with trio.move_on_after(1):
        await connection.all_replied()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(connection.all_replied)
        await trio.sleep(1)
        connection.request_finished()
