"""The ops that the deciding side answers without an actor: balances, a leaderboard, and chat.

The router runs these checks in its turn (`actors/games/router.py`). Chat is passed on to the actors
of the games after the reply; it is not stored.
"""

from functools import partial

from actors.games.chat_limiter import ChatLimiter
from actors.games.outgoing import outgoing
from actors.games.server_call import ServerCall
from actors.games.signals import ChatSent
from actors.games.supervisor import Supervisor
from actors.link.caller import Caller, ClientConnection, Continuation
from actors.link.encoded_message import encode
from actors.services import Services
from game.commands import Command
from game.refusals import missing, not_joined
from game.rights import refuse_guest
from protocol import pool_messages
from protocol.op import Body
from protocol.requests import (
    GetAvailableBalance,
    GetCurrentBalance,
    GetExposure,
    GetLeaderboard,
    SendText,
)


class LocalReplies:
    """Answers ops of the route `CONNECTION`."""

    def __init__(self, services: Services, supervisor: Supervisor) -> None:
        self._services = services
        self._supervisor = supervisor
        self._chat_limiter = ChatLimiter(services.limits.chat_limit)

    def reply(self, call: ServerCall, client: ClientConnection) -> Continuation | None:
        """Reply immediately. Return what is left to do for a chat message.

        Raise `Refusal` and `StorageError`.
        """
        command = call.request.command
        is_chat = isinstance(command, SendText)
        if isinstance(command, SendText):
            self._supervisor.refuse_unknown(_elsewhere(command, client))
        refuse_guest(call.request.op.right, client.user_id)
        body = self._body(command, client)
        call.reply_now(outgoing(body))
        return partial(self._pass_on, body, client) if is_chat else None

    def _body(self, command: Command, client: ClientConnection) -> Body:
        match command:
            case SendText():
                return self._chat(command, client)
            case GetLeaderboard(currency=currency, start=start, end=end):
                places = self._services.reads.ranking(currency, start, end)
                return pool_messages.leaderboard(currency, places)
            case _:
                return self._balance(command, client.user_id)

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

    def _chat(self, command: SendText, caller: Caller) -> Body:
        """Check a chat message for the games that it names, or for all that are joined.

        It is sent to all of them or to none. Raise `Refusal`.
        """
        channels = command.targets or tuple(sorted(caller.joined))
        if not channels:
            raise missing("targets")
        if elsewhere := _elsewhere(command, caller):
            raise not_joined(elsewhere[0])
        too_fast = self._chat_limiter.spend(caller.user_id, channels)
        if too_fast is not None:
            raise too_fast
        now = self._services.clock.now()
        return pool_messages.text_sent(command.text, caller.user_name, now, channels)

    async def _pass_on(self, sent: Body, sender: Caller) -> None:
        """Send a chat message to the other subscribers of its games."""
        for game_id in sent["channels"]:
            body = pool_messages.text_received(
                sent["text"], sent["sender"], sent["received_at"], game_id
            )
            message = encode(body, sent["received_at"])
            await self._supervisor.chat(game_id, ChatSent(message, sender))


def _elsewhere(command: SendText, caller: Caller) -> list[str]:
    """Return the games that a chat message names and its sender has not joined."""
    return [game_id for game_id in command.targets if game_id not in caller.joined]
