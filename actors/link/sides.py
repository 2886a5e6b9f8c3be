"""The two sides of a server, as each sees the other.

An edge holds the sockets of clients. The deciding side holds everything that must be decided in one
place: games, money, sign-ins. In one process they call each other (`LocalEdge`,
`LocalDecidingSide`). With workers a link is in between: an edge then uses a `RemoteDecidingSide`,
and the deciding side a `RemoteEdge`.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import trio

from actors.link.caller import ClientConnection, Continuation
from actors.link.claim import AnyClaim, Identity

Connected = TypeVar("Connected", bound=ClientConnection)


class DecidingSide(Protocol[Connected]):
    """The deciding side, as an edge uses it."""

    async def admit(self, claim: AnyClaim, connect: Callable[[Identity], Connected]) -> Connected:
        """Sign a client in. Return its connection, which is registered until `unregister`.

        Raise `NotAdmittedError` and `StorageError`.
        """

    def unregister(self, client: Connected) -> None:
        """Note that a connection has ended. Requests in flight may still get replies."""

    def receive(self, client: Connected, text: str | bytes) -> Continuation | None:
        """Answer a message or pass it on. Return the work that is left, if any."""

    def failed(self, client: Connected, text: str | bytes, trace_id: str) -> Continuation | None:
        """Answer a message, in its turn, whose handling failed by a bug of ours."""

    async def disconnected(self, client: Connected) -> None:
        """Note that a connection has ended and has every reply."""


class EdgeSide(Protocol):
    """All edges, as the deciding side uses them."""

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Accept and serve connections until cancelled."""

    @property
    def outboxes(self) -> Sequence[int]:
        """How many batches wait for each client."""

    def stop_reading(self) -> None:
        """Accept no more connections, and read no more messages."""

    async def all_answered(self) -> None:
        """Wait until everything that was read has its reply."""

    async def close_all(self, code: int, reason: str) -> None:
        """Close every connection, and wait until all are closed."""
