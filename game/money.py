"""Money as text and as JSON numbers: whole hundredths inside, at most two decimals outside.

Every amount that comes in or goes out passes here. Who owns how much is kept in `storage/accounts`.
"""

import re
from decimal import Decimal
from typing import Final

LARGEST: Final = 10**14
"""The largest amount that may be named, in hundredths (contract, section 1, Amounts)."""

_TEXT: Final = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")


def hundredths(value: str | int | float | Decimal) -> int:
    """The hundredths of an amount from 0 to 10^12, as text or as the number that JSON had.

    A Decimal is the number as it was written; a float may have lost digits. Raises ValueError
    (contract, section 1, Amounts). Whether 0 will do is the caller's to say.
    """
    if type(value) is int and 0 <= value <= LARGEST // 100:
        return value * 100
    if isinstance(value, str):
        exact = _of_text(value)
    elif isinstance(value, bool) or not 0 <= value <= LARGEST // 100:
        raise ValueError(f"{value!r} is not an amount")
    else:
        exact = Decimal(str(value))  # of a float, the shortest text that means it
    scaled = int(exact.scaleb(2))
    if exact != Decimal(scaled).scaleb(-2):  # not `scaled`: what is computed is rounded
        raise ValueError(f"{value!r} has more than two decimals")
    return scaled


def amount(hundredths: int) -> int | float:
    """The JSON number of so many hundredths; its decimals are exact below 7 * 10^15 hundredths."""
    return hundredths / 100 if hundredths % 100 else hundredths // 100


def as_text(hundredths: int) -> str:
    """So many hundredths for a person: `1234.50`."""
    whole, rest = divmod(abs(hundredths), 100)
    return f"{'-' if hundredths < 0 else ''}{whole}.{rest:02d}"


def _of_text(text: str) -> Decimal:
    if _TEXT.fullmatch(text) is None:
        raise ValueError(f"{text!r} is not an amount")
    return Decimal(text)
