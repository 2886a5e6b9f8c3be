"""From a message to the actor that answers it: checks in the contract's order, then passes it on.

    message --> rate --> frame --> op --> cost --> header --> parameters --> Request, ServerCall
                                                                                |
      +-------------------------------------------------------------------------+
      v
    idempotency key --> time --> is the client far behind? --> LocalReplies, or an actor's mailbox

Contract, section 1, "Errors". Replies keep the order of the requests. A request that can be
answered here waits until the requests before it have their replies. What has to wait is returned as
a `Continuation`: the connection awaits it before it handles the next message.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from logging import DEBUG

import structlog
import trio

from actors.games.actor import Actor
from actors.games.idempotency import IdempotencyStore
from actors.games.local_replies import LocalReplies
from actors.games.outgoing import outgoing
from actors.games.server_call import ServerCall
from actors.games.supervisor import Supervisor, post, post_patiently
from actors.link.caller import POLICY_VIOLATION, ClientConnection, Continuation
from actors.link.encoded_message import encode, single
from actors.link.request import Request
from actors.services import Services
from game.commands import GameCommand, PoolCommand
from game.refusals import Refusal
from protocol.codec import Frame, read_command, read_frame, read_header
from protocol.errors import error_reply, internal_error, overloaded
from protocol.op import Op, Route
from protocol.ops import BY_CODE
from protocol.requests import GameQuery, PoolQuery
from storage.errors import StorageError

log = structlog.get_logger()

_Stage = Callable[[ServerCall, ClientConnection], Continuation | None]
"""A part of the way to an answer. Raises `Refusal` and `StorageError`."""


class Router:
    """Receives every message of every connection."""

    def __init__(
        self,
        services: Services,
        supervisor: Supervisor,
        idempotency: IdempotencyStore,
        version: str,
    ) -> None:
        self._services = services
        self._supervisor = supervisor
        self._idempotency = idempotency
        self._local = LocalReplies(services, supervisor, version)
        self._is_traced = log.bind().is_enabled_for(DEBUG)  # once, because it is slow

    def receive(self, client: ClientConnection, text: str | bytes) -> Continuation | None:
        """Answer a message or pass it to an actor. Return the work that is left, if any."""
        too_fast = client.rate_limiter.spend()
        if client.rate_limiter.must_close:
            client.close(POLICY_VIOLATION, "over the rate limit")
            return None
        frame = None
        try:
            frame = read_frame(text)
            request = self._read(client, frame, too_fast)
        except Refusal as refusal:
            return _in_turn(client, partial(self._refuse, client, frame, refusal))
        call = ServerCall(request, self._services, client, self._is_traced)
        return self._attempt(self._begin, call, client)

    def failed(
        self, client: ClientConnection, text: str | bytes, trace_id: str
    ) -> Continuation | None:
        """Answer a message, in its turn, whose handling failed by a bug of ours."""
        frame = None
        with suppress(Refusal):
            frame = read_frame(text)
        refuse = partial(self._refuse, client, frame, internal_error(trace_id))
        return _in_turn(client, refuse)

    def _read(self, client: ClientConnection, frame: Frame, too_fast: Refusal | None) -> Request:
        """Return what is asked for. Raise `Refusal`."""
        named = frame.op
        if too_fast is not None:
            raise too_fast
        self._refuse_if_costly(named, client)
        header = read_header(frame)
        now = self._services.clock.now()
        op, command = read_command(named, frame, now)
        if op is not named:  # the op that the message names stands for another
            self._refuse_if_costly(op, client)
        return Request(
            op=op,
            command=command,
            user_id=client.user_id,
            received_at=now,
            request_id=header.request_id,
            idempotency_key=header.idempotency_key if op.changes else None,
        )

    def _refuse_if_costly(self, op: Op, client: ClientConnection) -> None:
        if op.is_query:
            refusal = self._services.costs.refusal(client.user_id)
            if refusal is not None:
                raise refusal

    def _refuse(self, client: ClientConnection, frame: Frame | None, refusal: Refusal) -> None:
        """Refuse a message from which no request could be read."""
        op = None if frame is None else frame.op_code
        name = BY_CODE[op].name if op in BY_CODE else "unknown"
        self._services.counters.refused(name, str(refusal.code))
        request_id = None if frame is None else frame.request_id
        header = {} if request_id is None else {"request_id": request_id}
        body = error_reply(refusal, op=op)
        client.send(single(encode(body, self._services.clock.now(), header=header)))
        log.info("op_refused", **client.log_fields, op=op, **header, code=str(refusal.code))

    def _attempt(
        self, stage: _Stage, call: ServerCall, client: ClientConnection
    ) -> Continuation | None:
        """Run a stage. If it fails, answer with the refusal, in turn."""
        try:
            return stage(call, client)
        except (Refusal, StorageError) as error:
            if isinstance(error, StorageError):
                error = overloaded("the database is not available")
            call.release()
            return _in_turn(client, partial(call.refuse_now, error))
        except BaseException:
            call.release()
            raise

    def _begin(self, call: ServerCall, client: ClientConnection) -> Continuation | None:
        """Repeat the reply if the request was executed under its key; otherwise execute it."""
        request = call.request
        key = request.idempotency_key
        if key is None:
            return self._dispatch(call, client)
        if (ahead := self._idempotency.in_progress(request.user_id, key)) is not None:
            return partial(self._begin_after, ahead, call, client)
        body = self._idempotency.claim(request.user_id, key, request.op, request.command)
        if body is None:
            call.on_finish = partial(self._idempotency.release, request.user_id, key)
            return self._dispatch(call, client)
        return _in_turn(client, partial(call.reply_now, outgoing(body), repeated=True))

    async def _begin_after(
        self, ahead: trio.Event, call: ServerCall, client: ClientConnection
    ) -> None:
        await ahead.wait()
        await _finish(self._attempt(self._begin, call, client))

    def _dispatch(self, call: ServerCall, client: ClientConnection) -> Continuation | None:
        """Answer here, or put the call into an actor's mailbox. Raise as a `_Stage` does."""
        request, op = call.request, call.request.op
        if (untimely := request.command.wrong_at(request.received_at)) is not None:
            raise untimely
        if op.is_query and client.is_far_behind:
            return partial(self._when_drained, call, client)
        if op.route is Route.CONNECTION:
            if not (op.after_prior_commits and not client.in_flight.is_empty):
                return self._local.reply(call, client)
            return _in_turn(client, partial(self._attempt, self._local.reply, call, client))
        actor = self._actor_for(request)
        if actor.answer_immediately(call):
            return None
        if not post(actor, call):
            return partial(self._post_patiently, actor, call, client)
        call.begin()
        # An actor handles changes before queries. So nothing more is read until the query has its
        # reply, or a later change of the same connection would be answered first.
        return client.in_flight.wait_until_empty if op.is_query else None

    async def _when_drained(self, call: ServerCall, client: ClientConnection) -> None:
        """Let a client that does not read its replies wait; it does not count as lagging."""
        await client.drained()
        await _finish(self._attempt(self._dispatch, call, client))

    async def _post_patiently(
        self, actor: Actor, call: ServerCall, client: ClientConnection
    ) -> None:
        call.begin()
        try:
            await post_patiently(actor, call)
        except Refusal as refusal:
            call.release()
            await client.in_flight.wait_until_empty()
            call.refuse_now(refusal)
        except BaseException:
            call.release()
            raise
        if call.request.op.is_query:
            await client.in_flight.wait_until_empty()

    def _actor_for(self, request: Request) -> Actor:
        """Return the actor that answers. Raise `Refusal` and `StorageError`."""
        command = request.command
        if request.op.route is Route.SOURCES:
            return self._supervisor.sources
        if isinstance(command, PoolCommand | PoolQuery):
            game_id = self._supervisor.game_of_pool(command.pool_id)
            return self._supervisor.actor_of(game_id)
        assert isinstance(command, GameCommand | GameQuery)
        return self._supervisor.actor_of(command.game_id)


def _in_turn(
    client: ClientConnection, step: Callable[[], Continuation | None]
) -> Continuation | None:
    """Run a step once every request before it has its reply."""
    return step() if client.in_flight.is_empty else partial(_after_others, client, step)


async def _after_others(client: ClientConnection, step: Callable[[], Continuation | None]) -> None:
    await client.in_flight.wait_until_empty()
    await _finish(step())


async def _finish(continuation: Continuation | None) -> None:
    if continuation is not None:
        await continuation()
