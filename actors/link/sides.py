"""The two sides of a server, as each sees the other.

An edge holds the sockets of clients. The deciding side holds everything that must be decided in one
place: games, money, sign-ins. In one process they call each other (`LocalEdge`,
`LocalDecidingSide`). With workers a link is in between: an edge then uses a `RemoteDecidingSide`,
and the deciding side a `RemoteEdge`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

import trio

from actors.link.caller import ClientConnection, Continuation
from actors.link.claim import AnyClaim, Claim, Identity

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


class ReturningSide(DecidingSide[Connected], Protocol):
    """A deciding side whose edges may come back with the clients that they have."""

    def readmit(
        self, claim: Claim, identity: Identity, connect: Callable[[Identity], Connected]
    ) -> Connected:
        """Register a client that had signed in. Return its connection.

        Raise `NotAdmittedError` if its sign-in has ended meanwhile, and `StorageError`.
        """

    def resume_balances(self, client: Connected) -> None:
        """Send a client that came back its balances that have changed lately: it may not know.

        Raise `StorageError`.
        """

    async def rejoin(
        self, game_id: str, members: Sequence[tuple[Connected, int]], present: Mapping[int, str]
    ) -> None:
        """Send members of a game what they missed after these positions; they are members again.

        `present`: the users who were in the game as far as the members were told.
        A connection for which that is not possible is closed (1012).
        """

    async def forget_absent(self) -> None:
        """Expect no more users of the former leader: those who have not come back have left."""


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
