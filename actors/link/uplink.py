"""The link of a node's edge to the leader: to the present one, or to none.

    RemoteDecidingSide, LinkCalls --> Uplink --> the link to node 2
                                             --> (none, while no leader is known)
                                             --> the link to node 3

A link is attached once its first messages are sent, so that nothing can come before them. While
there is none, messages are dropped. The edge keeps what must be sent again
(`actors/edge/following_side.py`), and waits with what is new.
"""

import math
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import trio

from actors.link.calls import LINK_IS_DOWN, LinkCalls
from actors.link.carrier import Link
from actors.link.messages import LinkMessage
from storage.errors import StorageError

CALL_WAITS_S: Final = 5.0
"""How long a call waits for a leader: longer than a takeover takes."""


class Uplink:
    """A `Link` that changes."""

    def __init__(self) -> None:
        self._link: Link | None = None
        self._attached = trio.Event()
        self.lost_at = -math.inf
        """When the last link was lost, in trio's time."""

    @property
    def is_up(self) -> bool:
        """Whether there is a link."""
        return self._link is not None

    def attach(self, link: Link) -> None:
        """Use this link from now on."""
        self._link = link
        self._attached.set()

    def detach(self) -> None:
        """Use no link: the last one has ended."""
        if self._link is not None:
            self._link = None
            self._attached = trio.Event()
            self.lost_at = trio.current_time()

    def send(self, message: LinkMessage) -> None:
        """Send a message after all those before it; drop it if there is no link."""
        if self._link is not None:
            self._link.send(message)

    @property
    def is_behind(self) -> bool:
        """Whether no more should be sent: so much waits, or there is no link."""
        return self._link is None or self._link.is_behind

    async def caught_up(self) -> None:
        """Wait until there is a link that is not behind."""
        while self.is_behind:
            await self._attached.wait()
            if self._link is not None:
                await self._link.caught_up()
                await trio.lowlevel.checkpoint()

    def give_up(self, reason: str) -> None:
        """End the present link."""
        if self._link is not None:
            self._link.give_up(reason)


class UplinkCalls(LinkCalls):
    """The calls of a node's edge. `has_applied` waits for this node's file.

    The leader reports how far the log is confirmed before it answers. `has_applied` waits until
    this node's file has applied that. So a read of the file after a call sees at least what the
    leader saw: a user who signed up at one node can sign in at another immediately.
    """

    def __init__(self, uplink: Uplink, has_applied: Callable[[], Awaitable[None]]) -> None:
        super().__init__(uplink)
        self._uplink, self._has_applied = uplink, has_applied

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Return the answer to a call, once the file has what it is about.

        Raise as `call_numbered` does.
        """
        answer = await super().call(name, arguments)
        await self._has_applied()
        return answer

    async def call_numbered(
        self, number: int, name: str, arguments: Mapping[str, Any], on_answer: Callable[[Any], None]
    ) -> None:
        """Wait for a leader, then for the answer. Raise as `LinkCalls.call_numbered`."""
        with trio.move_on_after(CALL_WAITS_S):
            await self._uplink.caught_up()
        if self._uplink.is_behind:
            raise StorageError(LINK_IS_DOWN)
        await super().call_numbered(number, name, arguments, on_answer)
