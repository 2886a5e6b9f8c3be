"""Which users are in which game, for the next leader of a cluster.

The members of a game are connections, and those of another node's clients are known only to that
node. When a node stops leading, its successor therefore knows who was there from this table, which
the leader sends to every node. At the start of its term

    present under the former leader, has come back      nothing is published
    present under the former leader, has not            480, when the time to come back is over
    not known to have been present                      470

A node that lost its link to a living leader comes back to one that knows who is there
(`is_settled`): its members are sent the 470s and 480s that they missed.

A server alone has no successor, and keeps no table (`NO_PRESENCE`).
"""

from collections.abc import Callable, Collection, Mapping
from typing import Final, Protocol

from attrs import Factory, define

Users = dict[int, str]
"""The users who are in a game: names by id."""

OnChange = Callable[[str, int, str, bool], None]
"""Called with a game, a user's id and name, and whether the user has come (or has left)."""


class Presence(Protocol):
    """What the subscribers of games report, and what they begin with."""

    is_settled: bool
    """Whether nobody is expected to come back any more."""

    @property
    def games_with_absent(self) -> Collection[str]:
        """The games of the former leader, whose users may still come back."""

    def expected(self, game_id: str) -> Users:
        """Return, once, the users who were in a game under the former leader."""

    def came(self, game_id: str, user_id: int, name: str) -> None:
        """Note that the first connection of a user has joined a game."""

    def left(self, game_id: str, user_id: int) -> None:
        """Note that the last connection of a user has left a game."""

    def ended(self, game_id: str) -> None:
        """Note that a game is closed, so nobody is in it."""


class NoPresence:
    """The presence of a server without a successor."""

    is_settled = True
    games_with_absent: Collection[str] = ()

    def expected(self, _game_id: str) -> Users:
        """Return nobody."""
        return {}

    def came(self, _game_id: str, _user_id: int, _name: str) -> None:
        """Do nothing."""

    def left(self, _game_id: str, _user_id: int) -> None:
        """Do nothing."""

    def ended(self, _game_id: str) -> None:
        """Do nothing."""


NO_PRESENCE: Final = NoPresence()


@define(eq=False)
class PresenceTable:
    """Who is in which game. `former` is the table of the former leader, as this node knew it."""

    former: Mapping[str, Users] = Factory(dict)
    on_change: OnChange = lambda *_: None
    is_settled: bool = False
    games: dict[str, Users] = Factory(dict)
    _expected: dict[str, Users] = Factory(dict)

    def __attrs_post_init__(self) -> None:
        self._expected = {game_id: dict(users) for game_id, users in self.former.items()}
        self.games = {game_id: dict(users) for game_id, users in self.former.items()}

    @property
    def games_with_absent(self) -> Collection[str]:
        """The games of the former leader, whose users may still come back."""
        return tuple(self.former)

    def expected(self, game_id: str) -> Users:
        """Return, once, the users who were in a game under the former leader."""
        return self._expected.pop(game_id, {})

    def came(self, game_id: str, user_id: int, name: str) -> None:
        """Note that the first connection of a user has joined a game."""
        users = self.games.setdefault(game_id, {})
        if user_id not in users:
            users[user_id] = name
            self.on_change(game_id, user_id, name, True)

    def left(self, game_id: str, user_id: int) -> None:
        """Note that the last connection of a user has left a game."""
        users = self.games.get(game_id, {})
        if users.pop(user_id, None) is not None:
            self.on_change(game_id, user_id, "", False)
        if not users:
            self.games.pop(game_id, None)

    def ended(self, game_id: str) -> None:
        """Note that a game is closed, so nobody is in it."""
        for user_id in tuple(self.games.get(game_id, ())):
            self.left(game_id, user_id)
