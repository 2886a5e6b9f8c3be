"""The named writes of players' own limits and breaks. `storage/own_limits.py` has the rows.

Each change is an act too, made by the player or, if a break is lifted, by an API key (`by`).
"""

from collections.abc import Iterable

import attrs
from attrs import field, frozen
from attrs.validators import deep_iterable, instance_of, optional

from game.own_limits import Break, LimitChange, changed_limits, longer_break
from game.refusals import invalid
from storage.acts import ActKind, acted
from storage.changes import Change
from storage.database import Database
from storage.limit_changes import BreakLifted, BreakTaken, OwnLimitSet
from storage.own_limits import break_of, break_values, limit_values, limits_of
from storage.user_writes import user_values, user_with_id
from storage.users import refuse_erased
from storage.write import (
    DecidedWrite,
    Values,
    Write,
    currency_like,
    id_like,
    text_like,
    time_like,
)


@frozen
class SetOwnLimits(Write):
    """Change a player's own limits in a currency."""

    word = "set_own_limits"
    user_id: int = field(validator=id_like)
    currency: str = field(validator=currency_like)
    changes: tuple[LimitChange, ...] = field(validator=deep_iterable(instance_of(LimitChange)))

    def decide(self, database: Database, now_ms: int) -> DecidedWrite:
        """Answer with all limits in the currency, what is pending, and the break."""
        known = limits_of(database, self.user_id)
        before = known.get(self.currency, {})
        replaced = changed_limits(before, self.changes, now_ms)
        values = {
            **limit_values(self.currency, {**before, **replaced}, now_ms),
            "running_break": break_values(database, self.user_id, now_ms),
            "currencies": sorted(known.keys() | ({self.currency} if replaced else set())),
        }
        if not replaced:
            return DecidedWrite((), values)
        rows = [
            OwnLimitSet(self.user_id, self.currency, str(period), str(kind), *attrs.astuple(own))
            for (period, kind), own in replaced.items()
        ]
        return DecidedWrite([*rows, self._act(rows, now_ms)], values)

    def _act(self, rows: Iterable[OwnLimitSet], now_ms: int) -> Change:
        names = ("period", "kind", "amount", "next_amount", "next_at")
        limits = [{name: getattr(row, name) for name in names} for row in rows]
        about = {"user_id": self.user_id, "currency": self.currency, "limits": limits}
        return acted(ActKind.LIMITS_SET, now_ms, **about)


@frozen
class TakeBreak(Write):
    """Let a player take a break until a time (epoch ms; None: until the operator lifts it)."""

    word = "take_break"
    user_id: int = field(validator=id_like)
    until: int | None = field(default=None, validator=optional(time_like))

    def decide(self, database: Database, now_ms: int) -> DecidedWrite:
        """Answer with the end of the break that holds, which is not earlier. Raise `Refusal`."""
        wanted, present = Break(self.until), break_of(database, self.user_id)
        if wanted.has_ended(now_ms):
            raise invalid("until", "a time in the future")
        taken = longer_break(present, wanted, now_ms)
        values: Values = {"until": taken.until}
        if taken is present:
            return DecidedWrite((), values)
        act = acted(ActKind.BREAK_TAKEN, now_ms, user_id=self.user_id, until=taken.until)
        return DecidedWrite([BreakTaken(self.user_id, taken.until), act], values)


@frozen
class LiftBreak(Write):
    """End a player's break, for an API key."""

    word = "lift_break"
    user_id: int = field(validator=id_like)
    reason: str | None = field(default=None, validator=optional(text_like))
    by: str | None = field(default=None, validator=optional(text_like))

    def decide(self, database: Database, now_ms: int) -> DecidedWrite:
        """Answer with the user. Without a break there is nothing to do.

        Raise UnknownUserError, ErasedUserError.
        """
        user = user_with_id(database, self.user_id)
        refuse_erased(user)
        values = user_values(database, user)
        present = break_of(database, user.id)
        if present is None or present.has_ended(now_ms):
            return DecidedWrite((), values, is_repeated=True)
        given = {"reason": self.reason, "by": self.by}
        about = {name: value for name, value in given.items() if value is not None}
        act = acted(ActKind.BREAK_LIFTED, now_ms, user_id=user.id, **about)
        return DecidedWrite([BreakLifted(user.id), act], values)
