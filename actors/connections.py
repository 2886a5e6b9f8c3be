"""All open connections by user, and the places of handshakes in progress."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from actors.link.caller import POLICY_VIOLATION, ClientConnection


class Connections:
    """All connections by user. A place is taken from the handshake until the end."""

    def __init__(self, per_user: int) -> None:
        self._per_user = per_user
        self._places: Counter[int] = Counter()
        self._connections: defaultdict[int, dict[ClientConnection, None]] = defaultdict(dict)

    def has_room(self, user_id: int) -> bool:
        """Whether the user may have one more connection (contract, `connections_per_user`)."""
        return self._places[user_id] < self._per_user

    @contextmanager
    def place(self, user_id: int) -> Iterator[None]:
        """Take one of the user's places while the context lasts."""
        self._places[user_id] += 1
        try:
            yield
        finally:
            self._places[user_id] -= 1
            if not self._places[user_id]:
                del self._places[user_id]

    @contextmanager
    def present(self, connection: ClientConnection) -> Iterator[None]:
        """Include the signed-in connection while the context lasts."""
        user_id = connection.user_id
        self._connections[user_id][connection] = None
        try:
            yield
        finally:
            del self._connections[user_id][connection]
            if not self._connections[user_id]:
                del self._connections[user_id]

    def of(self, user_id: int) -> Collection[ClientConnection]:
        """Return the user's connections."""
        return tuple(self._connections.get(user_id, ()))

    def close_all_of(self, user_id: int, reason: str) -> None:
        """Close the user's connections (1008): the session key they signed in with has ended."""
        for connection in self.of(user_id):
            connection.close(POLICY_VIOLATION, reason)

    def all(self) -> Collection[ClientConnection]:
        """Return all connections."""
        return tuple(c for connections in self._connections.values() for c in connections)
