"""Several tasks may wait until a connection has no request in flight."""

import trio

from actors.link.requests_in_flight import RequestsInFlight


async def test_two_tasks_may_wait_until_no_request_is_in_flight(autojump_clock: object) -> None:
    in_flight = RequestsInFlight()
    in_flight.started()
    over: list[int] = []

    async def wait(number: int) -> None:
        await in_flight.wait_until_empty()
        over.append(number)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait, 1)
        nursery.start_soon(wait, 2)
        await trio.sleep(1)
        assert not over
        in_flight.finished(0)
    assert sorted(over) == [1, 2]


async def test_a_task_that_gave_up_waiting_does_not_block_another(autojump_clock: object) -> None:
    in_flight = RequestsInFlight()
    in_flight.started()
    with trio.move_on_after(1):
        await in_flight.wait_until_empty()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(in_flight.wait_until_empty)
        await trio.sleep(1)
        in_flight.finished(0)
