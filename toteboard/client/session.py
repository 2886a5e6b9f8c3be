"""A session: signed in as one user, over as many connections as it takes.

What a program may rely on is said at `Session`. What is done with one connection is
`toteboard/client/conversation.py`; when to try again, and when no more, is
`toteboard/client/returning.py`.
"""

import random
import secrets
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from itertools import count
from typing import Any, Final, Self

import trio
from trio_websocket import ConnectionClosed, ConnectionRejected, HandshakeError

from game.commands import Command
from protocol.ops import BY_CODE, BY_COMMAND
from toteboard.client.calls import Call, ServerRefusedError, is_refusal, parameters_of, written
from toteboard.client.connection import Background, Client, Message, connect
from toteboard.client.conversation import Conversation
from toteboard.client.news import BUFFER, Dropped, News, Newsstand, Resumed
from toteboard.client.positions import Positions
from toteboard.client.returning import Returning
from toteboard.client.sign_in import Credentials, SignInRefusedError

Dial = Callable[[bool], AbstractAsyncContextManager[Client]]
"""Opens a signed-in connection; true: the last key was refused, so with a new one."""


NO_CONNECTION: Final = (OSError, HandshakeError, ConnectionClosed, trio.BrokenResourceError)
"""How a connection that could not be made says so; behind TLS it may be the last."""


class SessionClosedError(Exception):
    """The block in which the session was open has ended."""


