"""The deciding side of a worker: it is in another process, at the other end of a link.

Theory of operation
===================

    Connection --> Intake --+--> EdgeReplies            ping, logon, refusals
                            +--> ClientMessage -->  ||
                                                    ||  link
    Connection <-- send <---- ConnectionFrames <--- ||
    subscribers <- send <---- GameFrames <--------- ||

A node's edge keeps its clients when the link ends: `actors/edge/following_side.py`.

Both sides know a connection by the same number. A message for a connection that has ended meanwhile
is dropped.

Queries are passed on, `get_opcodes` too: `cost_limit` counts their replies for all connections of a
user, so only the deciding side can count them.

Bounds. A client may have `MOST_UNANSWERED` messages on the other side. Beyond that, nothing more is
read from it. While the link is behind, a message waits here, whichever client it is from. So does a
query of a client that is far behind.
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from itertools import count
from typing import Any, Final

from attrs import asdict

from actors.clock import Clock
from actors.costs import Costs
from actors.counters import Counters
from actors.edge.connection import Connection
from actors.link.caller import ClientConnection, Continuation
from actors.link.calls import ADMIT, LinkCalls
from actors.link.carrier import Link
from actors.link.claim import AnyClaim, Identity
from actors.link.edge_replies import EdgeReplies
from actors.link.encoded_message import FrameBatch
from actors.link.fan_out import send_to_each
from actors.link.intake import Intake
from actors.link.messages import (
    Answered,
    ClientMessage,
    CloseConnection,
    ConnectionEnded,
    ConnectionFrames,
    GameFrames,
    LinkAnswer,
    LinkMessage,
    LinkRefusal,
    Overtaken,
    Subscribed,
    Unsubscribed,
)
from actors.link.turns import after_reading, finish
from protocol.codec import Frame
from protocol.limits import Limits
from protocol.op import Op

MOST_UNANSWERED = 128
"""Messages of one client that wait for their replies."""

NO_COSTS: Final = Costs(0)


class RemoteDecidingSide:
    """A `DecidingSide` at the other end of a link."""

    def __init__(
        self,
        link: Link,
        calls: LinkCalls,
        clock: Clock,
        counters: Counters,
        limits: Limits,
        version: str,
    ) -> None:
        self._link, self._calls = link, calls
        self._connections: dict[int, Connection] = {}
        self._subscribers: dict[str, dict[int, Connection]] = {}
        self._numbers = count(1)
        """The numbers of the clients' messages, never used again."""
        self._replies = EdgeReplies(clock, counters, NO_COSTS, limits, version)
        intake = Intake(clock, counters, self._answer, self._pass_on)
        self.receive, self.failed = intake.receive, intake.failed

    # Calls and messages to the deciding side.

    async def admit(self, claim: AnyClaim, connect: Callable[[Identity], Connection]) -> Connection:
        """Sign a client in. Return its connection, which is registered until `unregister`.

        Raise `NotAdmittedError` and `StorageError`.
        """
        number = self._calls.next_number()
        accept = partial(self._accept, number, claim, connect)
        with ExitStack() as undo:
            undo.callback(self._end, number)
            await self._calls.call_numbered(number, ADMIT, asdict(claim), accept)
            undo.pop_all()
        return self._connections[number]

    def unregister(self, client: Connection) -> None:
        """Report that a connection has ended."""
        self._end(client.number)

    async def disconnected(self, client: Connection) -> None:
        """Do nothing: `unregister` has reported the end."""

    def _answer(self, client: ClientConnection, frame: Frame, op: Op) -> Continuation | None:
        """Answer an op of the edge here, unless its reply has to be charged."""
        if op.is_query:
            return self._pass_on(client, frame, op)
        return self._replies.answer(client, frame, op)

    def _pass_on(self, client: ClientConnection, frame: Frame, op: Op) -> Continuation | None:
        """Send a message to the deciding side. Return the wait for room for another, if any."""
        assert isinstance(client, Connection)
        pass_on = partial(self._send, client, self._text(frame, op))
        if op.is_query and client.is_far_behind:
            return partial(after_reading, client, pass_on)
        return pass_on()

    def _text(self, frame: Frame, _op: Op) -> str:
        """Return a message as it is passed on."""
        return frame.text

    def _send(self, client: Connection, text: str) -> Continuation | None:
        if self._link.is_behind:
            return partial(self._send_later, client, text)
        if client.number not in self._connections or client.is_closing:
            return None  # it has ended, or is told so, while its message waited
        client.in_flight.started()
        self._pass(client.number, next(self._numbers), text)
        if client.in_flight.count >= MOST_UNANSWERED:
            return client.in_flight.wait_until_empty
        return None

    def _pass(self, connection: int, number: int, text: str) -> None:
        """Pass a message on. It is in flight until it is `Answered`."""
        self._link.send(ClientMessage(connection, number, text.encode()))

    async def _send_later(self, client: Connection, text: str) -> None:
        await self._link.caught_up()
        await finish(self._send(client, text))

    # Messages from the deciding side.

    def on_message(self, message: LinkMessage) -> Continuation | None:
        """Handle a message of the deciding side."""
        match message:
            case GameFrames():
                return self._publish(message)
            case LinkAnswer():
                if not self._calls.answered(message):  # if it was admitted, it has left
                    self._link.send(ConnectionEnded(message.number, False))
            case LinkRefusal():
                self._calls.refused(message)
            case _:
                connection = self._connections.get(getattr(message, "connection", 0))
                if connection is not None:
                    self._pass_to(connection, message)
        return None

    def _pass_to(self, connection: Connection, message: LinkMessage) -> None:
        match message:
            case ConnectionFrames(game_id=game_id, counted=counted, frames=data):
                connection.send(FrameBatch(None, data, game_id or None), counted=counted)
            case Answered(number=number) | Overtaken(number=number):
                connection.in_flight.finished(number)
            case Subscribed(game_id=game_id, seq=seq):
                connection.note_joined(game_id, seq)
                self._subscribers.setdefault(game_id, {})[connection.number] = connection
            case Unsubscribed(game_id=game_id):
                connection.note_left(game_id)
                self._unsubscribe(game_id, connection.number)
            case CloseConnection(code=code, reason=reason):
                connection.close(code, reason)

    # Publications.

    def _publish(self, frames: GameFrames) -> Continuation | None:
        subscribers = self._subscribers.get(frames.game_id)
        if not subscribers:
            return None
        besides = frozenset(frames.besides)
        receivers = [each for number, each in subscribers.items() if number not in besides]
        batch = FrameBatch(None, frames.frames, frames.game_id)
        return partial(send_to_each, receivers, batch)

    def _unsubscribe(self, game_id: str, number: int) -> None:
        subscribers = self._subscribers.get(game_id, {})
        subscribers.pop(number, None)
        if not subscribers:
            self._subscribers.pop(game_id, None)

    # Connections.

    def _accept(
        self,
        number: int,
        _claim: AnyClaim,
        connect: Callable[[Identity], Connection],
        answer: Mapping[str, Any],
    ) -> None:
        connection = connect(Identity(**answer))
        connection.number = number
        self._connections[number] = connection

    def _end(self, number: int) -> None:
        """Report that a connection is no longer registered, if it was."""
        connection = self._connections.pop(number, None)
        if connection is None:
            return
        connection.in_flight.abandon()
        for game_id in tuple(connection.joined):
            self._unsubscribe(game_id, number)
        self._link.send(ConnectionEnded(number, connection.is_cut_off))
