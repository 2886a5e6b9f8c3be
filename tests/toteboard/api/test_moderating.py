"""Moderation by API keys: it holds at once on the socket, and the acts say who and why."""

from pathlib import Path
from typing import Any

import pytest

from game.vocabulary import LARGEST_TIME
from storage.listings import SANCTIONS_QUERY
from storage.moderation import Sanction
from storage.moderation_changes import SanctionSet
from storage.user_writes import ShowUser
from tests.support.people import bet, open_game, open_pool, players
from tests.support.till import till
from tests.support.world import NOW
from toteboard.api import desk as desk_calls

HOUR = 3_600_000


async def test_who_is_muted_or_banned_is_listed_by_name(tmp_path: Path) -> None:
    async with till(tmp_path) as desk:
        world = desk.site.world
        host, game_id = await open_game(world, host="host")
        await players(world, "bob", "cat", "dan")
        source_id = (await host.call(372, game_id=game_id))["source_id"]
        path = f"/v1/sources/{source_id}"

        async def listed(**query: Any) -> list[tuple[str, str, str | None, int | None]]:
            answer = await desk.get(f"{path}/sanctions", **query)
            return [
                (each["username"], each["kind"], each["game_id"], each["until"])
                for each in answer.json()["sanctions"]
            ]

        assert await listed() == []
        until = world.now() + HOUR
        await desk.post(f"{path}/mute", username="dan")
        await desk.post(f"{path}/ban", username="bob", until=until)
        await host.call(9020, game_id=game_id, username="bob")
        other = await host.call(365, source_name="Other")
        await desk.post(f"/v1/sources/{other['source_id']}/ban", username="dan")
        ended = SanctionSet(Sanction.BAN, source_id, world.keys["cat"][0], world.now())
        world.operator.write([ended])
        everything = [
            ("bob", "ban", None, until),
            ("bob", "mute", game_id, None),
            ("dan", "mute", None, None),
        ]
        assert await listed() == everything
        assert await listed(limit=1) == everything[:1]
        assert await listed(username="BOB") == everything[:2]
        assert await listed(username="nobody") == []
        await desk.post(f"{path}/unmute", username="dan")
        await host.call(375, game_id=game_id)
        assert await listed() == everything[:1], "the mute went with its game"
        unknown = await desk.get("/v1/sources/nothing/sanctions")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_source")


async def test_sanctions_come_in_pages_and_each_with_its_reason(tmp_path: Path) -> None:
    async with till(tmp_path) as desk:
        world = desk.site.world
        host, game_id = await open_game(world, host="host")
        await players(world, "bob", "cat", "dan")
        source_id = (await host.call(372, game_id=game_id))["source_id"]
        path = f"/v1/sources/{source_id}"
        await desk.post(f"{path}/ban", username="bob", reason="first")
        await desk.post(f"{path}/ban", username="bob", reason="spam")
        await desk.post(f"{path}/mute", username="bob", reason="insults")
        await host.call(9020, game_id=game_id, username="bob", reason="in this game")
        await desk.post(f"{path}/ban", username="cat", reason="lifted")
        await desk.post(f"{path}/lift_ban", username="cat", reason="appeal")
        await desk.post(f"{path}/ban", username="cat")
        await desk.post(f"{path}/mute", username="dan", reason="shouts")
        found, before = [], None
        for _ in range(3):
            query: dict[str, Any] = {} if before is None else {"before": before}
            answer = (await desk.get(f"{path}/sanctions", limit=2, **query)).json()
            found += [
                (each["username"], each["kind"], each["reason"]) for each in answer["sanctions"]
            ]
            before = answer["before"]
            if before is None:
                break
        assert found == [
            ("bob", "ban", "spam"),
            ("bob", "mute", "insults"),
            ("bob", "mute", "in this game"),
            ("cat", "ban", None),
            ("dan", "mute", "shouts"),
        ]
        whole = (await desk.get(f"{path}/sanctions", limit=5)).json()
        assert whole["before"] is None, "the last page is full, and there is no other"
        for bad in ("x", "1-ban", "x-ban-1", "1-ban-99999999999999999999"):
            refused = await desk.get(f"{path}/sanctions", before=bad)
            assert (refused.status_code, refused.json()["parameter"]) == (400, "before"), bad


async def test_the_reason_of_a_sanction_is_found_without_reading_every_act(tmp_path: Path) -> None:
    async with till(tmp_path) as desk:
        database = desk.site.world.operator
        plan = database.rows(f"EXPLAIN QUERY PLAN {SANCTIONS_QUERY}", (None,) * 9)
        steps = [str(row["detail"]) for row in plan if "act" in str(row["detail"])]
        assert steps
        assert all("USING INDEX sanctioning_acts" in step for step in steps), steps


