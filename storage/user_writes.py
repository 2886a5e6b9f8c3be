"""The named writes about users beyond adding them: access, roles, passwords, debits, erasure.

The command line names a user, the API gives an id: `Who` holds either. `storage/store.py` has the
other writes.
"""

from typing import Any, Final

import orjson
from attrs import evolve, field, frozen
from attrs.validators import optional

from game.money import LARGEST, amount
from storage import accounts, users
from storage.accounts import MoneyMoved, balances, payment_rows
from storage.acts import ActKind, acted
from storage.chain import digest
from storage.changes import Change, NoncesForgotten, PasswordSet, UserDisabled
from storage.database import Database
from storage.operator_changes import (
    ActRedacted,
    GameScoreRenamed,
    HostSet,
    IdentitiesForgotten,
    PasswordForgotten,
    ScoreRenamed,
    SessionKeyForgotten,
    UserEnabled,
    UserErased,
)
from storage.own_limits import own_values
from storage.payments import InsufficientFundsError
from storage.users import OperatorError, UnknownUserError, User
from storage.write import (
    DecidedWrite,
    OperatorQuery,
    Values,
    Write,
    currency_like,
    flag_like,
    id_like,
    name_like,
    text_like,
    whole_like,
)

LAST_ACTS: Final = 100
"""Acts that `user show` prints, the newest first."""


class OpenMoneyError(OperatorError):
    """A user with stakes in open pools, or with open holds, cannot be erased."""

    def __init__(self, name: str) -> None:
        super().__init__(f"user {name!r} has stakes in open pools, or holds")


def user_with_id(database: Database, user_id: int) -> User:
    """Return the user with this id. Raise UnknownUserError."""
    user = users.user_by_id(database, user_id)
    if user is None:
        raise UnknownUserError(str(user_id))
    return user


def user_values(database: Database, user: User) -> Values:
    """Return a user with the balances of each currency, as the API shows it."""
    held = {
        each: balances(database, user.id, each) for each in accounts.currencies(database, user.id)
    }
    return {
        "id": user.id,
        "name": user.name,
        "external_id": user.external_id,
        "can_host": user.can_host,
        "disabled": user.disabled,
        "balances": {
            currency: {
                "current_balance": amount(each.current),
                "available_balance": amount(each.available),
                "exposure": amount(each.exposure),
                "held": amount(each.held),
            }
            for currency, each in held.items()
        },
    }


@frozen
class Debit(Write):
    """Debit an amount from a user, in hundredths."""

    word = "debit"
    moves_money = True
    name: str = field(validator=name_like)
    currency: str = field(validator=currency_like)
    amount: int = field(validator=whole_like(1, LARGEST))

    def decide(self, database: Database, now_ms: int) -> DecidedWrite:
        """Answer with the id, the name and the available balance.

        Raise UnknownUserError, InsufficientFundsError.
        """
        paid = users.known_user(database, self.name)
        available = balances(database, paid.id, self.currency).available - self.amount
        if available < 0:
            raise InsufficientFundsError(available + self.amount, self.currency)
        moved = MoneyMoved(paid.id, self.currency, -self.amount, 0, "debit")
        about = {"user_id": paid.id, "currency": self.currency, "amount": self.amount}
        changes = [*payment_rows(moved, now_ms), acted(ActKind.DEBITED, now_ms, **about)]
        values = {"id": paid.id, "name": paid.name, "currency": self.currency}
        return DecidedWrite(changes, values | {"available_balance": amount(available)}, (moved,))


@frozen
class EnableUser(Write):
    """Let a disabled user sign in again."""

    word = "enable_user"
    name: str = field(validator=name_like)

    def decide(self, database: Database, now_ms: int) -> DecidedWrite:
        """Answer with the id, the name and that the user is not disabled.

        Raise UnknownUserError, ErasedUserError.
        """
        user = users.present_user(database, self.name)
        changes = _access_rows(user, False, now_ms, {})
        return DecidedWrite(changes, {"id": user.id, "name": user.name, "disabled": False})


@frozen
class SetAccess(Write):
    """Disable a user, or let the user sign in again, for an API key."""

    word = "set_access"
    user_id: int = field(validator=id_like)
    disabled: bool = field(validator=flag_like)
    reason: str | None = field(default=None, validator=optional(text_like))
    by: str | None = field(default=None, validator=optional(text_like))

    def decide(self, database: Database, now_ms: int) -> DecidedWrite:
        """Answer with the user.

        Raise UnknownUserError, and ErasedUserError if the user is to sign in again.
        """
        user = user_with_id(database, self.user_id)
        if not self.disabled:
            users.refuse_erased(user)
        changes = _access_rows(user, self.disabled, now_ms, _given(by=self.by, reason=self.reason))
        return DecidedWrite(changes, user_values(database, evolve(user, disabled=self.disabled)))


@frozen
class SetHost(Write):
    """Let a user open sources, or no longer."""

    word = "set_host"
    name: str = field(validator=name_like)
    can_host: bool = field(validator=flag_like)

    def decide(self, database: Database, now_ms: int) -> DecidedWrite:
        """Answer with the id, the name and the right. Raise UnknownUserError, ErasedUserError."""
        user = users.present_user(database, self.name)
        act = acted(ActKind.HOST_SET, now_ms, user_id=user.id, can_host=self.can_host)
        changes: list[Change] = [HostSet(self.can_host, user.id), act]
        values = {"id": user.id, "name": user.name, "can_host": self.can_host}
        return DecidedWrite(changes, values)


