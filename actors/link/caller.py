"""The interface of a connection that the deciding side uses: the user, and where replies go.

`actors/edge/connection.py` implements it. So can a connection whose socket is in another process:
nothing here is a socket, a frame or a task. `actors/games/` imports this file and no file of
`actors/edge/`.

Actors and subscribers use a `Caller`. The router also keeps the requests of a client in order; it
uses a `ClientConnection`.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, Protocol

from actors.link.encoded_message import FrameBatch
from game.refusals import Refusal

POLICY_VIOLATION = 1008
"""The close code for a client that the server disconnects because of what it did."""
SERVICE_RESTARTS = 1012
"""The close code when a client must connect again, here or elsewhere ("Service Restart")."""

Continuation = Callable[[], Awaitable[None]]
"""Work that is left when a message cannot be handled immediately; the connection awaits it."""


class RequestCount(Protocol):
    """The requests of a connection that were passed to an actor and have no reply yet."""

    def started(self) -> int:
        """Count a request that is passed to an actor. Return a number for `finished`."""

    def finished(self, number: int) -> None:
        """Count a request that has its reply."""

    def withdrawn(self) -> None:
        """Count no longer the last request that was begun: no actor has it after all."""

    def overtaken(self, number: int) -> None:
        """Count no longer a request that later ones may overtake."""

    def answered_late(self, number: int) -> None:
        """Note that a request that was overtaken has its reply."""

    @property
    def is_empty(self) -> bool:
        """Whether every request has its reply."""

    async def wait_until_empty(self) -> None:
        """Wait until every request has its reply."""


class RequestRate(Protocol):
    """How fast a connection may send requests (contract, section 9, `rate_limit`)."""

    @property
    def must_close(self) -> bool:
        """Whether the connection has sent so much that it must be closed."""

    def spend(self) -> Refusal | None:
        """Count a message; return the refusal if it comes too fast."""


class Relay(Protocol):
    """Sends publications to the connections of another process: once for all of them."""

    def relay(
        self, game_id: str, seq: int, batch: FrameBatch, besides: Collection["Caller"]
    ) -> None:
        """Send a batch to every subscriber of a game in that process, except `besides`.

        `seq` is the position up to which all of them, `besides` too, have received the game.
        """


class Caller(Protocol):
    """The connection behind a request. Compared and hashed by identity."""

    @property
    def connection_id(self) -> str:
        """The id that logs and the reply to a logon show."""

    @property
    def user_id(self) -> int:
        """The signed-in user."""

    @property
    def user_name(self) -> str:
        """The user's name, as presence and chat show it."""

    @property
    def is_host(self) -> bool:
        """Whether the user may open sources."""

    @property
    def joined(self) -> Collection[str]:
        """The ids of the games that the connection has joined."""

    @property
    def relay(self) -> Relay | None:
        """The sender of publications to the connection; None if they go to it directly."""

    def note_joined(self, game_id: str, seq: int) -> None:
        """Note that the connection has joined a game, and received it up to `seq`.

        Called by the game's subscribers.
        """

    def note_left(self, game_id: str) -> None:
        """Note that the connection has left a game, or that the game has ended."""

    @property
    def in_flight(self) -> RequestCount:
        """The requests that wait for an actor's reply."""

    @property
    def is_cut_off(self) -> bool:
        """Whether the server is closing the connection, so that its requests are dropped."""

    def send(self, batch: FrameBatch, *, counted: bool = True) -> None:
        """Send messages, in the order of the calls. `counted=False` is for a replay."""


class ClientConnection(Caller, Protocol):
    """A connection as the router uses it."""

    has_logged_on: bool
    has_returned: bool
    """Whether it was connected under a former leader, which may have executed what it asks."""

    @property
    def log_fields(self) -> Mapping[str, Any]:
        """The fields by which a log line names the connection."""

    @property
    def rate_limiter(self) -> RequestRate:
        """The limit of the connection's requests."""

    @property
    def is_far_behind(self) -> bool:
        """Whether so much waits for the client that more replies would be of no use."""

    async def drained(self) -> None:
        """Wait until the client is no longer far behind."""

    def close(self, code: int, reason: str) -> None:
        """Begin to close. The first code and reason count."""