class Session:
    """Calls and publications, for any number of tasks; made by `open_session`.

    **Lost connections.** It comes back with growing pauses, signs in anew, joins its games again
    from where it was, and sends again all that was not answered: what changes anything under the
    idempotency key that it had from the beginning, so that nothing is done twice (chat, 900, knows
    no keys). Calls wait meanwhile, for as long as it takes: give them a `trio.fail_after` if that
    is too long. A close with 1001, 1008 `lagging` or none at all, HTTP 429 and 5xx, no network and
    silence are all of this kind. `Dropped` and `Resumed` tell of it.

    **The end.** Calls and the iterator raise `SignInRefusedError` if the server does not let us in
    any more: 401 to a session key, to a password's new key, or after a close with 1008 (a new key
    was made elsewhere, or the user disabled); 400, 403 and 404; a password that is refused.

    **Publications** are had by `async for`, in the order of their game, each once but for 361s,
    which after a loss may name a bet again. A publication that is the reply to a call comes as
    that. A program that does not read holds up neither its own calls nor the server: when `buffer`
    of them wait, more are passed over, and asked for again (`since`) once those that waited have
    been read; `Skipped` says so.
    """

    def __init__(self, dial: Dial, *, buffer: int = BUFFER) -> None:
        self._dial = dial
        self._positions = Positions()
        self._waiting: dict[str, Call] = {}
        self._numbers = count(1)
        self._newsstand = Newsstand(buffer)
        self._returning = Returning()
        self._conversation: Conversation | None = None
        self._end: Exception | None = None

    async def call(self, request: Command, *, key: str | None = None) -> Message:
        """Ask, with a class of `toteboard/client/requests.py`; gives the reply.

        Amounts in the request are hundredths, times epoch milliseconds. `key`: an idempotency key
        of the program's own, to ask the same again after a restart; otherwise one is made. Raises
        `ServerRefusedError`; `TypeError`, with nothing sent, if JSON has no words for a parameter
        (half a surrogate pair); `SignInRefusedError` and `SessionClosedError` at the end. A
        changing call that is cancelled may have been done: only who gave it a key can find out.
        """
        code = BY_COMMAND[type(request)].code
        return await self.ask(code, key=key, **parameters_of(request))

    async def ask(self, op: int, *, key: str | None = None, **parameters: Any) -> Message:
        """Ask with an op's code and parameters as on the wire. Raises as `call` does."""
        if self._end is not None:
            raise self._end
        changes = op in BY_CODE and BY_CODE[op].changes
        own_key = secrets.token_urlsafe(16) if changes else None
        request_id = f"call {next(self._numbers)}"
        # Written here, not by whoever sends: what cannot be is the caller's error alone.
        call = Call(request_id, written(request_id, op, parameters, key or own_key))
        self._waiting[call.request_id] = call
        try:
            if self._conversation is not None:
                self._conversation.send(call)
            await call.answered.wait()
        finally:
            del self._waiting[call.request_id]
        return self._result(call)

    def _result(self, call: Call) -> Message:
        if call.reply is None:
            raise self._end or SessionClosedError
        if is_refusal(call.reply):
            raise ServerRefusedError(call.reply)
        return call.reply

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> News:
        if self._newsstand.is_sold_out_and_read:
            self._newsstand.reopen()
            if self._conversation is not None:
                self._conversation.catch_up()
        try:
            return await self._newsstand.next()
        except trio.EndOfChannel:
            raise self._end or SessionClosedError from None

    # Coming back.

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Stay connected. Raises if the first connection cannot be made; not after it."""
        try:
            while True:
                await self._live_once(task_status)
                await trio.sleep(self._returning.pause(random.random()))
        except SignInRefusedError as refused:
            self.end(refused)
            if not self._returning.has_been_in:
                raise

    def end(self, why: Exception) -> None:
        """Nothing more comes: whoever waits is told why."""
        self._end = self._end or why
        self._newsstand.close()
        for call in self._waiting.values():
            call.settle(None)

    async def _live_once(self, task_status: trio.TaskStatus[None]) -> None:
        """One connection, from the attempt to its loss."""
        state = self._returning
        try:
            async with self._dial(state.needs_new_key) as client:
                await self._converse(client, task_status)
        except ConnectionRejected as rejected:
            state.rejected(rejected.status_code)
            if not (state.has_been_in or state.needs_new_key):
                raise
        except NO_CONNECTION:
            if not state.has_been_in:
                raise
        else:
            reason = client.socket.closed
            state.lost(None if reason is None else reason.code)
            self._newsstand.put(Dropped(_in_words(client)))

    async def _converse(self, client: Client, task_status: trio.TaskStatus[None]) -> None:
        if self._returning.has_been_in:
            self._newsstand.put(Resumed(tuple(self._positions)))
        self._conversation = Conversation(
            client, self._positions, self._waiting, self._newsstand, self._returning.stood
        )
        if not self._returning.has_been_in:
            task_status.started()
        self._returning.entered()
        try:
            await self._conversation.run()
        finally:
            self._conversation = None


@asynccontextmanager
async def open_session(
    url: str,
    credentials: Credentials,
    *,
    tls: ssl.SSLContext | None = None,
    buffer: int = BUFFER,
) -> AsyncIterator[Session]:
    """Sign in at `ws://` or `wss://` with a `SessionKey` or a `Password`, until the block ends.

    Raises, if the first connection cannot be made, `SignInRefusedError` or one of `NO_CONNECTION`
    (`trio_websocket.ConnectionRejected`: 429 and 5xx). `tls`: for certificates of one's own.
    """
    async with stay_connected(partial(_dial, url, credentials, tls), buffer=buffer) as session:
        yield session


@asynccontextmanager
async def stay_connected(dial: Dial, *, buffer: int = BUFFER) -> AsyncIterator[Session]:
    """A session whose connections come from `dial`. Raises as `open_session` does."""
    session = Session(dial, buffer=buffer)
    async with Background() as nursery:
        await nursery.start(session.run)
        try:
            yield session
        finally:
            session.end(SessionClosedError("the session has been closed"))


@asynccontextmanager
async def _dial(
    url: str, credentials: Credentials, tls: ssl.SSLContext | None, anew: bool
) -> AsyncIterator[Client]:
    identity = await credentials.key(anew=anew)
    async with connect(url, identity.user_id, identity.session_key, tls=tls) as client:
        yield client


def _in_words(client: Client) -> str:
    reason = client.socket.closed
    return "silence" if reason is None else f"{reason.code} {reason.reason or reason.name}"
