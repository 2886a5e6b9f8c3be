"""The table of the calls of the operator's API: one row for each call.

Routing, rights, parameters and the OpenAPI document derive from it. `call.py` defines the columns.
"""

from typing import Final

from toteboard.api import books, desk, lists, moderating
from toteboard.api import parameters as given
from toteboard.api import schemas as shown
from toteboard.api.call import EVERY_ROLE, MAY_ALL, MAY_MODERATE, MAY_PAY, CallRow
from toteboard.api.refusals import ApiCode

COMMON_ERRORS: Final = (
    ApiCode.MALFORMED_MESSAGE,
    ApiCode.INVALID_PARAMETER,
    ApiCode.NOT_AUTHENTICATED,
    ApiCode.NOT_AUTHORIZED,
    ApiCode.OVERLOADED,
    ApiCode.INTERNAL_ERROR,
)
"""Codes that every call can have. A change also has `idempotency_conflict`."""

_USER = ApiCode.UNKNOWN_USER
_MISSING = ApiCode.MISSING_PARAMETER
_PAID = (_USER, _MISSING, ApiCode.IDEMPOTENCY_CONFLICT)
_SANCTIONED = (ApiCode.UNKNOWN_SOURCE, _USER, _MISSING, ApiCode.SOURCE_CLOSED)
_HELD = (ApiCode.UNKNOWN_HOLD, ApiCode.HOLD_RESOLVED)

