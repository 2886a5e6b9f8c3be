"""When a reply may be sent: in the order of the requests, and not to a client that does not read.

A step that cannot run immediately is returned as a `Continuation`, which the connection awaits.
"""

from collections.abc import Callable
from functools import partial

from actors.link.caller import ClientConnection, Continuation

Turn = Callable[[], Continuation | None]
"""Sends a reply. Returns the work that is left, if any."""


def in_turn(client: ClientConnection, step: Turn) -> Continuation | None:
    """Run a step once every request before it has its reply."""
    return step() if client.in_flight.is_empty else partial(after_others, client, step)


async def after_others(client: ClientConnection, step: Turn) -> None:
    """Wait until every request has its reply, then run a step."""
    await client.in_flight.wait_until_empty()
    await finish(step())


async def after_reading(client: ClientConnection, step: Turn) -> None:
    """Let a client that does not read its replies wait; it does not count as lagging."""
    await client.drained()
    await finish(step())


async def finish(continuation: Continuation | None) -> None:
    """Do the work that is left, if any."""
    if continuation is not None:
        await continuation()
