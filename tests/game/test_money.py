"""Amounts: which are accepted, which are refused, and that writing and reading loses nothing."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from game.money import LARGEST, amount, as_text, hundredths

amounts = st.integers(min_value=0, max_value=LARGEST)


def plain(value: int) -> str:
    """Return an amount as a client writes it, without the thousands separators."""
    return as_text(value).replace(",", "")


@given(amounts)
def test_an_amount_survives_json_out_and_back(value: int) -> None:
    assert hundredths(orjson.loads(orjson.dumps(amount(value)))) == value


@given(st.integers(min_value=0, max_value=LARGEST - 1))
def test_an_amount_survives_text_out_and_back(value: int) -> None:
    assert hundredths(plain(value)) == value


@given(st.integers(min_value=0, max_value=7 * 10**15))
def test_a_balance_is_sent_with_exactly_its_decimals(value: int) -> None:
    sent = orjson.dumps(amount(value)).decode()
    whole, _, decimals = sent.partition(".")
    assert int(whole) * 100 + int(decimals.ljust(2, "0") or 0) == value


@given(amounts, st.integers(min_value=1, max_value=9))
def test_a_third_decimal_in_a_text_is_refused(value: int, digit: int) -> None:
    with pytest.raises(ValueError, match="is not an amount"):
        hundredths(f"{plain(value)}{digit}")


@given(st.integers(min_value=0, max_value=10**9), st.integers(min_value=1, max_value=9))
def test_a_third_decimal_in_a_number_is_refused(value: int, digit: int) -> None:
    with pytest.raises(ValueError, match="decimals"):
        hundredths(float(f"{plain(value)}{digit}"))


@pytest.mark.parametrize(
    ("given", "wanted"),
    [("0", 0), ("1", 100), ("1.5", 150), ("01.05", 105), ("999999999999.99", LARGEST - 1)],
)
def test_a_text_is_read_as_hundredths(given: str, wanted: int) -> None:
    assert hundredths(given) == wanted


@pytest.mark.parametrize(
    ("given", "wanted"),
    [(0, 0), (1, 100), (0.1, 10), (0.07, 7), (1e3, 100_000), (10**12, LARGEST), (1e12, LARGEST)],
)
def test_a_number_is_read_as_hundredths(given: float, wanted: int) -> None:
    assert hundredths(given) == wanted


@pytest.mark.parametrize(
    "given",
    ["", " 1", "1 ", "-1", "+1", "1.", ".5", "1,5", "1e3", "1_0", "nan", "1\n", "\u0661", "1" * 13],
)
def test_an_invalid_amount_as_text_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="is not an amount"):
        hundredths(given)


@pytest.mark.parametrize(
    "given",
    [-1, -0.01, True, float("nan"), float("inf"), 10**12 + 1, 10**400, 1e300, 0.001, 5e-324],
)
def test_an_invalid_amount_as_a_number_is_refused(given: float) -> None:
    with pytest.raises(ValueError, match=r"amount|decimals"):
        hundredths(given)


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0.00"), (-5, "-0.05"), (-150, "-1.50"), (123_456, "1,234.56")]
)
def test_an_amount_is_shown_with_two_decimals(value: int, text: str) -> None:
    assert as_text(value) == text
