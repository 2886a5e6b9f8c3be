"""What a named write is, and how the values of one are validated.

`storage/store.py` lists the writes. A `Write` is a request with its values. It is decided once,
from the present state of the database. The decision holds the changes to commit, the values to
answer with, and the money that moves, which a running server must also move in its bank.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Final

import attrs
from attrs import frozen

from game.refusals import quote
from game.shapes import Currency, WrongShapeError
from game.vocabulary import LARGEST_TIME
from storage import users
from storage.accounts import MoneyMoved
from storage.changes import Change
from storage.database import Database

Values = dict[str, Any]
"""The values that answer a write or a query, as they are printed and sent: a JSON object."""


@frozen
class DecidedWrite:
    """The outcome of a write: what to commit, and what to answer once it is committed."""

    changes: Sequence[Change]
    values: Values
    moved: Sequence[MoneyMoved] = ()
    """Money that players receive or pay, in order."""
    is_repeated: bool = False
    """Whether the write was performed before: nothing is to be done."""


class Write(ABC):
    """A named write with its values. Making it raises ValueError or TypeError for bad values."""

    word: ClassVar[str]
    """The name of the write on the control socket and in the log."""
    moves_money: ClassVar[bool] = False
    """Whether its decision may move money. A running server then asks its bank first."""

    @abstractmethod
    def decide(self, database: Database, now_ms: int) -> DecidedWrite:
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


class OperatorQuery(ABC):
    """A question of an operator."""

    @abstractmethod
    def answer(self, database: Database) -> list[Values]:
        """Return the answer, one JSON object for each item. Raise StorageError."""


def name_like(_write: object, _field: object, value: Any) -> None:
    """Validate a user name. Raise ValueError."""
    if type(value) is not str or not users.is_name(value):
        raise ValueError(f"{quote(repr(value))} is not a user name")


def text_like(_write: object, _field: object, value: Any) -> None:
    """Validate printable text. Raise ValueError."""
    if type(value) is not str or not value.isprintable():
        raise ValueError(f"{quote(repr(value))} is not text")


def flag_like(_write: object, _field: object, value: Any) -> None:
    """Validate true or false. Raise ValueError."""
    if type(value) is not bool:
        raise ValueError(f"{quote(repr(value))} is not true or false")


def currency_like(_write: object, _field: object, value: Any) -> None:
    """Validate a currency. Raise ValueError."""
    try:
        Currency().read(value)
    except WrongShapeError as error:
        raise ValueError(f"{quote(repr(value))} is not {error}") from error


def whole_like(minimum: int, maximum: int) -> Any:
    """Return a validator of whole numbers in a range."""

    def validate(_write: object, _field: object, value: Any) -> None:
        if type(value) is not int or not minimum <= value <= maximum:
            raise ValueError(
                f"{quote(repr(value))} is not a whole number from {minimum} to {maximum}"
            )

    return validate


_LONGEST_MS: Final = 10**15
milliseconds_like = whole_like(0, _LONGEST_MS)
time_like = whole_like(0, LARGEST_TIME)
"""A time in epoch milliseconds, as far off as the contract allows."""
lifetime_like = attrs.validators.optional(milliseconds_like)
id_like = whole_like(1, 2**63 - 1)
