"""From a text frame to an op and a header, and from a message to its text (contract, section 1)."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from game.refusals import Code, Refusal
from protocol.codec import (
    Frame,
    Header,
    read_frame,
    read_header,
    to_json,
)
from protocol.ops import BY_CODE


def nested(levels: int, *, inside: str = "") -> str:
    """Return an object with arrays nested `levels` deep."""
    return '{"op":1,"x":' + "[" * (levels - 1) + inside + "]" * (levels - 1) + "}"


def code_of(text: str) -> Code:
    """Return the code of the refusal of a text frame."""
    with pytest.raises(Refusal) as caught:
        _ = read_frame(text).op
    return caught.value.code


# Frames.

CONTROLS = [*range(0x00, 0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0)]

MALFORMED = [
    "",
    " ",
    "hello",
    "{",
    '{"op":1',
    '{"op":1}}',
    '{"op":1,}',
    "{'op':1}",
    "{op:1}",
    '{"op":1} {"op":1}',
    "\ufeff" + '{"op":1}',
    '{"op":1,"x":NaN}',
    '{"op":1,"x":Infinity}',
    '{"op":1,"x":-Infinity}',
    '{"op":1,"x":nan}',
    "NaN",
    "[]",
    '[{"op":1}]',
    "1",
    '"op"',
    "null",
    "true",
    '{"op":1,"x":"\\ud800"}',
    '{"op":1,"x":"\\udc00a"}',
    '{"op":1,"\\ud800":1}',
    '{"op":1,"x":"\ud800"}',
    '{"op":1,"x":"\\x"}',
    '{"op":1,"x":01}',
]


@pytest.mark.parametrize("text", MALFORMED)
def test_what_is_not_a_json_object_is_malformed(text: str) -> None:
    assert code_of(text) is Code.MALFORMED_MESSAGE


@pytest.mark.parametrize("inside", ["", "1", "{}", '"a"'])
def test_more_than_32_levels_are_malformed(inside: str) -> None:
    levels = 32 if inside == "{}" else 33
    assert code_of(nested(levels, inside=inside)) is Code.MALFORMED_MESSAGE
    assert read_frame(nested(levels - 1, inside=inside)).op.code == 1


@pytest.mark.parametrize("levels", [34, 500, 1_000, 10_000])
def test_any_depth_beyond_is_malformed(levels: int) -> None:
    assert code_of(nested(levels, inside='"\\u0001"')) is Code.MALFORMED_MESSAGE


def test_many_brackets_side_by_side_are_not_deep() -> None:
    assert read_frame('{"op":1,"x":[' + ",".join(["[]"] * 100) + "]}").op.code == 1
    assert read_frame('{"op":1,"x":"' + "[{" * 100 + '"}').op.code == 1
    deepest = nested(32)
    assert read_frame(deepest[:-1] + ',"y":[[]]}').op.code == 1


@pytest.mark.parametrize("code_point", CONTROLS)
def test_a_control_character_is_malformed_escaped_or_not(code_point: int) -> None:
    escaped = f"\\u{code_point:04x}"
    for spelling in (chr(code_point), escaped, escaped.upper().replace("U", "u")):
        for text in (f'"{spelling}"', f'["a{spelling}"]', f'{{"{spelling}b":1}}'):
            assert code_of(f'{{"op":1,"x":{text}}}') is Code.MALFORMED_MESSAGE


@pytest.mark.parametrize("escape", ["\\b", "\\f", "\\r"])
def test_a_control_character_with_an_escape_of_its_own_is_malformed(escape: str) -> None:
    assert code_of(f'{{"op":1,"x":"a{escape}"}}') is Code.MALFORMED_MESSAGE


@pytest.mark.parametrize("escape", ["\\n", "\\t", "\\u000a", "\\u0009", "\\u00a0", "\\\\r", "\\/"])
def test_tab_newline_and_every_other_character_may_be_in_a_string(escape: str) -> None:
    assert read_frame(f'{{"op":1,"x":"a{escape}b"}}').op.code == 1


@pytest.mark.parametrize("text", ['{"op":1,"x":"\\ud83d\\ude00"}', '{"op":1,"x":"\U0001f600"}'])
def test_a_pair_of_surrogates_is_one_character(text: str) -> None:
    assert read_frame(text).fields["x"] == "\U0001f600"


def test_white_space_around_a_message_does_not_matter() -> None:
    assert read_frame(' \r\n\t{ "op" : 1 }\r\n').op.code == 1


def test_the_last_of_a_repeated_key_counts() -> None:
    assert read_frame('{"op":2,"op":1}').op.code == 1


@given(st.dictionaries(st.text("abc"), st.none() | st.booleans() | st.integers(-9, 9) | st.text()))
def test_a_frame_is_read_or_refused_and_nothing_else(fields: dict[str, Any]) -> None:
    text = orjson.dumps(fields).decode()
    try:
        assert read_frame(text).fields == fields
    except Refusal as refused:
        assert refused.code is Code.MALFORMED_MESSAGE  # noqa: PT017


@given(st.text())
def test_no_text_is_beyond_reading_or_refusing(text: str) -> None:
    try:
        _ = read_frame(text).op
    except Refusal as refused:
        assert refused.code in (Code.MALFORMED_MESSAGE, Code.UNKNOWN_OP)  # noqa: PT017


# Ops.


@pytest.mark.parametrize("value", ["1", '"1"', '" 1 "', '"01"', "1 "])
def test_an_op_is_an_integer_or_its_digits(value: str) -> None:
    assert read_frame(f'{{"op":{value}}}').op is BY_CODE[1]


@pytest.mark.parametrize(
    "fields",
    [
        "{}",
        '{"Op":1}',
        *(
            f'{{"op":{value}}}'
            for value in (
                'null,"ops":1',
                "0",
                "-1",
                "99999",
                "1.0",
                "1e0",
                "true",
                '""',
                '"ping"',
                '"1.0"',
                '"+1"',
                "[1]",
                "{}",
                "9" * 30,
                f'"{"9" * 30}"',
                f'"{"9" * 5_000}"',
            )
        ),
    ],
)
def test_any_other_op_is_unknown(fields: str) -> None:
    assert code_of(fields) is Code.UNKNOWN_OP


# Headers.


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        (None, Header()),
        ("", Header()),
        ({}, Header()),
        ({"t": "x", "api_version": [], "session_key": 7, "more": {}}, Header()),
        ({"request_id": None, "idempotency_key": None}, Header()),
        ({"request_id": "", "idempotency_key": " "}, Header()),
        ({"request_id": 0}, Header(request_id=0)),
        ({"request_id": -(2**63)}, Header(request_id=-(2**63))),
        ({"request_id": "7"}, Header(request_id="7")),
        ({"request_id": "\U0001f600" * 64}, Header(request_id="\U0001f600" * 64)),
        ({"idempotency_key": " k "}, Header(idempotency_key="k")),
        ({"idempotency_key": "k" * 64}, Header(idempotency_key="k" * 64)),
    ],
)
def test_a_header_is_read(header: Any, wanted: Header) -> None:
    assert read_header(Frame({"header": header})) == wanted


def test_a_header_may_be_absent() -> None:
    assert read_header(Frame({})) == Header()


@pytest.mark.parametrize(
    ("header", "parameter"),
    [
        ([], "header"),
        ("x", "header"),
        (1, "header"),
        (False, "header"),
        ({"request_id": 1.5}, "request_id"),
        ({"request_id": True}, "request_id"),
        ({"request_id": []}, "request_id"),
        ({"request_id": {}}, "request_id"),
        ({"request_id": "r" * 65}, "request_id"),
        ({"idempotency_key": 1}, "idempotency_key"),
        ({"idempotency_key": False}, "idempotency_key"),
        ({"idempotency_key": ["k"]}, "idempotency_key"),
        ({"idempotency_key": "k" * 65}, "idempotency_key"),
        ({"idempotency_key": 1, "request_id": 1.5}, "request_id"),
    ],
)
def test_a_bad_header_or_key_of_it_is_an_invalid_parameter(header: Any, parameter: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_header(Frame({"header": header}))
    assert (caught.value.code, caught.value.parameter) == (Code.INVALID_PARAMETER, parameter)


def test_a_request_id_that_json_readers_round_is_refused_rather_than_echoed_wrongly() -> None:
    frame = read_frame('{"op":1,"header":{"request_id":' + "9" * 30 + "}}")
    assert frame.request_id is None
    with pytest.raises(Refusal):
        read_header(frame)


@pytest.mark.parametrize(
    "header", [{"request_id": "r", "idempotency_key": 5}, {"request_id": "r", "x": []}]
)
def test_a_request_id_is_known_even_if_the_rest_is_wrong(header: Any) -> None:
    assert Frame({"header": header, "op": "no op"}).request_id == "r"


@pytest.mark.parametrize("header", [None, [], "r", {"request_id": 1.5}, {"request_id": " "}])
def test_a_request_id_that_cannot_be_read_is_none(header: Any) -> None:
    assert Frame({"header": header}).request_id is None


# Back to text.


def test_a_message_keeps_the_order_of_its_keys_and_its_characters() -> None:
    text = to_json({"res": 1, "b": "\u00e9\U0001f600", "a": None, "users": {7: 1}}).decode()
    assert text == '{"res":1,"b":"\u00e9\U0001f600","a":null,"users":{"7":1}}'
