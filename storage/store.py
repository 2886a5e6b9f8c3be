"""The named writes: every change of the database that is not a fact of a game.

A `Write` is a request with its values, such as `AddUser`. It is decided once, from the database as
it stands, and gives the changes to commit and the values to answer with. The HTTP accounts, the
control socket of a running server and the command line use the same writes. `OPERATOR_WRITES` lists
those that an operator may ask for. A running server acts on a write after its commit, for example
by closing connections: `actors/store.py`.

`Query` is a question of an operator. It changes nothing, so it reads the file, also while a server
runs.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

import attrs
from attrs import field, frozen

from game.money import LARGEST, amount
from game.refusals import quote
from game.shapes import Currency, WrongShapeError
from storage import accounts, catalogue, session_keys, users
from storage.acts import ActKind, acted
from storage.changes import Change, PasswordSet, SourceAdminAdded, UserAdded, UserDisabled
from storage.database import Database
from storage.users import DisabledUserError, NameTakenError, UnknownSourceError

Values = dict[str, Any]
"""The values that answer a write or a query, as they are printed and sent: a JSON object."""


@frozen
class Decision:
    """The outcome of a write: what to commit, and what to answer once it is committed."""

    changes: Sequence[Change]
    values: Values


class Write(ABC):
    """A named write with its values. Making it raises ValueError or TypeError for bad values."""

    word: ClassVar[str]
    """The name of the write on the control socket and in the log."""

    @abstractmethod
    def decide(self, database: Database, now_ms: int) -> Decision:
        """Decide the write at `now_ms` (epoch ms); change nothing.

        Raise OperatorError for a refusal, and StorageError.
        """

    def perform(self, database: Database, now_ms: int) -> Values:
        """Decide the write and commit its changes, in one transaction; return its values.

        Raise OperatorError for a refusal, and StorageError. Then nothing has changed.
        """
        with database.transaction():
            decision = self.decide(database, now_ms)
            database.put(decision.changes)
        return decision.values


class Query(ABC):
    """A question of an operator."""

    @abstractmethod
    def answer(self, database: Database) -> list[Values]:
        """Return the answer, one JSON object for each item. Raise StorageError."""


def _name(_write: object, _field: object, value: Any) -> None:
    if type(value) is not str or not users.is_name(value):
        raise ValueError(f"{quote(repr(value))} is not a user name")


def _text(_write: object, _field: object, value: Any) -> None:
    if type(value) is not str or not value.isprintable():
        raise ValueError(f"{quote(repr(value))} is not text")


def _flag(_write: object, _field: object, value: Any) -> None:
    if type(value) is not bool:
        raise ValueError(f"{quote(repr(value))} is not true or false")


def _currency(_write: object, _field: object, value: Any) -> None:
    try:
        Currency().read(value)
    except WrongShapeError as error:
        raise ValueError(f"{quote(repr(value))} is not {error}") from error


def _whole(minimum: int, maximum: int) -> Any:
    """Return a validator of whole numbers in a range."""

    def validate(_write: object, _field: object, value: Any) -> None:
        if type(value) is not int or not minimum <= value <= maximum:
            raise ValueError(
                f"{quote(repr(value))} is not a whole number from {minimum} to {maximum}"
            )

    return validate


_LONGEST_MS: Final = 10**15
_milliseconds = _whole(0, _LONGEST_MS)
_lifetime = attrs.validators.optional(_milliseconds)


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
    key that never expires. `password_hash`: None for a user without a password.
    """

    word = "add_user"
    name: str = field(validator=_name)
    can_host: bool = field(validator=_flag)
    balances: dict[str, int] = field(
        validator=attrs.validators.deep_mapping(_currency, _whole(0, LARGEST))
    )
    key_lives_ms: int | None = field(validator=_lifetime)
    password_hash: str | None = field(
        default=None, repr=False, validator=attrs.validators.optional(_text)
    )

    def decide(self, database: Database, now_ms: int) -> Decision:
        """Answer with the id, the name and the session key. Raise NameTakenError."""
        if users.user_by_name(database, self.name):
            raise NameTakenError(self.name)
        user_id, key = users.next_id(database), session_keys.new_key()
        start = {currency: amount for currency, amount in self.balances.items() if amount}
        about = {"user_id": user_id, "name": self.name, "can_host": self.can_host}
        changes: list[Change] = [
            UserAdded(user_id, self.name, self.name.lower(), self.can_host, now_ms),
            acted(ActKind.USER_ADDED, now_ms, **about, balances=start),
            *accounts.starting_balances(user_id, start, now_ms),
        ]
        if self.password_hash is not None:
            changes.append(PasswordSet(user_id, self.password_hash, now_ms))
        expires_at = _expiry(self.key_lives_ms, now_ms)
        changes += session_keys.replaced(database, user_id, key, expires_at)
        return Decision(changes, attrs.asdict(NewUser(user_id, self.name, key)))


