"""An amount on the wire is read exactly, not as the nearest float."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from game.commands import PlaceBet
from game.money import LARGEST
from game.refusals import Code, Refusal
from protocol.codec import read_command, read_frame
from protocol.ops import BY_CODE

NOW = 1_800_000_000_000
LONG_ZEROS = "0" * 30_000


def read(written: str, *, more: str = "") -> int:
    """Return the hundredths of a bet whose amount has this text."""
    frame = read_frame(f'{{"op":392,"pool_id":"p","target":"t","amount":{written}{more}}}')
    _, command = read_command(BY_CODE[392], frame, NOW)
    assert isinstance(command, PlaceBet)
    return command.amount


def refused(written: str, *, more: str = "") -> tuple[Code, str | None]:
    with pytest.raises(Refusal) as caught:
        read(written, more=more)
    return caught.value.code, caught.value.parameter


@pytest.mark.parametrize(
    ("written", "hundredths"),
    [
        ("1", 100),
        ("1.5", 150),
        ("1.0", 100),
        ("100.000", 10_000),
        ("1.00e0", 100),
        ("100e-2", 100),
        ("1e2", 10_000),
        ("1E2", 10_000),
        ("1E+2", 10_000),
        ("12345.67e-0", 1_234_567),
        ("0.01", 1),
        ("0.0100000000000000000000000000000", 1),
        ("10000000000000000000000000e-25", 100),
        (f"1.{LONG_ZEROS}", 100),
        (f"0.{LONG_ZEROS}1e30001", 100),
        ("999999999999.99", LARGEST - 1),
        ("1000000000000", LARGEST),
        ("1e12", LARGEST),
        ("1000000000000.00000000000000000000", LARGEST),
        ('"1.50"', 150),
    ],
)
def test_a_number_whose_value_has_at_most_two_decimals_is_an_amount(
    written: str, hundredths: int
) -> None:
    assert read(written) == hundredths


@pytest.mark.parametrize(
    "written",
    [
        "1.0000000000000000000000001",
        "0.9999999999999999999999999",
        "1.500000000000000000001",
        "0.010000000000000000000001",
        "999999999999.9900000001",
        "1000000000000.0000000000000001",
        "10000000000000000000000001e-25",
        f"1.{LONG_ZEROS}1",
        "0.001",
        "1e-3",
        "0",
        "-0",
        "-0.0",
        "-1",
        "1e13",
        "1e308",
        "1e400",
        "-1e400",
        "1e-400",
        "1e99999999999999999999999",
        "1e-99999999999999999999999",
        "9" * 400,
        "9" * 6_000,
        "true",
        "[1.5]",
        '{"amount":1.5}',
        '"1.505"',
        '"1e2"',
    ],
)
def test_any_other_is_none_however_it_is_written(written: str) -> None:
    assert refused(written) == (Code.INVALID_PARAMETER, "amount")


@given(
    whole=st.integers(0, 10**13),
    decimals=st.text("0123456789", max_size=40),
    exponent=st.none() | st.integers(-30, 30),
)
def test_what_is_written_decides_digit_by_digit(
    whole: int, decimals: str, exponent: int | None
) -> None:
    written = f"{whole}{'.' * bool(decimals)}{decimals}"
    written += "" if exponent is None else f"e{exponent}"
    numerator, denominator = Decimal(written).as_integer_ratio()
    hundredths, rest = divmod(numerator * 100, denominator)
    if rest or not 0 < hundredths <= LARGEST:
        assert refused(written) == (Code.INVALID_PARAMETER, "amount")
    else:
        assert read(written) == hundredths


def test_of_an_amount_given_twice_the_last_counts_and_none_elsewhere_does() -> None:
    fine = "1.50000000000000000000000"
    assert read("1.00000000000000000000001", more=f',"amount":{fine}') == 150
    assert refused(fine, more=',"amount":1.00000000000000000000001')[1] == "amount"
    assert read(fine, more=',"x":{"amount":1.00000000000000000000001,"y":[1e400]}') == 150
    assert (
        read(fine, more=f',"x":"\\"amount\\":1.00000000000000000000001","y":{"9" * 5_000}') == 150
    )
    assert read("1", more=',"\\u0061mount":2.50000000000000000000000') == 250


@pytest.mark.parametrize(
    "text",
    [
        '{"op":1,"x":1e400}',
        '{"op":1,"x":[-1e400,12345678901234567890]}',
        '{"x":{"y":9e999},"op":"1"}',
        f'{{"op":1,"x":{"9" * 6_000}}}',
    ],
)
def test_a_number_beyond_a_float_is_json_all_the_same(text: str) -> None:
    assert read_frame(text).op.code == 1


@pytest.mark.parametrize(
    "text",
    [
        '{"op":1,"x":1e400,"y":NaN}',
        '{"op":1,"x":1e400,"y":-Infinity}',
        '{"op":1,"x":1e400,"y":"\\ud800"}',
        '{"op":1,"x":1e400,"y":"\\u0001"}',
        '{"op":1,"x":1e400',
        '{"op":1,"x":1e400,"y":' + "[" * 20_000 + "]" * 20_000 + "}",
        "1e400",
    ],
)
def test_what_else_is_wrong_with_it_is_malformed_as_ever(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_frame(text)
    assert caught.value.code is Code.MALFORMED_MESSAGE


@pytest.mark.parametrize("number", ["1.0", "1.0000000000000000001", "1e0", "1e400"])
def test_where_an_integer_is_wanted_a_fraction_is_none_though_its_value_is(number: str) -> None:
    with pytest.raises(Refusal) as caught:
        _ = read_frame(f'{{"op":{number}}}').op
    assert caught.value.code is Code.UNKNOWN_OP
    for op, parameter in ((380, "limit"), (363, "since"), (397, "block_at"), (385, "pool_type")):
        given = {"source_id": '"s"', "game_id": '"g"', "pool_id": '"p"', "description": '"d"'}
        given["action"] = '"a"'
        named = ",".join(f'"{name}":{value}' for name, value in given.items())
        frame = read_frame(f'{{"op":{op},{named},"{parameter}":{number}}}')
        with pytest.raises(Refusal) as caught:
            read_command(BY_CODE[op], frame, NOW)
        assert (caught.value.code, caught.value.parameter) == (Code.INVALID_PARAMETER, parameter)
