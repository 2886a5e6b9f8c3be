"""The parameter `limits`: an object of periods and kinds, with exact amounts or `none`."""

from typing import Any

import pytest

from game.own_limits import LimitChange, LimitKind, Period
from game.refusals import Code, Refusal
from protocol.codec import fingerprint, read_command, read_frame
from protocol.ops import BY_CODE
from protocol.player_requests import SetMyLimits, TakeABreak
from tests.protocol.parameters import NOW, command, refusal

WRONG = (Code.INVALID_PARAMETER, "limits")


def limits_of(text: str) -> tuple[LimitChange, ...]:
    """Read the parameter as it is written in a frame."""
    read = read_command(BY_CODE[8300], read_frame(f'{{"op": 8300, "limits": {text}}}'), NOW)[1]
    assert isinstance(read, SetMyLimits)
    return read.limits


def test_limits_are_read_by_period_and_kind() -> None:
    given = {"month": {"loss": " none "}, "day": {"spend": "10.50", "loss": 5}}
    assert command(8300, limits=given, currency="EUR") == SetMyLimits(
        currency="EUR",
        limits=(
            LimitChange(Period.DAY, LimitKind.SPEND, 1_050),
            LimitChange(Period.DAY, LimitKind.LOSS, 500),
            LimitChange(Period.MONTH, LimitKind.LOSS, None),
        ),
    )


@pytest.mark.parametrize(
    "given",
    [
        None,
        *("", "  "),
        {},
        {"day": None, "week": " ", "month": {}},
        {"day": {"spend": None, "loss": "  "}},
    ],
)
def test_what_is_null_blank_or_empty_changes_nothing(given: Any) -> None:
    assert command(8300, limits=given) == SetMyLimits()


@pytest.mark.parametrize(
    "given",
    [
        *(0, 5, True, "none", "day", [], [{"day": {}}]),
        *({"year": {"spend": 1}}, {"day": 5}, {"day": "none"}, {"day": []}),
        *({"day": {"stake": 1}}, {"day": {"spend": 0}}, {"day": {"spend": -1}}),
        *({"day": {"spend": 1.005}}, {"day": {"spend": "1.005"}}, {"day": {"spend": "None"}}),
        *({"day": {"spend": True}}, {"day": {"spend": [1]}}, {"day": {"spend": {"loss": 1}}}),
        *({"day": {"spend": 10**12 + 1}}, {"Day": {"spend": 1}}),
    ],
)
def test_anything_else_is_refused_by_name(given: Any) -> None:
    assert refusal(8300, limits=given) == WRONG


@pytest.mark.parametrize(
    ("amount", "hundredths"),
    [("0.10", 10), ("1e2", 10_000), ("999999999999.99", 99_999_999_999_999)],
)
def test_an_amount_is_exact(amount: str, hundredths: int) -> None:
    [change] = limits_of(f'{{"day": {{"spend": {amount}}}}}')
    assert change.amount == hundredths


@pytest.mark.parametrize(
    "amount", ["0.100000000000000000001", "1.00000000000000000001", "1e999", "-0.0", "5e-324"]
)
def test_digits_that_a_float_would_drop_are_seen(amount: str) -> None:
    with pytest.raises(Refusal) as caught:
        limits_of(f'{{"week": {{"loss": {amount}}}}}')
    assert (caught.value.code, caught.value.parameter) == WRONG


def test_the_same_limits_are_the_same_request() -> None:
    first = command(8300, limits={"day": {"spend": 1, "loss": "2.00"}, "week": None})
    again = command(8300, limits={"day": {"loss": 2, "spend": "1"}})
    other = command(8300, limits={"day": {"loss": 2, "spend": "none"}})
    assert fingerprint(first) == fingerprint(again) != fingerprint(other)


def test_a_break_ends_in_the_future_or_has_no_end() -> None:
    assert command(8310, until=str(NOW + 1)) == TakeABreak(until=NOW + 1)
    assert command(8310, until=" ") == TakeABreak()
    wrong: list[Any] = [NOW, 0, -1, "soon", 1.5, {}]
    for until in wrong:
        assert refusal(8310, until=until) == (Code.INVALID_PARAMETER, "until")
