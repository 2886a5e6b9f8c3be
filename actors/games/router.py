"""From a message to the actor that answers it: checks in the contract's order, then passes it on.

    Intake --> cost --> header --> parameters --> an encoded reply, if an actor has one; else
                                                  Request, ServerCall
                                                          |
      +---------------------------------------------------+
      v
    idempotency key --> time --> is the client far behind? --> LocalReplies, RequestedWrites,
                                                               or an actor's mailbox

Contract, section 1, "Errors". Replies keep the order of the requests. A request that can be
answered here waits until the requests before it have their replies. What has to wait is returned as
a `Continuation`: the connection awaits it before it handles the next message.
"""

from collections.abc import Callable
from functools import partial
from logging import DEBUG

import structlog
import trio

from actors.games.actor import Actor
from actors.games.idempotency import IdempotencyStore
from actors.games.local_replies import LocalReplies
from actors.games.outgoing import outgoing
from actors.games.requested_writes import RequestedWrites
from actors.games.server_call import ServerCall, as_refusal
from actors.games.supervisor import Supervisor, post, post_patiently
from actors.games.tokens import Tokens
from actors.link.caller import SERVICE_RESTARTS, ClientConnection, Continuation
from actors.link.edge_replies import EdgeReplies
from actors.link.encoded_message import EncodedBody
from actors.link.intake import Intake
from actors.link.request import Request
from actors.link.turns import after_reading, finish, in_turn
from actors.services import Services
from game.commands import Command, GameCommand, PoolCommand
from game.refusals import Refusal
from game.rights import refuse_guest
from protocol.codec import Frame, read_command, read_header
from protocol.op import Op, Route
from protocol.requests import GameQuery, PoolQuery
from storage.errors import StorageError

log = structlog.get_logger()

_Stage = Callable[[ServerCall, ClientConnection], Continuation | None]
"""A part of the way to an answer. Raises `Refusal` and `StorageError`."""


class Router:
    """Receives every message of every connection, by `receive` and `failed` of an `Intake`."""

    def __init__(
        self,
        services: Services,
        supervisor: Supervisor,
        idempotency: IdempotencyStore,
        version: str,
        tokens: Tokens,
        writes: RequestedWrites,
    ) -> None:
        self._services = services
        self._supervisor = supervisor
        self._idempotency = idempotency
        self._writes = writes
        self._local = LocalReplies(services, supervisor, tokens)
        clock, counters = services.clock, services.counters
        self._edge_replies = EdgeReplies(clock, counters, services.costs, services.limits, version)
        intake = Intake(clock, counters, self._edge_replies.answer, self._pass_on)
        self.receive, self.failed = intake.receive, intake.failed
        self._is_traced = log.bind().is_enabled_for(DEBUG)  # once, because it is slow

    def _pass_on(self, client: ClientConnection, frame: Frame, named: Op) -> Continuation | None:
        """Answer a request or pass it to an actor. Raise `Refusal` if it is malformed."""
        started = trio.current_time()
        costs = self._services.costs
        if named.is_query:
            costs.check(client.user_id)
        header = read_header(frame)
        now = self._services.clock.now()
        op, command = read_command(named, frame, now)
        if op is not named and op.is_query:  # the op that the message names stands for another
            costs.check(client.user_id)
        if op.is_query and (body := self._encoded_reply(client, command, now)) is not None:
            self._edge_replies.send(client, op, body, header.request_id, now=now, started=started)
            return None
        request = Request(
            op=op,
            command=command,
            user_id=client.user_id,
            received_at=now,
            request_id=header.request_id,
            idempotency_key=header.idempotency_key if op.changes else None,
        )
        call = ServerCall(request, self._services, client, self._is_traced)
        return self._attempt(self._begin, call, client)

    def _encoded_reply(
        self, client: ClientConnection, query: Command, now: int
    ) -> EncodedBody | None:
        """Return the reply if the game's actor has it, encoded and up to date."""
        if not isinstance(query, GameQuery) or client.is_far_behind:
            return None
        actor = self._supervisor.running(query.game_id)
        return None if actor is None else actor.encoded_reply(query, now)

    def _attempt(
        self, stage: _Stage, call: ServerCall, client: ClientConnection
    ) -> Continuation | None:
        """Run a stage. If it fails, answer with the refusal, in turn."""
        try:
            return stage(call, client)
        except (Refusal, StorageError) as error:
            call.release()
            return in_turn(client, partial(call.refuse_now, as_refusal(error)))
        except BaseException:
            call.release()
            raise

    def _begin(self, call: ServerCall, client: ClientConnection) -> Continuation | None:
        """Repeat the reply if the request was executed under its key; otherwise execute it."""
        request = call.request
        key = request.idempotency_key
        if key is None:
            return self._dispatch(call, client)
        if (ahead := self._idempotency.ahead_of(request)) is not None:
            begin = partial(self._begin_after, ahead.changed, call, client)
            if not ahead.may_be_overtaken:
                return begin
            ahead.add_waiting()
            call.let_overtake()
            self._supervisor.start_apart(begin, call)
            return None
        try:
            body = self._idempotency.claim(call)
        except StorageError:
            if not client.has_returned:
                raise
            # It may have been done already, so "nothing has changed" could be false.
            call.release()
            client.close(SERVICE_RESTARTS, "the database is not available")
            return None
        if body is None:
            return self._dispatch(call, client)
        return in_turn(client, partial(call.reply_now, outgoing(body), repeated=True))

    async def _begin_after(
        self, changed: trio.Event, call: ServerCall, client: ClientConnection
    ) -> None:
        await changed.wait()
        if call.may_be_overtaken:
            call.resume()
        await finish(self._attempt(self._begin, call, client))

    def _dispatch(self, call: ServerCall, client: ClientConnection) -> Continuation | None:
        """Answer here, or put the call into an actor's mailbox. Raise as a `_Stage` does."""
        request, op = call.request, call.request.op
        if (untimely := request.command.wrong_at(request.received_at)) is not None:
            raise untimely
        if op.is_query and client.is_far_behind:
            return partial(
                after_reading, client, partial(self._attempt, self._dispatch, call, client)
            )
        if op.route is Route.STORE:
            return in_turn(client, partial(self._attempt, self._write, call, client))
        if op.route is Route.CONNECTION:
            if not (op.after_prior_commits and not client.in_flight.is_empty):
                return self._local.reply(call, client)
            return in_turn(client, partial(self._attempt, self._local.reply, call, client))
        actor = self._actor_for(request)
        refuse_guest(op.right, request.user_id)
        if not post(actor, call):
            return partial(self._post_patiently, actor, call, client)
        call.begin()
        # An actor handles changes before queries. So nothing more is read until the query has its
        # reply, or a later change of the same connection would be answered first.
        return client.in_flight.wait_until_empty if op.is_query else None

    def _write(self, call: ServerCall, _client: ClientConnection) -> Continuation:
        return self._writes.begin(call)

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
