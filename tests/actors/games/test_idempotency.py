"""Requests are executed once (contract, section 1): idempotency keys in all circumstances."""

from pathlib import Path

import pytest
import trio

from tests.support.people import create_game, heard, open_game, open_pool
from tests.support.world import NOW, World
from toteboard_client import Message

DAY = 24 * 3_600_000


def body(message: Message) -> Message:
    return {key: value for key, value in message.items() if key != "response_header"}


CHANGES: dict[int, dict[str, object]] = {
    365: {"source_name": "another"},
    370: {"source_id": "SOURCE", "game_name": "a"},
    3701: {"source_id": "SOURCE", "game_name": "a"},
    3702: {"game_id": "UPCOMING"},
    373: {"game_id": "GAME", "actions": ["goal"]},
    616: {"game_id": "GAME"},
    617: {"game_id": "GAME", "username": "bob"},
    618: {"game_id": "GAME", "username": "bob"},
    375: {"game_id": "GAME"},
    366: {"source_id": "SOURCE"},
}


@pytest.mark.parametrize("op", CHANGES)
async def test_a_changing_op_with_a_key_is_done_once_also_after_a_restart(
    tmp_path: Path, autojump_clock: object, op: int
) -> None:
    async with World(tmp_path) as world:
        world.add_user("ann", can_host=True)
        world.add_user("bob")
        ann = await world.connect("ann")
        game_id = await create_game(ann)
        source_id = (await ann.call(372, game_id=game_id))["source_id"]
        upcoming = await ann.call(3701, source_id=source_id, game_name="later")
        names = {"SOURCE": source_id, "GAME": game_id, "UPCOMING": upcoming["game_id"]}
        parameters = {k: names.get(str(v), v) for k, v in CHANGES[op].items()}
        first = await ann.call(op, key="once", **parameters)
        assert first["res"] != 666, first
        facts = world.operator.rows("SELECT * FROM facts")
        again = await ann.call(op, key="once", unknown=1, **parameters)
        await world.restart()
        ann = await world.connect("ann")
        and_again = await ann.call(op, key="once", **parameters)
        for repeated in (again, and_again):
            assert body(repeated) == body(first)
            assert repeated["response_header"]["repeated"] is True
        assert world.operator.rows("SELECT * FROM facts") == facts
        conflict = await ann.call(365, key="once", source_name="elsewhere")
        assert conflict["code"] == "idempotency_conflict"


async def test_two_connections_racing_with_one_key_do_it_once(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        world.add_user("ann", can_host=True)
        ann, too = await world.connect("ann"), await world.connect("ann")
        game_id = await create_game(ann)
        replies = []

        async def update(client: object) -> None:
            assert client in (ann, too)
            caller = ann if client is ann else too
            replies.append(await caller.call(373, key="k", game_id=game_id, actions=["goal"]))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(update, ann)
            nursery.start_soon(update, too)
        assert [reply["res"] for reply in replies] == [343, 343]
        repeated = [reply["response_header"].get("repeated", False) for reply in replies]
        assert sorted(repeated) == [False, True]


async def test_errors_and_645_are_not_remembered(tmp_path: Path, autojump_clock: object) -> None:
    async with World(tmp_path) as world:
        world.add_user("ann", can_host=True)
        world.add_user("bob")
        ann, bob = await world.connect("ann"), await world.connect("bob")
        game_id = await create_game(ann)
        assert (await bob.call(616, key="k", game_id=game_id))["res"] == 645
        refused = await bob.call(373, key="k", game_id=game_id, actions=["goal"])
        assert refused["code"] == "not_authorized"
        await ann.call(617, game_id=game_id, username="bob")
        done = await bob.call(373, key="k", game_id=game_id, actions=["goal"])
        assert done["res"] == 343
        assert "repeated" not in done["response_header"]


async def test_a_key_is_forgotten_after_seven_days_and_belongs_to_its_user(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, ping_interval=30 * DAY) as world:
        world.add_user("ann", can_host=True)
        world.add_user("bob", can_host=True)
        ann, bob = await world.connect("ann"), await world.connect("bob")
        assert (await ann.call(365, key="k", source_name="one"))["res"] == 335
        assert (await bob.call(365, key="k", source_name="two"))["res"] == 335
        await trio.sleep_until(trio.current_time() + (NOW + 7 * DAY - world.now()) / 1_000 + 1)
        other = await ann.call(365, key="k", source_name="three")
        assert (other["res"], "repeated" in other["response_header"]) == (335, False)


async def test_a_key_on_an_op_that_changes_nothing_is_ignored(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        world.add_user("ann", can_host=True)
        ann = await world.connect("ann")
        game_id = await create_game(ann)
        for op in (372, 373, 363):
            reply = await ann.call(op, key="k", game_id=game_id)
            assert reply["res"] != 666
            assert "repeated" not in reply["response_header"]


SHARED: dict[int, dict[str, object]] = {
    395: {"game_id": "GAME", "action_id": "goal", "target_id": "brazil:7"},
    396: {"pool_id": "POOL"},
    397: {"pool_id": "POOL"},
    398: {"pool_id": "POOL"},
    3975: {"game_id": "GAME", "action": "goal"},
    3985: {"game_id": "GAME", "action": "goal"},
}


@pytest.mark.parametrize("op", SHARED)
async def test_a_repeated_reply_never_lets_a_subscriber_s_watermark_fall(
    tmp_path: Path, autojump_clock: object, op: int
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        names = {"GAME": game_id, "POOL": await open_pool(host, game_id, targets="Argentina")}
        parameters = {k: names.get(str(v), v) for k, v in SHARED[op].items()}
        await host.call(363, game_id=game_id)
        first = await host.call(op, key="once", **parameters)
        assert first["seq"] > first["prev_seq"], "it is the publication too"
        later = await host.call(373, game_id=game_id, actions=["more"])
        assert later["res"] == 343
        await trio.sleep(5)
        again = await host.call(op, key="once", **parameters)
        assert again["response_header"]["repeated"] is True
        assert again["response_header"]["t"] > first["response_header"]["t"]
        assert again["response_header"]["request_id"] > first["response_header"]["request_id"]
        assert not {"seq", "prev_seq"} & again.keys()
        assert body(again) == {k: v for k, v in body(first).items() if k not in ("seq", "prev_seq")}


async def test_it_does_not_fall_when_two_connections_race_either(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        ann, game_id = await open_game(world)
        too = await world.connect("ann")
        for each in (ann, too):
            await each.call(363, game_id=game_id)
        event = {"game_id": game_id, "action_id": "goal", "target_id": "brazil:7"}
        for each in (ann, too):
            await each.send(395, header={"idempotency_key": "k"}, **event)
        replies = [m for each in (ann, too) for m in await heard(each) if m["res"] == 366]
        assert sorted(m["response_header"].get("repeated", False) for m in replies)[-1] is True
        for message in replies:
            is_repeated = "repeated" in message["response_header"]
            assert ("seq" in message, "prev_seq" in message) == (not is_repeated, not is_repeated)


async def test_a_request_that_waited_for_one_that_was_refused_is_answered(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        world.add_user("bob")
        bob = await world.connect("bob")
        bet = {"pool_id": pool_id, "target": "nobody", "amount": 1}
        for _ in range(3):
            await bob.send(392, header={"idempotency_key": "k"}, **bet)
        assert [message["code"] for message in await heard(bob)] == ["unknown_target"] * 3
