"""What a method accepts where the wire has an id: the id itself, or an object that has it."""

from typing import Protocol


class HasGameId(Protocol):
    """A game, or a reply or publication about one."""

    @property
    def game_id(self) -> str:
        """Return the id of the game."""


class HasPoolId(Protocol):
    """A pool, or a reply or publication about one."""

    @property
    def pool_id(self) -> str:
        """Return the id of the pool."""


GameId = str | HasGameId
PoolId = str | HasPoolId


def game_id_of(game: GameId) -> str:
    """Return the id of a game."""
    return game if isinstance(game, str) else game.game_id


def pool_id_of(pool: PoolId) -> str:
    """Return the id of a pool."""
    return pool if isinstance(pool, str) else pool.pool_id
