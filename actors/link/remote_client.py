"""A client whose connection is in another process, as the deciding side uses it.

Theory of operation
===================

Sending. Replies and notes go over the link (`RemoteClient.send`). Publications do not pass through
here: `EdgePeer.relay` sends them once for all clients of the edge.

Receiving. Messages are handled in order, one at a time. A message that has to wait holds back those
behind it, as `Receiver` does for a connection of this process.

Replies. The edge is sent the number of each message that has its reply (`Answered`). So it can
bound those that wait, send its own replies in turn, and know what to send again to another leader.
A message has its reply when it was handled and no actor has it, or when the actor has finished with
it. In both cases `Answered` is sent in the same turn of the event loop as the reply.
"""

from collections import deque
from collections.abc import Callable
from functools import partial

import trio

from actors.link.caller import Continuation, Relay
from actors.link.carrier import Link
from actors.link.claim import Identity
from actors.link.encoded_message import FrameBatch
from actors.link.messages import (
    Answered,
    AnsweredLate,
    CloseConnection,
    ConnectionFrames,
    LinkMessage,
    Overtaken,
    Subscribed,
    Unsubscribed,
)
from actors.link.requests_in_flight import RequestsInFlight
from game.refusals import Refusal

OnText = Callable[["RemoteClient", str], Continuation | None]
"""Handles a message. Returns the work that is left if it cannot be handled immediately."""


class NoRate:
    """The rate of a connection whose edge has checked it."""

    must_close = False

    def spend(self) -> Refusal | None:
        """Grant the request."""
        return None


NO_RATE = NoRate()


class RemoteRequests(RequestsInFlight):
    """The requests in flight. `begun` counts all.

    `on_finish`, `on_overtaken` and `on_late` are called when one is finished, may be overtaken, or
    has its reply after that.
    """

    __slots__ = ("_on_finish", "_on_late", "_on_overtaken", "begun", "handled")

    def __init__(
        self,
        on_finish: Callable[[int], None],
        on_overtaken: Callable[[int], None],
        on_late: Callable[[int], None],
    ) -> None:
        super().__init__()
        self._on_finish, self._on_overtaken, self._on_late = on_finish, on_overtaken, on_late
        self.begun = 0
        self.handled = 0
        """The number of the message that is being handled."""

    def started(self) -> int:
        """Count a request that is passed to an actor. Return the number of its message."""
        super().started()
        self.begun += 1
        return self.handled

    def finished(self, number: int) -> None:
        """Count a request that has its reply."""
        super().finished(number)
        self._on_finish(number)

    def withdrawn(self) -> None:
        """Count no longer the message that is being handled: no actor has it after all.

        It is reported as answered once it is handled, with its reply.
        """
        super().withdrawn()
        self.begun -= 1

    def overtaken(self, number: int) -> None:
        """Count no longer a request that later ones may overtake."""
        super().finished(number)
        self._on_overtaken(number)

    def answered_late(self, number: int) -> None:
        """Note that a request that was overtaken has its reply."""
        self._on_late(number)


