"""The load test's checker finds every contradiction in the messages of the server."""

import random
from typing import Any

import pytest

from toteboard import load_check
from toteboard.load_check import Purse, Table, Witness, counted, findings
from toteboard_client import Message


def told(prev_seq: int, seq: int, *bets: tuple[str, int], omitted: int = 0) -> Message:
    """Return a 361 with these bets: ids and users."""
    return {
        "response_header": {},
        "res": 361,
        "prev_seq": prev_seq,
        "seq": seq,
        "new_bets": [{"bet_id": bet_id, "user_id": user_id} for bet_id, user_id in bets],
        "new_bets_omitted": omitted,
    }


def joined(seq: int) -> Message:
    return {"response_header": {"request_id": "1"}, "res": 333, "seq": seq}


def the_end(prev_seq: int) -> Message:
    return {"response_header": {}, "res": 341, "prev_seq": prev_seq, "seq": prev_seq + 1}


def a_table() -> Table:
    """Return a table where ann and bob have bet, both were sent everything, and ann has won."""
    ann, bob = Witness("ann", 1, connections=1), Witness("bob", 2, connections=1)
    ann.acknowledged, bob.acknowledged = {"a": 1}, {"b": 1}
    ann.answer_s, bob.answer_s = [0.001], [0.003]
    ann.purses = [Purse(100, 0), Purse(100, 1), Purse(101, 0)]
    bob.purses = [Purse(100, 5), Purse(100, 6), Purse(99, 5)]
    for witness in (ann, bob):
        for message in (joined(3), told(3, 4, ("a", 1)), told(4, 5, ("b", 2)), the_end(5)):
            witness.hear(message)
    return Table("the game", "the pool", [ann, bob], {"a", "b"})


def test_when_all_is_well_nothing_is_found() -> None:
    table = a_table()
    assert findings([table]) == []
    report = load_check.report([table], betting_s=2.0)
    assert (report["bets"], report["bets_per_second"], report["deliveries_per_second"]) == (2, 1, 3)
    assert report["answer_ms"] == {"p50": 3.0, "p99": 3.0, "max": 3.0}
    assert (report["gaps"], report["bets_lost"]) == (0, 0)


def test_a_gap_is_found() -> None:
    table = a_table()
    table.witnesses[0].hear(told(8, 9))
    assert findings([table]) == ["a gap for ann: received up to 6, then from 8 on"]
    assert load_check.report([table], 1.0)["gaps"] == 1


def test_a_bet_that_is_not_in_the_pool_is_found() -> None:
    table = a_table()
    table.kept = {"b", "somebody else's"}
    assert findings([table]) == ["lost 1 bet in pool the pool, such as a"]
    assert load_check.report([table], 1.0)["bets_lost"] == 1


def test_a_bet_that_was_never_told_is_found() -> None:
    table = a_table()
    ann, _ = table.witnesses
    ann.own_published.clear()
    assert findings([table]) == ["lost 1 bet in pool the pool, such as a"]
    ann.omitted = 1
    assert findings([table]) == [], "it may be among those that were told without their names"


def test_a_pool_that_could_not_be_asked_has_lost_nothing_as_far_as_one_knows() -> None:
    table = a_table()
    table.kept = None
    assert findings([table]) == ["the bets of pool the pool could not be read"]
    assert load_check.report([table], 1.0)["bets_lost"] == 0


def test_whoever_was_told_of_too_few_or_too_many_is_found() -> None:
    table = a_table()
    table.witnesses[1].hear(told(6, 7, omitted=2))
    assert findings([table]) == ["bob received 4 bets of 2"]


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        ({"refused": {"overloaded": 3}}, "3 bets of ann: overloaded"),
        ({"has_heard_the_end": False}, "ann did not receive the end of the game"),
        ({"purses": []}, "the balances of ann could not be read"),
        (
            {"purses": [Purse(100, 0), Purse(100, 0), Purse(101, 0)]},
            "ann had 0.00 at stake, not 0.01",
        ),
        (
            {"purses": [Purse(100, 0), Purse(100, 1), Purse(101, 1)]},
            "ann has 0.01 at stake after the end",
        ),
        (
            {"purses": [Purse(100, 0), Purse(100, 1), Purse(102, 0)]},
            "the users had 2.00 before and 2.01 after",
        ),
    ],
)
def test_what_else_is_wrong_is_found(wrong: dict[str, Any], line: str) -> None:
    table = a_table()
    for name, value in wrong.items():
        setattr(table.witnesses[0], name, value)
    assert findings([table]) == [line]


def test_who_comes_back_and_has_missed_nothing_is_counted_and_no_fault() -> None:
    table = a_table()
    ann, bob = table.witnesses
    ann.connections, bob.connections = 3, 0
    ann.hear(told(6, 6, ("a", 1)))  # repeated, as may happen after a reconnection
    assert findings([table]) == []
    assert load_check.report([table], 1.0)["disconnections"] == 2


def test_what_was_not_told_before_the_end_is_not_lost_yet() -> None:
    table = a_table()
    ann, _ = table.witnesses
    ann.own_published.clear()
    ann.has_heard_the_end = False
    assert load_check.report([table], 1.0)["bets_lost"] == 0


def test_without_a_time_there_is_no_rate() -> None:
    report = load_check.report([a_table()], betting_s=0.0)
    assert (report["bets_per_second"], report["deliveries_per_second"]) == (None, None)


@pytest.mark.parametrize(("count", "words"), [(0, "0 bets"), (1, "1 bet"), (2, "2 bets")])
def test_one_is_not_many(count: int, words: str) -> None:
    assert counted(count, "bet") == words


def test_without_an_answer_there_is_no_time_to_tell() -> None:
    assert load_check.report([], 0.0)["answer_ms"] == {"p50": None, "p99": None, "max": None}


def test_half_of_the_answers_took_less_than_p50() -> None:
    table = a_table()
    table.witnesses[0].answer_s = random.Random(1).sample([n / 1_000 for n in range(100)], 100)
    table.witnesses[1].answer_s = []
    assert load_check.report([table], 1.0)["answer_ms"] == {"p50": 50.0, "p99": 99.0, "max": 99.0}