@frozen
class SetPassword(Write):
    """Give a user a password, which replaces an old one."""

    word = "set_password"
    name: str = field(validator=name_like)
    password_hash: str = field(repr=False, validator=text_like)

    def decide(self, database: Database, now_ms: int) -> DecidedWrite:
        """Answer with the id and the name. Raise UnknownUserError, ErasedUserError."""
        user = users.present_user(database, self.name)
        changes: list[Change] = [
            PasswordSet(user.id, self.password_hash, now_ms),
            acted(ActKind.PASSWORD_SET, now_ms, user_id=user.id),
        ]
        return DecidedWrite(changes, {"id": user.id, "name": user.name})


@frozen
class EraseUser(Write):
    """Remove what identifies a user: name, external id, password and keys. The books stay."""

    word = "erase_user"
    user_id: int = field(validator=id_like)
    reason: str | None = field(default=None, validator=optional(text_like))
    by: str | None = field(default=None, validator=optional(text_like))

    def decide(self, database: Database, now_ms: int) -> DecidedWrite:
        """Answer with the user. Raise UnknownUserError, OpenMoneyError."""
        user = user_with_id(database, self.user_id)
        if user.is_erased:
            return DecidedWrite((), user_values(database, user), is_repeated=True)
        for currency in accounts.currencies(database, user.id):
            held = balances(database, user.id, currency)
            if held.exposure or held.held:
                raise OpenMoneyError(user.name)
        name = users.erased_name(user.id)
        erased = evolve(user, name=name, external_id=None, disabled=True, is_erased=True)
        about = _given(by=self.by, reason=self.reason)
        changes: list[Change] = [
            UserErased(name, now_ms, user.id),
            PasswordForgotten(user.id),
            SessionKeyForgotten(user.id),
            NoncesForgotten(user.id),
            IdentitiesForgotten(user.id),
            ScoreRenamed(name, user.id),
            GameScoreRenamed(name, user.id),
            *_redacted(database, user.id, name),
            acted(ActKind.ERASED, now_ms, user_id=user.id, **about),
        ]
        return DecidedWrite(changes, user_values(database, erased))


@frozen
class ShowUser(OperatorQuery):
    """A user with balances, rights, own limits, break (at `now`, epoch ms) and the last acts."""

    name: str
    now: int

    def answer(self, database: Database) -> list[Values]:
        """Return the user. Raise UnknownUserError."""
        user = users.known_user(database, self.name)
        own = own_values(database, user.id, self.now)
        return [user_values(database, user) | own | {"acts": _acts_of(database, user.id)}]


_SHOWN: Final = {
    ActKind.CREDITED: "credit",
    ActKind.DEBITED: "debit",
    ActKind.HELD: "hold",
    ActKind.RELEASED: "release",
    ActKind.DISABLED: "disable",
    ActKind.ENABLED: "enable",
    ActKind.ERASED: "erase",
    ActKind.KEY_MADE: "key",
    ActKind.HOST_SET: "host",
    ActKind.PASSWORD_SET: "password",
    ActKind.USER_ADDED: "add",
    ActKind.SOURCE_ADMIN_ADDED: "add_source_admin",
    ActKind.MUTED: "mute",
    ActKind.UNMUTED: "unmute",
    ActKind.BANNED: "ban",
    ActKind.BAN_LIFTED: "lift_ban",
    ActKind.LIMITS_SET: "limits",
    ActKind.BREAK_TAKEN: "break",
    ActKind.BREAK_LIFTED: "lift_break",
}
"""The acts about a user, as `user show` names them."""


def _acts_of(database: Database, user_id: int) -> list[Values]:
    """Return the last acts about a user, the newest first. Without an index: for commands."""
    rows = database.rows(
        "SELECT at, kind, body FROM operator_acts WHERE body ->> '$.user_id' = ?"
        " ORDER BY id DESC LIMIT ?",
        (user_id, LAST_ACTS),
    )
    shown = []
    for row in rows:
        body = orjson.loads(row["body"])
        size = body.get("amount")
        shown.append(
            {
                "at": row["at"],
                "act": _SHOWN.get(row["kind"], row["kind"]),
                "key": body.get("by"),
                "currency": body.get("currency"),
                "amount": None if size is None else amount(size),
                "reference": body.get("reference"),
                "reason": body.get("reason"),
            }
        )
    return shown


def _access_rows(user: User, disabled: bool, now_ms: int, about: Values) -> list[Change]:
    kind = ActKind.DISABLED if disabled else ActKind.ENABLED
    change = UserDisabled(user.id) if disabled else UserEnabled(user.id)
    return [change, acted(kind, now_ms, user_id=user.id, **about)]


def _redacted(database: Database, user_id: int, name: str) -> list[Change]:
    """Return the changes that remove a user's name from the act that added the user."""
    sql = """
        SELECT id, at, kind, body FROM operator_acts
        WHERE kind = 'user_added' AND body ->> '$.user_id' = ?"""
    changes: list[Change] = []
    for row in database.rows(sql, (user_id,)):
        body = orjson.loads(row["body"]) | {"name": name}
        body.pop("external_id", None)
        text = orjson.dumps(body).decode()
        changes.append(ActRedacted(text, digest(row["at"], row["kind"], text), row["id"]))
    return changes


def _given(**about: Any) -> Values:
    return {name: value for name, value in about.items() if value is not None}
