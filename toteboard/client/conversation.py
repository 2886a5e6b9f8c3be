"""What a session does on one connection: it resumes its games, sends calls and receives messages.

A single task writes, so that a cancelled call leaves no half-written frame. A single task reads, so
that positions follow the order of the messages. Everything that must survive the connection
belongs to the session and is passed in.
"""

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Final

import trio
from trio_websocket import ConnectionClosed

from protocol.op import Response
from protocol.ops import BY_COMMAND
from protocol.requests import JoinGame
from toteboard.client.calls import (
    Call,
    Message,
    ServerRefusedError,
    is_refusal,
    parameters_of,
    written,
)
from toteboard.client.connection import Client
from toteboard.client.news import Missed, NewsBuffer, NotResumed, Publication
from toteboard.client.positions import Positions, Verdict

PING_S: Final = 20.0
"""Seconds between two pings, and the timeout of the pong."""
STALL_S: Final = 1.0
"""If a timeout ends this much too late, the process itself was suspended."""
RETRY_MS: Final = 1_000
"""The pause before a retry, in milliseconds, if the server names none."""
_JOIN: Final = BY_COMMAND[JoinGame].code
_RESUMING: Final = "resume "
"""The prefix of the `request_id` of a join that resumes."""


class Conversation:
    """One connection in use. `on_message` is called for every message that arrives."""

    def __init__(
        self,
        client: Client,
        positions: Positions,
        waiting: Mapping[str, Call],
        news: NewsBuffer,
        on_message: Callable[[], None],
    ) -> None:
        self._client = client
        self._positions, self._waiting, self._news = positions, waiting, news
        self._on_message = on_message
        # Unbounded: it holds only calls that wait for a reply, and the program limits those.
        self._to_write, self._written = trio.open_memory_channel[str](math.inf)

    async def run(self) -> None:
        """Resume the games, repeat the waiting calls, and receive until the connection is lost."""
        for game_id in self._positions:
            self.resume(game_id)
        for call in self._waiting.values():
            self.send(call)
        async with trio.open_nursery() as self._nursery:
            self._nursery.start_soon(self._write)
            self._nursery.start_soon(self._keep_alive)
            await self._receive()
            self._nursery.cancel_scope.cancel()

    def send(self, call: Call) -> None:
        """Send a call, for the first time or again."""
        self._to_write.send_nowait(call.request())

    def resume(self, game_id: str) -> None:
        """Request what was missed of a game."""
        joining = JoinGame(game_id=game_id, since=self._positions.resume(game_id))
        request = written(_RESUMING + game_id, _JOIN, parameters_of(joining))
        self._to_write.send_nowait(request)

    def catch_up(self) -> None:
        """Request what was skipped."""
        for game_id in self._positions.behind():
            self.resume(game_id)

    # Tasks.

    async def _write(self) -> None:
        with suppress(ConnectionClosed):
            async for request in self._written:
                await self._client.send_text(request)

    async def _keep_alive(self) -> None:
        """End the conversation when a pong does not arrive in time."""
        with suppress(ConnectionClosed):
            is_alive = True
            while is_alive:
                await trio.sleep(PING_S)
                is_alive = await self._is_alive()
            self._nursery.cancel_scope.cancel()

    async def _is_alive(self) -> bool:
        """Send a ping. Repeat it if this process was suspended, because the pong may be unread."""
        while True:
            with trio.move_on_after(PING_S) as patience:
                await self._client.socket.ping()
                return True
            if trio.current_time() < patience.deadline + STALL_S:
                return False

    async def _later(self, reply: Message, do: Callable[[], None]) -> None:
        """Wait for the pause that a refusal asks for, then call `do`."""
        await _wait_to_retry(reply)
        do()

    async def _receive(self) -> None:
        with suppress(ConnectionClosed):
            while True:
                message = await self._client.receive()
                self._on_message()
                self._handle(message)

    # Received messages.

    def _handle(self, message: Message) -> None:
        request_id = message["response_header"].get("request_id")
        if request_id is None:
            self._handle_publication(message)
        elif is_refusal(message):
            self._handle_refusal(request_id, message)
        else:
            self._handle_reply(request_id, message)

    def _handle_publication(self, message: Message) -> None:
        if "seq" not in message:
            self._news.put(Publication(message))
        elif not self._news.has_room:
            self._news.note_drop()
            self._positions.skip(message["game_id"])
        elif self._follow(message) is Verdict.NEW:
            self._news.put(Publication(message))

    def _handle_reply(self, request_id: str, reply: Message) -> None:
        match reply["res"]:
            case Response.GAME_JOINED:
                self._joined(reply)
            case Response.GAME_LEFT:
                self._positions.left(reply["game_id"])
        if "prev_seq" in reply:
            self._follow(reply)  # The reply is also the publication.
        if call := self._waiting.get(request_id):
            call.answer(reply)

    def _handle_refusal(self, request_id: str, reply: Message) -> None:
        call = self._waiting.get(request_id)
        if request_id.startswith(_RESUMING):
            self._not_resumed(request_id.removeprefix(_RESUMING), reply)
        elif call and call.is_answered_by(reply):
            call.answer(reply)
        elif call:
            self._nursery.start_soon(self._later, reply, partial(self._send_if_waiting, call))

    def _joined(self, reply: Message) -> None:
        game_id, resync = reply["game_id"], reply.get("resync", False)
        self._positions.joined(game_id, reply["seq"], resync=resync)
        if resync and not self._news.put(Missed(game_id)):
            self._positions.skip(game_id)  # It is requested and reported again.

    def _not_resumed(self, game_id: str, reply: Message) -> None:
        if reply.get("retryable", False):
            self._nursery.start_soon(self._later, reply, partial(self._resume_if_joined, game_id))
        else:
            self._positions.left(game_id)
            self._news.put(NotResumed(game_id, ServerRefusedError(reply)))

    def _follow(self, message: Message) -> Verdict:
        """Update the position by a message, and request what is missing before it."""
        game_id = message["game_id"]
        verdict = self._positions.accept(game_id, message)
        if verdict is Verdict.GAP:
            self.resume(game_id)
        elif message["res"] == Response.GAME_CLOSED and verdict is not Verdict.SKIPPED:
            self._positions.left(game_id)
        return verdict

    def _send_if_waiting(self, call: Call) -> None:
        if call.request_id in self._waiting:
            self.send(call)

    def _resume_if_joined(self, game_id: str) -> None:
        if game_id in self._positions:
            self.resume(game_id)


async def _wait_to_retry(refusal: Message) -> None:
    await trio.sleep(refusal.get("retry_after_ms", RETRY_MS) / 1_000)