class RemoteClient:
    """A `ClientConnection`. `number` names it on the link. Compared and hashed by identity.

    Until `open` nothing is sent: the edge does not know the connection yet. `start` starts a task.
    """

    rate_limiter = NO_RATE

    def __init__(
        self,
        link: Link,
        relay: Relay,
        number: int,
        identity: Identity,
        on_text: OnText,
        start: Callable[..., None],
    ) -> None:
        self.connection_id = identity.connection_id
        self.user_id, self.user_name = identity.user_id, identity.user_name
        self.is_host = identity.is_host
        self.relay = relay
        self.number = number
        self.joined: set[str] = set()
        self.has_logged_on = self.has_returned = False
        self.is_cut_off = False
        self.in_flight = RemoteRequests(self._answered, self._overtaken, self._answered_late)
        self._link, self._start = link, start
        self._on_text = on_text
        self._held: list[LinkMessage] | None = []
        self._unhandled = deque[tuple[int, str]]()
        self._is_handling = False
        self._handled = trio.Event()

    @property
    def log_fields(self) -> dict[str, str | int]:
        """The fields of every log line about this connection."""
        return {"connection_id": self.connection_id, "user_id": self.user_id}

    # Sending.

    def open(self) -> None:
        """Send what was held back, and from now on everything immediately."""
        held, self._held = self._held or (), None
        for message in held:
            self._link.send(message)

    def send(self, batch: FrameBatch, *, counted: bool = True) -> None:
        """Send messages, in the order of the calls. `counted=False` is for a replay."""
        if batch.data:
            game_id = next((each.game_id for each in batch.messages if each.game_id), "")
            self._send(ConnectionFrames(self.number, game_id, counted, batch.data))

    def close(self, code: int, reason: str) -> None:
        """Begin to close. Nothing more is begun that the client has asked for.

        The edge keeps the first code and reason.
        """
        self.is_cut_off = True
        self._send(CloseConnection(self.number, code, reason))

    def note_joined(self, game_id: str, seq: int) -> None:
        """Note that the connection has joined a game, and received it up to `seq`."""
        self.joined.add(game_id)
        self._send(Subscribed(self.number, game_id, seq))

    def note_left(self, game_id: str) -> None:
        """Note that the connection has left a game, or that the game has ended."""
        self.joined.discard(game_id)
        self._send(Unsubscribed(self.number, game_id))

    @property
    def is_far_behind(self) -> bool:
        """Whether so much waits for the edge that its clients' queries have to wait.

        The edge holds back the queries of a client that is itself far behind.
        """
        return self._link.is_behind

    async def drained(self) -> None:
        """Wait until the link is no longer behind, or has ended."""
        await self._link.caught_up()

    def _send(self, message: LinkMessage) -> None:
        if self._held is None:
            self._link.send(message)
        else:
            self._held.append(message)

    def _answered(self, number: int) -> None:
        self._send(Answered(self.number, number))

    def _overtaken(self, number: int) -> None:
        self._send(Overtaken(self.number, number))

    def _answered_late(self, number: int) -> None:
        self._send(AnsweredLate(self.number, number))

    # Receiving.

    def receive(self, number: int, text: str) -> None:
        """Handle a message of the client, after those before it."""
        if self._is_handling:
            self._unhandled.append((number, text))
        elif (continuation := self._handle(number, text)) is not None:
            self.handle_after(continuation)

    def handle_after(self, continuation: Continuation) -> None:
        """Handle no message before this work is done. None is being handled."""
        self._is_handling = True
        self._start(self._handle_rest, continuation)

    async def wait_until_idle(self) -> None:
        """Wait until every message that arrived has its reply."""
        while self._is_handling or not self.in_flight.is_empty:
            await self.in_flight.wait_until_empty()
            if self._is_handling:
                await self._handled.wait()

    async def _handle_rest(self, first: Continuation) -> None:
        continuation: Continuation | None = first
        while continuation is not None:
            await continuation()
            continuation = None
            while self._unhandled and continuation is None:
                continuation = self._handle(*self._unhandled.popleft())
        self._is_handling = False
        self._handled.set()
        self._handled = trio.Event()

    def _handle(self, number: int, text: str) -> Continuation | None:
        """Handle a message as far as possible. Return the work that is left."""
        if self.is_cut_off:
            return None
        begun, self.in_flight.handled = self.in_flight.begun, number
        continuation = self._on_text(self, text)
        if continuation is not None:
            return partial(self._finish, continuation, begun)
        self._note_answered(begun)
        return None

    async def _finish(self, continuation: Continuation, begun: int) -> None:
        await continuation()
        self._note_answered(begun)

    def _note_answered(self, begun: int) -> None:
        """Report a message that was passed to no actor: its reply has been sent."""
        if self.in_flight.begun == begun:
            self._answered(self.in_flight.handled)
