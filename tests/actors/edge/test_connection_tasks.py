"""The tasks of a connection share a nursery with all others, and yet end with it and fail alone."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import trio

from actors.edge.connection_tasks import ConnectionTasks
from actors.survival import survive


@pytest.fixture
def tasks(nursery: trio.Nursery) -> ConnectionTasks:
    def start(task: Callable[..., Awaitable[None]], *arguments: Any) -> None:
        nursery.start_soon(survive, task, *arguments)

    return ConnectionTasks(start)


async def test_a_side_task_that_fails_ends_its_connection(
    autojump_clock: object, tasks: ConnectionTasks
) -> None:
    async def fail() -> None:
        await trio.sleep(1)
        raise ZeroDivisionError("a bug")

    with trio.fail_after(2), tasks.lifetime:
        tasks.start_soon(fail)
        await trio.sleep_forever()
    assert tasks.lifetime.cancelled_caught


async def test_a_side_task_that_returns_leaves_its_connection(
    autojump_clock: object, tasks: ConnectionTasks
) -> None:
    tasks.start_soon(trio.lowlevel.checkpoint)
    with tasks.lifetime:
        await trio.sleep(1)
    assert not tasks.lifetime.cancel_called


@pytest.mark.parametrize("after_s", [0, 1])
async def test_side_tasks_end_with_the_connection(
    autojump_clock: object, nursery: trio.Nursery, tasks: ConnectionTasks, after_s: float
) -> None:
    """Also a side task that has not run yet: it must not touch a connection that is released."""
    has_run = []

    async def wait() -> None:
        has_run.append(True)
        await trio.sleep_forever()

    tasks.start_soon(wait)
    if after_s:
        await trio.sleep(after_s)
    tasks.end()
    await trio.sleep(1)
    assert bool(has_run) == bool(after_s)
    assert not nursery.child_tasks
