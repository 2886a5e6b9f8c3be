"""Ops that are named writes: moderation, own limits. No game decides them: they change no game.

    request --> write --> Store.perform --> reply

The write checks rights and states from what is on disk (`storage/moderation.py`,
`storage/limit_writes.py`). A request waits until those before it on its connection have their
replies, and the connection handles nothing further until it has its own. Each write is a commit of
its own. So it counts `WRITE_COST` bytes towards the user's `cost_limit`, and a client that sends
many delays only itself.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from actors.games.outgoing import outgoing
from actors.games.server_call import ServerCall, as_refusal
from actors.link.caller import Continuation
from actors.services import Services
from actors.store import Store
from game.commands import Command
from game.refusals import Refusal
from game.rights import refuse_guest
from protocol import moderation_messages, player_messages
from protocol.codec import fingerprint, to_json
from protocol.moderation_requests import (
    BanFromSource,
    LiftBan,
    MuteUser,
    SetSlowMode,
    UnmuteUser,
)
from protocol.op import Body
from protocol.player_requests import SetMyLimits, TakeABreak
from storage.errors import StorageError
from storage.kept_replies import RequestedWrite
from storage.limit_writes import SetOwnLimits, TakeBreak
from storage.moderation import ChangeSlowMode, Sanction, SetSanction, Venue
from storage.write import Values, Write

WRITE_COST: Final = 262_144
"""What a write counts as, in bytes of a reply."""


class RequestedWrites:
    """Performs the ops of the route `STORE`."""

    def __init__(self, services: Services, store: Store) -> None:
        self._costs, self._store = services.costs, store
        self._reads, self._clock = services.reads, services.clock

    def begin(self, call: ServerCall) -> Continuation:
        """Return the work. Raise `Refusal` for a guest, and if the user has requested too much."""
        refuse_guest(call.request.op.right, call.request.user_id)
        self._costs.check(call.request.user_id)
        self._costs.charge(call.request.user_id, WRITE_COST)
        return partial(self._perform, call)

    async def _perform(self, call: ServerCall) -> None:
        request = call.request
        if isinstance(request.command, SetMyLimits) and not request.command.limits:
            self._reply_with_limits(call, request.command.currency)
            return
        body_of = _BODIES[type(request.command)]
        write = _write(request.command, request.user_id)
        if request.idempotency_key is not None:
            write = RequestedWrite(
                write,
                request.user_id,
                request.idempotency_key,
                request.op.code,
                fingerprint(request.command),
                lambda values: to_json(body_of(values)).decode(),
            )
        try:
            values = await self._store.perform(write)
        except (Refusal, StorageError) as error:
            call.refuse_now(as_refusal(error))
        except BaseException:
            call.release()
            raise
        else:
            call.reply_now(outgoing(body_of(values)))

    def _reply_with_limits(self, call: ServerCall, currency: str) -> None:
        """Reply to a request that only reads. Nothing is kept under its key."""
        try:
            values = self._reads.present_limits(call.request.user_id, currency, self._clock.now())
        except StorageError as error:
            call.refuse_now(as_refusal(error))
        else:
            call.reply_now(outgoing(player_messages.my_limits(values)))


def _write(command: Command, user_id: int) -> Write:
    """Return the write that a user requests."""
    match command:
        case MuteUser() | UnmuteUser():
            return _sanction(Sanction.MUTE, command, command.game_id, user_id)
        case BanFromSource() | LiftBan():
            return _sanction(Sanction.BAN, command, None, user_id)
        case SetSlowMode():
            return ChangeSlowMode(game_id=command.game_id, ms=command.ms, moderator_id=user_id)
        case SetMyLimits(currency=currency, limits=limits):
            return SetOwnLimits(user_id, currency, limits)
        case TakeABreak(until=until):
            return TakeBreak(user_id, until)
        case _:
            raise TypeError(f"{command!r} is no write")


def _sanction(
    kind: Sanction,
    command: MuteUser | UnmuteUser | BanFromSource | LiftBan,
    game_id: str | None,
    moderator_id: int,
) -> SetSanction:
    return SetSanction(
        kind=kind,
        venue=Venue(game_id, command.source_id if game_id is None else None),
        username=command.username,
        is_lifted=isinstance(command, UnmuteUser | LiftBan),
        until=getattr(command, "until", None),
        reason=getattr(command, "reason", None),
        moderator_id=moderator_id,
    )


_BODIES: Final[Mapping[type[Command], Callable[[Values], Body]]] = {
    MuteUser: moderation_messages.user_muted,
    UnmuteUser: moderation_messages.user_unmuted,
    BanFromSource: moderation_messages.user_banned,
    LiftBan: moderation_messages.ban_lifted,
    SetSlowMode: moderation_messages.slow_mode_set,
    SetMyLimits: player_messages.my_limits,
    TakeABreak: player_messages.break_taken,
}
