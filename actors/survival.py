"""Runs work that may fail by a bug of ours: the bug is logged, and the server continues.

This is the only file that catches `Exception`. An exception that is neither a `Refusal` nor a
`StorageError` is a bug of ours. The supervisor restarts the actor in which it happened (`bug_in`).
Elsewhere only the one task or message fails (`survive`, `survive_message`). `on_failure` then
answers the client or the edge that waits for it.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import uuid4

import structlog

from actors.link.caller import Continuation
from actors.link.sides import Connected

log = structlog.get_logger()

OnFailure = Callable[[str], Continuation | None]
"""Acts on a failure whose log line has this trace id. Returns the work that is left, if any."""


async def bug_in(task: Callable[..., Awaitable[Any]], *arguments: Any) -> Exception | None:
    """Run a task. Return the exception with which it fails, or None."""
    try:
        await task(*arguments)
    except Exception as bug:
        return bug
    return None


async def survive(
    task: Callable[..., Awaitable[Any]],
    *arguments: Any,
    on_failure: OnFailure | None = None,
    event: str = "internal_error",
) -> None:
    """Run a task. If it fails, log the bug as `event` and continue."""
    bug = await bug_in(task, *arguments)
    if bug is not None and (continuation := _report(bug, on_failure, event)) is not None:
        await survive(continuation)


def survive_message(
    handle: Callable[[Connected, str | bytes], Continuation | None],
    on_failure: Callable[[Connected, str | bytes, str], Continuation | None],
    client: Connected,
    text: str | bytes,
) -> Continuation | None:
    """Handle a message. If it fails, now or in the work that is left, log the bug and continue."""
    try:
        continuation = handle(client, text)
    except Exception as bug:
        return _report(bug, partial(on_failure, client, text))
    if continuation is None:
        return None
    return partial(survive, continuation, on_failure=partial(on_failure, client, text))


def _report(
    bug: Exception, on_failure: OnFailure | None, event: str = "internal_error"
) -> Continuation | None:
    """Log a bug and act on it. The action may fail as well."""
    trace_id = str(uuid4())
    log.error(event, trace_id=trace_id, exc_info=bug)
    try:
        return None if on_failure is None else on_failure(trace_id)
    except Exception as another:
        log.error("internal_error", trace_id=trace_id, exc_info=another)
        return None
