"""What an operator may have done (`Write`) and may ask (`Query`): the one list, `WRITES`.

The command line and the control socket of a running server derive from it; whoever else acts for
an operator does too. A write decides and is done in one transaction. What a running server does
besides, such as closing connections, is `actors/operator_desk.py`.
"""

from abc import ABC, abstractmethod
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

import attrs
from attrs import field, frozen

from game.money import LARGEST, amount
from game.refusals import quote
from game.shapes import Currency, WrongShapeError
from storage import accounts, users
from storage.database import Database

Values = dict[str, Any]
"""What comes of it, as it is printed and sent: a JSON object."""


class Write(ABC):
    """Something to be done, with its values; ValueError or TypeError if they cannot be."""

    word: ClassVar[str]
    """What it is called on the control socket and in the log."""

    @abstractmethod
    def perform(self, database: Database, now_ms: int) -> Values:
        """Do it, durably or not at all, at a time (epoch ms).

        Raises `OperatorError` for a no, and `StorageError`.
        """


class Query(ABC):
    """A question. It changes nothing, so it is read from the file, also beside a server."""

    @abstractmethod
    def answer(self, database: Database) -> list[Values]:
        """Read the answer, a JSON object an item. Raises `StorageError`."""


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
    """A validator of whole numbers in a range."""

    def validate(_write: object, _field: object, value: Any) -> None:
        if type(value) is not int or not minimum <= value <= maximum:
            raise ValueError(
                f"{quote(repr(value))} is not a whole number from {minimum} to {maximum}"
            )

    return validate


_LONGEST_MS: Final = 10**15
_lifetime = attrs.validators.optional(_whole(0, _LONGEST_MS))


@frozen
class AddUser(Write):
    """One more user. `balances`: hundredths by currency; `key_lives_ms` None: without end."""

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

    def perform(self, database: Database, now_ms: int) -> Values:
        """Give the id, the name and the session key."""
        new = users.add_user(
            database,
            self.name,
            can_host=self.can_host,
            balances=self.balances,
            key_expires_at=_expiry(self.key_lives_ms, now_ms),
            now_ms=now_ms,
            password_hash=self.password_hash,
        )
        return attrs.asdict(new)


@frozen
class MakeKey(Write):
    """A new session key for a user; the old one ends."""

    word = "make_key"
    name: str = field(validator=_name)
    key_lives_ms: int | None = field(validator=_lifetime)

    def perform(self, database: Database, now_ms: int) -> Values:
        """Give the id, the name and the session key."""
        expires_at = _expiry(self.key_lives_ms, now_ms)
        return attrs.asdict(
            users.new_key(database, self.name, key_expires_at=expires_at, now_ms=now_ms)
        )


@frozen
class Credit(Write):
    """Money for a user, in hundredths."""

    word = "credit"
    name: str = field(validator=_name)
    currency: str = field(validator=_currency)
    amount: int = field(validator=_whole(1, LARGEST))

    def perform(self, database: Database, now_ms: int) -> Values:
        """Give the id, the name and what the user now has available."""
        with database.transaction():
            paid = users.known_user(database, self.name)
            database.put(accounts.credit(paid.id, self.currency, self.amount, now_ms))
            held = accounts.balances(database, paid.id, self.currency)
        return {
            "id": paid.id,
            "name": paid.name,
            "currency": self.currency,
            "available_balance": amount(held.available),
        }


@frozen
class DisableUser(Write):
    """No more sign-ins of a user."""

    word = "disable_user"
    name: str = field(validator=_name)

    def perform(self, database: Database, now_ms: int) -> Values:
        """Give the id, the name and that it is disabled."""
        ended = users.disable(database, self.name, now_ms=now_ms)
        return {"id": ended.id, "name": ended.name, "disabled": ended.disabled}


@frozen
class AddSourceAdmin(Write):
    """One more admin of a source."""

    word = "add_source_admin"
    source_id: str = field(validator=_text)
    name: str = field(validator=_name)

    def perform(self, database: Database, now_ms: int) -> Values:
        """Give the source's id, and the user's id and name."""
        admin = users.add_source_admin(database, self.source_id, self.name, now_ms=now_ms)
        return {"source_id": self.source_id, "id": admin.id, "name": admin.name}


@frozen
class ListUsers(Query):
    """All users, in the order in which they were added."""

    def answer(self, database: Database) -> list[Values]:
        """Give each user without anything secret."""
        listed = map(attrs.asdict, users.list_users(database))
        return [user | {"created_at": _iso(user["created_at"])} for user in listed]


_ROWS: Final = (AddUser, MakeKey, Credit, DisableUser, AddSourceAdmin)
WRITES: Final[dict[str, type[Write]]] = {row.word: row for row in _ROWS}


def _expiry(lives_ms: int | None, now_ms: int) -> int | None:
    return None if lives_ms is None else now_ms + lives_ms


def _iso(epoch_ms: int) -> str:
    moment = datetime.fromtimestamp(epoch_ms / 1_000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
