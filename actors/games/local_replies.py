"""The ops that the deciding side answers without an actor: money, a leaderboard, and chat.

The router runs these checks in its turn (`actors/games/router.py`).
"""

from functools import partial

from actors.games.chat import Chat
from actors.games.outgoing import outgoing
from actors.games.server_call import ServerCall, as_refusal
from actors.games.supervisor import Supervisor
from actors.games.tokens import Tokens
from actors.link.caller import ClientConnection, Continuation
from actors.services import Services
from game.commands import Command
from game.refusals import Refusal
from game.rights import refuse_guest
from protocol import messages, player_messages, pool_messages
from protocol.op import Body
from protocol.requests import (
    GetAvailableBalance,
    GetCurrentBalance,
    GetExposure,
    GetLeaderboard,
    GetStatement,
    Renew,
    SendText,
)
from storage.errors import StorageError
from storage.statements import Span


class LocalReplies:
    """Answers ops of the route `CONNECTION`."""

    def __init__(self, services: Services, supervisor: Supervisor, tokens: Tokens) -> None:
        self._services = services
        self._tokens = tokens
        self._chat = Chat(services, supervisor)

    def reply(self, call: ServerCall, client: ClientConnection) -> Continuation | None:
        """Reply immediately, if nothing has to be awaited. Return what is left to do.

        Raise `Refusal` and `StorageError`.
        """
        command = call.request.command
        if isinstance(command, Renew):
            return partial(self._renew, call, client, command.token)
        if isinstance(command, SendText):
            body = self._chat.line(command, client)
            call.begin()  # so that it is noted as answered in the same turn, before it is passed on
            call.reply_now(outgoing(body))
            return partial(self._chat.pass_on, body, client)
        refuse_guest(call.request.op.right, client.user_id)
        call.reply_now(outgoing(self._body(command, client)))
        return None

    def _body(self, command: Command, client: ClientConnection) -> Body:
        match command:
            case GetLeaderboard(currency=currency, start=start, end=end):
                places = self._services.reads.ranking(currency, start, end)
                return pool_messages.leaderboard(currency, places)
            case GetStatement():
                return self._statement(command, client.user_id)
            case _:
                return self._balance(command, client.user_id)

    async def _renew(self, call: ServerCall, client: ClientConnection, token: str) -> None:
        try:
            expires_at = await self._tokens.renew(client, token)
        except (Refusal, StorageError) as error:
            call.refuse_now(as_refusal(error))
        else:
            call.reply_now(outgoing(messages.renewed(expires_at)))

    def _statement(self, query: GetStatement, user_id: int) -> Body:
        span = Span(query.from_, query.to, query.before, query.page)
        return player_messages.user_statement(
            self._services.reads.statement(user_id, query.currency, span)
        )

    def _balance(self, command: Command, user_id: int) -> Body:
        look = self._services.bank.look
        match command:
            case GetCurrentBalance(currency=currency):
                return pool_messages.current_balance(currency, look(user_id, currency).current)
            case GetAvailableBalance(currency=currency):
                return pool_messages.available_balance(currency, look(user_id, currency).available)
            case GetExposure(currency=currency):
                return pool_messages.exposure(currency, look(user_id, currency).exposure)
            case _:
                raise TypeError(f"{command!r} is not answered without an actor")
