"""How many connections an address may have in use for HTTP, and all addresses together."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from attrs import frozen

from actors.edge.addresses import neighbourhood


@frozen
class Place:
    """A connection's place: whether there was room for it, and whether half is left after it."""

    is_granted: bool
    is_roomy: bool


class Places:
    """At most `most` in all and `per_address` an address (an IPv6 /64 is one; 0: no limit)."""

    def __init__(self, most: int, per_address: int) -> None:
        self._most, self._per_address = most, per_address or most
        self._taken: Counter[str] = Counter()
        self.count = 0

    @contextmanager
    def place(self, address: str) -> Iterator[Place]:
        """Take a place while inside, if there is one."""
        key = neighbourhood(address)
        taken = self._taken.get(key, 0) + 1
        if taken > self._per_address or self.count >= self._most:
            yield Place(is_granted=False, is_roomy=False)
            return
        self._taken[key] = taken
        self.count += 1
        try:
            is_roomy = 2 * taken <= self._per_address and 2 * self.count <= self._most
            yield Place(is_granted=True, is_roomy=is_roomy)
        finally:
            self.count -= 1
            self._taken[key] -= 1
            if not self._taken[key]:
                del self._taken[key]
