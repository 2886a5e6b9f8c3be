"""The words that every floor shares: statuses, phases, rights, and the bounds that never move."""

from enum import IntEnum, StrEnum

LARGEST_TIME = 2**53 - 1
"""Epoch milliseconds beyond this are not exact in a JSON number (contract, section 1)."""

NAME_LENGTH = 200
TARGET_LEVELS = 100
TARGETS_PER_GAME = 10_000
ACTIONS_PER_GAME = 1_000
PAGE = 1_000
"""Rows in a page of a list, by default and at most (contract, section 6)."""


PAST_EVENTS = 100
"""How many of the newest events the details of a game hold."""
NEW_BETS = 100
"""How many bets a 361 names."""


class PoolType(IntEnum):
    """The types of betting pools (contract, section 7)."""

    PARIMUTUEL_EVENT = 1
    PARIMUTUEL_TIME = 2
    BINARY_EVENT = 3
    BINARY_TIME = 4

    @property
    def is_binary(self) -> bool:
        """Whether the pool is on yes or no, and has to be resolved by an admin."""
        return self in (PoolType.BINARY_EVENT, PoolType.BINARY_TIME)

    @property
    def is_timed(self) -> bool:
        """Whether the pool ends by itself at its `finish_at`."""
        return self in (PoolType.PARIMUTUEL_TIME, PoolType.BINARY_TIME)


class Phase(StrEnum):
    """How far a game's life has come by what people asked of it; only ever forward."""

    UPCOMING = "upcoming"
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


class Status(StrEnum):
    """A game's status as clients see it (contract, section 6): its phase and the time."""

    NOT_YET_ACTIVE = "betting_not_yet_active"
    PRE_GAME = "pre_game_betting_active"
    IN_PROGRESS = "game_in_progress_betting_active"
    BETTING_CLOSED = "game_in_progress_betting_closed"
    CLOSED = "game_closed"


class Right(StrEnum):
    """Who may send an op (contract, section 3)."""

    ANYONE = "every signed-in user"
    HOST = "a host"
    SOURCE_ADMIN = "an admin of the source"
    GAME_ADMIN = "an admin of the game"
    EITHER_ADMIN = "an admin of the game or of its source"
    SOURCE_ADMIN_OR_ONESELF = "an admin of the source, or the game admin being dismissed"
    ASKING_TO_BE_ADMIN = "an admin of the source (other users receive 645)"
