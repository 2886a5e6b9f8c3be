"""A player's own limits: periods, changes and their times, and what they refuse, with an oracle."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import define
from hypothesis import given
from hypothesis import strategies as st

from game.own_limits import (
    NO_LIMIT,
    RAISE_DELAY_MS,
    Break,
    LimitChange,
    LimitKey,
    LimitKind,
    OwnLimit,
    Period,
    Restraint,
    Usage,
    changed_limits,
    end_of,
    longer_break,
    refuse_in_break,
    refuse_restrained,
    start_of,
)
from game.refusals import Code, Refusal

HOUR = 3_600_000
DAY = 24 * HOUR
NOW = 1_800_000_000_000
FOREVER = 2**53
MOMENTS = st.integers(0, 250_000_000_000_000)


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1_000)


def span(period: Period, at: int) -> tuple[int, int]:
    return start_of(period, at), end_of(period, at)


# Periods.


@pytest.mark.parametrize(
    ("at", "period", "start", "end"),
    [
        ("2026-11-29T23:59:59.999", Period.DAY, "2026-11-29", "2026-11-30"),
        ("2026-11-30", Period.DAY, "2026-11-30", "2026-12-01"),
        ("2026-11-29T23:59:59.999", Period.WEEK, "2026-11-23", "2026-11-30"),
        ("2026-11-30", Period.WEEK, "2026-11-30", "2026-12-07"),
        ("1970-01-01", Period.WEEK, "1969-12-29", "1970-01-05"),
        ("2026-12-31T23:00", Period.MONTH, "2026-12-01", "2027-01-01"),
        ("2028-02-29", Period.MONTH, "2028-02-01", "2028-03-01"),
        ("2026-01-31", Period.MONTH, "2026-01-01", "2026-02-01"),
    ],
)
def test_a_period_is_a_calendar_day_a_week_from_monday_or_a_month_in_utc(
    at: str, period: Period, start: str, end: str
) -> None:
    assert span(period, ms(at)) == (ms(start), ms(end))


@given(MOMENTS, st.sampled_from(Period))
def test_every_moment_is_in_one_period_and_the_next_begins_where_it_ends(
    at: int, period: Period
) -> None:
    start, end = span(period, at)
    assert start <= at < end
    assert span(period, start) == span(period, end - 1) == (start, end)
    assert start_of(period, end) == end
    first = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=start)
    assert (first.hour, first.minute, first.second, first.microsecond) == (0, 0, 0, 0)
    assert period is not Period.WEEK or first.weekday() == 0
    assert period is not Period.MONTH or first.day == 1


# Changes.


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [
        (NO_LIMIT, 10, OwnLimit(10)),
        (NO_LIMIT, None, NO_LIMIT),
        (OwnLimit(10), 10, OwnLimit(10)),
        (OwnLimit(10), 5, OwnLimit(5)),
        (OwnLimit(10), 20, OwnLimit(10, 20, NOW + DAY)),
        (OwnLimit(10), None, OwnLimit(10, None, NOW + DAY)),
        (OwnLimit(10, 20, NOW + 1), 20, OwnLimit(10, 20, NOW + 1)),
        (OwnLimit(10, 20, NOW + 1), 15, OwnLimit(10, 15, NOW + DAY)),
        (OwnLimit(10, 20, NOW + 1), 10, OwnLimit(10)),
        (OwnLimit(10, 20, NOW + 1), 5, OwnLimit(5)),
        (OwnLimit(10, 20, NOW), 15, OwnLimit(15)),
        (OwnLimit(10, 20, NOW), 25, OwnLimit(20, 25, NOW + DAY)),
        (OwnLimit(10, None, NOW), 25, OwnLimit(25)),
        (OwnLimit(10, None, NOW + 1), None, OwnLimit(10, None, NOW + 1)),
    ],
)
def test_a_lower_limit_holds_at_once_and_a_higher_one_a_day_later(
    before: OwnLimit, wanted: int | None, after: OwnLimit
) -> None:
    assert before.changed(wanted, NOW) == after
    assert RAISE_DELAY_MS == DAY


@given(
    st.lists(st.tuples(st.integers(0, 30 * HOUR), st.none() | st.integers(1, 5)), max_size=20),
    st.integers(0, 30 * HOUR),
)
def test_a_limit_rises_no_sooner_than_a_day_after_it_was_asked_for(
    asked: Sequence[tuple[int, int | None]], later: int
) -> None:
    own, now = NO_LIMIT, NOW
    for wait, wanted in asked:
        now += wait
        before = own.at(now)
        present, own = before.amount, own.changed(wanted, now)
        if before.next_at is not None and before.next_amount == wanted:
            assert own == before, "asked again, it keeps its time"
            continue
        assert no_higher(own.at(now).amount, present)
        assert no_higher(own.at(now + DAY - 1).amount, present)
        assert no_higher(own.at(now).amount, wanted)
        assert own.at(now + DAY).amount == wanted
    assert own.at(now + later).at(now + later) == own.at(now + later)


def no_higher(amount: int | None, than: int | None) -> bool:
    return than is None or (amount is not None and amount <= than)


def test_changes_name_only_what_differs() -> None:
    limits = {(Period.DAY, LimitKind.SPEND): OwnLimit(10, 20, NOW + 1)}
    changes = [
        LimitChange(Period.DAY, LimitKind.SPEND, 20),
        LimitChange(Period.WEEK, LimitKind.LOSS, None),
        LimitChange(Period.MONTH, LimitKind.LOSS, 7),
    ]
    assert changed_limits(limits, changes, NOW) == {(Period.MONTH, LimitKind.LOSS): OwnLimit(7)}


# Stakes.


DAY_SPEND, DAY_LOSS = (Period.DAY, LimitKind.SPEND), (Period.DAY, LimitKind.LOSS)


def refusal(restraint: Restraint, stake: int, now: int = NOW) -> tuple[Any, Any] | None:
    """Return the limit and the end that the refusal of a stake names; None if it is accepted."""
    try:
        refuse_restrained(restraint, stake, "DON", now)
    except Refusal as refused:
        reached = refused
    else:
        return None
    assert reached.code is Code.LIMIT_REACHED
    return reached.details.get("limit"), reached.details["until"]


def test_a_stake_may_reach_a_limit_and_not_exceed_it() -> None:
    own = Restraint(
        limits={DAY_SPEND: OwnLimit(1_000)}, usages={Period.DAY: Usage(600, 9_999)}, pending=150
    )
    assert refusal(own, 250) is None
    assert refusal(own, 251) == (10, end_of(Period.DAY, NOW))


def test_what_was_lost_is_in_play_or_set_aside_counts_towards_a_loss_limit() -> None:
    own = Restraint(
        limits={DAY_LOSS: OwnLimit(1_050)},
        usages={Period.DAY: Usage(9_999, 300)},
        in_play=400,
        pending=250,
    )
    assert refusal(own, 100) is None
    assert refusal(own, 101) == (10.5, end_of(Period.DAY, NOW))


def test_what_was_won_may_be_lost_again_and_a_refund_gives_back_no_more_than_was_spent() -> None:
    won = {Period.DAY: Usage(-500, -300)}
    assert refusal(Restraint(limits={DAY_LOSS: OwnLimit(100)}, usages=won), 400) is None
    assert refusal(Restraint(limits={DAY_LOSS: OwnLimit(100)}, usages=won), 401)
    assert refusal(Restraint(limits={DAY_SPEND: OwnLimit(100)}, usages=won), 100) is None
    assert refusal(Restraint(limits={DAY_SPEND: OwnLimit(100)}, usages=won), 101)


def test_the_limit_that_leaves_least_is_named_and_of_equal_ones_the_longest() -> None:
    limits: dict[LimitKey, OwnLimit] = {
        (Period.DAY, LimitKind.SPEND): OwnLimit(1_000),
        (Period.WEEK, LimitKind.SPEND): OwnLimit(800),
        (Period.MONTH, LimitKind.LOSS): OwnLimit(900),
    }
    assert refusal(Restraint(limits=limits), 2_000) == (8, end_of(Period.WEEK, NOW))
    usages = {Period.DAY: Usage(300), Period.MONTH: Usage(lost=200)}
    assert refusal(Restraint(limits=limits, usages=usages), 750) == (9, end_of(Period.MONTH, NOW))


def test_a_limit_is_as_it_is_at_the_time_of_the_stake() -> None:
    own = Restraint(limits={DAY_SPEND: OwnLimit(100, None, NOW)})
    assert refusal(own, 101, NOW - 1) == (1, end_of(Period.DAY, NOW - 1))
    assert refusal(own, 10**14, NOW) is None


def test_the_text_names_the_limit_and_what_it_counts() -> None:
    with pytest.raises(Refusal) as caught:
        refuse_restrained(Restraint(limits={DAY_LOSS: OwnLimit(123_450)}), 10**7, "DON", NOW)
    assert caught.value.text == (
        "This stake would exceed your own limit of 1,234.50 DON a day on losses."
        f" The next day begins at {end_of(Period.DAY, NOW)} (epoch ms)."
    )


@define
class Line:
    """An entry of a statement, as the oracle remembers it."""

    at: int
    cause: str
    current: int
    available: int


LINES = st.builds(
    Line,
    at=st.integers(NOW - 40 * DAY, NOW),
    cause=st.sampled_from(("bet", "payout", "refund", "loss", "correction", "credit", "debit")),
    current=st.integers(-1_000, 1_000),
    available=st.integers(-1_000, 1_000),
)


@given(
    st.lists(LINES, max_size=30),
    st.dictionaries(
        st.tuples(st.sampled_from(Period), st.sampled_from(LimitKind)),
        st.builds(OwnLimit, st.integers(1, 5_000)),
    ),
    st.tuples(*[st.integers(0, 2_000)] * 2),
    st.integers(1, 3_000),
)
def test_a_stake_is_refused_exactly_if_a_plain_sum_would_exceed_a_limit(
    lines: list[Line], limits: dict[LimitKey, OwnLimit], stakes: tuple[int, int], stake: int
) -> None:
    def total(period: Period, kind: LimitKind) -> int:
        inside = [line for line in lines if line.at >= start_of(period, NOW)]
        if kind is LimitKind.SPEND:
            bets = sum(line.available for line in inside if line.cause in ("bet", "refund"))
            return max(0, -bets) + stakes[1]
        results = [line for line in inside if line.cause in ("payout", "loss", "correction")]
        return sum(stakes) - sum(line.current for line in results)

    usages: dict[Period, Usage] = {}
    for period in Period:
        usage = Usage()
        for line in lines:
            if line.at >= start_of(period, NOW):
                usage = usage.plus(line.cause, line.current, line.available)
        usages[period] = usage
    own = Restraint(limits=limits, usages=usages, in_play=stakes[0], pending=stakes[1])
    beyond = any(total(*key) + stake > (most.amount or 0) for key, most in limits.items())
    assert (refusal(own, stake) is not None) == beyond


# Breaks.


@pytest.mark.parametrize(
    ("present", "wanted", "taken"),
    [
        (None, Break(NOW + 5), Break(NOW + 5)),
        (None, Break(), Break()),
        (Break(NOW + 5), Break(NOW + 4), Break(NOW + 5)),
        (Break(NOW + 5), Break(NOW + 6), Break(NOW + 6)),
        (Break(NOW + 5), Break(), Break()),
        (Break(), Break(NOW + 5), Break()),
        (Break(NOW), Break(NOW + 1), Break(NOW + 1)),
    ],
)
def test_a_break_is_made_longer_and_not_shorter(
    present: Break | None, wanted: Break, taken: Break
) -> None:
    assert longer_break(present, wanted, NOW) == taken


def test_a_break_refuses_every_stake_until_its_end() -> None:
    own = Restraint(pause=Break(NOW + 5))
    assert refusal(own, 1, NOW + 4) == (None, NOW + 5)
    assert refusal(own, 1, NOW + 5) is None
    assert refusal(Restraint(pause=Break()), 1, FOREVER) == (None, None)
    refuse_in_break(None, NOW)
