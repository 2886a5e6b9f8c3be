"""The deciding side of a worker: it is in another process, at the other end of a link.

    Connection --> receive --> ClientMessage -->  ||
                                                  ||  link
    Connection <-- send <---- ConnectionFrames <- ||
    subscribers <- send <---- GameFrames <------- ||

A connection and the deciding side share a number. What arrives for a connection that has ended
meanwhile is dropped.

Bounds. A client may have `MOST_UNANSWERED` messages on the other side. Beyond that, and while the
link is behind, nothing more is read from it.
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from itertools import count
from typing import Any

import orjson
import trio
from attrs import Factory, asdict, define

from actors.edge.connection import Connection
from actors.link.caller import Continuation
from actors.link.carrier import Link
from actors.link.claim import Claim, Identity, NotAdmittedError
from actors.link.edge_peer import ADMIT, NOT_ADMITTED, STORAGE, CallRefusedError
from actors.link.encoded_message import FrameBatch
from actors.link.messages import (
    Answered,
    ClientMessage,
    CloseConnection,
    ConnectionEnded,
    ConnectionFrames,
    GameFrames,
    LinkAnswer,
    LinkCall,
    LinkMessage,
    LinkRefusal,
    Subscribed,
    Unsubscribed,
)
from storage.errors import StorageError

MOST_UNANSWERED = 128
"""Messages of one client that wait for their replies."""
INTERNAL_ERROR = 1011
"""The close code for a connection that a bug of ours has hit (RFC 6455, section 7.4.1)."""
TOGETHER = 128
"""Subscribers that are sent to before other tasks may run."""
LINK_IS_DOWN = "the deciding process is not available"


@define(eq=False)
class _Pending:
    """A call that waits for its answer. `on_answer` sees the answer before what follows it."""

    on_answer: Callable[[Any], None]
    refusal: Exception | None = None
    answered: trio.Event = Factory(trio.Event)


class RemoteDecidingSide:
    """A `DecidingSide` at the other end of a link."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._numbers = count(1)
        self._calls: dict[int, _Pending] = {}
        self._connections: dict[int, Connection] = {}
        self._subscribers: dict[str, dict[int, Connection]] = {}

    # What the edge asks.

    async def admit(
        self, claim: Claim, connect: Callable[[Identity], Connection], cleanup: ExitStack
    ) -> Connection:
        """Sign a client in. Return its connection, which counts until `cleanup`.

        Raise `NotAdmittedError` and `StorageError`.
        """
        number = next(self._numbers)
        cleanup.callback(self._end, number)
        await self._call(number, ADMIT, asdict(claim), partial(self._accept, number, connect))
        return self._connections[number]

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Return the answer to a call. Raise `CallRefusedError` and `StorageError`."""
        answers: list[Any] = []
        await self._call(next(self._numbers), name, arguments, answers.append)
        return answers[0]

    def receive(self, client: Connection, text: str | bytes) -> Continuation | None:
        """Pass a message on. Return the wait for room, if there is none for more."""
        assert isinstance(text, str)
        client.in_flight.started()
        self._link.send(ClientMessage(client.number, text.encode()))
        if client.in_flight.count >= MOST_UNANSWERED:
            return client.in_flight.wait_until_empty
        return self._link.caught_up if self._link.is_behind else None

    def failed(self, client: Connection, text: str | bytes, trace_id: str) -> None:
        """Close a connection whose message could not be passed on by a bug of ours."""
        client.close(INTERNAL_ERROR, f"internal error {trace_id}")

    async def disconnected(self, client: Connection) -> None:
        """Do nothing: the end was reported when the connection was no longer registered."""

    # What the deciding side says.

    def on_message(self, message: LinkMessage) -> Continuation | None:
        """Handle a message of the deciding side."""
        match message:
            case GameFrames():
                return self._publish(message)
            case LinkAnswer():
                self._answered(message.number, orjson.loads(message.result))
            case LinkRefusal():
                self._refused(message.number, message.error, orjson.loads(message.details))
            case _:
                connection = self._connections.get(getattr(message, "connection", 0))
                if connection is not None:
                    self._pass_to(connection, message)
        return None

    def _pass_to(self, connection: Connection, message: LinkMessage) -> None:
        match message:
            case ConnectionFrames(game_id=game_id, counted=counted, frames=data):
                connection.send(FrameBatch(None, data, game_id or None), counted=counted)
            case Answered(count=answered):
                for _ in range(answered):
                    connection.in_flight.finished()
            case Subscribed(game_id=game_id):
                connection.note_joined(game_id)
                self._subscribers.setdefault(game_id, {})[connection.number] = connection
            case Unsubscribed(game_id=game_id):
                connection.note_left(game_id)
                self._unsubscribe(game_id, connection.number)
            case CloseConnection(code=code, reason=reason):
                connection.close(code, reason)

    def ended(self) -> None:
        """The link has ended: no call is answered any more."""
        for pending in self._calls.values():
            pending.refusal = StorageError(LINK_IS_DOWN)
            pending.answered.set()
        self._calls.clear()

    # Publications.

    def _publish(self, frames: GameFrames) -> Continuation | None:
        subscribers = self._subscribers.get(frames.game_id)
        if not subscribers:
            return None
        receivers = [c for number, c in subscribers.items() if number not in frames.besides]
        batch = FrameBatch(None, frames.frames, frames.game_id)
        if len(receivers) > TOGETHER:
            return partial(_send_to_many, receivers, batch)
        for connection in receivers:
            connection.send(batch)
        return None

    def _unsubscribe(self, game_id: str, number: int) -> None:
        subscribers = self._subscribers.get(game_id, {})
        subscribers.pop(number, None)
        if not subscribers:
            self._subscribers.pop(game_id, None)

    # Calls.

    async def _call(
        self, number: int, name: str, arguments: Mapping[str, Any], on_answer: Callable[[Any], None]
    ) -> None:
        pending = self._calls[number] = _Pending(on_answer)
        self._link.send(LinkCall(number, name, orjson.dumps(dict(arguments))))
        try:
            await pending.answered.wait()
        finally:
            self._calls.pop(number, None)
        if pending.refusal is not None:
            raise pending.refusal

    def _accept(
        self, number: int, connect: Callable[[Identity], Connection], answer: Mapping[str, Any]
    ) -> None:
        connection = connect(Identity(**answer))
        connection.number = number
        self._connections[number] = connection

    def _answered(self, number: int, result: Any) -> None:
        pending = self._calls.get(number)
        if pending is None:  # the client did not wait; if it was admitted, it has left
            self._link.send(ConnectionEnded(number, False))
            return
        pending.on_answer(result)
        pending.answered.set()

    def _refused(self, number: int, error: str, details: Mapping[str, Any]) -> None:
        if (pending := self._calls.get(number)) is None:
            return
        if error == NOT_ADMITTED:
            pending.refusal = NotAdmittedError(**details)
        elif error == STORAGE:
            pending.refusal = StorageError(details["text"])
        else:
            pending.refusal = CallRefusedError(error, details)
        pending.answered.set()

    def _end(self, number: int) -> None:
        """Report that a connection is no longer registered, if it was."""
        connection = self._connections.pop(number, None)
        if connection is None:
            return
        connection.in_flight.abandon()
        for game_id in tuple(connection.joined):
            self._unsubscribe(game_id, number)
        self._link.send(ConnectionEnded(number, connection.is_cut_off))


async def _send_to_many(receivers: list[Connection], batch: FrameBatch) -> None:
    for place, connection in enumerate(receivers, start=1):
        connection.send(batch)
        if place % TOGETHER == 0:
            await trio.lowlevel.checkpoint()
