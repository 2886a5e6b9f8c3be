"""A player's own limits and breaks: the most to stake or to lose in a period, and when to stop.

Theory of operation
===================

A player may limit two things in each currency, for a day, a week and a month (UTC; weeks begin on
Monday):

    spend   the stakes of the period, less what was refunded in it
    loss    what the period's results lost, less what they won, and the stakes in play, because
            all of them may be lost

A stake is refused if it would exceed any limit. What the period's entries of the statement say is a
`Usage`; stakes that are set aside and not in the statement yet count too (`Restraint`).

A limit that is lowered holds immediately. One that is raised or removed holds on for
`RAISE_DELAY_MS`: a player who wants more has to want it a day later. Until then the present amount
applies, and a lower one that is asked for meanwhile replaces both.

During a break the player places no bet and sends no chat line. A break can be made longer, not
shorter; only the operator lifts it.

`storage/own_limits.py` stores both, and `actors/games/restraints.py` has them for each bet.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final

from attrs import Factory, frozen

from game.ledger import CORRECTION
from game.money import amount as as_number
from game.money import as_text
from game.refusals import Code, Refusal

RAISE_DELAY_MS: Final = 24 * 3_600_000
"""How long a limit holds on once the player has asked for a higher one, or for none."""

_DAY_MS: Final = 24 * 3_600_000
_MONDAY: Final = 3
"""Days from the Monday of the week in which the epoch began, to the epoch."""


class Period(StrEnum):
    """What a limit counts over: a UTC calendar day, a week from Monday, or a calendar month."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class LimitKind(StrEnum):
    """What a limit counts."""

    SPEND = "spend"
    LOSS = "loss"


LimitKey = tuple[Period, LimitKind]


