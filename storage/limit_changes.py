"""The rows of players' own limits and breaks. `storage/changes.py` says what a change is."""

from attrs import define

from storage.changes import Change


@define
class OwnLimitSet(Change):
    """A player's limit of a period and kind is `amount`, and `next_amount` from `next_at` on.

    Amounts in hundredths, None for no limit; `next_at` in epoch ms, None if no change is pending.
    """

    statement = "INSERT OR REPLACE INTO own_limits VALUES (?, ?, ?, ?, ?, ?, ?)"
    user_id: int
    currency: str
    period: str
    kind: str
    amount: int | None
    next_amount: int | None
    next_at: int | None


@define
class BreakTaken(Change):
    """The player places no bet and sends no chat line until a time (epoch ms; None: no end)."""

    statement = "INSERT OR REPLACE INTO breaks VALUES (?, ?)"
    user_id: int
    until: int | None


@define
class BreakLifted(Change):
    """The operator has ended the player's break."""

    after = BreakTaken
    statement = "DELETE FROM breaks WHERE user_id = ?"
    user_id: int
