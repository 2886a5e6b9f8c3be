"""An operator lifts a break: it holds at once, is an act, and no other role may."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import httpx
import trio
from jsonschema import Draft202012Validator

from storage.api_keys import AddKey
from storage.user_writes import ShowUser
from tests.support.people import bet, open_game, open_pool, players
from tests.support.till import till
from tests.support.world import NOW, World
from toteboard.api.desk import READS_AT_ONCE, Desk
from toteboard.api.schemas import RESTRAINED_USER
from toteboard.api.site import ApiSite

DAY = 24 * 3_600_000
NEVER = 10**12


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


async def test_a_user_is_shown_with_the_own_limits_and_the_break_that_is_running(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, ping_interval=NEVER) as world, operator(world) as api:
        [bob] = await players(world, "bob")
        path = f"/v1/users/{world.keys['bob'][0]}"
        plain = (await api.get(path)).json()
        assert (plain["limits"], plain["break"]) == ({}, None)
        await bob.call(8300, limits={"day": {"spend": "10.50", "loss": 5}})
        await bob.call(8300, limits={"day": {"loss": 7.5}}, currency="EUR")
        await bob.call(8300, limits={"day": {"spend": "none"}})
        raised_at, until = world.now() + DAY, world.now() + 2 * DAY
        await bob.call(8310, until=until)
        none = {"spend": None, "loss": None}
        shown = (await api.get(path)).json()
        pending = [{"period": "day", "kind": "spend", "amount": None, "at": raised_at}]
        day = {"spend": 10.5, "loss": 5}
        assert shown["limits"] == {
            "DON": {"limits": {"day": day, "week": none, "month": none}, "pending": pending},
            "EUR": {"limits": {"day": none | {"loss": 7.5}, "week": none, "month": none}}
            | {"pending": []},
        }
        assert shown["break"] == {"until": until}
        Draft202012Validator(RESTRAINED_USER).validate(shown)
        await trio.sleep(DAY / 1_000)
        shown = (await api.get(path)).json()
        limits = shown["limits"]["DON"]
        assert (limits["limits"]["day"]["spend"], limits["pending"]) == (None, [])
        await trio.sleep(DAY / 1_000)
        assert (await api.get(path)).json()["break"] is None
        await bob.call(8310)
        assert (await api.get(path)).json()["break"] == {"until": None}


@asynccontextmanager
async def operator(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of a world's API without sockets, because the time is simulated."""
    key = (await world.operate(AddKey("desk", "reader")))["key"]
    limiter, server = trio.CapacityLimiter(READS_AT_ONCE), world.server
    limits, now = server.services.limits, server.services.clock.now
    site = ApiSite(
        Desk(server.store, server.reading, world.path, limits, limiter, now, no_nodes),
        cast(Any, Serving()),
        None,
    )
    transport = httpx.ASGITransport(app=cast(Any, site))
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://api", headers=headers
    ) as client:
        yield client


async def no_nodes() -> dict[str, Any]:
    """List no nodes."""
    return {}


class Serving:
    """The health of a server that serves."""

    is_serving = True


async def test_the_break_of_an_unknown_user_is_not_lifted(tmp_path: Path) -> None:
    async with till(tmp_path) as desk:
        answer = await desk.post("/v1/users/999/lift_break", "operator")
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_user")
        wrong = await desk.post("/v1/users/1/lift_break", "operator", reason=5)
        assert (wrong.status_code, wrong.json()["parameter"]) == (400, "reason")
