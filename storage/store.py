"""The named writes: every change of the database that is not a fact of a game.

A `Write` is a request with its values, such as `AddUser` (`storage/write.py`). The HTTP accounts,
the operator's API, the control socket of a running server and the command line use the same writes.
Those of the API are in `storage/payments.py`, `storage/api_keys.py` and `storage/user_writes.py`.
`OPERATOR_WRITES` lists those that an operator may request. After the commit, a running server acts
on a write, for example by closing connections (`actors/store.py`).

`OperatorQuery` is a question of an operator. It changes nothing, so it reads the file, also while a
server runs.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import attrs
from attrs import field, frozen

from game.money import LARGEST, amount
from storage import accounts, catalogue, session_keys, users
from storage.accounts import MoneyMoved
from storage.acts import ActKind, acted
from storage.api_keys import AddKey, EndKey
from storage.changes import Change, PasswordSet, SourceAdminAdded, UserAdded, UserDisabled
from storage.database import Database
from storage.hooks import ReplayHook
from storage.operator_changes import ExternalIdSet
from storage.user_writes import Debit, EnableUser, SetHost, SetPassword, user_values
from storage.users import (
    DisabledUserError,
    ExternalIdTakenError,
    NameTakenError,
    UnknownSourceError,
)
from storage.write import (
    DecidedWrite,
    OperatorQuery,
    Values,
    Write,
    currency_like,
    flag_like,
    id_like,
    lifetime_like,
    milliseconds_like,
    name_like,
    text_like,
    whole_like,
)


@frozen
class NewUser:
    """The values of a new user or key. The key is not shown again."""

    id: int
    name: str
    session_key: str = field(repr=False)


@frozen
class AddUser(Write):
    """Add a user.

    `balances` in hundredths by currency. `key_lives_ms`: lifetime of the session key, None for a
    key that never expires. `password_hash`: None for a user without a password. `by`: the name of
    the API key that asks.
    """

    word = "add_user"
    name: str = field(validator=name_like)
    can_host: bool = field(validator=flag_like)
    balances: dict[str, int] = field(
        validator=attrs.validators.deep_mapping(currency_like, whole_like(0, LARGEST))
    )
    key_lives_ms: int | None = field(validator=lifetime_like)
    password_hash: str | None = field(
        default=None, repr=False, validator=attrs.validators.optional(text_like)
    )
    by: str | None = field(default=None, validator=attrs.validators.optional(text_like))

    def decide(self, database: Database, now_ms: int) -> DecidedWrite:
        """Answer with the id, the name and the session key. Raise NameTakenError."""
        if users.user_by_name(database, self.name) or users.is_reserved(self.name):
            raise NameTakenError(self.name)
        user_id, key = users.next_id(database), session_keys.new_key()
        start = {currency: amount for currency, amount in self.balances.items() if amount}
        about = {"user_id": user_id, "name": self.name, "can_host": self.can_host}
        about |= {} if self.by is None else {"by": self.by}
        changes: list[Change] = [
            UserAdded(user_id, self.name, self.name.lower(), self.can_host, now_ms),
            acted(ActKind.USER_ADDED, now_ms, **about, balances=start),
            *accounts.starting_balances(user_id, start, now_ms),
        ]
        if self.password_hash is not None:
            changes.append(PasswordSet(user_id, self.password_hash, now_ms))
        expires_at = _expiry(self.key_lives_ms, now_ms)
        changes += session_keys.replaced(database, user_id, key, expires_at)
        return DecidedWrite(changes, attrs.asdict(NewUser(user_id, self.name, key)))


@frozen
class AddApiUser(AddUser):
    """Add a user for an API key, who may have an id at the operator."""

    word = "add_api_user"
    external_id: str | None = field(default=None, validator=attrs.validators.optional(text_like))

    def decide(self, database: Database, now_ms: int) -> DecidedWrite:
        """Answer with the user and the session key. Raise NameTakenError, ExternalIdTakenError."""
        taken = self.external_id and users.user_by_external_id(database, self.external_id)
        decided = super().decide(database, now_ms)
        if taken:
            raise ExternalIdTakenError(str(self.external_id))
        changes, values = list(decided.changes), decided.values
        if self.external_id is not None:
            changes.append(ExternalIdSet(self.external_id, values["id"]))
        user = users.User(
            id=values["id"],
            name=self.name,
            can_host=self.can_host,
            disabled=False,
            created_at=now_ms,
            external_id=self.external_id,
        )
        shown = user_values(database, user) | {"balances": starting_values(self.balances)}
        return DecidedWrite(changes, shown | {"session_key": values["session_key"]})


def starting_values(balances: dict[str, int]) -> Values:
    """Return the balances of a new user as `user_values` shows them."""
    return {
        currency: {
            "current_balance": amount(size),
            "available_balance": amount(size),
            "exposure": 0,
            "held": 0,
        }
        for currency, size in balances.items()
        if size
    }


@frozen
class MakeKey(Write):
    """Replace the session key of a user; the old key ends."""

    word = "make_key"
    name: str = field(validator=name_like)
    key_lives_ms: int | None = field(validator=lifetime_like)

    def decide(self, database: Database, now_ms: int) -> DecidedWrite:
        """Answer with the id, the name and the key.

        Raise UnknownUserError, ErasedUserError, DisabledUserError.
        """
        user, key = users.present_user(database, self.name), session_keys.new_key()
        if user.disabled:
            raise DisabledUserError(user.name)
        expires_at = _expiry(self.key_lives_ms, now_ms)
        changes = session_keys.replaced(database, user.id, key, expires_at)
        act = acted(ActKind.KEY_MADE, now_ms, user_id=user.id)
        return DecidedWrite([*changes, act], attrs.asdict(NewUser(user.id, user.name, key)))


@frozen
class SignIn(Write):
    """Hand out the session key of a user whose password was right.

    Every device gets the present key, unless less than `least_left_ms` of its life is left
    (decision 20). Then a new key replaces it, which lives for `key_lives_ms`.
    """

    word = "sign_in"
    user_id: int = field(validator=id_like)
    key_lives_ms: int = field(validator=milliseconds_like)
    least_left_ms: int = field(validator=milliseconds_like)

    def decide(self, database: Database, now_ms: int) -> DecidedWrite:
        """Answer with the id, the name, the key and whether it is new. Raise DisabledUserError."""
        user = users.user_by_id(database, self.user_id)
        if user is None or user.disabled:
            raise DisabledUserError(str(self.user_id) if user is None else user.name)
        key, expires_at = users.session_key_of(database, user.id) or ("", 0)
        is_new = expires_at is not None and expires_at < now_ms + self.least_left_ms
        changes: Sequence[Change] = []
        if is_new:
            key = session_keys.new_key()
            changes = session_keys.replaced(database, user.id, key, now_ms + self.key_lives_ms)
        values = attrs.asdict(NewUser(user.id, user.name, key)) | {"is_new": is_new}
        return DecidedWrite(changes, values)


@frozen
class Credit(Write):
    """Credit an amount to a user, in hundredths."""

    word = "credit"
    moves_money = True
    name: str = field(validator=name_like)
    currency: str = field(validator=currency_like)
    amount: int = field(validator=whole_like(1, LARGEST))

    def decide(self, database: Database, now_ms: int) -> DecidedWrite:
        """Answer with the id, the name and the available balance.

        Raise UnknownUserError, ErasedUserError, TooMuchMoneyError.
        """
        paid = users.present_user(database, self.name)
        accounts.refuse_too_much(database, self.amount, self.currency)
        available = accounts.balances(database, paid.id, self.currency).available + self.amount
        values = {
            "id": paid.id,
            "name": paid.name,
            "currency": self.currency,
            "available_balance": amount(available),
        }
        moved = MoneyMoved(paid.id, self.currency, self.amount, 0, "credit")
        changes = accounts.credit(paid.id, self.currency, self.amount, now_ms)
        return DecidedWrite(changes, values, (moved,))


@frozen
class DisableUser(Write):
    """Prevent all further sign-ins of a user."""

    word = "disable_user"
    name: str = field(validator=name_like)

    def decide(self, database: Database, now_ms: int) -> DecidedWrite:
        """Answer with the id, the name and that the user is disabled. Raise UnknownUserError."""
        user = users.known_user(database, self.name)
        changes = [UserDisabled(user.id), acted(ActKind.DISABLED, now_ms, user_id=user.id)]
        return DecidedWrite(changes, {"id": user.id, "name": user.name, "disabled": True})


@frozen
class AddSourceAdmin(Write):
    """Make a user an admin of a source."""

    word = "add_source_admin"
    source_id: str = field(validator=text_like)
    name: str = field(validator=name_like)

    def decide(self, database: Database, now_ms: int) -> DecidedWrite:
        """Answer with the source's id, and the user's id and name.

        Raise UnknownSourceError, UnknownUserError, ErasedUserError.
        """
        if catalogue.source(database, self.source_id) is None:
            raise UnknownSourceError(self.source_id)
        user = users.present_user(database, self.name)
        changes = [
            SourceAdminAdded(self.source_id, user.id),
            acted(ActKind.SOURCE_ADMIN_ADDED, now_ms, source_id=self.source_id, user_id=user.id),
        ]
        values = {"source_id": self.source_id, "id": user.id, "name": user.name}
        return DecidedWrite(changes, values)


@frozen
class ListUsers(OperatorQuery):
    """All users, in the order in which they were added."""

    def answer(self, database: Database) -> list[Values]:
        """Return each user without anything secret."""
        listed = map(attrs.asdict, users.list_users(database))
        return [
            {name: value for name, value in user.items() if name not in ("is_erased", "may_bet")}
            | {"created_at": _iso(user["created_at"])}
            for user in listed
        ]


_OF_OPERATORS: Final = (
    *(AddUser, MakeKey, Credit, Debit, DisableUser, EnableUser, SetHost, SetPassword),
    *(AddSourceAdmin, AddKey, EndKey, ReplayHook),
)
OPERATOR_WRITES: Final[dict[str, type[Write]]] = {row.word: row for row in _OF_OPERATORS}
"""The writes that an operator may ask for, by their words."""


def _expiry(lives_ms: int | None, now_ms: int) -> int | None:
    return None if lives_ms is None else now_ms + lives_ms


def _iso(epoch_ms: int) -> str:
    moment = datetime.fromtimestamp(epoch_ms / 1_000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
