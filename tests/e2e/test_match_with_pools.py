"""A match with pools on real sockets: every message, its receivers and its shape.

`tests/e2e/shapes.py` has the shapes. This match contains every one of them.
"""

from pathlib import Path

from tests.e2e.seats import Match, Seat, match
from tests.e2e.shapes import SHAPES
from tests.support.process import toteboard
from toteboard_client import Message

OPS = {
    *(385, 387, 388, 389, 390, 392, 393, 395, 396, 3961, 397, 398, 399, 3975, 3985, 3994),
    *(800, 810, 840, 900, 450, 451),
}
"""All messages of sections 7 and 8."""
PLAIN = {
    "policy": {
        "name": "plain",
        "takeout": 0,
        "break_to": 0,
        "minimum": None,
        "dead_heat": "single",
        "unbacked": "refund",
    },
    "carried_in": 0,
    "min_stake": None,
    "max_stake": None,
    "max_stake_per_user": None,
    "bet_delay": 0,
    "confirm_for": 0,
}
NOWHERE = "00000000-0000-4000-8000-000000000000"


async def test_every_message_of_pools_and_balances_has_its_shape(tmp_path: Path) -> None:
    async with match(tmp_path) as played:
        await bets_and_a_goal(played)
        await switches(played)
        await out_of_time(played)
        await a_scratched_target(played)
        await a_video_check(played)
        await refusals(played)
        await chat_boards_and_credit(played)
        await the_end(played)
        assert Seat.seen == SHAPES.keys()
        assert Seat.refused == OPS


def backing(name: str, people: int, money: float, odds: float) -> Message:
    """Return a target at the top level of a distribution."""
    return {
        "target_id": name.lower(),
        "display_name": name,
        "symbol": name.lower()[:3],
        "backing_people": people,
        "backing_money": money,
        "to_win_if_backed": odds,
    }


async def bets_and_a_goal(played: Match) -> None:
    desk, bob, cat, game_id = played.desk, played.bob, played.cat, played.game_id
    pool = await played.opens(targets="Argentina,brazil")
    pool_id = pool["pool_id"]
    settings = {
        "game_id": game_id,
        "pool_id": pool_id,
        "description": "Who scores?",
        "type": 1,
        "action_id": "goal",
        "target_level": 1,
        "is_blocked": False,
        "is_hot": False,
        "start_at": pool["start_at"],
        "finish_at": None,
        "stop_accepting_bets_at": None,
        "recreate_on_end": False,
        **PLAIN,
    }
    empty = {name.lower(): backing(name, 0, 0, 1.0) for name in ("argentina", "brazil", "None")}
    frame = ("response_header", "res", "seq", "prev_seq")
    nothing = {"distribution": empty, "participants": 0, "amount_total": 0}
    assert {k: value for k, value in pool.items() if k not in frame} == settings | nothing
    await played.bets(bob, pool_id, "Brazil", 10.5)
    changed = await played.bets(cat, pool_id, "argentina", 4.5)
    distribution = {
        "argentina": backing("argentina", 1, 4.5, 3.3333),
        "brazil": backing("brazil", 1, 10.5, 1.4286),
        "none": backing("None", 0, 0, 1.0),
    }
    snapshot = {"participants": 2, "amount_total": 15, "distribution": distribution}
    assert snapshot.items() <= changed.items()
    listed = settings | snapshot
    everything = await bob.asks(387, "3535", game_id=game_id)
    assert everything["pools_list"] == {pool_id: listed}
    assert (await bob.asks(388, "353", game_id=game_id))["pools_list"] == {}
    mine = await desk.asks(388, "353", game_id=game_id)
    assert mine["pools_list"] == {pool_id: listed}
    running = await bob.asks(389, "354", game_id=game_id)
    assert running["pools_list"] == {pool_id: listed | {"user_backed": {"brazil": 10.5}}}
    in_full = await cat.asks(393, "360", pool_id=pool_id)
    assert in_full["bets_total"] == 2
    for target, user, amount in (("brazil", bob, 10.5), ("argentina", cat, 4.5)):
        (one,) = in_full["distribution"][target]["bets"].values()
        assert (one["user_id"], one["amount"]) == (user.user_id, amount)
    assert (await bob.asks(800, "800"))["current_balance"] == 1_000
    assert (await bob.asks(810, "810"))["available_balance"] == 989.5
    assert (await bob.asks(840, "840"))["exposure"] == 10.5
    await a_goal(played, listed)


