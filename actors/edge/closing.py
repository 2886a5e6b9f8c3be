"""Why a connection is being closed, and the close codes of RFC 6455, section 7.4, that we send.

`Connection`, `Sender` and `Receiver` share one `Closing`, so that each of them can close the
connection and sees when another has.
"""

from collections.abc import Callable
from typing import Final

import trio

from actors.link.caller import POLICY_VIOLATION

NORMAL: Final = 1000
GOING_AWAY: Final = 1001
PROTOCOL_ERROR: Final = 1002
INVALID_TEXT: Final = 1007
TOO_BIG: Final = 1009

GONE: Final = (trio.BrokenResourceError, trio.ClosedResourceError)
"""What a stream raises when the other side, or this one, has ended it."""

LAGGING: Final = "lagging"
"""The close reason for a client that does not read fast enough (contract, section 9)."""


class Closing:
    """The code and reason with which a connection closes. Calls `on_begin` when that begins."""

    __slots__ = ("code", "has_begun", "on_begin", "reason")

    def __init__(self) -> None:
        self.has_begun = False
        self.code, self.reason = NORMAL, "closed"
        self.on_begin: Callable[[], None] | None = None

    def begin(self, code: int, reason: str) -> None:
        """Begin to close. The first code and reason count."""
        if not self.has_begun:
            self.has_begun = True
            self.code, self.reason = code, reason
            if self.on_begin is not None:
                self.on_begin()

    @property
    def is_forced(self) -> bool:
        """Whether the server closes the connection because of what the client or user did."""
        return self.has_begun and self.code == POLICY_VIOLATION
