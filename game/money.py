"""Money: whole hundredths inside the server, JSON numbers and text with two decimals outside.

Every amount is converted here. The accounts are in `storage/accounts.py`.
"""

import re
from decimal import Decimal
from typing import Final

LARGEST: Final = 10**14
"""The largest amount of a request, in hundredths (contract, section 1, Amounts)."""

MOST_ISSUED: Final = 7 * 10**15
"""The most of a currency that can be credited, in hundredths. JSON numbers are exact up to it."""

_TEXT: Final = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")


def hundredths(value: str | int | float | Decimal) -> int:
    """Return the hundredths of an amount from 0 to 10^12, given as text or as a JSON number.

    A Decimal is the number exactly as it was written; a float may have lost digits. Raises
    ValueError (contract, section 1, Amounts). 0 is accepted here: some callers refuse it.
    """
    if type(value) is int and 0 <= value <= LARGEST // 100:
        return value * 100
    if isinstance(value, str):
        exact = _of_text(value)
    elif isinstance(value, bool) or not 0 <= value <= LARGEST // 100:
        raise ValueError(f"{value!r} is not an amount")
    else:
        exact = Decimal(str(value))  # The shortest text that denotes the float.
    scaled = int(exact.scaleb(2))
    if exact != Decimal(scaled).scaleb(-2):  # Not `scaled`: arithmetic rounds.
        raise ValueError(f"{value!r} has more than two decimals")
    return scaled


def amount(hundredths: int) -> int | float:
    """Return hundredths as a JSON number. Its decimals are exact up to `MOST_ISSUED`."""
    return hundredths / 100 if hundredths % 100 else hundredths // 100


def as_text(hundredths: int) -> str:
    """Return hundredths as text for a person: `1,234.50`."""
    whole, rest = divmod(abs(hundredths), 100)
    return f"{'-' if hundredths < 0 else ''}{whole:,}.{rest:02d}"


def _of_text(text: str) -> Decimal:
    if _TEXT.fullmatch(text) is None:
        raise ValueError(f"{text!r} is not an amount")
    return Decimal(text)
