"""What a session does on one connection: it resumes its games, sends calls and receives messages.

A single task writes, so that a cancelled call leaves no half-written frame. A single task reads, so
that positions follow the order of the messages. Everything that must survive the connection
belongs to the session and is passed in.
"""

from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Final

import anyio

from toteboard_client._generated.messages import (
    GameClosed,
    GameJoined,
    GameLeft,
    TextMessage,
    UserBalanceUpdate,
)
from toteboard_client.calls import Call, is_refusal, written
from toteboard_client.connection import Client
from toteboard_client.errors import ConnectionClosedError, Message, refusal
from toteboard_client.news import Missed, NewsBuffer, Newsroom, NotResumed
from toteboard_client.positions import Positions, Verdict

PING_S: Final = 20.0
"""Seconds between two pings, and the timeout of the pong."""
STALL_S: Final = 1.0
"""If a timeout ends this much too late, the process itself was suspended."""
RETRY_MS: Final = 1_000
"""The pause before a retry, in milliseconds, if the server names none."""
_JOIN: Final = 363
_RESUMING: Final = "resume "
"""The prefix of the `request_id` of a join that resumes."""


class Conversation:
    """One connection in use. `on_message` is called for every message that arrives."""

    def __init__(
        self,
        client: Client,
        positions: Positions,
        waiting: Mapping[str, Call],
        news: Newsroom,
        on_message: Callable[[], None],
    ) -> None:
        self._client = client
        self._positions, self._waiting, self._news = positions, waiting, news
        self._on_message = on_message
        # Unbounded: it holds only calls that wait for a reply, and the program limits those.
        self._to_write: deque[str] = deque()
        self._has_more = anyio.Event()

    async def run(self) -> None:
        """Resume the games, repeat the waiting calls, and receive until the connection is lost."""
        for game_id in self._positions:
            self.resume(game_id)
        for call in self._waiting.values():
            self.send(call)
        async with anyio.create_task_group() as self._tasks:
            self._tasks.start_soon(self._write)
            self._tasks.start_soon(self._keep_alive)
            await self._receive()
            self._tasks.cancel_scope.cancel()

    def send(self, call: Call) -> None:
        """Send a call, for the first time or again."""
        self._write_later(call.request())

    def resume(self, game_id: str) -> None:
        """Request what was missed of a game."""
        joining = {"game_id": game_id, "since": self._positions.resume(game_id)}
        self._write_later(written(_RESUMING + game_id, _JOIN, joining))

    def catch_up(self, buffer: NewsBuffer) -> None:
        """Request what was skipped because this buffer was full."""
        for game_id in self._positions.behind():
            if self._news.of(game_id) is buffer:
                self.resume(game_id)

    def _write_later(self, request: str) -> None:
        self._to_write.append(request)
        self._has_more.set()

    # Tasks.

    async def _write(self) -> None:
        with suppress(ConnectionClosedError):
            while True:
                await self._has_more.wait()
                self._has_more = anyio.Event()
                while self._to_write:
                    await self._client.send_text(self._to_write.popleft())

    async def _keep_alive(self) -> None:
        """End the conversation when a pong does not arrive in time."""
        is_alive = True
        while is_alive:
            await anyio.sleep(PING_S)
            is_alive = await self._is_alive()
        self._tasks.cancel_scope.cancel()

    async def _is_alive(self) -> bool:
        """Send a ping. Repeat it if this process was suspended, because the pong may be unread."""
        while True:
            with anyio.move_on_after(PING_S) as patience:
                with suppress(ConnectionClosedError):
                    await self._client.socket.ping()
                    return True
                await anyio.sleep_forever()  # The reading task sees why.
            if anyio.current_time() < patience.deadline + STALL_S:
                return False

    async def _later(self, reply: Message, do: Callable[[], None]) -> None:
        """Wait for the pause that a refusal asks for, then call `do`."""
        await _wait_to_retry(reply)
        do()

    async def _receive(self) -> None:
        with suppress(ConnectionClosedError):
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
        buffer = self._news.of(_followed_game(message))
        if "seq" not in message:
            buffer.put(message)
        elif not buffer.has_room:
            buffer.note_drop()
            self._positions.skip(message["game_id"])
        elif self._follow(message) is Verdict.NEW:
            buffer.put(message)
            self._close_if_over(message)

    def _handle_reply(self, request_id: str, reply: Message) -> None:
        match reply["res"]:
            case GameJoined.RES:
                self._joined(reply)
            case GameLeft.RES:
                self._positions.left(reply["game_id"])
                self._news.leave(reply["game_id"])
        if "prev_seq" in reply:
            self._follow(reply)  # The reply is also the publication.
            self._close_if_over(reply)
        if call := self._waiting.get(request_id):
            call.answer(reply)

    def _handle_refusal(self, request_id: str, reply: Message) -> None:
        call = self._waiting.get(request_id)
        if request_id.startswith(_RESUMING):
            self._not_resumed(request_id.removeprefix(_RESUMING), reply)
        elif call and call.is_answered_by(reply):
            call.answer(reply)
        elif call:
            self._tasks.start_soon(self._later, reply, partial(self._send_if_waiting, call))

    def _joined(self, reply: Message) -> None:
        game_id, resync = reply["game_id"], reply.get("resync", False)
        self._positions.joined(game_id, reply["seq"], resync=resync)
        if resync and not self._news.of(game_id).put(Missed(game_id)):
            self._positions.skip(game_id)  # It is requested and reported again.

    def _not_resumed(self, game_id: str, reply: Message) -> None:
        if reply.get("retryable", False):
            self._tasks.start_soon(self._later, reply, partial(self._resume_if_joined, game_id))
        else:
            self._positions.left(game_id)
            self._news.of(game_id).put(NotResumed(game_id, refusal(reply)))
            self._news.leave(game_id)

    def _follow(self, message: Message) -> Verdict:
        """Update the position by a message, and request what is missing before it."""
        game_id = message["game_id"]
        verdict = self._positions.accept(game_id, message)
        if verdict is Verdict.GAP:
            self.resume(game_id)
        elif message["res"] == GameClosed.RES and verdict is not Verdict.SKIPPED:
            self._positions.left(game_id)
        return verdict

    def _close_if_over(self, message: Message) -> None:
        """Close the queue of a game that is over, unless more of it is still to come."""
        if message["res"] == GameClosed.RES and message["game_id"] not in self._positions:
            self._news.leave(message["game_id"])

    def _send_if_waiting(self, call: Call) -> None:
        if call.request_id in self._waiting:
            self.send(call)

    def _resume_if_joined(self, game_id: str) -> None:
        if game_id in self._positions:
            self.resume(game_id)


async def _wait_to_retry(refusal: Message) -> None:
    await anyio.sleep(refusal.get("retry_after_ms", RETRY_MS) / 1_000)


def _followed_game(message: Message) -> str | None:
    """Return the game whose followers receive a publication, or None if the session does."""
    match message["res"]:
        case UserBalanceUpdate.RES:
            return None  # A balance is the user's, whichever pool has changed it.
        case TextMessage.RES:
            return message.get("channel")
        case _:
            return message.get("game_id")
