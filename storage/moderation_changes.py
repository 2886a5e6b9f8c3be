"""The rows of moderation. `storage/changes.py` says what a change is."""

from attrs import define

from storage.changes import Change


@define
class SanctionSet(Change):
    """The user may not chat, or not take part, in a venue until a time (epoch ms; None: no end)."""

    statement = "INSERT OR REPLACE INTO sanctions VALUES (?, ?, ?, ?)"
    kind: str
    venue_id: str
    user_id: int
    until: int | None


@define
class SanctionLifted(Change):
    """The user may chat, or take part, in a venue again."""

    after = SanctionSet
    statement = "DELETE FROM sanctions WHERE kind = ? AND venue_id = ? AND user_id = ?"
    kind: str
    venue_id: str
    user_id: int


@define
class SlowModeSet(Change):
    """A user may send a chat line to the game only every `ms` milliseconds."""

    statement = "INSERT OR REPLACE INTO slow_modes VALUES (?, ?)"
    game_id: str
    ms: int


@define
class SlowModeEnded(Change):
    """The game is in slow mode no longer."""

    after = SlowModeSet
    statement = "DELETE FROM slow_modes WHERE game_id = ?"
    game_id: str