def start_of(period: Period, at: int) -> int:
    """Return when the period that contains a time began (both in epoch ms)."""
    day = at // _DAY_MS
    match period:
        case Period.DAY:
            return day * _DAY_MS
        case Period.WEEK:
            return ((day + _MONDAY) // 7 * 7 - _MONDAY) * _DAY_MS
        case Period.MONTH:
            return _epoch_ms(_date_of(at).replace(day=1))


def end_of(period: Period, at: int) -> int:
    """Return when the period that contains a time ends and the next one begins (epoch ms)."""
    match period:
        case Period.DAY:
            return start_of(period, at) + _DAY_MS
        case Period.WEEK:
            return start_of(period, at) + 7 * _DAY_MS
        case Period.MONTH:
            in_the_next = _date_of(at).replace(day=1) + timedelta(days=32)
            return _epoch_ms(in_the_next.replace(day=1))


@frozen
class OwnLimit:
    """One limit, in hundredths; None for none. `next_amount` replaces it at `next_at` (epoch ms).

    Without `next_at` no change is pending.
    """

    amount: int | None = None
    next_amount: int | None = None
    next_at: int | None = None

    def at(self, now: int) -> "OwnLimit":
        """Return the limit as it is at `now` (epoch ms): what was pending may have taken effect."""
        if self.next_at is None or self.next_at > now:
            return self
        return OwnLimit(self.next_amount)

    def changed(self, wanted: int | None, now: int) -> "OwnLimit":
        """Return the limit once the player asks for another amount at `now` (epoch ms).

        A lower amount holds immediately. A higher one is pending; asking for the pending amount
        again keeps its time.
        """
        present = self.at(now)
        if not _is_higher(wanted, present.amount):
            return OwnLimit(wanted)
        if present.next_at is not None and present.next_amount == wanted:
            return present
        return OwnLimit(present.amount, wanted, now + RAISE_DELAY_MS)


NO_LIMIT: Final = OwnLimit()

OwnLimits = Mapping[LimitKey, OwnLimit]
"""The limits of a player in a currency. One that is missing is `NO_LIMIT`."""


@frozen
class LimitChange:
    """The amount that a player asks for, in hundredths; None for no such limit any more."""

    period: Period
    kind: LimitKind
    amount: int | None


def changed_limits(limits: OwnLimits, changes: Iterable[LimitChange], now: int) -> OwnLimits:
    """Return those of the limits that the changes replace, as they are from `now` on (epoch ms)."""
    replaced = {}
    for change in changes:
        key = change.period, change.kind
        before = limits.get(key, NO_LIMIT)
        after = before.changed(change.amount, now)
        if after != before.at(now):
            replaced[key] = after
    return replaced


@frozen
class Usage:
    """What a player has spent and lost in a period, in hundredths. Below 0: won."""

    spent: int = 0
    lost: int = 0

    def plus(self, cause: str, current_change: int, available_change: int) -> "Usage":
        """Return the usage with entries of the statement that have this cause.

        The changes are the sums of what the entries changed, in hundredths.
        """
        spent = -available_change if cause in _SPENDING else 0
        lost = -current_change if cause in _LOSING else 0
        return Usage(self.spent + spent, self.lost + lost)


@frozen
class Break:
    """The player stops until a time (epoch ms); None: until the operator lifts it."""

    until: int | None = None

    def has_ended(self, now: int) -> bool:
        """Return whether it is over at `now` (epoch ms)."""
        return self.until is not None and self.until <= now


def longer_break(present: Break | None, wanted: Break, now: int) -> Break:
    """Return the break that holds once the player asks for one at `now` (epoch ms)."""
    if present is None or present.has_ended(now) or wanted.until is None:
        return wanted
    if present.until is None or present.until >= wanted.until:
        return present
    return wanted


@frozen(kw_only=True)
class OwnRules:
    """What a player has set: limits by currency, and a break."""

    limits: Mapping[str, OwnLimits] = Factory(dict)
    pause: Break | None = None


@frozen(kw_only=True)
class Restraint:
    """What a player's own rules say to a stake, and all that they count.

    `usages` are those of the present periods. `in_play` are the stakes in unresolved pools, and
    `pending` the stakes that are set aside and in no statement yet, in hundredths.
    """

    limits: OwnLimits = Factory(dict)
    usages: Mapping[Period, Usage] = Factory(dict)
    in_play: int = 0
    pending: int = 0
    pause: Break | None = None

    def left(self, now: int) -> Iterator[tuple[int, LimitKey, int]]:
        """Yield what each limit leaves to stake at `now`, its key and its amount (hundredths)."""
        for key, own in self.limits.items():
            if (most := own.at(now).amount) is not None:
                yield most - self._used(*key), key, most

    def _used(self, period: Period, kind: LimitKind) -> int:
        usage = self.usages.get(period, Usage())
        if kind is LimitKind.SPEND:
            return max(0, usage.spent) + self.pending
        return usage.lost + self.in_play + self.pending


def refuse_restrained(restraint: Restraint, stake: int, currency: str, now: int) -> None:
    """Raise `Refusal` for a stake at `now` (epoch ms) during a break, or beyond a limit.

    Of several limits that it exceeds, the one that leaves least is named; of equal ones the one
    whose period ends last.
    """
    refuse_in_break(restraint.pause, now)
    exceeded = [
        (left, -end_of(period, now), kind, period, most)
        for left, (period, kind), most in restraint.left(now)
        if stake > left
    ]
    if exceeded:
        _, end, kind, period, most = min(exceeded)
        what = "stakes" if kind is LimitKind.SPEND else "losses"
        raise Refusal(
            Code.LIMIT_REACHED,
            "This stake would exceed your own limit of {limit} {currency} a {period} on {what}. The"
            " next {period} begins at {until} (epoch ms).",
            limit=as_text(most),
            currency=currency,
            period=period,
            what=what,
            until=-end,
            details={"limit": as_number(most), "until": -end},
        )


def refuse_in_break(pause: Break | None, now: int) -> None:
    """Raise `Refusal` if the player has a break at `now` (epoch ms)."""
    if pause is None or pause.has_ended(now):
        return
    details = {"until": pause.until}
    if pause.until is None:
        sentence = "You are taking a break that only the operator can lift."
        raise Refusal(Code.LIMIT_REACHED, sentence, details=details)
    sentence = "You are taking a break until {until} (epoch ms)."
    raise Refusal(Code.LIMIT_REACHED, sentence, until=pause.until, details=details)


_SPENDING: Final = ("bet", "refund")
_LOSING: Final = ("payout", "loss", CORRECTION)
"""The causes of entries that count; those of payments do not (`game/ledger.py`)."""


def _is_higher(wanted: int | None, amount: int | None) -> bool:
    if amount is None:
        return False
    return wanted is None or wanted > amount


def _date_of(at: int) -> date:
    return date(1970, 1, 1) + timedelta(days=at // _DAY_MS)


def _epoch_ms(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1_000
