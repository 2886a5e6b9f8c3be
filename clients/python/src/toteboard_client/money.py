"""`Money`: an exact amount, in whole hundredths inside and in units everywhere else."""

import re
from decimal import Decimal, InvalidOperation
from functools import total_ordering
from typing import Final, Self

_HUNDREDTHS: Final = 100
_AMOUNT: Final = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,2})?")


@total_ordering
class Money:
    """An amount in units: `Money("2.50")` and `Money(2)` are 2.50 and 2.00.

    It prints with two decimals. `f"{money:,}"` adds thousands separators. Sums, differences, and
    products with an integer are exact. Raises `ValueError` for a text that is not an amount with at
    most two decimals, and `TypeError` for a float, which is rarely the amount that it prints.
    """

    __slots__ = ("_hundredths",)
    _hundredths: int

    def __init__(self, amount: "str | int | Decimal | Money") -> None:
        object.__setattr__(self, "_hundredths", _hundredths_of(amount))

    @classmethod
    def of_hundredths(cls, hundredths: int) -> Self:
        """Return the amount of so many hundredths."""
        money = cls(0)
        object.__setattr__(money, "_hundredths", hundredths)
        return money

    @classmethod
    def from_wire(cls, number: float) -> Self:
        """Return the amount that a JSON number means: the nearest hundredth."""
        return cls.of_hundredths(round(number * _HUNDREDTHS))

    @property
    def hundredths(self) -> int:
        """Return the amount in whole hundredths."""
        return self._hundredths

    def to_wire(self) -> int | float:
        """Return the amount as a JSON number."""
        whole, rest = divmod(self._hundredths, _HUNDREDTHS)
        return self._hundredths / _HUNDREDTHS if rest else whole

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("an amount cannot be changed")

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return type(self), (str(self),)

    def __str__(self) -> str:
        return format(self)

    def __repr__(self) -> str:
        return f"Money({str(self)!r})"

    def __format__(self, spec: str) -> str:
        exact = Decimal(self._hundredths).scaleb(-2)
        return format(exact, spec if spec.endswith("f") else f"{spec}.2f")

    def __hash__(self) -> int:
        return hash((Money, self._hundredths))

    def __bool__(self) -> bool:
        return self._hundredths != 0

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        return self._hundredths == other._hundredths

    def __lt__(self, other: "Money") -> bool:
        if not isinstance(other, Money):
            return NotImplemented
        return self._hundredths < other._hundredths

    def __add__(self, other: "Money") -> "Money":
        if not isinstance(other, Money):
            return NotImplemented
        return Money.of_hundredths(self._hundredths + other._hundredths)

    def __sub__(self, other: "Money") -> "Money":
        if not isinstance(other, Money):
            return NotImplemented
        return Money.of_hundredths(self._hundredths - other._hundredths)

    def __mul__(self, factor: int) -> "Money":
        if not isinstance(factor, int):
            return NotImplemented
        return Money.of_hundredths(self._hundredths * factor)

    __rmul__ = __mul__

    def __neg__(self) -> "Money":
        return Money.of_hundredths(-self._hundredths)

    def __abs__(self) -> "Money":
        return Money.of_hundredths(abs(self._hundredths))


Amount = Money | str | int | Decimal
"""What a method accepts as an amount, in units."""


def _hundredths_of(amount: "str | int | Decimal | Money") -> int:
    match amount:
        case Money():
            return amount.hundredths
        case bool() | float():
            raise TypeError(f"{amount!r} is not exact: pass a text such as '2.50'")
        case int():
            return amount * _HUNDREDTHS
        case str() | Decimal():
            return _read(str(amount).strip())
        case _:
            raise TypeError(f"{amount!r} is not an amount")


def _read(text: str) -> int:
    if not _AMOUNT.fullmatch(text):
        raise ValueError(f"{text!r} is not an amount with at most two decimals")
    try:
        return int(Decimal(text).scaleb(2))
    except InvalidOperation:
        raise ValueError(f"{text!r} is not an amount") from None
