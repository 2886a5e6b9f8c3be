"""Whoever waits for a connection's ops to be answered, be it more than one."""

import trio

from actors.connection import Connection
from game.limits import Limits


async def test_two_may_wait_until_nothing_is_under_way(autojump_clock: object) -> None:
    connection = Connection(1, "ann", False, Limits())
    connection.op_begins()
    over: list[int] = []

    async def wait(number: int) -> None:
        await connection.nothing_under_way()
        over.append(number)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait, 1)
        nursery.start_soon(wait, 2)
        await trio.sleep(1)
        assert not over
        connection.op_ends()
    assert sorted(over) == [1, 2]


async def test_who_gave_up_waiting_is_in_nobodys_way(autojump_clock: object) -> None:
    connection = Connection(1, "ann", False, Limits())
    connection.op_begins()
    with trio.move_on_after(1):
        await connection.nothing_under_way()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(connection.nothing_under_way)
        await trio.sleep(1)
        connection.op_ends()
