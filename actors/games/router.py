"""From a message to the actor that answers it: checks in the contract's order, then hands over.

Contract, section 1, "Errors". What the connection can answer alone is answered here; such answers
wait until what was asked before is answered, so that replies keep their order.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from logging import DEBUG

import structlog
import trio

from actors.edge.closing import POLICY_VIOLATION
from actors.edge.connection import Connection
from actors.edge.wire import Continuation
from actors.games.actor import Actor
from actors.games.chat_limiter import ChatLimiter
from actors.games.idempotency import IdempotencyStore
from actors.games.signals import ChatSent
from actors.games.supervisor import Supervisor, post, post_patiently
from actors.link.encoded_message import Body, encode, single
from actors.link.request import Request
from actors.services import Services
from game.commands import Command, GameCommand, PoolCommand
from game.refusals import Refusal, missing, not_joined
from protocol import messages, pool_messages
from protocol.codec import Frame, read_command, read_frame, read_header
from protocol.errors import error_reply, internal_error, overloaded
from protocol.op import Op, Route
from protocol.ops import BY_CODE
from protocol.requests import (
    GameQuery,
    GetAvailableBalance,
    GetCurrentBalance,
    GetExposure,
    GetLeaderboard,
    GetOpcodes,
    Logon,
    Ping,
    PoolQuery,
    SendText,
)
from storage.errors import StorageError

log = structlog.get_logger()

Step = Callable[[Request, Connection], Continuation | None]
"""Leads towards an answer. Raises `Refusal` and `StorageError`."""


class Router:
    """Takes every message of every connection."""

    def __init__(
        self, services: Services, supervisor: Supervisor, answers: IdempotencyStore, version: str
    ) -> None:
        self._services = services
        self._supervisor = supervisor
        self._answers = answers
        self._version = version
        self._chat_limiter = ChatLimiter(services.limits.chat_limit)
        self._is_traced = log.bind().is_enabled_for(DEBUG)  # asked once: it takes its time

    def take(self, connection: Connection, text: str | bytes) -> Continuation | None:
        """Answer a message, or hand it to the actor that will; gives what has to be waited for."""
        too_fast = connection.rate_limiter.spend()
        if connection.rate_limiter.must_close:
            connection.close(POLICY_VIOLATION, "over the rate limit")
            return None
        frame = None
        try:
            frame = read_frame(text)
            request = self._read(connection, frame, too_fast)
        except Refusal as refusal:
            return _in_turn(connection, partial(self._refuse, connection, frame, refusal))
        return self._attempt(self._begin, request, connection)

    def failed(
        self, connection: Connection, text: str | bytes, trace_id: str
    ) -> Continuation | None:
        """Taking a message has failed, by our fault: answer all the same, in its turn."""
        frame = None
        with suppress(Refusal):
            frame = read_frame(text)
        refuse = partial(self._refuse, connection, frame, internal_error(trace_id))
        return _in_turn(connection, refuse)

    def _read(self, connection: Connection, frame: Frame, too_fast: Refusal | None) -> Request:
        """What is asked. Raises `Refusal`."""
        asked = frame.op
        if too_fast is not None:
            raise too_fast
        self._refuse_if_costly(asked, connection)
        header = read_header(frame)
        now = self._services.clock.now()
        op, command = read_command(asked, frame, now)
        if op is not asked:  # it stands for another one
            self._refuse_if_costly(op, connection)
        return Request(
            clock=self._services.clock,
            received_at=now,
            counters=self._services.counters,
            costs=self._services.costs,
            op=op,
            command=command,
            user_id=connection.user_id,
            connection=connection,
            request_id=header.request_id,
            is_traced=self._is_traced,
            idempotency_key=header.idempotency_key if op.changes else None,
        )

    def _refuse_if_costly(self, op: Op, connection: Connection) -> None:
        if op.is_query:
            refusal = self._services.costs.refusal(connection.user_id)
            if refusal is not None:
                raise refusal

    def _refuse(self, connection: Connection, frame: Frame | None, refusal: Refusal) -> None:
        op = None if frame is None else frame.op_code
        name = BY_CODE[op].name if op in BY_CODE else "unknown"
        self._services.counters.refused(name, str(refusal.code))
        request_id = None if frame is None else frame.request_id
        header = {} if request_id is None else {"request_id": request_id}
        body = error_reply(refusal, op=op)
        connection.send(single(encode(body, self._services.clock.now(), header=header)))
        log.info("op_refused", **connection.log_fields, op=op, **header, code=str(refusal.code))

    def _attempt(self, step: Step, request: Request, connection: Connection) -> Continuation | None:
        """Take a step towards an answer; if it fails, a no is the answer."""
        try:
            return step(request, connection)
        except (Refusal, StorageError) as error:
            no = error if isinstance(error, Refusal) else overloaded("the storage does not answer")
            request.let_go()
            return _in_turn(connection, partial(request.refuse, no))
        except BaseException:
            request.let_go()
            raise

    def _begin(self, request: Request, connection: Connection) -> Continuation | None:
        """Tell the first reply again if the op has been done under its key, else do it."""
        key = request.idempotency_key
        if key is None:
            return self._hand_over(request, connection)
        if (ahead := self._answers.ahead(request.user_id, key)) is not None:
            return partial(self._begin_after, ahead, request, connection)
        body = self._answers.claim(request.user_id, key, request.op, request.command)
        if body is None:
            request.on_answer = partial(self._answers.release, request.user_id, key)
            return self._hand_over(request, connection)
        return _in_turn(connection, partial(request.tell, body, repeated=True))

    async def _begin_after(
        self, ahead: trio.Event, request: Request, connection: Connection
    ) -> None:
        await ahead.wait()
        await _finish(self._attempt(self._begin, request, connection))

    def _hand_over(self, request: Request, connection: Connection) -> Continuation | None:
        """To whoever answers it. Raises `Refusal` and `StorageError`."""
        if (untimely := request.command.wrong_at(request.received_at)) is not None:
            raise untimely
        if request.op.is_query and connection.is_far_behind:
            return partial(self._once_taken, request, connection)
        if request.op.route is Route.CONNECTION:
            if not (request.op.after_prior_commits and not connection.in_flight.is_empty):
                return self._answer_alone(request, connection)
            return _in_turn(
                connection, partial(self._attempt, self._answer_alone, request, connection)
            )
        actor = self._actor_for(request)
        # Changes overtake a question: so nothing more is read until it is answered, or what the
        # same connection sends after it would be answered before it.
        if actor.answer_at_once(request):
            return None
        if not post(actor, request):
            return partial(self._post_patiently, actor, request, connection)
        request.begins()
        return connection.in_flight.wait_until_empty if request.op.is_query else None

    async def _once_taken(self, request: Request, connection: Connection) -> None:
        """A reader that does not take its answers gets no more of them, and is not lagging."""
        await connection.drained()
        await _finish(self._attempt(self._hand_over, request, connection))

    async def _post_patiently(self, actor: Actor, request: Request, connection: Connection) -> None:
        request.begins()
        try:
            await post_patiently(actor, request)
        except Refusal as refusal:
            request.let_go()
            await connection.in_flight.wait_until_empty()
            request.refuse(refusal)
        except BaseException:
            request.let_go()
            raise
        if request.op.is_query:
            await connection.in_flight.wait_until_empty()

    def _actor_for(self, request: Request) -> Actor:
        """Who answers. Raises `Refusal` and `StorageError`."""
        match request.op.route:
            case Route.SOURCES:
                return self._supervisor.sources
            case Route.GAME:
                return self._supervisor.actor_of(_game_id(request.command))
            case _:
                game_id = self._supervisor.game_of_pool(_pool_id(request.command))
                return self._supervisor.actor_of(game_id)

    def _answer_alone(self, request: Request, connection: Connection) -> Continuation | None:
        """What needs no actor. Raises `Refusal` and `StorageError`."""
        body = self._answer(request.command, connection)
        request.tell(body)
        is_for_others = isinstance(request.command, SendText)
        return partial(self._pass_on, body, connection) if is_for_others else None

    def _answer(self, command: Command, connection: Connection) -> Body:
        match command:
            case Ping():
                return messages.pong()
            case GetOpcodes():
                return messages.opcodes(self._version, self._services.limits)
            case Logon():
                first, connection.has_logged_on = not connection.has_logged_on, True
                return messages.logon(connection.connection_id, first=first)
            case SendText():
                return self._chat(command, connection)
            case GetLeaderboard():
                places = self._services.reads.ranking(command.currency, command.start, command.end)
                return pool_messages.leaderboard(command.currency, places)
            case _:
                return self._balance(command, connection.user_id)

    def _balance(self, command: Command, user_id: int) -> Body:
        bank = self._services.bank
        match command:
            case GetCurrentBalance(currency=currency):
                current = bank.look(user_id, currency).current
                return pool_messages.current_balance(currency, current)
            case GetAvailableBalance(currency=currency):
                available = bank.look(user_id, currency).available
                return pool_messages.available_balance(currency, available)
            case GetExposure(currency=currency):
                exposure = bank.look(user_id, currency).exposure
                return pool_messages.exposure(currency, exposure)
            case _:
                raise TypeError(f"{command!r} is not for the connection")

    def _chat(self, command: SendText, connection: Connection) -> Body:
        """All the games named, or all that the connection has joined. Raises `Refusal`."""
        channels = command.targets or tuple(sorted(connection.joined))
        if not channels:
            raise missing("targets")
        elsewhere = [game_id for game_id in channels if game_id not in connection.joined]
        self._supervisor.refuse_unknown(elsewhere)
        if elsewhere:
            raise not_joined(elsewhere[0])
        too_fast = self._chat_limiter.spend(connection.user_id, channels)
        if too_fast is not None:
            raise too_fast
        now = self._services.clock.now()
        return pool_messages.text_sent(command.text, connection.user_name, now, channels)

    async def _pass_on(self, sent: Body, connection: Connection) -> None:
        for game_id in sent["channels"]:
            body = pool_messages.text_received(
                sent["text"], sent["sender"], sent["received_at"], game_id
            )
            said = encode(body, sent["received_at"])
            await self._supervisor.chat(game_id, ChatSent(said, connection))


def _in_turn(
    connection: Connection, step: Callable[[], Continuation | None]
) -> Continuation | None:
    """Do it once everything asked before is answered, so that replies keep their order."""
    return step() if connection.in_flight.is_empty else partial(_after_the_others, connection, step)


async def _after_the_others(
    connection: Connection, step: Callable[[], Continuation | None]
) -> None:
    await connection.in_flight.wait_until_empty()
    await _finish(step())


async def _finish(rest: Continuation | None) -> None:
    if rest is not None:
        await rest()


def _pool_id(command: Command) -> str:
    assert isinstance(command, PoolCommand | PoolQuery)
    return command.pool_id


def _game_id(command: Command) -> str:
    assert isinstance(command, GameCommand | GameQuery)
    return command.game_id
