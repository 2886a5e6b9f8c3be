"""The queries, and the commands that change a source, with the shape of every parameter.

A query writes no facts. The commands that change a game are in `game/commands.py`; the op of each
class is in `protocol/ops.py`. The order of the fields is the order in which they are checked.
"""

from typing import Annotated

from attrs import field, frozen

from game.commands import Command
from game.refusals import Refusal, invalid
from game.shapes import (
    Count,
    CurrencyCode,
    EntityId,
    GameIds,
    Millis,
    Name,
    OneOf,
    Switch,
    Text,
    Whole,
)
from game.vocabulary import LARGEST_TIME, NAME_LENGTH, PAGE_SIZE

LONGEST_TOKEN = 8_192
"""Characters of a token of the operator (JWT)."""
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
    """Test whether the server is alive."""


@frozen(kw_only=True)
class GetOpcodes(Query):
    """List the ops, the responses and the limits in force."""


@frozen(kw_only=True)
class Logon(Query):
    """Confirm the sign-in to clients of the old protocol; the URL has signed them in."""


@frozen(kw_only=True)
class Renew(Query):
    """Keep a connection that was signed in with a token open, until a fresh token expires."""

    token: Annotated[str, Text(LONGEST_TOKEN)] = field(repr=False)


@frozen(kw_only=True)
class OpenSource(Command):
    """Open a game source."""

    source_name: Annotated[str, Name(NAME_LENGTH)]
    description: Annotated[str, Name(512)] | None = None
    listed: Switch = True


@frozen(kw_only=True)
class CloseSource(Command):
    """Close a game source and every game in it."""

    source_id: EntityId


@frozen(kw_only=True)
class ListMySources(Query):
    """List the open sources that the caller administers."""


class Paged(Query):
    """A query for a page of a list: `limit` rows from `offset` on, at most `PAGE_SIZE`."""

    offset: Count
    limit: PageLimit

    @property
    def page(self) -> int:
        """Return the number of rows in the page."""
        return min(self.limit, PAGE_SIZE)


@frozen(kw_only=True)
class ListGames(Paged):
    """List the games of a source that are not closed."""

    source_id: EntityId
    offset: Count = 0
    limit: PageLimit = PAGE_SIZE


@frozen(kw_only=True)
class ListUpcomingGames(Paged):
    """List the games of a source that have not been opened yet."""

    source_id: EntityId
    offset: Count = 0
    limit: PageLimit = PAGE_SIZE


@frozen(kw_only=True)
class FindGames(Paged):
    """List the games of all listed sources: live ones first, then by the start of the match.

    `query` is looked for in the names of game and source and in the hashtag.
    """

    query: Annotated[str, Text(NAME_LENGTH)] | None = None
    status: Annotated[str, OneOf(("live", "upcoming"))] | None = None
    offset: Count = 0
    limit: PageLimit = PAGE_SIZE


@frozen(kw_only=True)
class ListMyGames(Paged):
    """List the games that the caller administers."""

    offset: Count = 0
    limit: PageLimit = PAGE_SIZE


@frozen(kw_only=True)
class GetGameDetails(GameQuery):
    """Return the details of a game."""

    game_id: EntityId


@frozen(kw_only=True)
class JoinGame(GameQuery):
    """Subscribe this connection to a game; `since` is the last position it knows."""

    game_id: EntityId
    since: Count | None = None


@frozen(kw_only=True)
class LeaveGame(GameQuery):
    """End this connection's subscription to a game."""

    game_id: EntityId


class PoolsPage(GameQuery):
    """A query for unresolved pools in order of opening, from `offset` on.

    The reply has as many as fit in it, at least one and at most `limit`.
    """

    offset: Count
    limit: PageLimit | None


@frozen(kw_only=True)
class ListPools(PoolsPage):
    """List the unresolved pools of a game."""

    game_id: EntityId
    offset: Count = 0
    limit: PageLimit | None = None


@frozen(kw_only=True)
class ListMyOpenPools(PoolsPage):
    """List the unresolved pools in which the caller has no bet."""

    game_id: EntityId
    offset: Count = 0
    limit: PageLimit | None = None


@frozen(kw_only=True)
class ListMyRunningPools(PoolsPage):
    """List the unresolved pools in which the caller has a bet."""

    game_id: EntityId
    offset: Count = 0
    limit: PageLimit | None = None


@frozen(kw_only=True)
class ListMyResolvedPools(GameQuery, Paged):
    """List the resolved pools in which the caller had a bet, the newest first."""

    game_id: EntityId
    offset: Count = 0
    limit: PageLimit = PAGE_SIZE


@frozen(kw_only=True)
class ListResolvedPools(GameQuery, Paged):
    """List the resolved pools of a game with their results, the newest first."""

    game_id: EntityId
    offset: Count = 0
    limit: PageLimit = PAGE_SIZE


@frozen(kw_only=True)
class GetDistribution(PoolQuery, Paged):
    """Return the stakes in a pool, with one page of its bets."""

    pool_id: EntityId
    offset: Count = 0
    limit: PageLimit = PAGE_SIZE


@frozen(kw_only=True)
class GetReceipt(PoolQuery, Paged):
    """Return everything that decided what a resolved pool paid, with one page of its bets."""

    pool_id: EntityId
    offset: Count = 0
    limit: PageLimit = PAGE_SIZE


@frozen(kw_only=True)
class GetCurrentBalance(Query):
    """Return the caller's balance, stakes in unresolved pools included."""

    currency: CurrencyCode = "DON"


@frozen(kw_only=True)
class GetAvailableBalance(Query):
    """Return the amount that the caller can stake."""

    currency: CurrencyCode = "DON"


@frozen(kw_only=True)
class GetExposure(Query):
    """Return the caller's stakes in unresolved pools."""

    currency: CurrencyCode = "DON"


@frozen(kw_only=True)
class GetStatement(Query):
    """Return a page of the caller's statement, the newest entry first.

    It has the entries from `from` up to, not including, `to`, and with a lower id than `before`.
    """

    currency: CurrencyCode = "DON"
    from_: Millis = 0
    to: Millis = LARGEST_TIME
    before: Annotated[int, Whole(1)] | None = None
    limit: PageLimit = PAGE_SIZE

    @property
    def page(self) -> int:
        """Return the number of entries in the page."""
        return min(self.limit, PAGE_SIZE)


@frozen(kw_only=True)
class SendText(Query):
    """Send a chat line to the subscribers of games that this connection has joined."""

    text: Annotated[str, Text(500)]
    targets: Annotated[tuple[str, ...], GameIds()] = ()


class Ranked(Query):
    """A query for the places of a leaderboard from `start` up to, but not including, `end`."""

    start: int
    end: int

    def wrong(self) -> Refusal | None:
        """Refuse more places than a page has."""
        if not self.start <= self.end <= self.start + PAGE_SIZE:
            return invalid("end", "from 'start' to {page} beyond it", page=PAGE_SIZE)
        return None


@frozen(kw_only=True)
class GetLeaderboard(Ranked):
    """Rank the users by what they have won in a currency."""

    currency: CurrencyCode = "DON"
    start: Count = 0
    end: Count = 100


@frozen(kw_only=True)
class GetGameLeaderboard(GameQuery, Ranked):
    """Rank the users by what they have won in a game."""

    game_id: EntityId
    start: Count = 0
    end: Count = 100
