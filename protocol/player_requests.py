"""The requests of a player about the player's own limits and breaks (contract, operator's side)."""

from typing import Annotated

from attrs import frozen

from game.commands import Command
from game.limit_shapes import LimitChanges
from game.own_limits import LimitChange
from game.refusals import Refusal, invalid
from game.shapes import CurrencyCode, Millis


@frozen(kw_only=True)
class SetMyLimits(Command):
    """Set the caller's own limits in a currency, and return them. Without `limits`, return them.

    A limit that is lowered holds immediately. One that is raised, or removed by `none`, holds on
    for 24 hours.
    """

    currency: CurrencyCode = "DON"
    limits: Annotated[tuple[LimitChange, ...], LimitChanges()] = ()


@frozen(kw_only=True)
class TakeABreak(Command):
    """Refuse the caller's bets and chat lines until a time, or until the operator lifts the break.

    A break that is running can be made longer, not shorter.
    """

    until: Millis | None = None

    def wrong_at(self, now: int) -> Refusal | None:
        """Refuse an end that has passed."""
        if self.until is not None and self.until <= now:
            return invalid("until", "a time in the future")
        return None
