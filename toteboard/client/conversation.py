"""What a session does with one connection: takes up where the last one ended, asks and listens.

One task writes, so that a call that is cancelled leaves no half a frame; one reads, so that
positions move in the order of what is heard. What has to outlive the connection is given to it.
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
from toteboard.client.calls import Call, ServerRefusedError, is_refusal, parameters_of, written
from toteboard.client.connection import Client, Message
from toteboard.client.news import Missed, Newsstand, NotResumed, Publication
from toteboard.client.positions import Positions, Verdict

PING_S: Final = 20.0
"""Seconds between signs of life that are asked for, and for how long one is waited for."""
LATE_S: Final = 1.0
"""If we look so much later than we meant to, this process stood still."""
RETRY_MS: Final = 1_000
"""Before what was refused as `retryable` is sent again, if the server names no time."""
_JOIN: Final = BY_COMMAND[JoinGame].code
_RESUMING: Final = "resume "
"""How the `request_id` begins with which a game is joined again."""


class Conversation:
    """`run` until the connection is lost. `on_message`: something was heard."""

    def __init__(
        self,
        client: Client,
        positions: Positions,
        waiting: Mapping[str, Call],
        newsstand: Newsstand,
        on_message: Callable[[], None],
    ) -> None:
        self._client = client
        self._positions, self._waiting, self._newsstand = positions, waiting, newsstand
        self._on_message = on_message
        # As long as there are calls that wait: the program bounds it.
        self._to_write, self._written = trio.open_memory_channel[str](math.inf)

    async def run(self) -> None:
        """Join again, ask again, and listen."""
        for game_id in self._positions:
            self.resume(game_id)
        for call in self._waiting.values():
            self.send(call)
        async with trio.open_nursery() as self._nursery:
            self._nursery.start_soon(self._write)
            self._nursery.start_soon(self._keep_alive)
            await self._listen()
            self._nursery.cancel_scope.cancel()

    def send(self, call: Call) -> None:
        """Send a call, for the first time or once more."""
        self._to_write.send_nowait(call.request())

    def resume(self, game_id: str) -> None:
        """Ask for what was missed of a game."""
        joining = JoinGame(game_id=game_id, since=self._positions.ask(game_id))
        request = written(_RESUMING + game_id, _JOIN, parameters_of(joining))
        self._to_write.send_nowait(request)

    def catch_up(self) -> None:
        """Ask for what was passed over."""
        for game_id in self._positions.behind():
            self.resume(game_id)

    # Its tasks.

    async def _write(self) -> None:
        with suppress(ConnectionClosed):
            async for request in self._written:
                await self._client.send_text(request)

    async def _keep_alive(self) -> None:
        """A connection on which not even a pong comes is lost, whatever the network says."""
        with suppress(ConnectionClosed):
            is_alive = True
            while is_alive:
                await trio.sleep(PING_S)
                is_alive = await self._is_alive()
            self._nursery.cancel_scope.cancel()

    async def _is_alive(self) -> bool:
        """Ping. If this process stood still meanwhile, the pong may not be read yet: ping again."""
        while True:
            with trio.move_on_after(PING_S) as patience:
                await self._client.socket.ping()
                return True
            if trio.current_time() < patience.deadline + LATE_S:
                return False

    async def _later(self, reply: Message, do: Callable[[], None]) -> None:
        """When a refusal's time is over, if the connection lasts so long."""
        await _wait_as_told(reply)
        do()

    async def _listen(self) -> None:
        with suppress(ConnectionClosed):
            while True:
                message = await self._client.receive()
                self._on_message()
                self._hear(message)

    # What is heard.

    def _hear(self, message: Message) -> None:
        request_id = message["response_header"].get("request_id")
        if request_id is None:
            self._hear_publication(message)
        elif is_refusal(message):
            self._hear_refusal(request_id, message)
        else:
            self._hear_reply(request_id, message)

    def _hear_publication(self, message: Message) -> None:
        if "seq" not in message:
            self._newsstand.put(Publication(message))
        elif not self._newsstand.has_room:
            self._newsstand.sell_out()
            self._positions.pass_over(message["game_id"])
        elif self._follow(message) is Verdict.NEW:
            self._newsstand.put(Publication(message))

    def _hear_reply(self, request_id: str, reply: Message) -> None:
        match reply["res"]:
            case Response.GAME_JOINED:
                self._joined(reply)
            case Response.GAME_LEFT:
                self._positions.left(reply["game_id"])
        if "prev_seq" in reply:
            self._follow(reply)  # the publication is the reply
        if call := self._waiting.get(request_id):
            call.settle(reply)

    def _hear_refusal(self, request_id: str, reply: Message) -> None:
        call = self._waiting.get(request_id)
        if request_id.startswith(_RESUMING):
            self._not_resumed(request_id.removeprefix(_RESUMING), reply)
        elif call and call.is_settled_by(reply):
            call.settle(reply)
        elif call:
            self._nursery.start_soon(self._later, reply, partial(self._send_if_waiting, call))

    def _joined(self, reply: Message) -> None:
        game_id, resync = reply["game_id"], reply.get("resync", False)
        self._positions.joined(game_id, reply["seq"], resync=resync)
        if resync and not self._newsstand.put(Missed(game_id)):
            self._positions.pass_over(game_id)  # so that it is asked for, and said, again

    def _not_resumed(self, game_id: str, reply: Message) -> None:
        if reply.get("retryable", False):
            self._nursery.start_soon(self._later, reply, partial(self._resume_if_joined, game_id))
        else:
            self._positions.left(game_id)
            self._newsstand.put(NotResumed(game_id, ServerRefusedError(reply)))

    def _follow(self, message: Message) -> Verdict:
        """Move on in the message's game, and ask for what is missing before it."""
        game_id = message["game_id"]
        verdict = self._positions.take(game_id, message)
        if verdict is Verdict.GAP:
            self.resume(game_id)
        elif message["res"] == Response.GAME_CLOSED and verdict is not Verdict.PASSED_OVER:
            self._positions.left(game_id)
        return verdict

    def _send_if_waiting(self, call: Call) -> None:
        if call.request_id in self._waiting:
            self.send(call)

    def _resume_if_joined(self, game_id: str) -> None:
        if game_id in self._positions:
            self.resume(game_id)


async def _wait_as_told(refusal: Message) -> None:
    await trio.sleep(refusal.get("retry_after_ms", RETRY_MS) / 1_000)
