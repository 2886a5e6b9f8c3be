"""A session: signed in as one user, or a guest, over as many connections as necessary.

`Session` documents what a program can rely on. `conversation.py` uses one
connection, and `reconnection.py` decides when to reconnect and when to give up.
"""

import random
import secrets
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from itertools import count
from typing import Any, Final, Self

import anyio
from anyio.abc import TaskStatus

from toteboard_client._generated.operations import CHANGING, SessionOperations
from toteboard_client._generated.requests import Requests
from toteboard_client.background import background
from toteboard_client.calls import Call, is_refusal, written
from toteboard_client.connection import Client, connect, connect_as_guest
from toteboard_client.conversation import Conversation
from toteboard_client.errors import (
    ConnectionClosedError,
    ConnectionRejectedError,
    HandshakeError,
    Message,
    SessionClosedError,
    SignInRefusedError,
    refusal,
)
from toteboard_client.game import Game
from toteboard_client.ids import GameId, game_id_of
from toteboard_client.news import (
    BUFFER,
    Dropped,
    News,
    NewsBuffer,
    NewsClosedError,
    Newsroom,
    Resumed,
)
from toteboard_client.positions import Positions
from toteboard_client.reading import typed
from toteboard_client.reconnection import Reconnection
from toteboard_client.sign_in import Credentials

Dial = Callable[[bool], AbstractAsyncContextManager[Client]]
"""Opens a signed-in connection. True: with a new key, because the last one was refused."""

NO_CONNECTION: Final = (
    OSError,
    HandshakeError,
    ConnectionClosedError,
    anyio.BrokenResourceError,
    anyio.EndOfStream,
)
"""The exceptions of a failed connection. TLS may raise the last two."""


