"""Messages become objects of their own classes; what a newer server adds does no harm."""

import pytest

from toteboard_client import Money, RefusedError, UnknownMessage, refusals
from toteboard_client.errors import Message, refusal
from toteboard_client.messages import BetPlaced, BetPoolResolved, NewBettingPool
from toteboard_client.reading import typed

PLACED: Message = {
    "response_header": {"t": 17, "request_id": "1", "repeated": True},
    "res": 356,
    "pool_id": "p",
    "bet_id": "b",
    "target": "brazil",
    "amount": 2.5,
}
POLICY = {"name": "plain", "takeout": 0, "break_to": 0, "minimum": None}
POLICY |= {"dead_heat": "single", "unbacked": "refund"}
BACKING = {
    "target_id": "brazil",
    "display_name": "Brazil",
    "symbol": "bra",
    "backing_people": 1,
    "backing_money": 0.1,
    "to_win_if_backed": 1,
}


def test_a_reply_is_an_object_of_its_class() -> None:
    placed = typed(PLACED)
    assert isinstance(placed, BetPlaced)
    assert (placed.bet_id, placed.amount) == ("b", Money("2.50"))
    assert (placed.sent_at, placed.is_repeated, placed.res) == (17, True, 356)
    assert placed.raw is PLACED


def test_objects_inside_a_message_are_objects_too() -> None:
    opened: Message = {}
    opened.update(dict.fromkeys(("game_id", "pool_id", "description", "action_id"), "x"))
    opened.update(dict.fromkeys(("participants", "target_level", "start_at", "type"), 1))
    opened.update(dict.fromkeys(("is_blocked", "is_hot", "recreate_on_end"), False))
    opened.update(finish_at=None, stop_accepting_bets_at=None, amount_total=3, carried_in=0.5)
    opened.update(bet_delay=5_000, confirm_for=0)
    opened.update(dict.fromkeys(("min_stake", "max_stake", "max_stake_per_user")), policy=POLICY)
    message = opened | {"response_header": {"t": 1}, "res": 352, "seq": 2, "prev_seq": 1}
    pool = typed(message | {"distribution": {"brazil": BACKING}})
    assert isinstance(pool, NewBettingPool)
    assert pool.distribution["brazil"].backing_money == Money("0.10")
    assert pool.amount_total == Money(3)
    assert (pool.seq, pool.finish_at) == (2, None)
    assert (pool.policy.name, pool.carried_in) == ("plain", Money("0.50"))


def test_users_are_numbers_also_as_keys() -> None:
    message = {"response_header": {"t": 1}, "res": 362, "game_id": "g", "pool_id": "p"}
    message |= {"description": "?", "winning_target": "a", "winners": {"17": 2.5}, "losers": {}}
    message |= {"winning_targets": ["a"], "prices": {"a": 1.5}, "carried_out": 0}
    message |= {"takeout": 0, "breakage": 0, "minus": 0, "result_seq": 3}
    resolved = typed(
        message | {"invalidated_bettors": [], "is_money_return": False, "resolved_at": 1}
    )
    assert isinstance(resolved, BetPoolResolved)
    assert resolved.winners == {17: Money("2.50")}
    assert resolved.reason is None


def test_what_a_newer_server_adds_does_no_harm() -> None:
    assert isinstance(typed(PLACED | {"mood": "good"}), BetPlaced)
    unknown = typed({"response_header": {"t": 1}, "res": 99_999, "mood": "good"})
    assert isinstance(unknown, UnknownMessage)
    assert (unknown.res, unknown.raw["mood"]) == (99_999, "good")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("insufficient_funds", refusals.InsufficientFundsError),
        ("rate_limited", refusals.RateLimitedError),
        ("of_a_newer_server", RefusedError),
    ],
)
def test_a_refusal_has_the_class_of_its_code(code: str, kind: type[RefusedError]) -> None:
    raised = refusal({"text": "No.", "code": code, "available_balance": 1.5, "retry_after_ms": 5})
    assert type(raised) is kind
    assert (raised.code, raised.text, raised.retry_after_ms) == (code, "No.", 5)
    assert raised.available_balance == Money("1.50")
