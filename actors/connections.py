"""All open connections by user, and the places of handshakes in progress."""

from collections import Counter, defaultdict
from collections.abc import Collection

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

    def take_place(self, user_id: int) -> None:
        """Take one of the user's places."""
        self._places[user_id] += 1

    def free_place(self, user_id: int) -> None:
        """Free one of the user's places."""
        self._places[user_id] -= 1
        if not self._places[user_id]:
            del self._places[user_id]

    def add(self, connection: ClientConnection) -> None:
        """Include a signed-in connection."""
        self._connections[connection.user_id][connection] = None

    def remove(self, connection: ClientConnection) -> None:
        """Include a connection no longer. It was added."""
        user_id = connection.user_id
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
