"""Answers the calls about users and their money.

A change is a named write, performed for the key that asks (`storage/api_replies.py`). Reads are
short and run on the event loop; those of `books.py` use a thread.
"""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

import trio
from attrs import frozen
from starlette.responses import Response

from actors.store import Store
from protocol.limits import Limits
from storage.api_replies import ApiCall
from storage.database import Database
from storage.limit_writes import LiftBreak
from storage.listings import bets_of_player
from storage.own_limits import own_values
from storage.payments import CREDIT, DEBIT, HOLD, Pay, ResolveHold
from storage.statements import Span, statement
from storage.store import AddApiUser
from storage.user_writes import EraseUser, SetAccess, user_values, user_with_id
from storage.write import Write
from toteboard.api.call import Asked
from toteboard.api.paging import place_text, read_place
from toteboard.api.refusals import ApiCode, unknown_thing
from toteboard.http.responses import NO_STORE, json_answer
from toteboard.people import HOME_CURRENCY

ListsNodes = Callable[[], Awaitable[dict[str, Any]]]
LARGEST_ID: Final = 2**63 - 1
READS_AT_ONCE: Final = 2
"""Reports and exports that may run at the same time; further calls are refused."""


@frozen
class Desk:
    """What the calls need: the store, a database to read, its file for long reads, the limits.

    `now` returns the time (epoch ms), and `nodes` the cluster and its nodes (`NODES` of
    `schemas.py`). The latter raises StorageError.
    """

    store: Store
    database: Database
    path: Path
    limits: Limits
    long_reads: trio.CapacityLimiter
    now: Callable[[], int]
    nodes: ListsNodes

    async def perform(self, asked: Asked, write: Write, status: int = 200) -> Response:
        """Perform a write for the key, once for each idempotency key, and answer.

        `status` is that of a write that makes something. Raise OperatorError and StorageError.
        """
        call = ApiCall(write, asked.key.id, asked.idempotency_key, asked.name, asked.body)
        values = await self.store.perform(call)
        headers: Mapping[str, str] = NO_STORE
        if values["is_replay"]:
            headers = {**NO_STORE, "Idempotent-Replayed": "true"}
        return json_answer(values["body"], status if values["is_new"] else 200, headers)


async def add_user(desk: Desk, asked: Asked) -> Response:
    """Answer POST /v1/users."""
    new = asked.parameters
    balances = {HOME_CURRENCY: desk.limits.initial_balance, **new.balances}
    write = AddApiUser(
        name=new.name,
        can_host=new.can_host,
        balances=balances,
        key_lives_ms=desk.limits.session_ttl,
        external_id=new.external_id,
        by=asked.key.name,
    )
    return await desk.perform(asked, write, 201)


async def get_user(desk: Desk, asked: Asked) -> Response:
    """Answer GET /v1/users/ID."""
    user = user_with_id(desk.database, _user_id(asked))
    own = own_values(desk.database, user.id, desk.now())
    return json_answer(user_values(desk.database, user) | own)


async def disable_user(desk: Desk, asked: Asked) -> Response:
    """Answer POST /v1/users/ID/disable."""
    about = {"reason": asked.parameters.reason, "by": asked.key.name}
    return await desk.perform(asked, SetAccess(_user_id(asked), True, **about))


async def enable_user(desk: Desk, asked: Asked) -> Response:
    """Answer POST /v1/users/ID/enable."""
    about = {"reason": asked.parameters.reason, "by": asked.key.name}
    return await desk.perform(asked, SetAccess(_user_id(asked), False, **about))


async def erase_user(desk: Desk, asked: Asked) -> Response:
    """Answer POST /v1/users/ID/erase."""
    about = {"reason": asked.parameters.reason, "by": asked.key.name}
    return await desk.perform(asked, EraseUser(_user_id(asked), **about))


async def lift_break(desk: Desk, asked: Asked) -> Response:
    """Answer POST /v1/users/ID/lift_break."""
    about = {"reason": asked.parameters.reason, "by": asked.key.name}
    return await desk.perform(asked, LiftBreak(_user_id(asked), **about))


async def credit(desk: Desk, asked: Asked) -> Response:
    """Answer POST /v1/users/ID/credits."""
    return await desk.perform(asked, _payment(asked, CREDIT), 201)


async def debit_or_hold(desk: Desk, asked: Asked) -> Response:
    """Answer POST /v1/users/ID/debits: a debit or a hold."""
    if not asked.parameters.hold:
        return await desk.perform(asked, _payment(asked, DEBIT), 201)
    hold = _payment(asked, HOLD, expires_at=asked.parameters.expires_at)
    return await desk.perform(asked, hold, 201)


async def post_hold(desk: Desk, asked: Asked) -> Response:
    """Answer POST /v1/holds/ID/post."""
    write = ResolveHold(_hold_id(asked), asked.parameters.amount, by=asked.key.name)
    return await desk.perform(asked, write)


async def release_hold(desk: Desk, asked: Asked) -> Response:
    """Answer POST /v1/holds/ID/release."""
    return await desk.perform(asked, ResolveHold(_hold_id(asked), 0, by=asked.key.name))


async def get_statement(desk: Desk, asked: Asked) -> Response:
    """Answer GET /v1/users/ID/statement."""
    user, wanted = user_with_id(desk.database, _user_id(asked)), asked.parameters
    span = Span(wanted.from_, wanted.to, wanted.before, wanted.limit)
    return json_answer(statement(desk.database, user.id, wanted.currency, span))


async def get_bets(desk: Desk, asked: Asked) -> Response:
    """Answer GET /v1/users/ID/bets."""
    user = user_with_id(desk.database, _user_id(asked))
    before = read_place(asked.parameters.before)
    bets, place = bets_of_player(desk.database, user.id, before, asked.parameters.limit)
    return json_answer({"bets": bets, "before": place_text(place)})


def _payment(asked: Asked, kind: str, **more: Any) -> Pay:
    paid = asked.parameters
    return Pay(
        kind,
        _user_id(asked),
        paid.currency,
        paid.amount,
        reference=paid.reference,
        reason=paid.reason,
        key_id=asked.key.id,
        by=asked.key.name,
        **more,
    )


def _user_id(asked: Asked) -> int:
    """Return the id in the path. Raise ApiRefusal if no user can have it."""
    return _id(asked.path["user_id"], ApiCode.UNKNOWN_USER, "user")


def _hold_id(asked: Asked) -> int:
    return _id(asked.path["hold_id"], ApiCode.UNKNOWN_HOLD, "hold")


def _id(text: str, code: ApiCode, thing: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20 and 0 < int(text) <= LARGEST_ID):
        raise unknown_thing(code, thing, text)
    return int(text)
