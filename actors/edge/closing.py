"""Why a connection is being closed, and the close codes of RFC 6455, section 7.4, that we send.

`Connection`, `Sender` and `Receiver` share one `Closing`, so that each of them can close the
connection and sees when another has. It refers to none of them.
"""

from typing import Final

import trio

NORMAL: Final = 1000
GOING_AWAY: Final = 1001
PROTOCOL_ERROR: Final = 1002
INVALID_TEXT: Final = 1007
POLICY_VIOLATION: Final = 1008
TOO_BIG: Final = 1009

LAGGING: Final = "lagging"
"""The close reason for a client that does not read fast enough (contract, section 9)."""


class Closing:
    """The code and reason with which a connection closes. Cancels `reading` when it begins."""

    __slots__ = ("code", "has_begun", "reading", "reason")

    def __init__(self) -> None:
        self.has_begun = False
        self.code, self.reason = NORMAL, "closed"
        self.reading = trio.CancelScope()

    def begin(self, code: int, reason: str) -> None:
        """Begin to close. The first code and reason count."""
        if not self.has_begun:
            self.has_begun = True
            self.code, self.reason = code, reason
            self.reading.cancel()

    @property
    def is_forced(self) -> bool:
        """Whether the server closes the connection because of what the client or user did."""
        return self.has_begun and self.code == POLICY_VIOLATION