@frozen
class MakeKey(Write):
    """Replace the session key of a user; the old key ends."""

    word = "make_key"
    name: str = field(validator=_name)
    key_lives_ms: int | None = field(validator=_lifetime)

    def decide(self, database: Database, now_ms: int) -> Decision:
        """Answer with the id, the name and the key. Raise UnknownUserError, DisabledUserError."""
        user, key = users.known_user(database, self.name), session_keys.new_key()
        if user.disabled:
            raise DisabledUserError(user.name)
        expires_at = _expiry(self.key_lives_ms, now_ms)
        changes = session_keys.replaced(database, user.id, key, expires_at)
        act = acted(ActKind.KEY_MADE, now_ms, user_id=user.id)
        return Decision([*changes, act], attrs.asdict(NewUser(user.id, user.name, key)))


@frozen
class SignIn(Write):
    """Hand out the session key of a user whose password was right.

    Every device gets the present key, unless less than `least_left_ms` of its life is left
    (decision 20). Then a new key replaces it, which lives for `key_lives_ms`.
    """

    word = "sign_in"
    user_id: int = field(validator=_whole(1, 2**63 - 1))
    key_lives_ms: int = field(validator=_milliseconds)
    least_left_ms: int = field(validator=_milliseconds)

    def decide(self, database: Database, now_ms: int) -> Decision:
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
        return Decision(changes, values)


@frozen
class Credit(Write):
    """Credit an amount to a user, in hundredths."""

    word = "credit"
    name: str = field(validator=_name)
    currency: str = field(validator=_currency)
    amount: int = field(validator=_whole(1, LARGEST))

    def decide(self, database: Database, now_ms: int) -> Decision:
        """Answer with the id, the name and the available balance. Raise UnknownUserError."""
        paid = users.known_user(database, self.name)
        available = accounts.balances(database, paid.id, self.currency).available + self.amount
        values = {
            "id": paid.id,
            "name": paid.name,
            "currency": self.currency,
            "available_balance": amount(available),
        }
        return Decision(accounts.credit(paid.id, self.currency, self.amount, now_ms), values)


@frozen
class DisableUser(Write):
    """Prevent all further sign-ins of a user."""

    word = "disable_user"
    name: str = field(validator=_name)

    def decide(self, database: Database, now_ms: int) -> Decision:
        """Answer with the id, the name and that the user is disabled. Raise UnknownUserError."""
        user = users.known_user(database, self.name)
        changes = [UserDisabled(user.id), acted(ActKind.DISABLED, now_ms, user_id=user.id)]
        return Decision(changes, {"id": user.id, "name": user.name, "disabled": True})


@frozen
class AddSourceAdmin(Write):
    """Make a user an admin of a source."""

    word = "add_source_admin"
    source_id: str = field(validator=_text)
    name: str = field(validator=_name)

    def decide(self, database: Database, now_ms: int) -> Decision:
        """Answer with the source's id, and the user's id and name.

        Raise UnknownSourceError, UnknownUserError.
        """
        if catalogue.source(database, self.source_id) is None:
            raise UnknownSourceError(self.source_id)
        user = users.known_user(database, self.name)
        changes = [
            SourceAdminAdded(self.source_id, user.id),
            acted(ActKind.SOURCE_ADMIN_ADDED, now_ms, source_id=self.source_id, user_id=user.id),
        ]
        values = {"source_id": self.source_id, "id": user.id, "name": user.name}
        return Decision(changes, values)


@frozen
class ListUsers(Query):
    """All users, in the order in which they were added."""

    def answer(self, database: Database) -> list[Values]:
        """Return each user without anything secret."""
        listed = map(attrs.asdict, users.list_users(database))
        return [user | {"created_at": _iso(user["created_at"])} for user in listed]


_OF_OPERATORS: Final = (AddUser, MakeKey, Credit, DisableUser, AddSourceAdmin)
OPERATOR_WRITES: Final[dict[str, type[Write]]] = {row.word: row for row in _OF_OPERATORS}
"""The writes that an operator may ask for, by their words."""


def _expiry(lives_ms: int | None, now_ms: int) -> int | None:
    return None if lives_ms is None else now_ms + lives_ms


def _iso(epoch_ms: int) -> str:
    moment = datetime.fromtimestamp(epoch_ms / 1_000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
