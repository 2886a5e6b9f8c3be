"""A player's own limits as a request has them: amounts by period and kind."""

from collections.abc import Mapping
from typing import Any, Final

from toteboard_client.money import Amount, Money

NO_LIMIT: Final = "none"
"""In place of an amount, it removes a limit."""


def limits_to_wire(limits: Mapping[str, Mapping[str, Amount]]) -> dict[str, dict[str, Any]]:
    """Return the limits with exact amounts. Raises what `Money` raises."""
    return {
        period: {
            kind: amount if amount == NO_LIMIT else Money(amount) for kind, amount in kinds.items()
        }
        for period, kinds in limits.items()
    }