async def a_goal(played: Match, listed: Message) -> None:
    """bob wins what cat loses. A bet after the goal is void."""
    bob, cat, pool_id = played.bob, played.cat, listed["pool_id"]
    goal_at = await played.passes(0)
    await played.passes(goal_at)
    await played.bets(cat, pool_id, "brazil", 100)
    named = {"action_id": "goal", "target_id": "Brazil : 7", "happened_at": goal_at}
    told = await played.desk.asks(395, "366", game_id=played.game_id, **named)
    event, resolved = await played.all_hear("366", "362")
    assert event["event_id"] == told["event_id"]
    assert {"target_id": "brazil:7", "target_display_name": "7"}.items() <= event.items()
    assert event["current_count"] == {"brazil": 1, "brazil:7": 1}
    assert event["happened_at"] == goal_at
    assert resolved["winning_target"] == "brazil"
    assert resolved["winners"] == {str(bob.user_id): 4.5}
    assert resolved["losers"] == {str(cat.user_id): 4.5}
    assert resolved["invalidated_bettors"] == [cat.user_id]
    assert resolved["is_money_return"] is False
    (paid,) = await bob.hears("815")
    assert (paid["cause"], paid["current_balance"]) == ("payout", 1_004.5)
    (lost,) = await cat.hears("815")
    assert (lost["cause"], lost["current_balance"]) == ("refund", 995.5)
    over = await bob.asks(390, "355", game_id=played.game_id)
    (ended,) = over["pools_list"].values()
    assert ended["total_winnings"] == 15
    assert ended["user_backed"] == {"brazil": 10.5}
    assert (ended["winning_target"], ended["resolved_at"]) == ("brazil", resolved["resolved_at"])
    await played.nobody_hears_more()


async def switches(played: Match) -> None:
    """Block, allow and mark as hot: now and later, one pool and all pools of an action."""
    desk, board, bob, game_id = played.desk, played.board, played.bob, played.game_id
    pool_id = (await played.opens(action="goal"))["pool_id"]
    assert (await desk.asks(396, "367", pool_id=pool_id))["pool_id"] == pool_id
    await played.all_hear("367")
    hot = await board.asks(396, "367", pool_id=pool_id)
    assert (await bob.hears("367"))[0]["seq"] == hot["seq"]
    named = {"game_id": game_id, "action_id": "goal", "target_id": "brazil"}
    several = await desk.asks(3961, "367 of an action", **named)
    assert several["pools"] == [pool_id]
    (told,) = await played.all_hear("367")
    assert told["hot_since"] == several["hot_since"]
    nothing = await desk.asks(3961, "367 of an action", **named | {"target_id": "brazil:7"})
    assert nothing["pools"] == []
    for op, code, when in ((397, "368", "block_at"), (398, "369", "allow_at")):
        done = f"{when.removesuffix('_at')}ed_at"
        now = await desk.asks(op, code, pool_id=pool_id)
        (told,) = await played.all_hear(code)
        assert told[done] == now[done]
        later = now[done] + 250
        planned = await desk.asks(op, code, pool_id=pool_id, **{when: later})
        (told,) = await played.all_hear(code)
        assert planned[done] == told[done] == later
        assert told["response_header"]["t"] >= later
    of_action = (3975, "370", "368", "block_at"), (3985, "371", "369", "allow_at")
    for op, code, each, when in of_action:
        done = f"{when.removesuffix('_at')}ed_at"
        now = await desk.asks(op, code, game_id=game_id, action="Goal")
        assert [m[done] for m in await played.all_hear(code, each)] == [now[done]] * 2
        named = {"game_id": game_id, "action_id": "goal", when: now[done] + 250}
        assert (await desk.asks(op, code, **named))["action"] == "goal"
        assert [m[done] for m in await played.all_hear(code, each)] == [now[done] + 250] * 2
    await desk.asks(399, "3991", pool_id=pool_id, reason="rain")
    (cancelled,) = await played.all_hear("362 cancelled")
    assert (cancelled["reason"], cancelled["is_money_return"]) == ("rain", True)
    await played.nobody_hears_more()