class Session(SessionOperations, Requests):
    """A user's calls and publications, for any number of tasks. `open_session` creates it.

    **Calls.** Each op has a method (docs/reference/ops.md has its meaning). Amounts are in units:
    `"2.50"`, a `Decimal`, a `Money` or an integer. Times are epoch milliseconds. A method returns
    the typed reply, and raises a `RefusedError` if the server refuses the request: a class for each
    code, in `toteboard_client.refusals`. Pass an idempotency `key` to be able to repeat a request
    after a restart of the program; otherwise the session creates one. A cancelled call may have
    been executed. A program can find out only with its own key.

    **Lost connections.** The session reconnects with exponential backoff and jitter, signs in
    again, resumes its games, and repeats every call without a reply. A call that changes something
    keeps its idempotency key, so that it is executed once. Chat does not support keys. Calls wait
    without a limit; use `anyio.fail_after` to set one. This applies to a close with 1001 or 1012,
    with 1008 `lagging` or without a code, to HTTP 429 and 5xx, to a failed network and to a server
    that does not answer pings. `Dropped` and `Resumed` report it.

    **Guests.** A session without credentials is a guest: it reads and receives everything that is
    public. The server refuses other ops as `not_authorized`.

    **The end.** Calls and iterators raise `SignInRefusedError` once signing in cannot succeed
    any more. The server answered 401 to a session key, to a password's new key, or after a close
    with 1008 (a new key was made elsewhere, or the user was disabled). Or it answered 400, 403 or
    404, or refused the password, or accepts no guests.

    **Publications.** `join` returns a `Game`, whose `async for` yields its publications in order,
    each once. All other news come from the `async for` of the session: balances, the state of the
    connection, and games joined with `join_game`. After a reconnect, an update of a distribution
    may name a bet again. A publication that is also the reply to a call is returned by the call
    only. A program that does not read delays neither its own calls nor the server. When `buffer`
    news wait, further ones are dropped. The session requests them again (`since`) once the waiting
    ones have been read, and reports `Skipped`.
    """

    def __init__(self, dial: Dial, *, buffer: int = BUFFER) -> None:
        self._dial = dial
        self._positions = Positions()
        self._waiting: dict[str, Call] = {}
        self._numbers = count(1)
        self._news = Newsroom(buffer)
        self._reconnection = Reconnection()
        self._conversation: Conversation | None = None
        self._end: Exception | None = None

    async def join(self, game: GameId, *, since: int | None = None) -> Game:
        """Join a game, and return it with its publications.

        `since`: the last position that the program knows. Raises `RefusedError`.
        """
        game_id = game_id_of(game)
        buffer = self._news.follow(game_id)
        try:
            joined = await self.join_game(game_id, since=since)
        except BaseException:
            self._news.leave(game_id)
            raise
        return Game(self, joined, buffer)

    async def _ask(self, op: int, parameters: Message, key: str | None) -> Message:
        if self._end is not None:
            raise self._end
        own_key = secrets.token_urlsafe(16) if op in CHANGING else None
        request_id = f"call {next(self._numbers)}"
        # Encode it here, so that an invalid parameter raises in the caller and not in the writer.
        call = Call(request_id, written(request_id, op, parameters, key or own_key))
        self._waiting[call.request_id] = call
        try:
            if self._conversation is not None:
                self._conversation.send(call)
            await call.answered.wait()
        finally:
            del self._waiting[call.request_id]
        return self._result(call)

    async def _perform(self, op: int, parameters: Message, key: str | None) -> Any:
        given = {name: value for name, value in parameters.items() if value is not None}
        return typed(await self._ask(op, given, key))

    def _result(self, call: Call) -> Message:
        if call.reply is None:
            raise self._end or SessionClosedError
        if is_refusal(call.reply):
            raise refusal(call.reply)
        return call.reply

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> News:
        try:
            return await self.next_of(self._news.session)
        except NewsClosedError:
            raise self._end or SessionClosedError from None

    async def next_of(self, buffer: NewsBuffer) -> News:
        """Return the next news of a queue. Raises `NewsClosedError`, or why the session ended."""
        if buffer.is_read_after_drop:
            buffer.report_drop()
            if self._conversation is not None:
                self._conversation.catch_up(buffer)
        try:
            return await buffer.next()
        except NewsClosedError:
            if self._end is not None:
                raise self._end from None
            raise

    # Reconnecting.

    async def run(self, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Stay connected. Raises only if the first connection cannot be made."""
        try:
            while True:
                await self._connect_once(task_status)
                await anyio.sleep(self._reconnection.pause(random.random()))
        except SignInRefusedError as refused:
            self.end(refused)
            if not self._reconnection.was_signed_in:
                raise

    def end(self, why: Exception) -> None:
        """End the session. Waiting calls and readers raise `why`."""
        self._end = self._end or why
        self._news.close()
        for call in self._waiting.values():
            call.answer(None)

    async def _connect_once(self, task_status: TaskStatus[None]) -> None:
        """Open one connection, and use it until it is lost."""
        state = self._reconnection
        try:
            async with self._dial(state.needs_new_key) as client:
                await self._converse(client, task_status)
        except ConnectionRejectedError as rejected:
            state.rejected(rejected.status_code)
            if not (state.was_signed_in or state.needs_new_key):
                raise
        except NO_CONNECTION:
            if not state.was_signed_in:
                raise
        else:
            reason = client.socket.closed
            state.lost(None if reason is None else reason.code)
            self._news.session.put(Dropped(_reason_of(client)))

    async def _converse(self, client: Client, task_status: TaskStatus[None]) -> None:
        if self._reconnection.was_signed_in:
            self._news.session.put(Resumed(tuple(self._positions)))
        self._conversation = Conversation(
            client, self._positions, self._waiting, self._news, self._reconnection.received
        )
        if not self._reconnection.was_signed_in:
            task_status.started()
        self._reconnection.signed_in()
        try:
            await self._conversation.run()
        finally:
            self._conversation = None


@asynccontextmanager
async def open_session(
    url: str,
    credentials: Credentials | None = None,
    *,
    tls: ssl.SSLContext | None = None,
    buffer: int = BUFFER,
) -> AsyncIterator[Session]:
    """Open a session at `ws://` or `wss://` with a `SessionKey` or a `Password`, or as a guest.

    Raises `SignInRefusedError` or one of `NO_CONNECTION` if the first connection cannot be made
    (`ConnectionRejectedError` for HTTP 429 and 5xx). `tls`: for private certificates.
    """
    async with stay_connected(partial(_dial, url, credentials, tls), buffer=buffer) as session:
        yield session


@asynccontextmanager
async def stay_connected(dial: Dial, *, buffer: int = BUFFER) -> AsyncIterator[Session]:
    """Open a session whose connections come from `dial`. Raises the same as `open_session`."""
    session = Session(dial, buffer=buffer)
    async with background() as tasks:
        await tasks.start(session.run)
        try:
            yield session
        finally:
            session.end(SessionClosedError("the session is closed"))


@asynccontextmanager
async def _dial(
    url: str, credentials: Credentials | None, tls: ssl.SSLContext | None, anew: bool
) -> AsyncIterator[Client]:
    if credentials is None:
        if anew:
            raise SignInRefusedError("the server accepts no guests")
        async with connect_as_guest(url, tls=tls) as client:
            yield client
        return
    identity = await credentials.key(anew=anew)
    async with connect(url, identity.user_id, identity.session_key, tls=tls) as client:
        yield client


def _reason_of(client: Client) -> str:
    reason = client.socket.closed
    return "the server did not respond" if reason is None else str(reason)
