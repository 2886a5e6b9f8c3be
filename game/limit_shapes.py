"""The shape of the parameter `limits`: the changes of a player's own limits (`set_my_limits`)."""

from collections.abc import Iterator
from typing import Any, Final

from attrs import frozen

from game.own_limits import LimitChange, LimitKind, Period
from game.shapes import Amount, WrongShapeError, is_given

NO_LIMIT_WORD: Final = "none"
"""Removes a limit."""


@frozen
class LimitChanges:
    """By period and kind, an amount or `none`. What is not given is not changed."""

    wanted = (
        "an object of day, week and month, each an object of spend and loss, each of them"
        f" '{NO_LIMIT_WORD}' or {Amount.wanted}"
    )

    def read(self, value: Any) -> tuple[LimitChange, ...]:
        """Return the changes by period and kind. Raises `WrongShapeError`."""
        return tuple(
            LimitChange(period, kind, self._amount(given))
            for period, kinds in self._entries(value, Period)
            for kind, given in self._entries(kinds, LimitKind)
        )

    def _entries(self, value: Any, names: type[Period] | type[LimitKind]) -> Iterator[Any]:
        """Yield what is given of an object with these keys, in their order."""
        if not isinstance(value, dict) or not value.keys() <= {str(name) for name in names}:
            raise WrongShapeError(self.wanted)
        for name in names:
            if is_given(value.get(name)):
                yield name, value[name]

    def _amount(self, value: Any) -> int | None:
        if isinstance(value, str) and value.strip() == NO_LIMIT_WORD:
            return None
        try:
            return Amount().read(value)
        except WrongShapeError:
            raise WrongShapeError(self.wanted) from None
