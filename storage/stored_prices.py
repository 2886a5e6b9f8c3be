"""Prices as JSON stores them. A price is ten-thousandths for 1.00, and has no largest value.

A cent on the winner against trillions is a price beyond 64 bits, which JSON libraries lose. So a
larger one is stored as text. cattrs reads both as the integers of a fact.
"""

from collections.abc import Mapping
from typing import Final

LARGEST_NUMBER: Final = 2**63 - 1


def stored_prices(prices: Mapping[str, int]) -> dict[str, int | str]:
    """Return prices by target as JSON stores them."""
    return {
        target: price if price <= LARGEST_NUMBER else str(price) for target, price in prices.items()
    }


def read_prices(stored: Mapping[str, int | str]) -> dict[str, int]:
    """Return the prices of the stored form."""
    return {target: int(price) for target, price in stored.items()}
