"""An amount is exact: 250 is never 2.50."""

import pickle
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toteboard_client import Money
from toteboard_client.calls import to_json


@pytest.mark.parametrize(
    ("amount", "hundredths"),
    [
        ("2.50", 250),
        ("2.5", 250),
        (" 12 ", 1_200),
        (250, 25_000),
        (Decimal("0.01"), 1),
        ("-3", -300),
    ],
)
def test_an_amount_is_in_units(amount: str | int | Decimal, hundredths: int) -> None:
    assert Money(amount).hundredths == hundredths
    assert Money(Money(amount)) == Money(amount)


@pytest.mark.parametrize("text", ["", "2.505", "1,50", "1e3", "NaN", "two", "1_000", "٣"])
def test_a_text_that_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        Money(text)


@pytest.mark.parametrize("number", [2.5, True])
def test_a_float_is_refused(number: float) -> None:
    with pytest.raises(TypeError, match="not exact"):
        Money(number)  # type: ignore[arg-type]


def test_it_prints_as_people_write_it() -> None:
    assert str(Money("1234.5")) == "1234.50"
    assert f"{Money('1234.5'):,}" == "1,234.50"
    assert f"{Money(5):>8}" == "    5.00"
    assert repr(Money("-0.05")) == "Money('-0.05')"


def test_it_calculates_with_amounts_and_counts_only() -> None:
    assert Money("0.10") + Money("0.20") == Money("0.30")
    assert 3 * Money("0.10") - Money("0.30") == -Money(0)
    assert max(Money("9.99"), Money(10)) == Money(10)
    assert abs(-Money(1)) == Money(1)
    assert not Money(0)
    assert Money(1) != 1
    money: Any = Money(1)
    with pytest.raises(TypeError):
        money + 1
    with pytest.raises(TypeError):
        money * 0.5
    with pytest.raises(TypeError):
        assert money < 2


def test_it_is_a_value() -> None:
    assert {Money("2.50"): 1}[Money("2.5")] == 1
    assert pickle.loads(pickle.dumps(Money("2.5"))) == Money("2.5")
    with pytest.raises(AttributeError):
        Money(1).hundredths = 2  # type: ignore[misc]
    with pytest.raises(AttributeError):
        Money(1).x = 2


@settings(deadline=None)
@given(hundredths=st.integers(-(10**15), 10**15))
def test_it_survives_the_wire(hundredths: int) -> None:
    money = Money.of_hundredths(hundredths)
    assert Money.from_wire(money.to_wire()) == money
    assert Money(str(money)) == money
    assert to_json({"amount": money}) == to_json({"amount": money.to_wire()})
