"""Sends one batch to many connections, with room for other tasks in between.

The subscribers of a game are sent to by its actor, or by the edge of their worker.
"""

from collections.abc import Collection, Sequence

import trio

from actors.link.caller import Caller
from actors.link.encoded_message import FrameBatch

SENT_TOGETHER = 128
"""Connections that are sent to before other tasks may run."""


async def send_to_each(
    receivers: Sequence[Caller], batch: FrameBatch, *, besides: Collection[Caller] = ()
) -> None:
    """Send a batch to each of the connections, except `besides`."""
    for count, receiver in enumerate(receivers, start=1):
        if receiver not in besides:
            receiver.send(batch)
        if count % SENT_TOGETHER == 0:
            await trio.lowlevel.checkpoint()
