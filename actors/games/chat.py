"""Chat lines: checked, logged for moderators, and passed on to the actors of their games.

A line is not stored. Its id is remembered while the game is open (`actors/games/moderation.py`), so
that an admin of the game can have it removed.
"""

from uuid import uuid4

import structlog

from actors.games.chat_limiter import ChatLimiter
from actors.games.signals import ChatSent
from actors.games.supervisor import Supervisor
from actors.link.caller import Caller
from actors.link.encoded_message import encode
from actors.services import Services
from game.refusals import missing, not_joined
from game.rights import refuse_guest
from game.vocabulary import Right
from protocol import pool_messages
from protocol.op import Body
from protocol.requests import SendText

log = structlog.get_logger()


class Chat:
    """The chat of all games."""

    def __init__(self, services: Services, supervisor: Supervisor) -> None:
        self._services, self._supervisor = services, supervisor
        moderation = services.moderation
        self._limiter = ChatLimiter(services.limits.chat_limit, moderation.slow_mode)

    def line(self, command: SendText, sender: Caller) -> Body:
        """Check a line for the games that it names, or for all that are joined. Return the reply.

        It is sent to all of them or to none. Raise `Refusal` and `StorageError`.
        """
        elsewhere = [game_id for game_id in command.targets if game_id not in sender.joined]
        self._supervisor.refuse_unknown(elsewhere)
        refuse_guest(Right.ANYONE, sender.user_id)
        channels = command.targets or tuple(sorted(sender.joined))
        if not channels:
            raise missing("targets")
        for game_id in channels:
            self._services.moderation.refuse_silenced(game_id, sender.user_id)
        if elsewhere:
            raise not_joined(elsewhere[0])
        restraints, asked_at = self._services.bank.restraints, self._services.clock.now()
        restraints.refuse_in_break(sender.user_id, asked_at)
        if (too_fast := self._limiter.spend(sender.user_id, channels)) is not None:
            raise too_fast
        now, message_id = self._services.clock.now(), str(uuid4())
        for game_id in channels:
            self._services.moderation.note_line(game_id, message_id)
            about = {"game_id": game_id, "user_id": sender.user_id, "message_id": message_id}
            log.info("text_message_sent", **about, text=command.text)
        return pool_messages.text_sent(command.text, sender.user_name, now, message_id, channels)

    async def pass_on(self, sent: Body, sender: Caller) -> None:
        """Send a line to the other subscribers of its games. `sent` is the reply."""
        for game_id in sent["channels"]:
            message = encode(pool_messages.text_received(sent, game_id), sent["received_at"])
            await self._supervisor.chat(game_id, ChatSent(message, sender))
