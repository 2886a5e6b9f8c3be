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

from actors.actor import Actor, Chatted
from actors.answers import Answers
from actors.ask import Ask
from actors.chat_limiter import ChatLimiter
from actors.connection import POLICY_VIOLATION, Connection
from actors.said import Body, alone, say
from actors.services import Services
from actors.supervisor import Supervisor, post, post_patiently
from actors.wire import Rest
from game.commands import Command, GameCommand, PoolCommand
from game.refusals import Refusal, missing, not_joined
from protocol import messages, pool_messages
from protocol.codec import Frame, read_command, read_frame, read_header
from protocol.errors import error_reply, internal_error, overloaded
from protocol.op import Op, Route
from protocol.ops import BY_CODE
from protocol.requests import (
    GameRequest,
    GetAvailableBalance,
    GetCurrentBalance,
    GetExposure,
    GetLeaderboard,
    GetOpcodes,
    Logon,
    Ping,
    PoolRequest,
    SendText,
)
from storage.errors import StorageError
from storage.pools import leaderboard

log = structlog.get_logger()

Step = Callable[[Ask, Connection], Rest | None]
"""Leads towards an answer. Raises `Refusal` and `StorageError`."""


class Router:
    """Takes every message of every connection."""

    def __init__(
        self, services: Services, supervisor: Supervisor, answers: Answers, version: str
    ) -> None:
        self._services = services
        self._supervisor = supervisor
        self._answers = answers
        self._version = version
        self._chat_limiter = ChatLimiter(services.limits.chat_limit)
        self._is_traced = log.bind().is_enabled_for(DEBUG)  # asked once: it takes its time

    def take(self, connection: Connection, text: str | bytes) -> Rest | None:
        """Answer a message, or hand it to the actor that will; gives what has to be waited for."""
        too_fast = connection.meter.spend()
        if connection.meter.is_hopeless:
            connection.close(POLICY_VIOLATION, "over the rate limit")
            return None
        frame = None
        try:
            frame = read_frame(text)
            ask = self._read(connection, frame, too_fast)
        except Refusal as refusal:
            return _in_turn(connection, partial(self._refuse, connection, frame, refusal))
        return self._attempt(self._begin, ask, connection)

    def failed(self, connection: Connection, text: str | bytes, trace_id: str) -> Rest | None:
        """Taking a message has failed, by our fault: answer all the same, in its turn."""
        frame = None
        with suppress(Refusal):
            frame = read_frame(text)
        refuse = partial(self._refuse, connection, frame, internal_error(trace_id))
        return _in_turn(connection, refuse)

    def _read(self, connection: Connection, frame: Frame, too_fast: Refusal | None) -> Ask:
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
        return Ask(
            clock=self._services.clock,
            received_at=now,
            tally=self._services.tally,
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
        if op.is_question:
            refusal = self._services.costs.refusal(connection.user_id)
            if refusal is not None:
                raise refusal

    def _refuse(self, connection: Connection, frame: Frame | None, refusal: Refusal) -> None:
        op = None if frame is None else frame.op_code
        name = BY_CODE[op].name if op in BY_CODE else "unknown"
        self._services.tally.refused(name, str(refusal.code))
        request_id = None if frame is None else frame.request_id
        header = {} if request_id is None else {"request_id": request_id}
        body = error_reply(refusal, op=op)
        connection.tell(alone(say(body, self._services.clock.now(), header=header)))
        log.info("op_refused", **connection.about(), op=op, **header, code=str(refusal.code))

    def _attempt(self, step: Step, ask: Ask, connection: Connection) -> Rest | None:
        """Take a step towards an answer; if it fails, a no is the answer."""
        try:
            return step(ask, connection)
        except (Refusal, StorageError) as error:
            no = error if isinstance(error, Refusal) else overloaded("the storage does not answer")
            ask.let_go()
            return _in_turn(connection, partial(ask.refuse, no))
        except BaseException:
            ask.let_go()
            raise

    def _begin(self, ask: Ask, connection: Connection) -> Rest | None:
        """Tell the first reply again if the op has been done under its key, else do it."""
        key = ask.idempotency_key
        if key is None:
            return self._hand_over(ask, connection)
        if (ahead := self._answers.ahead(ask.user_id, key)) is not None:
            return partial(self._begin_after, ahead, ask, connection)
        body = self._answers.claim(ask.user_id, key, ask.op, ask.command)
        if body is None:
            ask.on_answer = partial(self._answers.release, ask.user_id, key)
            return self._hand_over(ask, connection)
        return _in_turn(connection, partial(ask.tell, body, repeated=True))

    async def _begin_after(self, ahead: trio.Event, ask: Ask, connection: Connection) -> None:
        await ahead.wait()
        await _finish(self._attempt(self._begin, ask, connection))

    def _hand_over(self, ask: Ask, connection: Connection) -> Rest | None:
        """To whoever answers it. Raises `Refusal` and `StorageError`."""
        if (untimely := ask.command.wrong_at(ask.received_at)) is not None:
            raise untimely
        if ask.op.is_question and connection.is_far_behind:
            return partial(self._once_taken, ask, connection)
        if ask.op.route is Route.CONNECTION:
            if not (ask.op.settles_first and connection.is_waiting):
                return self._answer_alone(ask, connection)
            return _in_turn(connection, partial(self._attempt, self._answer_alone, ask, connection))
        actor = self._actor_for(ask)
        # Changes overtake a question: so nothing more is read until it is answered, or what the
        # same connection sends after it would be answered before it.
        if actor.answer_at_once(ask):
            return None
        if not post(actor, ask):
            return partial(self._post_patiently, actor, ask, connection)
        ask.begins()
        return connection.nothing_under_way if ask.op.is_question else None

    async def _once_taken(self, ask: Ask, connection: Connection) -> None:
        """A reader that does not take its answers gets no more of them, and is not lagging."""
        await connection.taken()
        await _finish(self._attempt(self._hand_over, ask, connection))

    async def _post_patiently(self, actor: Actor, ask: Ask, connection: Connection) -> None:
        ask.begins()
        try:
            await post_patiently(actor, ask)
        except Refusal as refusal:
            ask.let_go()
            await connection.nothing_under_way()
            ask.refuse(refusal)
        except BaseException:
            ask.let_go()
            raise
        if ask.op.is_question:
            await connection.nothing_under_way()

    def _actor_for(self, ask: Ask) -> Actor:
        """Who answers. Raises `Refusal` and `StorageError`."""
        match ask.op.route:
            case Route.SOURCES:
                return self._supervisor.sources
            case Route.GAME:
                return self._supervisor.actor_of(_game_id(ask.command))
            case _:
                game_id = self._supervisor.game_of_pool(_pool_id(ask.command))
                return self._supervisor.actor_of(game_id)

    def _answer_alone(self, ask: Ask, connection: Connection) -> Rest | None:
        """What needs no actor. Raises `Refusal` and `StorageError`."""
        body = self._answer(ask.command, connection)
        ask.tell(body)
        is_for_others = isinstance(ask.command, SendText)
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
                places = leaderboard(
                    self._services.database, command.currency, command.start, command.end
                )
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
            said = say(body, sent["received_at"])
            await self._supervisor.chat(game_id, Chatted(said, connection))


def _in_turn(connection: Connection, step: Callable[[], Rest | None]) -> Rest | None:
    """Do it once everything asked before is answered, so that replies keep their order."""
    return partial(_after_the_others, connection, step) if connection.is_waiting else step()


async def _after_the_others(connection: Connection, step: Callable[[], Rest | None]) -> None:
    await connection.nothing_under_way()
    await _finish(step())


async def _finish(rest: Rest | None) -> None:
    if rest is not None:
        await rest()


def _pool_id(command: Command) -> str:
    assert isinstance(command, PoolCommand | PoolRequest)
    return command.pool_id


def _game_id(command: Command) -> str:
    assert isinstance(command, GameCommand | GameRequest)
    return command.game_id
