"""The connections of each user, and their number, which is limited."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import trio

from actors.edge.connection import Connection


class Connections:
    """All connections, by user. A handshake takes a place and keeps it for the connection."""

    def __init__(self, per_user: int) -> None:
        self._per_user = per_user
        self._places: Counter[int] = Counter()
        self._connections: defaultdict[int, dict[Connection, None]] = defaultdict(dict)
        self._emptied = trio.Event()

    def has_room(self, user_id: int) -> bool:
        """Whether the user may have one more connection (contract, `connections_per_user`)."""
        return self._places[user_id] < self._per_user

    @contextmanager
    def place(self, user_id: int) -> Iterator[None]:
        """Take one of the user's places."""
        self._places[user_id] += 1
        try:
            yield
        finally:
            self._places[user_id] -= 1
            if not self._places[user_id]:
                del self._places[user_id]

    @contextmanager
    def present(self, connection: Connection) -> Iterator[None]:
        """List a signed-in connection: messages to its user reach it."""
        user_id = connection.user_id
        self._connections[user_id][connection] = None
        try:
            yield
        finally:
            del self._connections[user_id][connection]
            if not self._connections[user_id]:
                del self._connections[user_id]
            if not self._connections:
                self._emptied.set()
                self._emptied = trio.Event()

    def of(self, user_id: int) -> Collection[Connection]:
        """Return the user's connections."""
        return tuple(self._connections.get(user_id, ()))

    def all(self) -> Collection[Connection]:
        """Return all connections."""
        return tuple(c for connections in self._connections.values() for c in connections)

    async def empty(self) -> None:
        """Wait until there are no connections."""
        if self._connections:
            await self._emptied.wait()
