"""The content of an error (666): keys, whether to retry, text (contract, section 1)."""

from typing import Any

import orjson
import pytest

from game.refusals import (
    Code,
    Refusal,
    game_already_closed,
    invalid,
    limit_reached,
    missing,
    unknown,
)
from protocol.codec import to_json
from protocol.errors import error_reply, internal_error, overloaded
from tests.support.play import GAME

ERRORS: list[tuple[Refusal, dict[str, Any]]] = [
    (Refusal(Code.UNKNOWN_OP, "There is no op 5."), {}),
    (missing("game_id"), {"parameter": "game_id"}),
    (invalid("close_at", "later"), {"parameter": "close_at"}),
    (unknown("source", "s"), {}),
    (unknown("game", "g"), {}),
    (unknown("user", "u"), {}),
    (game_already_closed(GAME), {}),
    (limit_reached("actions in a game", 1_000), {"limit": 1_000}),
    (overloaded("busy"), {}),
    (internal_error("t"), {"trace_id": "t"}),
]


@pytest.mark.parametrize(("refusal", "more"), ERRORS, ids=[r.code for r, _ in ERRORS])
def test_an_error_has_exactly_these_keys(refusal: Refusal, more: dict[str, Any]) -> None:
    assert orjson.loads(to_json(error_reply(refusal, op=370, game_id=GAME))) == {
        "res": 666,
        "text": refusal.text,
        "code": refusal.code.value,
        "op": 370,
        "retryable": refusal.code.value in ("overloaded", "internal_error"),
        **more,
    }


def test_an_error_whose_op_is_unknown_has_none() -> None:
    assert error_reply(Refusal(Code.MALFORMED_MESSAGE, "No."), op=None)["op"] is None


@pytest.mark.parametrize("code", list(Code))
def test_only_these_three_may_be_sent_again(code: Code) -> None:
    retryable = {"rate_limited", "overloaded", "internal_error"}
    assert error_reply(Refusal(code, "No."), op=1)["retryable"] == (code in retryable)


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (missing("game_id"), "game_id"),
        (invalid("close_at", "later than now"), "later than now"),
        (unknown("game", "no-such-game"), "no-such-game"),
        (game_already_closed(GAME), GAME),
        (limit_reached("actions in a game", 1_000), "1000"),
        (overloaded("busy"), "busy"),
        (internal_error("trace-1"), "trace-1"),
    ],
)
def test_the_text_is_a_sentence_with_the_values_at_issue(refusal: Refusal, said: str) -> None:
    text = error_reply(refusal, op=1)["text"]
    assert said in text
    assert text[0].isupper() or text[0] == "'"
    assert text.endswith(".")
