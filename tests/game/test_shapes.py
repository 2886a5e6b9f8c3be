"""How each shape is read from a JSON value (contract, section 1, "Values", and 6, "Names")."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from game.money import LARGEST, amount, as_text
from game.shapes import (
    ActionNames,
    Amount,
    Currency,
    Flag,
    GameIds,
    Id,
    Name,
    NameRef,
    PathRef,
    Shape,
    TargetPaths,
    Text,
    Url,
    Whole,
    WrongShapeError,
    is_given,
    whole_number,
)
from game.vocabulary import LARGEST_TIME

ADDRESS = "https://example.org/"
SMILE = "\U0001f600"
NEVER = [0, 1, 1.5, True, ["a"], {"a": 1}]
"""Values that no string shape accepts."""
STRINGS: list[Shape] = [Text(3), Name(3), Id(), Currency(), Url(30), NameRef(), PathRef()]
NO_LIST = [0, 1.5, True, {"a": 1}, [1], ["a", 1], [["a"]], [{}], ["a", False]]

TAKEN: list[tuple[Shape, Any, Any]] = [
    (Text(3), "abc", "abc"),
    (Text(3), "  abc\n", "abc"),
    (Text(3), "a b", "a b"),
    (Text(3), SMILE * 3, SMILE * 3),
    (Id(), "5a1c", "5a1c"),
    (Id(), " 5A1C ", "5A1C"),
    (Id(), "no uuid at all", "no uuid at all"),
    (Whole(), 0, 0),
    (Whole(), -5, -5),
    (Whole(), "12", 12),
    (Whole(), " -12 ", -12),
    (Whole(), "007", 7),
    (Whole(), LARGEST_TIME, LARGEST_TIME),
    (Whole(), -LARGEST_TIME, -LARGEST_TIME),
    (Whole(), str(LARGEST_TIME), LARGEST_TIME),
    (Whole(minimum=1, maximum=5), 1, 1),
    (Whole(minimum=1, maximum=5), "5", 5),
    *((Flag(), value, True) for value in (True, "true", "TRUE", " True ")),
    *((Flag(), value, False) for value in (False, "false", "FALSE", "\tFalse\n")),
    *((Amount(), value, 1) for value in (0.01, "0.01", "00.01", " 0.01 ", 1e-2)),
    *((Amount(), value, 250) for value in (2.5, "2.5", "2.50", "02.5", 2.50)),
    *((Amount(), value, 700) for value in (7, 7.0, "7", "7.0", "7.00", "000000000007")),
    (Amount(), 0.07, 7),
    (Amount(), 1.15, 115),
    (Amount(), "999999999999.99", LARGEST - 1),
    (Amount(), 999999999999.99, LARGEST - 1),
    (Amount(), 10**12, LARGEST),
    (Amount(), 1e12, LARGEST),
    *(
        (NameRef(), value, "yellow-card")
        for value in ("yellow-card", "Yellow Card", " YELLOW  card ")
    ),
    (NameRef(), "pool-5A1C", "pool-5a1c"),
    (NameRef(), "no action at all: ", "no-action-at-all:"),
    *((PathRef(), value, "brazil:7") for value in ("brazil:7", "Brazil:7", " BRAZIL : 7 ")),
    *((PathRef(), value, "none") for value in ("none", "None", " NONE")),
    (PathRef(), "South Korea:Son H M", "south-korea:son-h-m"),
    (PathRef(), "yes", "yes"),
    (PathRef(), "a::", "a::"),
    (GameIds(), ["a", " B "], ("a", "B")),
    (GameIds(), "a, B,a", ("a", "B")),
    (GameIds(), ["a", None, "", "a"], ("a",)),
    (GameIds(), ["a,b"], ("a,b",)),
    (GameIds(), [], ()),
    (Currency(), "DON", "DON"),
    (Currency(), " E2 ", "E2"),
    (Currency(), "A" * 16, "A" * 16),
    (Url(30), ADDRESS, ADDRESS),
    (Url(30), f" {ADDRESS} ", ADDRESS),
    (Url(30), "HTTP://localhost:80/a?b#c", "HTTP://localhost:80/a?b#c"),
    (Url(len(ADDRESS)), ADDRESS, ADDRESS),
    (ActionNames(), ["Goal", " Yellow Card "], ("Goal", "Yellow Card")),
    (ActionNames(), "Goal, Yellow Card", ("Goal", "Yellow Card")),
    (ActionNames(), ["Goal, Own"], ("Goal, Own",)),
    (ActionNames(), ["", None, "  ", "Goal"], ("Goal",)),
    (ActionNames(), ",Goal,,", ("Goal",)),
    (ActionNames(), [], ()),
    (ActionNames(), ["pool", "carpool-a", "a" * 200], ("pool", "carpool-a", "a" * 200)),
    (TargetPaths(), ["Argentina : 1", "Brazil"], ("Argentina:1", "Brazil")),
    (TargetPaths(), "Argentina:1,Brazil: 7", ("Argentina:1", "Brazil:7")),
    (TargetPaths(), ["None", "Nonesuch:1", "a:none:b"], ("None", "Nonesuch:1", "a:none:b")),
    (TargetPaths(), ["a" * 200 + ":" + "b" * 200], ("a" * 200 + ":" + "b" * 200,)),
    (TargetPaths(), [None, ""], ()),
]

REFUSED: list[tuple[Shape, Any]] = [
    *((shape, value) for shape in STRINGS for value in NEVER),
    *((shape, value) for shape in (ActionNames(), TargetPaths(), GameIds()) for value in NO_LIST),
    (Text(3), "abcd"),
    (Text(3, minimum=2), "a"),
    *((Whole(), value) for value in ("", "a", "1.0", "+1", "1_0", "--1", "1 2", "\u0661", "0x1")),
    *((Whole(), value) for value in (1.0, 1.5, True, None, 10**30, 1e30, "1" * 5_000)),
    *((Whole(), value) for value in ([1], {"a": 1})),
    *((Whole(), value) for value in (LARGEST_TIME + 1, -LARGEST_TIME - 1, str(2**53))),
    *((Whole(minimum=1, maximum=5), value) for value in (0, 6, "0", "6")),
    *((Currency(), value) for value in ("don", "D N", "D-N", "A" * 17, "\u00c4", "\u0661")),
    *((Url(30), value) for value in ("example.org", "ftp://example.org/", "http://", "//a", "a")),
    *((Url(30), value) for value in ("http://a b/", "http://a\nb/", "http://a\tb/", "http://[")),
    *(
        (Flag(), value)
        for value in (*NEVER[:3], 1.0, "0", "1", "yes", "truefalse", "", None, [True])
    ),
    *((Amount(), value) for value in (0, 0.0, -0.0, "0", "0.0", "00.00")),
    *((Amount(), value) for value in (-1, -0.01, "-1", "-0.01", "+1", "1-", "--1")),
    *((Amount(), value) for value in (0.001, 1.005, 1e-7, 0.1 + 0.2, "0.001", "1.000", "1.")),
    *((Amount(), value) for value in (".5", "1,5", "1 000", "1_000", "1e3", "0x1", "nan", "inf")),
    *((Amount(), value) for value in ("\u0661", "\u00bd", "1.\u0661", "DON 1", "1 DON", "")),
    *((Amount(), value) for value in (10**12 + 1, 1e12 + 0.01, 10**30, 1e300, "1" * 13)),
    *((Amount(), value) for value in (True, False, None, [1], {"amount": 1})),
    (Url(len(ADDRESS) - 1), ADDRESS),
    *((ActionNames(), [value]) for value in ("a:b", "pool-1", "Pool-1", "POOL 1", "a" * 201)),
    (ActionNames(), "Goal,pool-1"),
    *((TargetPaths(), [value]) for value in (":", "a:", ":a", "a::b", "a: :b", "a" * 201)),
    *((TargetPaths(), [value]) for value in ("a:" + "b" * 201, "none:1", "NONE : 1")),
]


@pytest.mark.parametrize(("shape", "value", "wanted"), TAKEN)
def test_a_value_of_the_shape_is_read(shape: Shape, value: Any, wanted: Any) -> None:
    assert shape.read(value) == wanted


@pytest.mark.parametrize(("shape", "value"), REFUSED)
def test_any_other_value_is_refused_with_what_is_wanted(shape: Shape, value: Any) -> None:
    with pytest.raises(WrongShapeError) as caught:
        shape.read(value)
    assert str(caught.value) == shape.wanted


@given(st.integers(min_value=-LARGEST_TIME, max_value=LARGEST_TIME))
def test_an_integer_may_come_as_a_string_of_digits(number: int) -> None:
    assert Whole().read(str(number)) == Whole().read(number) == number


@given(st.text(), st.integers(min_value=1, max_value=10))
def test_a_text_is_trimmed_and_measured_in_code_points(text: str, maximum: int) -> None:
    if 1 <= len(text.strip()) <= maximum:
        assert Text(maximum).read(text) == text.strip()
    else:
        with pytest.raises(WrongShapeError):
            Text(maximum).read(text)


@given(st.lists(st.text("ab \t", max_size=5), max_size=5))
def test_a_list_reads_the_same_as_an_array_and_as_a_string(names: list[str]) -> None:
    read = ActionNames().read(names)
    assert read == ActionNames().read(",".join(names))
    assert read == tuple(name.strip() for name in names if name.strip())


@pytest.mark.parametrize("value", [None, "", " ", "\t\n", "\u00a0"])
def test_null_and_blank_strings_are_not_given(value: Any) -> None:
    assert not is_given(value)


@pytest.mark.parametrize("value", [0, False, [], {}, "0", "null", [None]])
def test_every_other_value_is_given(value: Any) -> None:
    assert is_given(value)


@pytest.mark.parametrize("value", [True, False, None, 1.0, [], {}, "", "true"])
def test_other_values_than_integers_and_digits_are_not_numbers(value: Any) -> None:
    assert whole_number(value) is None


@given(st.integers(min_value=1, max_value=LARGEST - 1))
def test_an_amount_reads_the_same_as_a_number_and_as_a_string(hundredths: int) -> None:
    assert (
        Amount().read(amount(hundredths))
        == Amount().read(as_text(hundredths).replace(",", ""))
        == hundredths
    )


@given(st.text("aB: \u00c9\t", min_size=1, max_size=8))
def test_an_id_names_what_the_name_does(path: str) -> None:
    named = PathRef().read(path)
    assert PathRef().read(named) == named
    assert NameRef().read(NameRef().read(path)) == NameRef().read(path)


UNSEEN = {
    "zero width space": "\u200b",
    "joiners and marks": "\u200c\u200d\u200e\u200f",
    "word joiner": "\u2060",
    "invisible operators": "\u2061\u2062\u2063\u2064",
    "byte order mark": "\ufeff",
    "soft hyphens": "\u00ad\u00ad",
    "grapheme joiner": "\u034f",
    "arabic letter mark": "\u061c",
    "khmer vowels": "\u17b4\u17b5",
    "mongolian separators": "\u180b\u180e",
    "variation selectors": "\ufe00\ufe0f\U000e0100",
    "tags": "\U000e0001\U000e0041\U000e007f",
    "hangul fillers": "\u115f\u1160\u3164\uffa0",
    "braille blank": "\u2800",
    "egyptian blanks": "\U00013441\U00013442",
    "null notehead": "\U0001d159",
    "shorthand and music controls": "\U0001bca0\U0001d173",
    "interlinear annotation": "\ufff9\ufffb",
    "unassigned but ignorable": "\u2065\ufff0\U000e0fff",
    "no characters": "\ufffe\ufdd0",
    "combining marks": "\u0301\u20dd\u093e",
    "spaces inside": "\u200b \u00a0\u3000\u2028\u200b",
}
SEEN = [
    *("a", "7", "!", "-", "\u00e9", "e\u0301", "\u0e17\u0e35\u0e21", "\u0939\u093f", "\ud55c"),
    *("\u05d0\u200f", "\u0645", "\u200bBrazil", "\u2764\ufe0f", "\U0001f468\u200d\U0001f469"),
    *("\U0001f1e6\U0001f1f7", "\u2801", "\u2022", "\ue000"),
]
BIDI = [chr(point) for point in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))]
NAMES: list[Shape] = [Name(200), ActionNames(), TargetPaths()]


@pytest.mark.parametrize("shape", NAMES)
@pytest.mark.parametrize("name", UNSEEN.values(), ids=UNSEEN)
def test_a_name_needs_something_to_see(shape: Shape, name: str) -> None:
    for value in (name, name * 3, f"{name}\t{name}"):
        with pytest.raises(WrongShapeError, match="visible"):
            shape.read(value)


@pytest.mark.parametrize("shape", NAMES)
@pytest.mark.parametrize("control", BIDI, ids=ascii)
def test_a_name_has_no_bidirectional_control(shape: Shape, control: str) -> None:
    for value in (control, f"Bra{control}zil", f"{control}Brazil", f"Brazil{control}"):
        with pytest.raises(WrongShapeError, match="bidirectional"):
            shape.read(value)


@pytest.mark.parametrize("shape", NAMES)
@pytest.mark.parametrize("name", SEEN, ids=ascii)
def test_a_name_in_whatever_script_is_one(shape: Shape, name: str) -> None:
    assert shape.read(name) in (name, (name,))


def test_every_segment_of_a_path_and_every_entry_of_a_list_is_a_name() -> None:
    for value in ("Brazil:\u200b", "\u2800:7", ["Brazil", "\u3164"], "Brazil,\u202e7"):
        with pytest.raises(WrongShapeError):
            TargetPaths().read(value)


def test_a_line_of_chat_is_free_text_and_a_reference_is_whatever_it_is() -> None:
    assert Text(500).read("\u2067\u05d0\u2069 \u200b") == "\u2067\u05d0\u2069 \u200b"
    assert PathRef().read("\u200b:7") == "\u200b:7"
    assert NameRef().read("\u202ea") == "\u202ea"
