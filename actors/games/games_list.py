"""The list of all games (3812): rows of the database, with the pools and subscribers of each game.

A game without an actor has no subscribers. If it has no unresolved pool either, its row says
everything. Otherwise its actor is started, and keeps running as long as the game has pools.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

from actors.games.signals import GameSummary
from protocol import games_list
from protocol.games_list import NO_POOLS
from protocol.op import Body
from protocol.requests import FindGames
from storage.reads import Reads


class RunningGames(Protocol):
    """What the list needs of the supervisor."""

    async def act_on_due(self, source_id: str | None = None) -> None:
        """Let the games act on everything that is due."""

    async def summaries(self, game_ids: Iterable[str]) -> Mapping[str, GameSummary]:
        """Return the summaries of the games that have subscribers or unresolved pools."""


async def list_games(command: FindGames, reads: Reads, games: RunningGames) -> Body:
    """Return the body of the reply. Raise `StorageError`."""
    await games.act_on_due()
    rows, total = reads.games_found(
        command.query or "", command.status, offset=command.offset, limit=command.page
    )
    summaries = await games.summaries(row["id"] for row in rows)
    none = GameSummary(0, NO_POOLS)
    shown = [(row, summaries.get(row["id"], none)) for row in rows]
    listed = [(row, summary.subscribers, dict(summary.pools)) for row, summary in shown]
    return games_list.games_list(listed, total)
