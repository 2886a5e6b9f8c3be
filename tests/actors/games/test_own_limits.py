"""A player's own limits and breaks on a running server: what they close, when, and what counts."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import trio

from game.own_limits import Period, end_of
from game.vocabulary import LARGEST_TIME
from storage.audit import audit
from storage.limit_writes import LiftBreak
from storage.payments import DEBIT, Pay
from tests.support.people import bet, create_game, heard, named, open_game, open_pool, players
from tests.support.world import World
from toteboard_client import Client, Message

HOUR = 3_600_000
DAY = 24 * HOUR
NEVER = 10**12


async def limit(client: Client, **limits: Any) -> Message:
    reply = await client.call(8300, limits=limits)
    assert reply["res"] == 8300, reply
    return reply


def outcome(reply: Message) -> Any:
    """Return the `res` of a reply; of a limit that was reached, the limit."""
    return reply["limit"] if reply.get("code") == "limit_reached" else reply["res"]


async def goal(host: Client, game_id: str, target: str) -> None:
    told = await host.call(395, game_id=game_id, action_id="goal", target_id=target)
    assert told["res"] == 366, told


async def test_limits_are_read_set_lowered_at_once_and_raised_a_day_later(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, ping_interval=NEVER) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        [bob] = await players(world, "bob")
        none = {"spend": None, "loss": None}
        nothing = {"currency": "DON", "limits": dict.fromkeys(Period, none), "pending": []}
        assert (await bob.call(8300)).items() >= nothing.items()
        told = await limit(bob, day={"spend": 10}, month={"loss": "99.50"})
        assert told["limits"] == {
            "day": {"spend": 10, "loss": None},
            "week": none,
            "month": {"spend": None, "loss": 99.5},
        }
        raised_at = world.now()
        await trio.sleep(1)
        raised = await limit(bob, day={"spend": 20, "loss": 5})
        asked_at = world.now()
        assert raised["limits"]["day"] == {"spend": 10, "loss": 5}
        assert raised["pending"] == [
            {"period": "day", "kind": "spend", "amount": 20, "at": asked_at + DAY}
        ]
        assert asked_at == raised_at + 1_000
        assert outcome(await bet(bob, pool_id, "brazil", 6)) == 5, "the lower one holds"
        await limit(bob, day={"loss": "none"})
        await trio.sleep((DAY - 1) / 1_000)
        assert (await bob.call(8300))["limits"]["day"]["spend"] == 10
        await trio.sleep(0.001)
        told = await bob.call(8300)
        assert (told["limits"]["day"], told["pending"]) == ({"spend": 20, "loss": None}, [])
        assert outcome(await bet(bob, pool_id, "brazil", 20)) == 356
        assert outcome(await bet(bob, pool_id, "brazil", 1)) == 20


async def test_stakes_of_all_games_count_until_the_period_ends(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, ping_interval=NEVER) as world:
        host, first = await open_game(world)
        other_host, second = await open_game(world, host="hal")
        pools = [await open_pool(host, first), await open_pool(other_host, second)]
        bob, cat = await players(world, "bob", "cat")
        await limit(bob, day={"spend": 10}, week={"spend": 14})
        assert outcome(await bet(bob, pools[0], "brazil", "6.50")) == 356
        refused = await bet(bob, pools[1], "brazil", 4)
        assert (refused["limit"], refused["until"]) == (10, end_of(Period.DAY, world.now()))
        assert refused["retryable"] is False
        assert outcome(await bet(bob, pools[1], "brazil", 3.5)) == 356
        assert outcome(await bet(cat, pools[1], "brazil", 500)) == 356, "others are free"
        await trio.sleep((refused["until"] - 1 - world.now()) / 1_000)
        assert outcome(await bet(bob, pools[1], "brazil", 1)) == 10
        await trio.sleep(0.001)
        refused = await bet(bob, pools[1], "brazil", 5)
        assert (refused["limit"], refused["until"]) == (14, end_of(Period.WEEK, world.now()))
        assert outcome(await bet(bob, pools[1], "brazil", 4)) == 356


async def test_losses_stakes_in_play_and_winnings_count_towards_a_loss_limit(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, ping_interval=NEVER) as world:
        host, game_id = await open_game(world)
        lost, won, running = [await open_pool(host, game_id) for _ in range(3)]
        bob, cat = await players(world, "bob", "cat")
        await limit(bob, day={"loss": 30})
        for pool_id, side, other in ((lost, "brazil", "argentina"), (won, "argentina", "brazil")):
            assert outcome(await bet(bob, pool_id, side, 10)) == 356
            await bet(cat, pool_id, other, 10)
        assert outcome(await bet(bob, running, "brazil", "10.01")) == 30, "20 are in play"
        await host.call(397, pool_id=running)
        await host.call(399, pool_id=running)
        running = await open_pool(host, game_id)
        assert outcome(await bet(bob, running, "brazil", 10)) == 356
        await goal(host, game_id, "argentina:1")  # 10 lost, 10 won; the third is lost alone: back
        third = await open_pool(host, game_id)
        assert outcome(await bet(bob, third, "brazil", "30.01")) == 30
        assert outcome(await bet(bob, third, "brazil", 30)) == 356, "what was won may be lost"


async def test_a_refund_gives_back_what_was_spent_and_a_correction_what_was_lost(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, ping_interval=NEVER) as world:
        host, game_id = await open_game(world)
        first, second = [await open_pool(host, game_id) for _ in range(2)]
        bob, cat = await players(world, "bob", "cat")
        await limit(bob, day={"spend": 10})
        assert outcome(await bet(bob, first, "brazil", 10)) == 356
        assert (await host.call(399, pool_id=first))["res"] == 3991
        assert outcome(await bet(bob, second, "brazil", 10)) == 356
        assert outcome(await bet(bob, second, "brazil", 1)) == 10
        await limit(bob, day={"spend": "none"}, week={"loss": 10})
        await bet(cat, second, "argentina", 10)
        await goal(host, game_id, "argentina:1")
        third = await open_pool(host, game_id)
        assert outcome(await bet(bob, third, "brazil", 1)) == 10
        result = (await bob.call(390, game_id=game_id))["pools_list"][second]["result_seq"]
        corrected = await host.call(
            3992, pool_id=second, winning_target="brazil", corrects_seq=result, reason="video"
        )
        assert corrected["res"] == 3621, corrected
        await trio.sleep(DAY / 1_000)  # the limit on spend is gone
        await limit(bob, week={"loss": 5})
        assert outcome(await bet(bob, third, "brazil", 16)) == 5, "10 won, 15 may be lost"
        assert outcome(await bet(bob, third, "brazil", 15)) == 356


async def test_of_bets_in_many_games_at_once_no_two_slip_below_a_limit(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, ping_interval=NEVER) as world:
        host, game_id = await open_game(world)
        games = [game_id, await create_game(host, actions="Goal", targets="Argentina,Brazil")]
        await host.call(616, game_id=games[1])
        pools = [await open_pool(host, each) for each in games for _ in range(3)]
        await players(world, "bob")
        devices = [await world.connect("bob") for _ in range(6)]
        await limit(devices[0], day={"spend": 10, "loss": 12})
        told: Counter[Any] = Counter()

        async def place(device: Client, pool_id: str) -> None:
            for _ in range(3):
                told[outcome(await bet(device, pool_id, "brazil", 1))] += 1

        async with trio.open_nursery() as nursery:
            for device, pool_id in zip(devices, pools, strict=True):
                nursery.start_soon(place, device, pool_id)
        assert told == {356: 10, 10: 8}
        assert audit(world.operator) == []


async def test_a_bet_that_waits_for_its_delay_counts_and_is_decided_by_the_limits_of_its_time(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, ping_interval=NEVER) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id, bet_delay=5_000)
        other = await open_pool(host, game_id)
        [bob] = await players(world, "bob")
        second = await world.connect("bob")
        await limit(bob, day={"spend": 10})
        told: list[Any] = []

        async def place(amount: int) -> None:
            told.append(outcome(await bet(bob, pool_id, "brazil", amount)))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(place, 6)
            await trio.sleep(1)
            assert outcome(await bet(second, other, "brazil", 5)) == 10, "6 are set aside"
            assert outcome(await bet(second, other, "brazil", 4)) == 356
            await limit(second, day={"spend": 9})
        assert told == [9]
        assert outcome(await bet(second, other, "brazil", 5)) == 356, "the 6 are free again"


async def test_limits_and_sums_hold_over_a_restart_and_payments_do_not_count(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, ping_interval=NEVER) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        [bob] = await players(world, "bob")
        assert outcome(await bet(bob, pool_id, "brazil", 4)) == 356, "before there is a limit"
        await limit(bob, day={"spend": 10})
        assert outcome(await bet(bob, pool_id, "brazil", 3)) == 356
        bob_id = world.keys["bob"][0]
        await world.operate(Pay(DEBIT, bob_id, "DON", 50_000))
        assert outcome(await bet(bob, pool_id, "brazil", "3.01")) == 10
        for _ in range(2):
            await world.restart()
            bob = await world.connect("bob")
            assert outcome(await bet(bob, pool_id, "brazil", "3.01")) == 10
            assert (await bob.call(8300))["limits"]["day"]["spend"] == 10
        assert outcome(await bet(bob, pool_id, "brazil", 3)) == 356
        assert audit(world.operator) == []


async def test_a_limit_is_for_one_currency(tmp_path: Path, autojump_clock: object) -> None:
    async with World(tmp_path, ping_interval=NEVER) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        [bob] = await players(world, "bob")
        told = await bob.call(8300, currency="EUR", limits={"day": {"spend": 1}})
        assert (told["currency"], told["limits"]["day"]["spend"]) == ("EUR", 1)
        assert outcome(await bet(bob, pool_id, "brazil", 5)) == 356
        assert (await bob.call(8300))["limits"]["day"]["spend"] is None


async def test_a_repeated_request_is_answered_as_it_was_and_reading_keeps_no_key(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, ping_interval=NEVER) as world:
        [bob] = await players(world, "bob")
        limits = {"day": {"spend": 10}}
        assert (await bob.call(8300, key="k"))["res"] == 8300
        first = await bob.call(8300, limits=limits, key="k")
        await limit(bob, day={"spend": 5})
        await world.restart()
        bob = await world.connect("bob")
        again = await bob.call(8300, limits=limits, key="k")
        assert again["response_header"]["repeated"] is True
        assert again["limits"] == first["limits"]
        assert (await bob.call(8300))["limits"]["day"]["spend"] == 5
        conflict = await bob.call(8300, limits={"day": {"spend": 11}}, key="k")
        assert conflict["code"] == "idempotency_conflict"
        until = world.now() + HOUR
        assert (await bob.call(8310, until=until, key="b"))["until"] == until
        assert (await bob.call(8310, until=until, key="b"))["response_header"]["repeated"] is True


async def test_a_break_closes_bets_and_chat_and_nothing_else(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, ping_interval=NEVER) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        bob, cat = await players(world, "bob", "cat")
        await bob.call(363, game_id=game_id)
        await bet(bob, pool_id, "argentina", 10)
        await bet(cat, pool_id, "brazil", 10)
        until = world.now() + HOUR
        assert (await bob.call(8310, until=until))["until"] == until
        for shorter in (until - 1, until):
            assert (await bob.call(8310, until=shorter))["until"] == until
        await world.restart()
        host, bob = [await world.connect(name) for name in ("ann", "bob")]
        assert (await bob.call(363, game_id=game_id))["res"] == 333
        for refused in (
            await bet(bob, pool_id, "argentina", 1),
            await bob.call(900, text="hello", targets=[game_id]),
        ):
            assert (refused["code"], refused["until"]) == ("limit_reached", until)
            assert "limit" not in refused
        assert (await bob.call(8200))["entries"][0]["cause"] == "bet"
        await goal(host, game_id, "argentina:1")
        assert named(await heard(bob), 815)[-1]["cause"] == "payout"
        await trio.sleep((until - world.now()) / 1_000)
        pool_id = await open_pool(host, game_id)
        assert outcome(await bet(bob, pool_id, "argentina", 1)) == 356
        assert (await bob.call(900, text="hello", targets=[game_id]))["res"] == 901


async def test_a_player_reads_the_break_that_is_running(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, ping_interval=NEVER) as world:
        [bob] = await players(world, "bob")
        assert (await bob.call(8300))["running_break"] is None
        until = world.now() + HOUR
        await bob.call(8310, until=until)
        assert (await bob.call(8300))["running_break"] == {"until": until}
        assert (await limit(bob, day={"spend": 5}))["running_break"] == {"until": until}
        assert (await bob.call(8300, currency="EUR"))["running_break"] == {"until": until}
        await world.restart()
        bob = await world.connect("bob")
        await trio.sleep((until - 1 - world.now()) / 1_000)
        assert (await bob.call(8300))["running_break"] == {"until": until}
        await trio.sleep(0.001)
        assert (await bob.call(8300))["running_break"] is None
        assert (await limit(bob, day={"spend": 4}))["running_break"] is None
        await bob.call(8310)
        assert (await bob.call(8300))["running_break"] == {"until": None}
        await world.operate(LiftBreak(world.keys["bob"][0]))
        assert (await bob.call(8300))["running_break"] is None


async def test_a_player_learns_in_which_currencies_there_are_limits(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, ping_interval=NEVER) as world:
        [bob] = await players(world, "bob")
        assert (await bob.call(8300))["currencies"] == []
        first = await bob.call(8300, currency="EUR", limits={"day": {"spend": 1}})
        assert first["currencies"] == ["EUR"]
        assert (await limit(bob, day={"loss": 5}))["currencies"] == ["DON", "EUR"]
        assert (await bob.call(8300, currency="USD"))["currencies"] == ["DON", "EUR"]


async def test_only_the_operator_lifts_a_break_without_an_end(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, ping_interval=NEVER) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        [bob] = await players(world, "bob")
        assert (await bob.call(8310, until=" "))["until"] is None
        assert (await bob.call(8310, until=world.now() + 1))["until"] is None
        await trio.sleep(400 * DAY / 1_000)
        refused = await bet(bob, pool_id, "brazil", 1)
        assert (refused["code"], refused["until"]) == ("limit_reached", None)
        lifted = await world.operate(LiftBreak(world.keys["bob"][0], "appeal", "desk"))
        assert lifted["name"] == "bob"
        assert outcome(await bet(bob, pool_id, "brazil", 1)) == 356
        assert audit(world.operator) == []


async def test_a_bet_is_refused_for_what_comes_first_in_the_order_of_the_contract(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, ping_interval=NEVER) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id, max_stake=500)
        [bob] = await players(world, "bob", balance=60_000)
        await limit(bob, day={"spend": 1})
        assert (await bet(bob, pool_id, "chile", 1_000))["code"] == "unknown_target"
        assert (await bet(bob, pool_id, "brazil", 1_000))["code"] == "insufficient_funds"
        assert outcome(await bet(bob, pool_id, "brazil", 501)) == 500
        assert outcome(await bet(bob, pool_id, "brazil", 2)) == 1
        await host.call(397, pool_id=pool_id)
        assert (await bet(bob, pool_id, "brazil", 2))["code"] == "pool_blocked"


async def test_a_guest_has_no_limits(tmp_path: Path, autojump_clock: object) -> None:
    async with World(tmp_path, ping_interval=NEVER) as world:
        guest = await world.connect_guest()
        for op in (8300, 8310):
            assert (await guest.call(op))["code"] == "not_authorized"


async def test_a_bet_of_a_player_without_limits_reads_nothing_for_them(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path, ping_interval=NEVER) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        bob, cat = await players(world, "bob", "cat")
        await limit(bob, day={"spend": 100})
        for each in (bob, cat):
            await bet(each, pool_id, "brazil", 1)
        reads, asked = world.server.services.reads, Counter[str]()
        for name in ("last_entry", "entries_before", "own_rules", "own_rules_of", "usage_between"):
            read = getattr(reads, name)

            def counted(*given: Any, _name: str = name, _read: Any = read) -> Any:
                asked[_name] += 1
                return _read(*given)

            monkeypatch.setattr(reads, name, counted)
        for _ in range(5):
            assert outcome(await bet(cat, pool_id, "brazil", 1)) == 356
        assert not asked
        for _ in range(5):
            assert outcome(await bet(bob, pool_id, "brazil", 1)) == 356
        assert asked == {"usage_between": 5}


async def test_a_break_may_last_until_the_last_time_that_there_is(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, ping_interval=NEVER) as world:
        [bob] = await players(world, "bob")
        assert (await bob.call(8310, until=LARGEST_TIME))["until"] == LARGEST_TIME
        await world.restart()
        bob = await world.connect("bob")
        assert (await bob.call(8300))["running_break"] == {"until": LARGEST_TIME}
