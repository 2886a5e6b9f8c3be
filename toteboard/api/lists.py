"""Answers the calls that list: users, payments, sources, mutes and bans, nodes, the own key."""

import structlog
from starlette.responses import Response

from storage.catalogue import source
from storage.errors import StorageError
from storage.listings import (
    SanctionSearch,
    newest_users,
    payments_page,
    sanctions_of_source,
    sources_page,
    users_like,
)
from storage.user_writes import user_values
from storage.users import User, user_by_external_id, user_by_name
from toteboard.api.call import Asked
from toteboard.api.desk import Desk
from toteboard.api.paging import place_text, read_place
from toteboard.api.refusals import ApiCode, ApiRefusal, unknown_thing
from toteboard.http.responses import json_answer

log = structlog.get_logger()


async def find_users(desk: Desk, asked: Asked) -> Response:
    """Answer GET /v1/users."""
    users = _found(desk, asked)
    return json_answer({"users": [user_values(desk.database, user) for user in users]})


def _found(desk: Desk, asked: Asked) -> list[User]:
    database, wanted = desk.database, asked.parameters
    if wanted.external_id is not None:
        return [user for user in (user_by_external_id(database, wanted.external_id),) if user]
    if wanted.name is not None:
        return [user for user in (user_by_name(database, wanted.name),) if user]
    if wanted.query is not None:
        return users_like(database, wanted.query, wanted.limit or 20)
    if wanted.limit is not None:
        return newest_users(database, wanted.limit)
    text = "Name the user by 'external_id', 'name' or 'query', or give a 'limit'."
    raise ApiRefusal(ApiCode.MISSING_PARAMETER, text, parameter="external_id")


async def list_payments(desk: Desk, asked: Asked) -> Response:
    """Answer GET /v1/payments."""
    wanted = asked.parameters
    page, before = payments_page(
        desk.database, wanted.user_id, wanted.status, wanted.before, wanted.limit
    )
    return json_answer({"payments": page, "before": before})


async def list_sources(desk: Desk, asked: Asked) -> Response:
    """Answer GET /v1/sources."""
    return json_answer({"sources": sources_page(desk.database, asked.parameters.limit)})


async def list_sanctions(desk: Desk, asked: Asked) -> Response:
    """Answer GET /v1/sources/ID/sanctions."""
    source_id, wanted = asked.path["source_id"], asked.parameters
    if source(desk.database, source_id) is None:
        raise unknown_thing(ApiCode.UNKNOWN_SOURCE, "source", source_id)
    search = SanctionSearch(
        source_id=source_id,
        now=desk.now(),
        limit=wanted.limit,
        username=wanted.username,
        after=read_place(wanted.before),
    )
    page, place = sanctions_of_source(desk.database, search)
    return json_answer({"sanctions": page, "before": place_text(place)})


async def list_known_nodes(desk: Desk, _asked: Asked) -> Response:
    """Answer GET /v1/nodes."""
    try:
        return json_answer(await desk.nodes())
    except StorageError as error:
        log.warning("nodes_not_listed", error=str(error))
        text = "The cluster's PostgreSQL does not answer. Try again."
        raise ApiRefusal(ApiCode.OVERLOADED, text) from None


async def get_key(desk: Desk, asked: Asked) -> Response:
    """Answer GET /v1/key: what the key that asks may do."""
    key = asked.key
    return json_answer({"name": key.name, "role": key.role, "source_id": key.source_id})
