"""The queries, and the commands that change a source, with the shape of every parameter.

A query writes no facts. The commands that change a game are in `game/commands.py`; the op of each
class is in `protocol/ops.py`. The order of the fields is the order in which they are checked.
"""

from typing import Annotated

from attrs import frozen

from game.commands import Command
from game.refusals import Refusal, invalid
from game.shapes import Count, CurrencyCode, EntityId, GameIds, Name, Text, Whole
from game.vocabulary import LARGEST_TIME, NAME_LENGTH, PAGE

PageLimit = Annotated[int, Whole(minimum=1, maximum=LARGEST_TIME)]


class Query(Command):
    """A request that writes no facts."""

    changes = False


class GameQuery(Query):
    """A query about one game, or a change of a connection's subscription to it."""

    game_id: str


class PoolQuery(Query):
    """A query about one pool."""

    pool_id: str


@frozen(kw_only=True)
class Ping(Query):
    """Are you there? (1)"""


@frozen(kw_only=True)
class GetOpcodes(Query):
    """Which ops, responses and limits are there? (2)"""


@frozen(kw_only=True)
class Logon(Query):
    """For old clients: a connection is signed in by its URL (100)."""


@frozen(kw_only=True)
class OpenSource(Command):
    """Open a game source (365)."""

    source_name: Annotated[str, Name(NAME_LENGTH)]
    description: Annotated[str, Name(512)] | None = None


@frozen(kw_only=True)
class CloseSource(Command):
    """Close a game source and every game in it (366)."""

    source_id: EntityId


@frozen(kw_only=True)
class ListMySources(Query):
    """The open sources that the caller administers (611)."""


class Paged(Query):
    """A list in pages: `limit` rows from `offset` on; more than a page is cut."""

    offset: Count
    limit: PageLimit

    @property
    def page(self) -> int:
        """How many rows to give."""
        return min(self.limit, PAGE)


@frozen(kw_only=True)
class ListGames(Paged):
    """The games of a source that are not closed (380)."""

    source_id: EntityId
    offset: Count = 0
    limit: PageLimit = PAGE


@frozen(kw_only=True)
class ListUpcomingGames(Paged):
    """The games of a source that wait to be opened (3811)."""

    source_id: EntityId
    offset: Count = 0
    limit: PageLimit = PAGE


@frozen(kw_only=True)
class ListMyGames(Paged):
    """The games that the caller administers (610)."""

    offset: Count = 0
    limit: PageLimit = PAGE


@frozen(kw_only=True)
class GetGameDetails(GameQuery):
    """A game as it stands (372)."""

    game_id: EntityId


@frozen(kw_only=True)
class JoinGame(GameQuery):
    """Subscribe this connection to a game (363); `since`: the last position it knows."""

    game_id: EntityId
    since: Count | None = None


@frozen(kw_only=True)
class LeaveGame(GameQuery):
    """End this connection's subscription to a game (364)."""

    game_id: EntityId


class PoolsPage(GameQuery):
    """Unresolved pools in order of opening, from `offset` on.

    As many as fit in a reply, one at least; `limit`: no more than that.
    """

    offset: Count
    limit: PageLimit | None


@frozen(kw_only=True)
class ListPools(PoolsPage):
    """The unresolved pools of a game (387)."""

    game_id: EntityId
    offset: Count = 0
    limit: PageLimit | None = None


@frozen(kw_only=True)
class ListMyOpenPools(PoolsPage):
    """The unresolved pools in which the caller has no bet (388)."""

    game_id: EntityId
    offset: Count = 0
    limit: PageLimit | None = None


@frozen(kw_only=True)
class ListMyRunningPools(PoolsPage):
    """The unresolved pools in which the caller has a bet (389)."""

    game_id: EntityId
    offset: Count = 0
    limit: PageLimit | None = None


@frozen(kw_only=True)
class ListMyResolvedPools(GameQuery, Paged):
    """The resolved pools in which the caller had a bet, the newest first (390)."""

    game_id: EntityId
    offset: Count = 0
    limit: PageLimit = PAGE


@frozen(kw_only=True)
class GetDistribution(PoolQuery, Paged):
    """What is staked in a pool, with a page of its bets (393)."""

    pool_id: EntityId
    offset: Count = 0
    limit: PageLimit = PAGE


@frozen(kw_only=True)
class GetCurrentBalance(Query):
    """What the caller has, stakes in unresolved pools included (800)."""

    currency: CurrencyCode = "DON"


@frozen(kw_only=True)
class GetAvailableBalance(Query):
    """What the caller can stake (810)."""

    currency: CurrencyCode = "DON"


@frozen(kw_only=True)
class GetExposure(Query):
    """The caller's stakes in unresolved pools (840)."""

    currency: CurrencyCode = "DON"


@frozen(kw_only=True)
class SendText(Query):
    """Chat with those who listen to games that this connection has joined (900)."""

    text: Annotated[str, Text(500)]
    targets: Annotated[tuple[str, ...], GameIds()] = ()


class Ranked(Query):
    """A part of a leaderboard: the places from `start` up to, not including, `end`."""

    start: int
    end: int

    def wrong(self) -> Refusal | None:
        """Not more than a page."""
        if not self.start <= self.end <= self.start + PAGE:
            return invalid("end", "at least 'start' and at most {page} beyond it", page=PAGE)
        return None


@frozen(kw_only=True)
class GetLeaderboard(Ranked):
    """Who has won most in a currency (450)."""

    currency: CurrencyCode = "DON"
    start: Count = 0
    end: Count = 100


@frozen(kw_only=True)
class GetGameLeaderboard(GameQuery, Ranked):
    """Who has won most in a game (451)."""

    game_id: EntityId
    start: Count = 0
    end: Count = 100
