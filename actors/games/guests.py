"""The connections of guests: clients that look at games without signing in.

Contract, section 1, "Guests". A guest has a number below zero of its own instead of a user's id, so
that what it costs is counted for it alone. There are `guest_connections` of them in all, and
`http_connections_per_address` from one address.
"""

from collections import Counter
from itertools import count

from actors.link.claim import NotAdmittedError
from protocol.limits import Limits

GUEST_NAME = "guest"


class Guests:
    """The places of guests, and the addresses that have taken them."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._numbers = count(1)
        self._addresses: dict[int, str] = {}
        self._by_address: Counter[str] = Counter()

    def take_place(self, address: str, *, is_back: bool = False) -> int:
        """Return the number of a new guest, which has a place. Raise `NotAdmittedError`.

        `is_back`: it had one, which may be taken still, because its node had no link for a moment.
        """
        limits = self._limits
        if not limits.guests:
            raise NotAdmittedError(401, "not signed in")
        most = limits.http_connections_per_address
        is_full = len(self._addresses) >= limits.guest_connections
        if not is_back and (is_full or (address and most and self._by_address[address] >= most)):
            raise NotAdmittedError(429, "too many guests")
        number = -next(self._numbers)
        self._addresses[number] = address
        self._by_address[address] += 1
        return number

    def free_place(self, number: int) -> None:
        """Free the place of a guest."""
        address = self._addresses.pop(number)
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]