async def out_of_time(played: Match) -> None:
    """Time-based pools end when they are due. One is recreated."""
    bob, cat = played.bob, played.cat
    finish_at = await played.passes(0) + 1_600
    again = await played.opens(type=2, finish_at=finish_at, recreate_on_end=True)
    await played.bets(bob, again["pool_id"], "none", 2)
    await played.bets(cat, again["pool_id"], "chile", 1)
    binary = await played.opens(type=4, finish_at=finish_at, action="ignored")
    assert binary["action_id"] == f"pool-{binary['pool_id']}"
    assert list(binary["distribution"]) == ["yes", "no"]
    ended, no, anew = await played.all_hear("363", "363", "352")
    assert (ended["winning_target"], no["winning_target"]) == ("none", "no")
    for message in (ended, no):
        assert message["expired_at"] == message["resolved_at"] == finish_at
    assert ended["winners"] == {str(bob.user_id): 1}
    assert [m["cause"] for m in (*await bob.hears("815"), *await cat.hears("815"))] == [
        "payout",
        "loss",
    ]
    assert (no["winners"], no["losers"], no["is_money_return"]) == ({}, {}, False)
    assert anew["start_at"] == finish_at
    assert anew["finish_at"] == finish_at + (finish_at - again["start_at"])
    assert anew["pool_id"] != again["pool_id"]
    await played.bets(bob, anew["pool_id"], "brazil", 3)
    await played.desk.asks(399, "3991", pool_id=anew["pool_id"])
    (cancelled,) = await played.all_hear("362 cancelled")
    assert cancelled["reason"] is None
    assert (await bob.hears("815"))[0]["cause"] == "refund"
    await played.nobody_hears_more()


async def a_video_check(played: Match) -> None:
    """A result is held and confirmed, then cancelled by a correction; the event is taken back."""
    desk, bob, cat, game_id = played.desk, played.bob, played.cat, played.game_id
    pool_id = (await played.opens(type=3, confirm_for=60_000))["pool_id"]
    await played.bets(bob, pool_id, "yes", 3)
    await played.bets(cat, pool_id, "no", 2)
    yes = {"action_id": f"pool-{pool_id}", "target_id": "yes"}
    event = await desk.asks(395, "366", game_id=game_id, **yes)
    *_, decided = await played.all_hear("366", "368", "3622")
    assert decided["event_id"] == event["event_id"]
    await desk.asks(3952, "3952", pool_id=pool_id)
    (resolved,) = await played.all_hear("362")
    assert [(await seat.hears("815"))[0]["cause"] for seat in (bob, cat)] == ["payout", "loss"]
    correction = {"corrects_seq": resolved["result_seq"], "cancel": True, "reason": "hand"}
    await desk.asks(3992, "3621", pool_id=pool_id, **correction)
    (corrected,) = await played.all_hear("3621")
    assert (corrected["previous_winning_target"], corrected["winning_target"]) == ("yes", None)
    for seat in (bob, cat):
        assert (await seat.hears("815"))[0]["cause"] == "correction"
    gone = {"event_id": event["event_id"], "reason": "hand"}
    await desk.asks(3951, "3661", game_id=game_id, **gone)
    (taken_back,) = await played.all_hear("3661")
    assert taken_back["event_id"] == event["event_id"]
    await played.nobody_hears_more()


async def refusals(played: Match) -> None:
    """Each op is refused at least once, and other clients receive nothing."""
    desk, bob, game_id = played.desk, played.bob, played.game_id
    pool_id = (await played.opens(is_blocked=True))["pool_id"]
    in_game, in_pool = {"game_id": game_id}, {"pool_id": pool_id}
    named = in_game | {"action_id": "goal", "target_id": "chile"}
    bet = in_pool | {"target": "brazil", "amount": 1}
    pool = in_game | {"description": "d", "action": "goal"}
    await bob.is_refused(385, "not_authorized", **pool)
    await desk.is_refused(385, "missing_parameter", "action", **in_game, description="d")
    await desk.is_refused(385, "invalid_parameter", "targets", **pool, targets="brazil,brazil:7")
    await desk.is_refused(385, "missing_parameter", "finish_at", **pool, type=2)
    await desk.is_refused(385, "invalid_parameter", "pool_type", **pool, pool_type=5)
    await desk.is_refused(385, "unknown_action", **pool | {"action": "offside"})
    for op in (387, 388, 389, 390, 451):
        await bob.is_refused(op, "unknown_game", game_id=NOWHERE)
    await desk.is_refused(392, "not_authorized", **bet)
    await bob.is_refused(392, "pool_blocked", **bet)
    for amount in (0, -1, 0.001, "1.234", True, "a lot", 1e13):
        await bob.is_refused(392, "invalid_parameter", "amount", **bet | {"amount": amount})
    await bob.is_refused(393, "unknown_pool", pool_id=NOWHERE)
    await bob.is_refused(395, "not_authorized", **named)
    await desk.is_refused(395, "invalid_parameter", "target_id", **named | {"target_id": "brazil"})
    await desk.is_refused(395, "invalid_parameter", "target_id", **named | {"target_id": "none"})
    await desk.is_refused(395, "invalid_parameter", "happened_at", **named, happened_at=4 * 10**12)
    for op in (396, 397, 398, 399):
        await bob.is_refused(op, "not_authorized", **in_pool)
    no_target = in_pool | {"target": "none", "reason": "r"}
    await bob.is_refused(3994, "not_authorized", **no_target)
    await desk.is_refused(3994, "invalid_parameter", "target", **no_target)
    for op in (3961, 3975, 3985):
        await desk.is_refused(op, "unknown_action", **named | {"action_id": "offside"})
    for op in (800, 810, 840, 450):
        await bob.is_refused(op, "invalid_parameter", "currency", currency="euro")
    await bob.is_refused(450, "invalid_parameter", "end", start=0, end=1_001)
    await played.cat.is_refused(900, "missing_parameter", "targets", text="hello")
    await played.cat.is_refused(900, "not_joined", text="hello", targets=[game_id])
    await desk.asks(398, "369", **in_pool)
    await played.all_hear("369")
    poor = await bob.is_refused(392, "insufficient_funds", **bet | {"amount": "5000.00"})
    assert poor["available_balance"] == 1_005.5
    for _ in range(2):
        await played.opens()
    full = await desk.is_refused(385, "limit_reached", **pool)
    assert full["limit"] == 3
    await played.nobody_hears_more()


