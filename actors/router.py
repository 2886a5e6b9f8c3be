"""From a message to the actor that answers it: checks in the contract's order, then hands over.

Contract, section 1, "Errors". What the connection can answer alone is answered here; such answers
wait until what was asked before is answered, so that replies keep their order.
"""

import structlog
from attrs import define

from actors.actor import Chatted
from actors.answers import Answers
from actors.ask import Ask
from actors.connection import POLICY_VIOLATION, Connection
from actors.said import Body, batch, say
from actors.services import Services
from actors.supervisor import Supervisor
from game.commands import Command, GameCommand, PoolCommand
from game.refusals import Code, Refusal, missing
from game.shapes import whole_number
from protocol import messages, pool_messages
from protocol.codec import Frame, read_command, read_frame, read_header
from protocol.errors import error_reply, internal_error, overloaded
from protocol.op import Op, Route
from protocol.requests import (
    GameRequest,
    GetAvailableBalance,
    GetCurrentBalance,
    GetExposure,
    GetLeaderboard,
    GetOpcodes,
    JoinGame,
    Logon,
    Ping,
    PoolRequest,
    SendText,
)
from storage.database import StorageError
from storage.pools import leaderboard

log = structlog.get_logger()


@define(eq=False)
class Reading:
    """How far the reading of a message has come, for the error reply if it fails."""

    frame: Frame | None = None
    op: Op | None = None

    @property
    def op_code(self) -> int | None:
        """The op that was sent, known or not, if it is a number."""
        return None if self.frame is None else whole_number(self.frame.fields.get("op"))


class Router:
    """Takes every message of every connection."""

    def __init__(
        self, services: Services, supervisor: Supervisor, answers: Answers, version: str
    ) -> None:
        self._services = services
        self._supervisor = supervisor
        self._answers = answers
        self._version = version

    async def take(self, connection: Connection, text: str | bytes) -> None:
        """Answer a message, or hand it to the actor that will."""
        too_fast = connection.meter.spend()
        if connection.meter.is_hopeless:
            connection.close(POLICY_VIOLATION, "over the rate limit for too long")
            return
        reading = Reading()
        try:
            ask = self._read(connection, text, too_fast, reading)
        except Refusal as refusal:
            await self._refuse(connection, reading, refusal)
            return
        try:
            await self._hand_over(ask)
        except Refusal as refusal:
            await connection.nothing_under_way()
            ask.refuse(refusal)
        except StorageError:
            await connection.nothing_under_way()
            ask.refuse(overloaded("the storage does not answer"))

    def failed(self, connection: Connection, trace_id: str) -> None:
        """Taking a message has failed, by our fault: answer all the same."""
        body = error_reply(internal_error(trace_id), op=None)
        connection.tell(batch([say(body, self._services.clock.now())]))

    def _read(
        self,
        connection: Connection,
        text: str | bytes,
        too_fast: Refusal | None,
        reading: Reading,
    ) -> Ask:
        if isinstance(text, bytes):
            raise Refusal(Code.MALFORMED_MESSAGE, "The message is a binary frame, not a text.")
        reading.frame = frame = read_frame(text)
        reading.op = frame.op
        if too_fast is not None:
            raise too_fast
        header = read_header(frame)
        op, command = read_command(reading.op, frame, self._services.clock.now())
        return Ask(
            clock=self._services.clock,
            op=op,
            command=command,
            user_id=connection.user_id,
            connection=connection,
            request_id=header.request_id,
            idempotency_key=header.idempotency_key if op.changes else None,
        )

    async def _refuse(self, connection: Connection, reading: Reading, refusal: Refusal) -> None:
        await connection.nothing_under_way()
        op = reading.op_code
        request_id = reading.frame.request_id if reading.frame is not None else None
        header = {} if request_id is None else {"request_id": request_id}
        body = error_reply(refusal, op=op)
        connection.tell(batch([say(body, self._services.clock.now(), header=header)]))
        log.info("op_refused", **connection.about(), op=op, **header, code=str(refusal.code))

    async def _hand_over(self, ask: Ask) -> None:
        """To whoever answers it. Raises `Refusal`."""
        connection = ask.connection
        assert connection is not None
        if ask.idempotency_key is not None and await self._is_repeated(ask, connection):
            return
        if ask.op.settles_first and ask.op.route is Route.CONNECTION:
            await connection.nothing_under_way()
        connection.op_begins()
        ask.on_answer = lambda _: self._answered(ask, connection)
        try:
            if (untimely := ask.command.wrong_at(self._services.clock.now())) is not None:
                raise untimely
            await self._route(ask, connection)
        except BaseException:
            self._take_back(ask, connection)
            raise
        if isinstance(ask.command, JoinGame) and ask.command.since is not None:
            await connection.nothing_under_way()
            await connection.caught_up()

    async def _is_repeated(self, ask: Ask, connection: Connection) -> bool:
        """Whether the op has been done under this key; then its first reply is told again."""
        key = ask.idempotency_key or ""
        body = await self._answers.claim(ask.user_id, key, ask.op, ask.command)
        if body is None:
            return False
        await connection.nothing_under_way()
        connection.tell(batch([ask.reply(body, repeated=True)]))
        ask.answered(body)
        return True

    def _answered(self, ask: Ask, connection: Connection) -> None:
        connection.op_ends()
        if ask.idempotency_key is not None:
            self._answers.release(ask.user_id, ask.idempotency_key)

    def _take_back(self, ask: Ask, connection: Connection) -> None:
        """It did not get to an actor: nobody else will answer it."""
        if not ask.is_answered:
            ask.on_answer = None
            self._answered(ask, connection)

    async def _route(self, ask: Ask, connection: Connection) -> None:
        match ask.op.route:
            case Route.SOURCES:
                await self._supervisor.hand_to_sources(ask)
            case Route.GAME:
                await self._supervisor.hand_over(_game_id(ask.command), ask)
            case Route.POOL:
                game_id = self._supervisor.game_of_pool(_pool_id(ask.command))
                await self._supervisor.hand_over(game_id, ask)
            case Route.CONNECTION:
                body = self._answer(ask.command, connection)
                connection.tell(batch([ask.reply(body)]))
                if isinstance(ask.command, SendText):
                    await self._pass_on(body, connection)
                ask.answered(body)

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
            raise Refusal(Code.NOT_JOINED, f"This connection has not joined '{elsewhere[0]}'.")
        now = self._services.clock.now()
        return pool_messages.text_sent(command.text, connection.user_name, now, channels)

    async def _pass_on(self, sent: Body, connection: Connection) -> None:
        for game_id in sent["channels"]:
            body = pool_messages.text_received(
                sent["text"], sent["sender"], sent["received_at"], game_id
            )
            said = say(body, sent["received_at"])
            await self._supervisor.chat(game_id, Chatted(said, connection))


def _pool_id(command: Command) -> str:
    assert isinstance(command, PoolCommand | PoolRequest)
    return command.pool_id


def _game_id(command: Command) -> str:
    assert isinstance(command, GameCommand | GameRequest)
    return command.game_id