async def test_a_moderator_mutes_and_bans_and_the_acts_say_who_and_why(tmp_path: Path) -> None:
    async with till(tmp_path) as desk:
        world = desk.site.world
        host, game_id = await open_game(world, host="host")
        pool_id = await open_pool(host, game_id)
        [bob] = await players(world, "bob")
        await bob.call(363, game_id=game_id)
        source_id = (await host.call(372, game_id=game_id))["source_id"]
        path, until = f"/v1/sources/{source_id}", NOW + HOUR
        told = {"username": "Bob", "until": until, "reason": "insults"}
        muted = await desk.post(f"{path}/mute", "moderator", once="k", **told)
        assert (muted.status_code, muted.json()["username"]) == (200, "bob"), muted.text
        assert (await bob.call(900, text="hi"))["until"] == until
        assert (await bet(bob, pool_id, "brazil", 1))["res"] == 356, "a mute is about chat"
        again = await desk.post(f"{path}/mute", "moderator", once="k", **told)
        assert again.headers["idempotent-replayed"] == "true"
        assert (await desk.post(f"{path}/unmute", "moderator", username="bob")).status_code == 200
        assert (await bob.call(900, text="hi"))["res"] == 901
        assert (await desk.post(f"{path}/ban", "operator", username="bob")).json()["until"] is None
        assert (await bet(bob, pool_id, "brazil", 1))["code"] == "not_authorized"
        lifted = await desk.post(f"{path}/lift_ban", "moderator", username="bob", reason="appeal")
        assert lifted.status_code == 200
        assert (await bet(bob, pool_id, "brazil", 1))["res"] == 356
        [shown] = ShowUser("bob", NOW).answer(world.operator)
        acts = [(each["act"], each["key"], each["reason"]) for each in shown["acts"]]
        assert acts[:4] == [
            ("lift_ban", "moderator-key", "appeal"),
            ("ban", "operator-key", None),
            ("unmute", "moderator-key", None),
            ("mute", "moderator-key", "insults"),
        ]


async def test_bad_calls_of_moderators_are_refused_by_name(tmp_path: Path) -> None:
    async with till(tmp_path) as desk:
        world = desk.site.world
        host, game_id = await open_game(world, host="host")
        source_id = (await host.call(372, game_id=game_id))["source_id"]
        world.add_user("bob")
        for path, body, status, code in (
            (source_id, {}, 400, "missing_parameter"),
            (source_id, {"username": "bob", "until": 1}, 400, "invalid_parameter"),
            (source_id, {"username": "nobody"}, 404, "unknown_user"),
            ("nowhere", {"username": "bob"}, 404, "unknown_source"),
        ):
            answer = await desk.post(f"/v1/sources/{path}/mute", "moderator", **body)
            assert (answer.status_code, answer.json()["code"]) == (status, code)
        await host.call(366, source_id=source_id)
        closed = await desk.post(f"/v1/sources/{source_id}/ban", "moderator", username="bob")
        assert (closed.status_code, closed.json()["code"]) == (422, "source_closed")


async def test_a_ban_a_mute_and_a_hold_may_last_until_the_last_time_that_there_is(
    tmp_path: Path,
) -> None:
    async with till(tmp_path) as desk:
        world = desk.site.world
        host, game_id = await open_game(world, host="host")
        await players(world, "bob")
        source_id = (await host.call(372, game_id=game_id))["source_id"]
        for call in ("ban", "mute"):
            path = f"/v1/sources/{source_id}/{call}"
            answer = await desk.post(path, username="bob", until=LARGEST_TIME)
            assert (answer.status_code, answer.json()["until"]) == (200, LARGEST_TIME)
        path = f"/v1/users/{world.keys['bob'][0]}/debits"
        hold = await desk.post(path, amount=1, hold=True, reference="r", expires_at=LARGEST_TIME)
        assert (hold.status_code, hold.json()["expires_at"]) == (201, LARGEST_TIME)


async def test_a_call_that_fails_by_a_bug_is_refused_in_the_form_of_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with till(tmp_path) as desk:
        await players(desk.site.world, "bob")
        monkeypatch.setattr(desk_calls, "_user_id", lambda _: 1 / 0)
        answer = await desk.get(f"/v1/users/{desk.site.world.keys['bob'][0]}")
        assert (answer.status_code, set(answer.json())) == (500, {"code", "text", "parameter"})
