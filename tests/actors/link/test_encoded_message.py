"""A message whose body was encoded beforehand waits for a slow client like any other."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.link.encoded_message import (
    coalesce,
    encode,
    encode_body,
    single,
)
from protocol.op import Body, Response

NOW = 1_800_000_000_123
GAME = "game 1"
DETAILS: Body = {"res": Response.GAME_DETAILS, "name": "é" * 30, "seq": 5}

bodies = st.dictionaries(
    st.text(max_size=10).filter(lambda name: name not in ("res", "response_header")),
    st.none() | st.integers(-(2**63), 2**63) | st.text(max_size=100_000) | st.floats(width=32),
    max_size=3,
).map(lambda more: {"res": Response.GAME_DETAILS} | more)


def update(seq: int) -> Body:
    return {
        "res": Response.BETS_DISTRIBUTION_CHANGED,
        "pool_id": "a",
        "new_bets": [{"bet_id": seq}],
        "seq": seq,
        "prev_seq": seq - 1,
    }


@given(body=bodies, request_id=st.none() | st.integers(-(2**63), 2**64 - 1) | st.text(max_size=64))
def test_an_encoded_body_gives_the_frame_of_the_body(body: Body, request_id: Any) -> None:
    header = {} if request_id is None else {"request_id": request_id}
    message = encode_body(body, GAME).with_header(NOW, request_id)
    general = encode(body, NOW, GAME, header)
    assert (message.frame, message.game_id) == (general.frame, GAME)
    assert orjson.dumps(message.body) == orjson.dumps(general.body)


@pytest.mark.parametrize("is_ready", [True, False])
def test_a_reply_among_waiting_updates_claims_no_fact_of_a_later_one(is_ready: bool) -> None:
    ready = encode_body(DETAILS, GAME).with_header(NOW, "a")
    details = ready if is_ready else encode(DETAILS, NOW, GAME, {"request_id": "a"})
    waiting = [encode(update(5), NOW, GAME), details, encode(update(6), NOW, GAME)]
    lower = encode(DETAILS | {"seq": 4}, NOW, GAME, {"request_id": "a"})
    merged = [
        message for batch in coalesce(list(map(single, waiting))) for message in batch.messages
    ]
    assert [message.body.get("seq") for message in merged] == [4, 6]
    assert merged[0].frame == lower.frame


def test_a_body_is_read_from_its_frame_only_if_it_is_needed() -> None:
    message = encode_body(DETAILS, GAME).with_header(NOW, None)
    assert message._body is None
    assert message.body["seq"] == 5
    assert message._body is message.body