# Keep the table readable by rows; the formatter would put each argument on its own line.
# fmt: off
CALLS: Final[tuple[CallRow, ...]] = (
    CallRow(method="POST", path="/v1/users", name="addUser", roles=MAY_ALL,
            about="Add a user. The session key is shown once.",
            parameters=given.NewUserBody, answering=desk.add_user, status=201,
            answer=shown.NEW_USER, errors=(_MISSING, ApiCode.ALREADY_EXISTS)),
    CallRow(method="GET", path="/v1/users", name="findUsers", roles=EVERY_ROLE,
            about="Find the user with an external id or a name, or those whose names begin so.",
            parameters=given.UserQuery, answering=lists.find_users, answer=shown.USERS,
            errors=(_MISSING,)),
    CallRow(method="GET", path="/v1/users/{user_id}", name="getUser", roles=EVERY_ROLE,
            about="Return a user with the balances and own limits of each currency, and the break.",
            parameters=given.Nothing, answering=desk.get_user, answer=shown.RESTRAINED_USER,
            errors=(_USER,)),
    CallRow(method="POST", path="/v1/users/{user_id}/disable", name="disableUser",
            roles=MAY_ALL, about="Close a user's connections and prevent further sign-ins.",
            parameters=given.ReasonBody, answering=desk.disable_user, answer=shown.USER,
            errors=(_USER,)),
    CallRow(method="POST", path="/v1/users/{user_id}/enable", name="enableUser",
            roles=MAY_ALL, about="Let a disabled user sign in again.",
            parameters=given.ReasonBody, answering=desk.enable_user, answer=shown.USER,
            errors=(_USER, ApiCode.USER_ERASED)),
    CallRow(method="POST", path="/v1/users/{user_id}/erase", name="eraseUser",
            roles=MAY_ALL, about="Remove a user's name, external id, password and keys.",
            parameters=given.ReasonBody, answering=desk.erase_user, answer=shown.USER,
            errors=(_USER, ApiCode.OPEN_MONEY)),
    CallRow(method="POST", path="/v1/users/{user_id}/lift_break", name="liftBreak",
            roles=MAY_ALL, about="End the break that a user has taken, or none.",
            parameters=given.ReasonBody, answering=desk.lift_break, answer=shown.USER,
            errors=(_USER, ApiCode.USER_ERASED)),
    CallRow(method="POST", path="/v1/users/{user_id}/credits", name="credit", roles=MAY_PAY,
            about="Credit an amount to a user.",
            parameters=given.CreditBody, answering=desk.credit, status=201, answer=shown.PAYMENT,
            errors=(*_PAID, ApiCode.USER_ERASED)),
    CallRow(method="POST", path="/v1/users/{user_id}/debits", name="debit", roles=MAY_PAY,
            about="Debit an amount from a user, or set it aside (`hold`).",
            parameters=given.DebitBody, answering=desk.debit_or_hold, status=201,
            answer=shown.PAYMENT, errors=(*_PAID, ApiCode.INSUFFICIENT_FUNDS)),
    CallRow(method="POST", path="/v1/holds/{hold_id}/post", name="postHold", roles=MAY_PAY,
            about="Debit what a hold has set aside, or a part of it; the rest is released.",
            parameters=given.PostBody, answering=desk.post_hold, answer=shown.PAYMENT,
            errors=(*_HELD, ApiCode.LIMIT_REACHED)),
    CallRow(method="POST", path="/v1/holds/{hold_id}/release", name="releaseHold", roles=MAY_PAY,
            about="Make what a hold has set aside available again.",
            parameters=given.Nothing, answering=desk.release_hold, answer=shown.PAYMENT,
            errors=_HELD),
    CallRow(method="GET", path="/v1/users/{user_id}/statement", name="getStatement",
            roles=EVERY_ROLE, about="Return a page of a user's statement, the newest entry first.",
            parameters=given.StatementQuery, answering=desk.get_statement, answer=shown.STATEMENT,
            errors=(_USER,)),
    CallRow(method="GET", path="/v1/users/{user_id}/bets", name="getBets", roles=EVERY_ROLE,
            about="Return a page of a user's bets with their outcomes, the newest first.",
            parameters=given.BetsQuery, answering=desk.get_bets, answer=shown.BETS,
            errors=(_USER,)),
    CallRow(method="GET", path="/v1/payments", name="listPayments", roles=EVERY_ROLE,
            about="Return a page of payments, the newest first.",
            parameters=given.PaymentsQuery, answering=lists.list_payments, answer=shown.PAYMENTS),
    CallRow(method="GET", path="/v1/sources", name="listSources", roles=EVERY_ROLE,
            about="Return the sources that were opened last, the newest first.",
            parameters=given.SourcesQuery, answering=lists.list_sources, answer=shown.SOURCES),
    CallRow(method="GET", path="/v1/key", name="getKey", roles=EVERY_ROLE, of_every_key=True,
            about="Return the name, role and source of the key that asks.",
            parameters=given.Nothing, answering=lists.get_key, answer=shown.KEY),
    CallRow(method="GET", path="/v1/nodes", name="listNodes", roles=EVERY_ROLE,
            about="Return the nodes of the cluster; of a server that stands alone, itself.",
            parameters=given.Nothing, answering=lists.list_known_nodes, answer=shown.NODES),
    CallRow(method="GET", path="/v1/sources/{source_id}/report", name="getReport",
            roles=EVERY_ROLE, of_source=True,
            about="Return what the pools of a source took and paid, by day (UTC) and currency.",
            parameters=given.SpanQuery, answering=books.get_report, answer=shown.REPORT,
            errors=(ApiCode.UNKNOWN_SOURCE,)),
    CallRow(method="GET", path="/v1/sources/{source_id}/sanctions", name="listSanctions",
            roles=EVERY_ROLE, of_source=True,
            about="Return a page of the users muted or banned in a source or its games, by name.",
            parameters=given.SanctionsQuery, answering=lists.list_sanctions,
            answer=shown.SANCTIONS, errors=(ApiCode.UNKNOWN_SOURCE,)),
    CallRow(method="POST", path="/v1/sources/{source_id}/mute", name="mute",
            roles=MAY_MODERATE, of_source=True,
            about="Keep a user from chatting in the games of a source.",
            parameters=given.SanctionBody, answering=moderating.mute, answer=shown.SANCTION,
            errors=_SANCTIONED),
    CallRow(method="POST", path="/v1/sources/{source_id}/unmute", name="unmute",
            roles=MAY_MODERATE, of_source=True, about="Let a muted user chat again.",
            parameters=given.LiftBody, answering=moderating.unmute, answer=shown.SANCTION,
            errors=_SANCTIONED),
    CallRow(method="POST", path="/v1/sources/{source_id}/ban", name="ban",
            roles=MAY_MODERATE, of_source=True,
            about="Keep a user from joining, betting and chatting in the games of a source.",
            parameters=given.SanctionBody, answering=moderating.ban, answer=shown.SANCTION,
            errors=_SANCTIONED),
    CallRow(method="POST", path="/v1/sources/{source_id}/lift_ban", name="liftBan",
            roles=MAY_MODERATE, of_source=True, about="Let a banned user take part again.",
            parameters=given.LiftBody, answering=moderating.lift_ban, answer=shown.SANCTION,
            errors=_SANCTIONED),
    CallRow(method="GET", path="/v1/export/{kind}", name="export", roles=EVERY_ROLE,
            about="Stream all transfers, bets, results or users of a span of time.",
            parameters=given.ExportQuery, answering=books.get_export, answer=None,
            errors=(ApiCode.NOT_FOUND,)),
)
# fmt: on
