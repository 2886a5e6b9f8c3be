"""A task group whose tasks serve a block: they end with it, and its exceptions pass unchanged."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from anyio.abc import TaskGroup


@asynccontextmanager
async def background() -> AsyncIterator[TaskGroup]:
    """Open a task group for the block. Its tasks are cancelled at the end.

    An exception of the block is raised as it is, and a single one of a task too, not in a group.
    """
    own: BaseException | None = None
    try:
        async with anyio.create_task_group() as group:
            try:
                yield group
            except BaseException as error:
                own = error
                raise
            finally:
                group.cancel_scope.cancel()
    except BaseExceptionGroup as failures:
        if failures is own:
            raise
        if len(failures.exceptions) == 1:
            raise failures.exceptions[0] from None
        raise
