"""A simulated machine stands still, ends, and does blocking work in simulated time."""

import pytest
import trio

from storage.errors import StorageError
from tests.campaigns.terms.machine import Machine, machines, wait_for


def block(seconds: float) -> str:
    """Wait in a thread."""
    wait_for(trio.Event(), seconds)
    return "done"


async def test_blocking_work_takes_simulated_time(
    autojump_clock: object, nursery: trio.Nursery
) -> None:
    with machines():
        machine = Machine(nursery)
        began = trio.current_time()
        assert await machine.perform(block, 5) == "done"
        assert trio.current_time() - began == 5
        machine.close()


async def test_a_paused_machine_does_nothing_until_it_goes_on(
    autojump_clock: object, nursery: trio.Nursery
) -> None:
    seen: list[float] = []

    async def tick() -> None:
        for _ in range(3):
            await trio.sleep(1)
            seen.append(trio.current_time() - began)

    with machines():
        machine = Machine(nursery)
        began = trio.current_time()
        with machine.inhabited():
            nursery.start_soon(tick)
        await trio.sleep(1.5)
        machine.pause()
        await trio.sleep(5)
        assert seen == [1]
        machine.go_on()
        await trio.sleep(1.1)
        assert seen == [1, 6.5, 7.5]


async def test_a_killed_machine_ends_in_the_middle_of_its_work(
    autojump_clock: object, nursery: trio.Nursery
) -> None:
    done: list[str] = []

    def work() -> None:
        block(60)
        done.append("never")

    with machines():
        machine = Machine(nursery)
        nursery.start_soon(kill_later, machine)
        with pytest.raises(StorageError):
            await machine.perform(work)
        assert trio.current_time() < 60
        assert not done
        machine.close()


async def kill_later(machine: Machine) -> None:
    """Kill a machine after a second."""
    await trio.sleep(1)
    machine.kill()
