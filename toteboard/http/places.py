"""Limits the HTTP connections of one address, and of all addresses together."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from attrs import frozen

from actors.edge.addresses import neighbourhood


@frozen
class Admittance:
    """Whether a connection has a place, and whether at least half of the places are still free."""

    is_granted: bool
    is_roomy: bool


class Places:
    """`most` places in all and `per_address` for each address; 0 means no limit for an address.

    The addresses of an IPv6 /64 count as one.
    """

    def __init__(self, most: int, per_address: int) -> None:
        self._most, self._per_address = most, per_address or most
        self._taken: Counter[str] = Counter()
        self.count = 0

    @contextmanager
    def place(self, address: str) -> Iterator[Admittance]:
        """Take a place for the duration of the block, if one is free."""
        key = neighbourhood(address)
        taken = self._taken.get(key, 0) + 1
        if taken > self._per_address or self.count >= self._most:
            yield Admittance(is_granted=False, is_roomy=False)
            return
        self._taken[key] = taken
        self.count += 1
        try:
            is_roomy = 2 * taken <= self._per_address and 2 * self.count <= self._most
            yield Admittance(is_granted=True, is_roomy=is_roomy)
        finally:
            self.count -= 1
            self._taken[key] -= 1
            if not self._taken[key]:
                del self._taken[key]
