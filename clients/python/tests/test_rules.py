"""The parts without I/O: positions, when to reconnect, and which reply answers a call."""

import json
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toteboard_client.calls import Call, written
from toteboard_client.errors import Message, SignInRefusedError
from toteboard_client.positions import Positions, Verdict
from toteboard_client.reconnection import FIRST_S, LONGEST_S, Reconnection

GAME = "the game"
NEW, REPEATED, GAP, SKIPPED = Verdict


def told(prev_seq: int, seq: int, words: str = "") -> Message:
    """A publication."""
    message = {"res": 342, "game_id": GAME, "words": words or f"up to {seq}"}
    return message | {"response_header": {"t": seq}, "prev_seq": prev_seq, "seq": seq}


def joined_at(seq: int) -> Positions:
    positions = Positions()
    positions.joined(GAME, seq)
    return positions


# Positions.


def test_publications_that_follow_each_other_are_new() -> None:
    positions = joined_at(3)
    assert [positions.accept(GAME, told(p, s)) for p, s in [(3, 4), (4, 7), (7, 7)]] == [NEW] * 3
    assert positions.resume(GAME) == 7


def test_what_was_missed_is_requested_and_delivered_first() -> None:
    positions = joined_at(3)
    assert positions.accept(GAME, told(5, 6)) is GAP
    assert positions.resume(GAME) == 3
    assert positions.accept(GAME, told(6, 7)) is SKIPPED, "comes again, behind what was missed"
    positions.joined(GAME, 3)
    verdicts = [positions.accept(GAME, told(p, s)) for p, s in [(3, 5), (5, 6), (6, 7)]]
    assert verdicts == [NEW] * 3


def test_a_gap_that_stays_is_requested_once() -> None:
    positions = joined_at(3)
    assert positions.accept(GAME, told(5, 6)) is GAP
    positions.resume(GAME)
    positions.joined(GAME, 3)
    assert positions.accept(GAME, told(5, 6)) is NEW
    assert positions.accept(GAME, told(8, 9)) is GAP, "another gap is another matter"


def test_a_watermark_that_was_held_back_lets_a_repetition_be_known_by_its_words() -> None:
    """A bet, fact 5, waits for its 361 while fact 6 is told: with 4, the watermark."""
    positions = joined_at(4)
    assert positions.accept(GAME, told(4, 4, "fact 6")) is NEW
    assert positions.resume(GAME) == 4
    positions.joined(GAME, 4)
    assert positions.accept(GAME, told(4, 5, "fact 5")) is NEW
    assert positions.accept(GAME, told(5, 6, "fact 6")) is REPEATED
    assert positions.accept(GAME, told(6, 7, "fact 7")) is NEW


def test_after_a_resync_the_next_message_is_accepted_as_it_is() -> None:
    positions = joined_at(9)
    positions.resume(GAME)
    positions.joined(GAME, 2, resync=True)
    assert positions.accept(GAME, told(2, 3)) is NEW, (
        "the server may have lost facts: a restored backup"
    )
    assert positions.resume(GAME) == 3


def test_a_skipped_game_is_behind_until_it_is_resumed() -> None:
    positions = joined_at(1)
    positions.skip(GAME)
    assert positions.behind() == [GAME]
    assert positions.accept(GAME, told(1, 2)) is SKIPPED
    assert positions.resume(GAME) == 1
    assert positions.behind() == []


@settings(deadline=None)
@given(
    steps=st.lists(st.integers(1, 3), min_size=1, max_size=20),
    data=st.data(),
)
def test_whatever_is_lost_each_message_is_delivered_once_and_in_order(
    steps: list[int], data: st.DataObject
) -> None:
    """A connection is lost after any message, or swallows some; what was missed is sent again."""
    seqs = list(accumulate(steps))
    journal = [told(p, s) for p, s in zip([0, *seqs], seqs, strict=False)]
    positions, heard = joined_at(0), list[int]()

    def hear(message: Message) -> Verdict:
        verdict = positions.accept(GAME, message)
        if verdict is NEW:
            heard.append(message["seq"])
        return verdict

    def resume(said: int) -> None:
        since = positions.resume(GAME)
        positions.joined(GAME, since)
        for message in journal[:said]:
            if message["seq"] > since:
                hear(message)

    for said, message in enumerate(journal, start=1):
        fate = data.draw(st.sampled_from(["heard", "swallowed", "lost"]))
        if fate == "lost" or (fate == "heard" and hear(message) is GAP):
            resume(said)
    resume(len(journal))
    assert heard == seqs


# When to come back.


@settings(deadline=None)
@given(attempts=st.integers(0, 40), dice=st.floats(0, 1))
def test_pauses_double_up_to_a_bound_and_half_is_left_to_chance(attempts: int, dice: float) -> None:
    reconnection = Reconnection(attempts)
    longest = min(LONGEST_S, FIRST_S * 2**attempts)
    assert longest / 2 <= reconnection.pause(dice) <= longest
    assert reconnection.pause(1.0) == min(LONGEST_S, longest * 2)
    reconnection.received()
    assert reconnection.pause(1.0) == FIRST_S


@pytest.mark.parametrize("status", [400, 403, 404])
def test_some_answers_do_not_change_by_waiting(status: int) -> None:
    with pytest.raises(SignInRefusedError, match=str(status)):
        Reconnection().rejected(status)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_that_is_full_is_tried_again(status: int) -> None:
    reconnection = Reconnection()
    reconnection.rejected(status)
    assert not reconnection.needs_new_key


def test_a_key_that_has_ended_is_replaced_once() -> None:
    reconnection = Reconnection()
    reconnection.rejected(401)
    assert reconnection.needs_new_key
    with pytest.raises(SignInRefusedError):
        reconnection.rejected(401)


def test_a_session_that_was_expelled_does_not_expel_its_successor() -> None:
    reconnection = Reconnection()
    reconnection.signed_in()
    reconnection.lost(1008)
    with pytest.raises(SignInRefusedError):
        reconnection.rejected(401)


def test_a_lagging_reader_that_gets_in_again_is_not_thrown_out() -> None:
    reconnection = Reconnection()
    reconnection.lost(1008)
    reconnection.signed_in()
    reconnection.lost(None)
    reconnection.rejected(401)
    assert reconnection.needs_new_key


# Calls.


def test_try_again_settles_only_what_was_never_sent_before() -> None:
    call = Call("1", written("1", 392, {}, "key"))
    busy = {"res": 666, "text": "", "code": "overloaded", "retryable": True}
    first = call.request()
    assert call.is_answered_by(busy)
    assert json.loads(first)["header"] == {"request_id": "1", "idempotency_key": "key"}
    assert call.request() == first
    assert not call.is_answered_by(busy), "the first time it may have been done"
    assert call.is_answered_by(busy | {"retryable": False})
    assert call.is_answered_by({"res": 356})
