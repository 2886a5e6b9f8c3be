"""Accepts connections for as long as a listener is open, and passes each of them on.

Unlike `trio.serve_listeners` it never closes a connection: the task that performs a handshake ends,
and the connection lives on (`actors/edge/admission.py`).

If the process or the system has no descriptor or no memory for one more connection, the loop logs
`accept_failed` and tries again after `SHORTAGE_PAUSE_S`. It raises any other error.
"""

import errno
from collections.abc import Callable, Iterable
from typing import Final

import structlog
import trio

log = structlog.get_logger()

SHORTAGE_PAUSE_S: Final = 0.1
SHORTAGES: Final = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS))

OnStream = Callable[[trio.abc.Stream], None]
"""Takes a connection over, without waiting. It must see that the connection is closed."""


async def accept_all(
    listeners: Iterable[trio.abc.Listener[trio.abc.Stream]], on_stream: OnStream
) -> None:
    """Pass on every connection of the listeners until cancelled; then close the listeners.

    Raise `OSError` if accepting fails for another reason than a shortage.
    """
    async with trio.open_nursery() as nursery:
        for listener in listeners:
            nursery.start_soon(_accept_from, listener, on_stream)


async def _accept_from(listener: trio.abc.Listener[trio.abc.Stream], on_stream: OnStream) -> None:
    async with listener:
        while True:
            try:
                stream = await listener.accept()
            except OSError as error:
                if error.errno not in SHORTAGES:
                    raise
                log.error("accept_failed", error=str(error))
                await trio.sleep(SHORTAGE_PAUSE_S)
            else:
                on_stream(stream)
