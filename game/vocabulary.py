"""Terms that every floor shares: statuses, phases, rights, and fixed bounds."""

from enum import IntEnum, StrEnum

LARGEST_TIME = 2**53 - 1
"""Larger integers are not exact in a JSON number (contract, section 1)."""

NAME_LENGTH = 200
TARGET_LEVELS = 100
TARGETS_PER_GAME = 10_000
ACTIONS_PER_GAME = 1_000
PAGE_SIZE = 1_000
"""Rows in a page of a list, by default and at most (contract, section 6)."""

PAST_EVENTS = 100
"""The number of newest events in the details of a game."""
LONGEST_BET_DELAY_MS = 30_000
"""The longest that a bet may wait in play, whatever the server's setting."""
DELAYED_BETS = 20
"""Bets of one user that may wait in one pool at the same time."""
NEW_BETS = 100
"""The number of new bets that an update of a distribution names at most."""


class PoolType(IntEnum):
    """The types of betting pools (contract, section 7)."""

    PARIMUTUEL_EVENT = 1
    PARIMUTUEL_TIME = 2
    BINARY_EVENT = 3
    BINARY_TIME = 4

    @property
    def is_binary(self) -> bool:
        """Return whether the pool has the targets yes and no, and an admin must resolve it."""
        return self in (PoolType.BINARY_EVENT, PoolType.BINARY_TIME)

    @property
    def is_timed(self) -> bool:
        """Return whether the pool ends automatically at its `finish_at`."""
        return self in (PoolType.PARIMUTUEL_TIME, PoolType.BINARY_TIME)


class Phase(StrEnum):
    """How far a game has come by requests. It never goes back."""

    UPCOMING = "upcoming"
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


class Status(StrEnum):
    """A game's status as clients see it: its phase and the time (contract, section 6)."""

    NOT_YET_ACTIVE = "betting_not_yet_active"
    PRE_GAME = "pre_game_betting_active"
    IN_PROGRESS = "game_in_progress_betting_active"
    BETTING_CLOSED = "game_in_progress_betting_closed"
    CLOSED = "game_closed"


class Right(StrEnum):
    """The users that may send an op (contract, section 3)."""

    EVERY_CLIENT = "every client, guests included"
    ANYONE = "every signed-in user"
    HOST = "a host"
    SOURCE_ADMIN = "an admin of the source"
    GAME_ADMIN = "an admin of the game"
    MODERATOR = "an admin of the game, or of the source if the request names one"
    EITHER_ADMIN = "an admin of the game or of its source"
    SOURCE_ADMIN_OR_SUBJECT = "an admin of the source, or the game admin being dismissed"
    ASKING_TO_BE_ADMIN = "an admin of the source (other users receive the failure reply)"
