"""What can be asked of the server that changes no game, with the shape of every parameter.

What changes a game is `game/commands.py`; which op asks for what is `protocol/ops.py`.
"""

from typing import Annotated

from attrs import frozen

from game.commands import Command
from game.refusals import Refusal, invalid
from game.shapes import Count, CurrencyCode, EntityId, GameIds, Name, Text, Whole
from game.vocabulary import LARGEST_TIME, NAME_LENGTH, PAGE

PageLimit = Annotated[int, Whole(minimum=1, maximum=LARGEST_TIME)]


class Request(Command):
    """Something that is asked of the server, but would not change a game."""

    changes = False


class GameRequest(Request):
    """A question about one game, or a change of who listens to it."""

    game_id: str


class PoolRequest(Request):
    """A question about one pool."""

    pool_id: str


@frozen(kw_only=True)
class Ping(Request):
    """Test whether the server is alive (1)."""


@frozen(kw_only=True)
class GetOpcodes(Request):
    """List the ops, the responses and the limits in force (2)."""


@frozen(kw_only=True)
class Logon(Request):
    """Confirm the sign-in to clients of the old protocol (100); the URL has signed them in."""


@frozen(kw_only=True)
class OpenSource(Request):
    """Open a game source (365)."""

    changes = True

    source_name: Annotated[str, Name(NAME_LENGTH)]
    description: Annotated[str, Name(512)] | None = None


@frozen(kw_only=True)
class CloseSource(Request):
    """Close a game source and every game in it (366)."""

    changes = True

    source_id: EntityId


@frozen(kw_only=True)
class ListMySources(Request):
    """List the open sources that the caller administers (611)."""


class Paged(Request):
    """A list in pages: `limit` rows from `offset` on; more than a page is cut."""

    offset: Count
    limit: PageLimit

    @property
    def page(self) -> int:
        """How many rows to give."""
        return min(self.limit, PAGE)


@frozen(kw_only=True)
class ListGames(Paged):
    """List the games of a source that are not closed (380)."""

    source_id: EntityId
    offset: Count = 0
    limit: PageLimit = PAGE


@frozen(kw_only=True)
class ListUpcomingGames(Paged):
    """List the games of a source that have not been opened yet (3811)."""

    source_id: EntityId
    offset: Count = 0
    limit: PageLimit = PAGE


@frozen(kw_only=True)
class ListMyGames(Paged):
    """List the games that the caller administers (610)."""

    offset: Count = 0
    limit: PageLimit = PAGE


@frozen(kw_only=True)
class GetGameDetails(GameRequest):
    """Return the details of a game (372)."""

    game_id: EntityId


@frozen(kw_only=True)
class JoinGame(GameRequest):
    """Subscribe this connection to a game (363); `since` is the last position it knows."""

    game_id: EntityId
    since: Count | None = None


@frozen(kw_only=True)
class LeaveGame(GameRequest):
    """End this connection's subscription to a game (364)."""

    game_id: EntityId


class PoolsPage(GameRequest):
    """Unresolved pools in order of opening, from `offset` on.

    As many as fit in a reply, one at least; `limit`: no more than that.
    """

    offset: Count
    limit: PageLimit | None


@frozen(kw_only=True)
class ListPools(PoolsPage):
    """List the unresolved pools of a game (387)."""

    game_id: EntityId
    offset: Count = 0
    limit: PageLimit | None = None


@frozen(kw_only=True)
class ListMyOpenPools(PoolsPage):
    """List the unresolved pools in which the caller has no bet (388)."""

    game_id: EntityId
    offset: Count = 0
    limit: PageLimit | None = None


@frozen(kw_only=True)
class ListMyRunningPools(PoolsPage):
    """List the unresolved pools in which the caller has a bet (389)."""

    game_id: EntityId
    offset: Count = 0
    limit: PageLimit | None = None


@frozen(kw_only=True)
class ListMyResolvedPools(GameRequest, Paged):
    """List the resolved pools in which the caller had a bet, the newest first (390)."""

    game_id: EntityId
    offset: Count = 0
    limit: PageLimit = PAGE


@frozen(kw_only=True)
class GetDistribution(PoolRequest, Paged):
    """Return the stakes in a pool, with one page of its bets (393)."""

    pool_id: EntityId
    offset: Count = 0
    limit: PageLimit = PAGE


@frozen(kw_only=True)
class GetCurrentBalance(Request):
    """Return the caller's balance, stakes in unresolved pools included (800)."""

    currency: CurrencyCode = "DON"


@frozen(kw_only=True)
class GetAvailableBalance(Request):
    """Return the amount that the caller can stake (810)."""

    currency: CurrencyCode = "DON"


@frozen(kw_only=True)
class GetExposure(Request):
    """Return the caller's stakes in unresolved pools (840)."""

    currency: CurrencyCode = "DON"


@frozen(kw_only=True)
class SendText(Request):
    """Send a chat line to the subscribers of games that this connection has joined (900)."""

    text: Annotated[str, Text(500)]
    targets: Annotated[tuple[str, ...], GameIds()] = ()


class Ranked(Request):
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
    """Rank the users by what they have won in a currency (450)."""

    currency: CurrencyCode = "DON"
    start: Count = 0
    end: Count = 100


@frozen(kw_only=True)
class GetGameLeaderboard(GameRequest, Ranked):
    """Rank the users by what they have won in a game (451)."""

    game_id: EntityId
    start: Count = 0
    end: Count = 100