async def chat_boards_and_credit(played: Match) -> None:
    bob, cat, game_id = played.bob, played.cat, played.game_id
    sent = await bob.asks(900, "901 sent", text="  hello ")
    (heard,) = await played.board.hears("901")
    assert (heard["text"], heard["sender"], heard["channel"]) == ("hello", "bob", game_id)
    assert (heard["received_at"], sent["channels"]) == (sent["received_at"], [game_id])
    places = [
        {"username": "bob", "points": 5.5, "rank": 1},
        {"username": "cat", "points": -5.5, "rank": 2},
    ]
    assert (await cat.asks(450, "450"))["leaderboard"] == places
    assert (await cat.asks(451, "451", game_id=game_id, start=1))["leaderboard"] == places[1:]
    credited = await toteboard(played.server.folder, "user", "credit", "bob", "0.05")
    assert credited.returncode == 0, credited
    (told,) = await bob.hears("815 credit")
    assert (told["cause"], told["current_balance"]) == ("credit", 1_005.55)
    await played.nobody_hears_more()


async def a_scratched_target(played: Match) -> None:
    """bob's stake on Brazil goes back, and the pool goes on without Brazil."""
    bob, cat, pool_id = played.bob, played.cat, (await played.opens())["pool_id"]
    await played.bets(bob, pool_id, "brazil", 2)
    await played.bets(cat, pool_id, "argentina", 1)
    named = {"pool_id": pool_id, "target_id": "brazil", "reason": "lightning"}
    await played.desk.asks(3994, "3681", **named)
    (told,) = await played.all_hear("3681")
    assert told["refunded"] == {str(bob.user_id): 2}
    assert (told["amount_total"], told["participants"]) == (1, 1)
    assert (await bob.hears("815"))[0]["cause"] == "refund"
    bet = {"pool_id": pool_id, "target": "brazil", "amount": 1}
    await bob.is_refused(392, "unknown_target", **bet)
    seen = await bob.asks(393, "360", pool_id=pool_id)
    assert (seen["distribution"]["brazil"]["is_scratched"], seen["bets_total"]) == (True, 1)
    await played.desk.asks(399, "3991", pool_id=pool_id)
    await played.all_hear("362 cancelled")
    assert (await cat.hears("815"))[0]["cause"] == "refund"
    await played.nobody_hears_more()


async def the_end(played: Match) -> None:
    """Closing leaves the manual pool. It is resolved by hand, and the game is closed."""
    desk, game_id = played.desk, played.game_id
    for pool_id in (await desk.asks(387, "3535", game_id=game_id))["pools_list"]:
        last = pool_id
    await desk.asks(399, "3991", pool_id=last)
    await played.all_hear("362 cancelled")
    manual = (await played.opens(type=3))["pool_id"]
    await played.bets(played.cat, manual, "yes", 5)
    closing = await desk.asks(375, "3411", game_id=game_id)
    assert closing["pools"] == [manual]
    for seat in played.audience:
        await seat.hears("362", "362", "368")
        details = await seat.client.receive()
        assert (details["res"], details["status"]) == (342, "game_in_progress_betting_closed")
        seat.seq = details["seq"]
    await desk.asks(395, "366", game_id=game_id, action_id=f"pool-{manual}", target_id="No")
    event, resolved = await played.all_hear("366", "362")
    assert event["target_display_name"] == "No"
    assert (resolved["winning_target"], resolved["is_money_return"]) == ("no", True)
    assert (await played.cat.hears("815"))[0]["cause"] == "refund"
    await desk.asks(375, "341", game_id=game_id)
    await played.all_hear("341")
    await played.nobody_hears_more()
