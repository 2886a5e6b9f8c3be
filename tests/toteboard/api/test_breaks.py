"""An operator lifts a break: it holds at once, is an act, and no other role may."""

from pathlib import Path

from storage.user_writes import ShowUser
from tests.support.people import bet, open_game, open_pool, players
from tests.support.till import till
from tests.support.world import NOW


async def test_an_operator_lifts_a_break_and_the_act_says_why(tmp_path: Path) -> None:
    async with till(tmp_path) as desk:
        world = desk.site.world
        host, game_id = await open_game(world, host="host")
        pool_id = await open_pool(host, game_id)
        [bob] = await players(world, "bob")
        await bob.call(8300, limits={"day": {"spend": 10, "loss": 5}})
        await bob.call(8300, limits={"day": {"loss": 7.5}})
        assert (await bob.call(8310))["until"] is None
        [shown] = ShowUser("bob", NOW).answer(world.operator)
        none = {"spend": None, "loss": None}
        pending = shown["limits"]["DON"].pop("pending")
        assert shown["limits"] == {
            "DON": {"limits": {"day": {"spend": 10, "loss": 5}, "week": none, "month": none}}
        }
        assert [(each["kind"], each["amount"]) for each in pending] == [("loss", 7.5)]
        assert shown["break"] == {"until": None}
        path = f"/v1/users/{world.keys['bob'][0]}/lift_break"
        for role in ("reader", "cashier", "moderator"):
            assert (await desk.post(path, role)).status_code == 403
        assert (await bet(bob, pool_id, "brazil", 1))["code"] == "limit_reached"
        lifted = await desk.post(path, "operator", once="k", reason="appeal")
        assert (lifted.status_code, lifted.json()["name"]) == (200, "bob"), lifted.text
        assert (await bet(bob, pool_id, "brazil", 1))["res"] == 356
        await bob.call(8310)
        again = await desk.post(path, "operator", once="k", reason="appeal")
        assert again.headers["idempotent-replayed"] == "true"
        assert (await bet(bob, pool_id, "brazil", 1))["code"] == "limit_reached"
        assert (await desk.post(path, "operator")).status_code == 200
        assert (await desk.post(path, "operator")).status_code == 200, "there is none any more"
        [shown] = ShowUser("bob", NOW).answer(world.operator)
        assert shown["break"] is None
        acts = [(each["act"], each["key"], each["reason"]) for each in shown["acts"]]
        assert acts[:6] == [
            ("lift_break", "operator-key", None),
            ("break", None, None),
            ("lift_break", "operator-key", "appeal"),
            ("break", None, None),
            ("limits", None, None),
            ("limits", None, None),
        ]


async def test_the_break_of_an_unknown_user_is_not_lifted(tmp_path: Path) -> None:
    async with till(tmp_path) as desk:
        answer = await desk.post("/v1/users/999/lift_break", "operator")
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_user")
        wrong = await desk.post("/v1/users/1/lift_break", "operator", reason=5)
        assert (wrong.status_code, wrong.json()["parameter"]) == (400, "reason")
