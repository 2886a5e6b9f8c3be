"""A link in memory: between a leading node's own edge and its deciding side.

Messages are passed as they are. Everything that was sent before the link ends is handled. Both ends
share one event loop, so neither can be lost without the other.
"""

from collections import deque
from collections.abc import Callable

import trio

from actors.link.caller import Continuation
from actors.link.carrier import OnLinkMessage, always
from actors.link.messages import LinkMessage

MOST_BEHIND = 1_000
"""Messages that wait from which on a link is behind."""
HANDLED_TOGETHER = 100
"""Messages that are handled before other tasks may run."""


class MemoryLink:
    """A `RunningLink`: one end of a pair (`memory_links`). `ended`: why `run` has ended."""

    def __init__(self, may_write: Callable[[], bool] = always) -> None:
        self._may_write = may_write
        self._other: MemoryLink | None = None
        self._arrived = deque[LinkMessage]()
        self._filled, self._emptied = trio.Event(), trio.Event()
        self.ended = ""

    def connect(self, other: "MemoryLink") -> None:
        """Send to `other` from now on."""
        self._other = other

    def send(self, message: LinkMessage) -> None:
        """Send a message after all those before it. Never waits."""
        other = self._other
        if other is None or self.ended or other.ended:
            return
        if not self._may_write():
            self.give_up("this side may not send any more")
            return
        other._arrived.append(message)
        other._filled.set()

    @property
    def is_behind(self) -> bool:
        """Whether so much waits for the other side that no more should be added."""
        return self._other is not None and len(self._other._arrived) > MOST_BEHIND

    async def caught_up(self) -> None:
        """Wait until the link is no longer behind, or has ended."""
        while self._other is not None and self.is_behind and not self.ended:
            await self._other._emptied.wait()

    def give_up(self, reason: str) -> None:
        """End the link. The first reason counts."""
        self.ended = self.ended or reason
        for each in (self, self._other):
            if each is not None:
                each._filled.set()
                each._emptied.set()

    def finish(self) -> None:
        """End the link: what was sent has arrived."""
        self.give_up("finished")

    async def run(self, on_message: OnLinkMessage) -> None:
        """Handle messages until either side ends the link."""
        try:
            while not self.ended and (self._arrived or not self._other_has_ended):
                await self._filled.wait()
                self._filled = trio.Event()
                await self._handle_arrived(on_message)
            self.give_up("the other side has ended")
        finally:
            self.give_up("interrupted")

    @property
    def _other_has_ended(self) -> bool:
        return self._other is None or bool(self._other.ended)

    async def _handle_arrived(self, on_message: OnLinkMessage) -> None:
        # Shielded: an edge must know exactly what its clients have received.
        with trio.CancelScope(shield=True):
            handled = 0
            while self._arrived:
                continuation: Continuation | None = on_message(self._arrived.popleft())
                if continuation is not None:
                    await continuation()
                handled += 1
                if handled % HANDLED_TOGETHER == 0:
                    await trio.lowlevel.checkpoint()
        self._emptied.set()
        self._emptied = trio.Event()


def memory_links(may_write: Callable[[], bool] = always) -> tuple[MemoryLink, MemoryLink]:
    """Return the two ends of a link. `may_write` is asked before each message of the first."""
    first, second = MemoryLink(may_write), MemoryLink()
    first.connect(second)
    second.connect(first)
    return first, second
