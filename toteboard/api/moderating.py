"""Answers the calls of moderators: muting and banning users of a source."""

from starlette.responses import Response

from storage.moderation import Sanction, SetSanction, Venue
from toteboard.api.call import Asked
from toteboard.api.desk import Desk


async def mute(desk: Desk, asked: Asked) -> Response:
    """Answer POST /v1/sources/ID/mute."""
    return await desk.perform(asked, _sanction(asked, Sanction.MUTE))


async def unmute(desk: Desk, asked: Asked) -> Response:
    """Answer POST /v1/sources/ID/unmute."""
    return await desk.perform(asked, _sanction(asked, Sanction.MUTE, is_lifted=True))


async def ban(desk: Desk, asked: Asked) -> Response:
    """Answer POST /v1/sources/ID/ban."""
    return await desk.perform(asked, _sanction(asked, Sanction.BAN))


async def lift_ban(desk: Desk, asked: Asked) -> Response:
    """Answer POST /v1/sources/ID/lift_ban."""
    return await desk.perform(asked, _sanction(asked, Sanction.BAN, is_lifted=True))


def _sanction(asked: Asked, kind: Sanction, *, is_lifted: bool = False) -> SetSanction:
    wanted = asked.parameters
    return SetSanction(
        kind=kind,
        venue=Venue(None, asked.path["source_id"]),
        username=wanted.username,
        is_lifted=is_lifted,
        until=None if is_lifted else wanted.until,
        reason=wanted.reason,
        by=asked.key.name,
    )
