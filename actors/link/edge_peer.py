"""An edge in another process, as the deciding side sees it: one link with many clients.

Theory of operation
===================

    link --> ClientMessage --> RemoteClient --> DecidingSide.receive
             LinkCall ------> admit, or one of `calls` --> LinkAnswer, LinkRefusal
             ConnectionEnded -> not registered any more; DecidingSide.disconnected

The edge numbers its connections by the calls that admit them. A connection is registered from the
answer to such a call until the edge reports its end, or until the link ends: then all clients of
the edge have left.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

import orjson
import structlog
import trio
from attrs import frozen

from actors.counters import Counters
from actors.link.caller import Caller
from actors.link.calls import ADMIT, FAILED, NOT_ADMITTED, STORAGE, CallRefusedError
from actors.link.carrier import Link
from actors.link.claim import Identity, NotAdmittedError, claim_of
from actors.link.encoded_message import FrameBatch
from actors.link.messages import (
    VERSION,
    CannotServe,
    ClientMessage,
    ConnectionEnded,
    EdgeReport,
    GameFrames,
    Hello,
    LinkAnswer,
    LinkCall,
    LinkMessage,
    LinkRefusal,
    LogLines,
    ReadingStopped,
)
from actors.link.remote_client import RemoteClient
from actors.link.sides import DecidingSide
from actors.survival import OnFailure, survive, survive_message
from storage.errors import StorageError

log = structlog.get_logger()

Calls = Mapping[str, Callable[[Mapping[str, Any]], Awaitable[Any]]]
"""The other calls of an edge, by name. A call may raise `CallRefusedError` and `StorageError`."""


@frozen
class DecidingProcess:
    """The parts of the deciding process that all edges use. `on_lines` writes log lines."""

    side: DecidingSide[RemoteClient]
    calls: Calls
    counters: Counters
    on_lines: Callable[[bytes], None]


class EdgePeer:
    """Handles the messages of one edge, and relays publications to it."""

    def __init__(
        self,
        link: Link,
        deciding: DecidingProcess,
        nursery: trio.Nursery,
        on_hello: Callable[[], None],
    ) -> None:
        """`nursery` has the tasks that outlive the link. `on_hello`: the edge serves."""
        self._link, self._deciding, self._side = link, deciding, deciding.side
        self._nursery, self._on_hello = nursery, on_hello
        self._on_text = partial(survive_message, self._side.receive, self._side.failed)
        self._has_ended = False
        self._clients: dict[int, RemoteClient] = {}
        self.outboxes: Sequence[int] = ()
        """How many batches wait for each client that is behind, by the latest report."""
        self.has_stopped_reading = trio.Event()
        self.is_serving = False
        """Whether the edge may have clients."""
        self.failure = ""
        """Why the edge cannot serve, if it has said so."""

    def on_message(self, message: LinkMessage) -> None:
        """Handle a message of the edge."""
        match message:
            case ClientMessage(connection=connection, number=number, text=text):
                if (client := self._clients.get(connection)) is not None:
                    client.receive(number, text.decode())
            case ConnectionEnded(connection=number, is_forced=is_forced):
                self._end(number, is_forced=is_forced)
            case LinkCall():
                failed = partial(self._refuse_failed, message)
                self._start(self._answer, message, on_failure=failed)
            case EdgeReport(figures=figures):
                report = orjson.loads(figures)
                self.outboxes = report["outboxes"]
                self._deciding.counters.add(report["counted"])
            case LogLines(lines=lines):
                self._deciding.on_lines(lines)
            case ReadingStopped():
                self.has_stopped_reading.set()
            case Hello() | CannotServe():
                self._introduced(message)

    def _introduced(self, message: Hello | CannotServe) -> None:
        match message:
            case CannotServe(reason=reason):
                self._fail(reason)
            case Hello(version=version) if version != VERSION:
                self._fail(f"an edge of version {version}")
            case Hello():
                self.is_serving = True
                self._on_hello()

    def _fail(self, reason: str) -> None:
        self.failure = reason
        self._link.give_up(reason)

    def relay(self, game_id: str, seq: int, batch: FrameBatch, besides: Collection[Caller]) -> None:
        """Send a batch to every subscriber of a game at this edge, except `besides`.

        `seq` is the position up to which all of them, `besides` too, have received the game.
        """
        numbers = tuple(each.number for each in besides if isinstance(each, RemoteClient))
        self._link.send(GameFrames(game_id, seq, numbers, batch.data))

    @property
    def clients(self) -> Collection[RemoteClient]:
        """The clients of the edge."""
        return tuple(self._clients.values())

    async def all_answered(self) -> None:
        """Wait until every message that has arrived has its reply."""
        for client in self.clients:
            await client.wait_until_idle()

    def ended(self) -> None:
        """The link has ended: its clients have left."""
        self._has_ended = True
        self.has_stopped_reading.set()
        for number in tuple(self._clients):
            self._end(number, is_forced=False)

    def _start(
        self,
        task: Callable[..., Awaitable[None]],
        *arguments: Any,
        on_failure: OnFailure | None = None,
    ) -> None:
        """Start a task that outlives the link. A bug in it is logged."""
        self._nursery.start_soon(partial(survive, task, *arguments, on_failure=on_failure))

    # Calls.

    async def _answer(self, call: LinkCall) -> None:
        try:
            arguments = orjson.loads(call.arguments)
            if call.name == ADMIT:
                await self._admit(call.number, arguments)
                return
            result = await self._deciding.calls[call.name](arguments)
            self._link.send(LinkAnswer(call.number, orjson.dumps(result)))
        except NotAdmittedError as error:
            self._refuse(call, NOT_ADMITTED, {"status": error.status, "text": error.text})
        except CallRefusedError as error:
            self._refuse(call, error.error, error.details)
        except StorageError as error:
            self._refuse(call, STORAGE, {"text": str(error)})

    def _refuse_failed(self, call: LinkCall, trace_id: str) -> None:
        self._refuse(call, FAILED, {"trace_id": trace_id})

    def _refuse(self, call: LinkCall, error: str, details: Mapping[str, Any]) -> None:
        self._link.send(LinkRefusal(call.number, error, orjson.dumps(dict(details))))

    async def _admit(self, number: int, arguments: Mapping[str, Any]) -> None:
        """Sign a client in, and register it until it has left. Raise as `DecidingSide.admit`."""
        client = await self._side.admit(claim_of(arguments), partial(self._connect, number))
        self._clients[number] = client
        identity = {
            "connection_id": client.connection_id,
            "user_id": client.user_id,
            "user_name": client.user_name,
            "is_host": client.is_host,
        }
        self._link.send(LinkAnswer(number, orjson.dumps(identity)))
        client.open()
        if self._has_ended:
            self._end(number, is_forced=False)

    def _connect(self, number: int, identity: Identity) -> RemoteClient:
        return RemoteClient(self._link, self, number, identity, self._on_text, self._start)

    def _end(self, number: int, *, is_forced: bool) -> None:
        client = self._clients.pop(number, None)
        if client is not None:
            client.is_cut_off = client.is_cut_off or is_forced
            self._side.unregister(client)
            self._start(self._disconnect, client)

    async def _disconnect(self, client: RemoteClient) -> None:
        await client.wait_until_idle()
        await self._side.disconnected(client)
