"""The table of calls: who may make which, what is not valid, and the OpenAPI document of it."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import orjson
import pytest
import trio
from jsonschema import Draft202012Validator

from storage.api_keys import AddKey, EndKey
from storage.changes import SourceOpened
from tests.support.people import bet, open_game, open_pool, players
from tests.support.till import ROLES, Till, till
from toteboard import __version__
from toteboard.api.openapi import openapi
from toteboard.api.refusals import ApiCode
from toteboard.api.table import CALLS

RIGHTS = {
    "addUser": "operator",
    "findUsers": "reader cashier moderator operator",
    "getUser": "reader cashier moderator operator",
    "disableUser": "operator",
    "enableUser": "operator",
    "eraseUser": "operator",
    "liftBreak": "operator",
    "credit": "cashier operator",
    "debit": "cashier operator",
    "postHold": "cashier operator",
    "releaseHold": "cashier operator",
    "getStatement": "reader cashier moderator operator",
    "getBets": "reader cashier moderator operator",
    "listPayments": "reader cashier moderator operator",
    "listSources": "reader cashier moderator operator",
    "getKey": "reader cashier moderator operator",
    "getReport": "reader cashier moderator operator",
    "listNodes": "reader cashier moderator operator",
    "listSanctions": "reader cashier moderator operator",
    "mute": "moderator operator",
    "unmute": "moderator operator",
    "ban": "moderator operator",
    "liftBan": "moderator operator",
    "export": "reader cashier moderator operator",
}
"""Who may make each call, written by hand and not derived."""
SOURCE = "5a1c0ab7-e45e-4c4b-8e6f-9d5f1f2f3a4b"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Till]:
    async with till(tmp_path) as opened:
        opened.site.world.operator.write([SourceOpened(SOURCE, "League", None, 1)])
        yield opened


def path_of(name: str, user_id: int = 77, hold_id: int = 77, source_id: str = SOURCE) -> str:
    path = next(row.path for row in CALLS if row.name == name)
    return path.format(user_id=user_id, hold_id=hold_id, source_id=source_id, kind="users")


async def asked(desk: Till, name: str, role: str, path: str) -> tuple[int, str | None]:
    method = next(row.method for row in CALLS if row.name == name)
    answer = await (desk.get(path, role) if method == "GET" else desk.post(path, role))
    body = answer.json() if answer.headers["content-type"] == "application/json" else {}
    return answer.status_code, body.get("code")


def test_the_table_of_rights_has_every_call() -> None:
    assert RIGHTS.keys() == {row.name for row in CALLS}


@pytest.mark.parametrize("name", RIGHTS)
async def test_only_the_roles_of_a_call_may_make_it(desk: Till, name: str) -> None:
    for role in ROLES:
        status, code = await asked(desk, name, role, path_of(name))
        may = role in RIGHTS[name].split()
        assert (status != 403) is may, (role, status)
        assert (code == "not_authorized") is not may


OF_A_SOURCE = {"getReport", "getKey", "listSanctions", "mute", "unmute", "ban", "liftBan"}


async def test_a_key_of_a_source_reads_its_report_moderates_and_nothing_else(desk: Till) -> None:
    desk.site.world.operator.write([SourceOpened("other", "Cup", None, 1)])
    made = await desk.site.world.operate(AddKey("league-key", "operator", SOURCE))
    desk.keys["league"] = made["key"]
    for name in RIGHTS:
        status, _ = await asked(desk, name, "league", path_of(name))
        assert (status != 403) is (name in OF_A_SOURCE), name
    status, code = await asked(desk, "getReport", "league", path_of("getReport", source_id="other"))
    assert (status, code) == (403, "not_authorized")


async def test_rights_come_before_existence(desk: Till) -> None:
    assert await asked(desk, "credit", "reader", path_of("credit")) == (403, "not_authorized")
    assert (await asked(desk, "getUser", "reader", path_of("getUser")))[1] == "unknown_user"


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer x",
        "Basic {key}",
        "Bearer {key}x",
        "{key}",
        "\xff\xfe",
    ],
)
async def test_every_call_without_a_key_that_works_gets_the_same_answer(
    desk: Till, header: str | None
) -> None:
    text = (header or "").replace("{key}", desk.keys["reader"])
    headers = {} if header is None else {b"Authorization": text.encode("latin-1")}
    for path in ("/v1/users?name=ann", "/v1/nowhere"):
        answer = await desk.site.operators.get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.json()["code"] == "not_authenticated"
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_key_that_has_ended_is_refused_at_once(desk: Till) -> None:
    await desk.site.world.operate(EndKey("cashier-key"))
    assert (await desk.get("/v1/users/1", "cashier")).status_code == 401


async def test_a_key_that_ends_while_its_call_waits_changes_nothing(desk: Till) -> None:
    user_id = desk.site.world.add_user("ann")
    answers = []

    async def credit() -> None:
        answers.append(await desk.post(f"/v1/users/{user_id}/credits", "cashier", amount=1))

    async with trio.open_nursery() as nursery:
        # Writes come one at a time: the end of the key is decided before the credit.
        nursery.start_soon(desk.site.world.operate, EndKey("cashier-key"))
        nursery.start_soon(credit)
    assert [each.status_code for each in answers] == [401]


@pytest.mark.parametrize(
    ("body", "code", "parameter"),
    [
        (b"{", "malformed_message", None),
        (b"[]", "malformed_message", None),
        (b"\xff", "malformed_message", None),
        (b"{}", "missing_parameter", "amount"),
        (b'{"amount": null}', "missing_parameter", "amount"),
        (b'{"amount": 0}', "invalid_parameter", "amount"),
        (b'{"amount": -1}', "invalid_parameter", "amount"),
        (b'{"amount": 0.001}', "invalid_parameter", "amount"),
        (b'{"amount": 1.0000000000000000001}', "invalid_parameter", "amount"),
        (b'{"amount": 1e400}', "invalid_parameter", "amount"),
        (b'{"amount": true}', "invalid_parameter", "amount"),
        (b'{"amount": "1,5"}', "invalid_parameter", "amount"),
        (b'{"amount": 1, "currency": "don"}', "invalid_parameter", "currency"),
        (b'{"amount": 1, "reference": 5}', "invalid_parameter", "reference"),
        (b'{"amount": 1, "reason": "a\\nb"}', "invalid_parameter", "reason"),
        (b'{"amount": 1, "amount": 1}', "invalid_parameter", "amount"),
    ],
)
async def test_what_is_not_valid_is_refused_with_the_parameter(
    desk: Till, body: bytes, code: str, parameter: str | None
) -> None:
    user_id = desk.site.world.add_user("ann")
    headers = {"Authorization": f"Bearer {desk.keys['cashier']}"}
    path = f"/v1/users/{user_id}/credits"
    answer = await desk.site.operators.post(path, content=body, headers=headers)
    assert answer.status_code == 400
    assert {k: v for k, v in answer.json().items() if k != "text"} == {
        "code": code,
        "parameter": parameter,
    }


async def test_a_parameter_of_a_query_is_given_once(desk: Till) -> None:
    headers = {"Authorization": f"Bearer {desk.keys['reader']}"}
    answer = await desk.site.operators.get("/v1/users?limit=5&limit=6", headers=headers)
    assert (answer.status_code, answer.json()["parameter"]) == (400, "limit")


async def test_other_paths_and_methods_are_not_found(desk: Till) -> None:
    assert (await desk.get("/v1/nowhere")).json()["code"] == "not_found"
    headers = {"Authorization": f"Bearer {desk.keys['reader']}"}
    answer = await desk.site.operators.delete("/v1/users", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    for user_id in ("0", "-1", "x", "9" * 30, "%20"):
        assert (await desk.get(f"/v1/users/{user_id}")).json()["code"] == "unknown_user"
    assert (await desk.site.http.get("/v1/users")).status_code == 404


METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


async def test_a_wrong_method_is_refused_with_the_right_ones(desk: Till) -> None:
    """On every path of the table, and on those of the port that need no key."""
    headers = {"Authorization": f"Bearer {desk.keys['reader']}"}
    allowed = {path: {"GET"} for path in ("/v1/openapi.json", "/metrics", "/healthz", "/readyz")}
    allowed["/"] = {"GET"}
    for row in CALLS:
        allowed.setdefault(re.sub(r"{\w+}", "1", row.path), set()).add(row.method)
    for path, methods in allowed.items():
        right = methods | ({"HEAD"} if "GET" in methods else set())
        for method in set(METHODS) - right:
            answer = await desk.site.operators.request(method, path, headers=headers)
            assert answer.status_code == 405, (method, path)
            assert set(answer.headers["allow"].split(", ")) == right, (method, path)


async def test_answers_are_as_the_document_says(desk: Till) -> None:
    world = desk.site.world
    host, game_id = await open_game(world, host="host")
    pool_id = await open_pool(host, game_id)
    [bob] = await players(world, "bob")
    await bet(bob, pool_id, "brazil", 5)
    await host.call(395, game_id=game_id, action_id="goal", target_id="brazil:7")
    user_id = world.keys["bob"][0]
    hold = await desk.paid(f"/v1/users/{user_id}/debits", amount=1, hold=True)
    source_id = world.operator.rows("SELECT source_id FROM games")[0]["source_id"]
    ids = {"user_id": user_id, "hold_id": hold["id"], "source_id": source_id}
    bodies: dict[str, dict[str, Any]] = {
        "addUser": {"name": "eve"},
        "credit": {"amount": 1},
        "debit": {"amount": 1},
        **{name: {"username": "bob"} for name in ("mute", "unmute", "ban", "liftBan")},
    }
    for row in CALLS:
        if row.answer is None or row.name in ("releaseHold", "eraseUser"):
            continue
        path = path_of(row.name, **ids)
        if row.method == "GET":
            query = {"name": "bob"} if row.name == "findUsers" else {}
            answer = await desk.get(path, **query)
        else:
            answer = await desk.post(path, "operator", None, **bodies.get(row.name, {}))
        assert answer.status_code == row.status, (row.name, answer.text)
        Draft202012Validator(row.answer).validate(answer.json())


async def test_the_document_is_served_and_whole(desk: Till) -> None:
    served = (await desk.site.operators.get("/v1/openapi.json")).json()
    made = openapi(served["servers"][0]["url"])
    assert served == orjson.loads(orjson.dumps(made))
    operations = [each for path in served["paths"].values() for each in path.values()]
    assert len(operations) == len(CALLS)
    for operation in operations:
        for parameter in operation["parameters"]:
            Draft202012Validator.check_schema(parameter["schema"])
        for answer in operation["responses"].values():
            for content in answer["content"].values():
                Draft202012Validator.check_schema(content["schema"])


async def test_users_are_found_by_the_beginning_of_the_name_or_by_number(desk: Till) -> None:
    ids = {name: desk.site.world.add_user(name) for name in ("Anna", "ann", "bob", "1st")}

    async def found(**query: Any) -> list[str]:
        return [each["name"] for each in (await desk.get("/v1/users", **query)).json()["users"]]

    assert await found(query="AN") == ["ann", "Anna"]
    assert await found(query="an", limit=1) == ["ann"]
    assert await found(query=str(ids["Anna"])) == ["Anna", "1st"]
    assert await found(query="%") == []
    assert await found(limit=2) == ["1st", "bob"]


async def test_a_server_that_stands_alone_is_one_node(desk: Till) -> None:
    [node] = (await desk.get("/v1/nodes")).json()["nodes"]
    assert (node["role"], node["version"], node["ready"]) == ("single", __version__, True)
    desk.site.stop.set()
    assert (await desk.get("/v1/nodes")).status_code == 503, "as every call of a server that stops"


async def test_payments_are_listed_by_user_and_status(desk: Till) -> None:
    ann, bob = [f"/v1/users/{desk.site.world.add_user(name)}" for name in ("ann", "bob")]
    for path in (ann, bob):
        await desk.paid(f"{path}/credits", amount=2, reason="prize")
        hold = await desk.paid(f"{path}/debits", amount=1, hold=True)
    await desk.paid(f"/v1/holds/{hold['id']}/release")

    async def listed(**query: Any) -> list[tuple[str, str]]:
        page = (await desk.get("/v1/payments", **query)).json()
        return [(each["user_name"], each.get("status", each["kind"])) for each in page["payments"]]

    everything = [("bob", "released"), ("bob", "credit"), ("ann", "open"), ("ann", "credit")]
    assert await listed() == everything
    assert await listed(user_id=1) == everything[2:]
    assert await listed(status="open") == [("ann", "open")]
    page = (await desk.get("/v1/payments", limit=3)).json()
    assert page["payments"][0]["key"] == "cashier-key"
    assert await listed(before=page["before"]) == everything[3:]
    assert (await desk.get("/v1/payments", limit=4)).json()["before"] is None


def test_every_code_has_a_status() -> None:
    assert {code.status for code in ApiCode} <= {400, 401, 403, 404, 405, 409, 422, 429, 500, 503}


async def test_exports_are_whole_lines_of_one_moment(desk: Till) -> None:
    for name in ("ann", "bob"):
        desk.site.world.add_user(name)
    text = (await desk.get("/v1/export/users", format="csv")).text
    assert text.splitlines()[0] == "id,name,external_id,can_host,disabled,created_at"
    assert [line.split(",")[1] for line in text.splitlines()[1:]] == ["ann", "bob"]
    lines = (await desk.get("/v1/export/transfers")).text.splitlines()
    moved = [orjson.loads(line) for line in lines]
    assert [(each["from_account"], each["amount"]) for each in moved] == [("issue", 1000)] * 2
    assert (await desk.get("/v1/export/nothing")).json()["code"] == "not_found"
    for query in ({"format": "xml"}, {"from": "x"}):
        answer = await desk.get("/v1/export/users", "reader", **query)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter")


async def test_a_report_adds_up(desk: Till) -> None:
    world = desk.site.world
    host, game_id = await open_game(world, host="host")
    bob, eve = await players(world, "bob", "eve")
    for winner in ("brazil:7", None):
        pool_id = await open_pool(host, game_id)
        await bet(bob, pool_id, "brazil", 5)
        await bet(eve, pool_id, "argentina", 3)
        if winner:
            await host.call(395, game_id=game_id, action_id="goal", target_id=winner)
        else:
            await host.call(399, pool_id=pool_id)
    source_id = world.operator.rows("SELECT source_id FROM games")[0]["source_id"]
    [day] = (await desk.get(f"/v1/sources/{source_id}/report")).json()["days"]
    assert (day["pools_resolved"], day["pools_cancelled"]) == (1, 1)
    assert (day["bets"], day["bettors"], day["staked"]) == (4, 2, 16)
    assert (day["returned"], day["paid"]) == (8, 8)
    assert day["check"] == {"left": 8, "right": 8, "holds": True}
    [bet_of_bob, _] = (await desk.get(f"/v1/users/{world.keys['bob'][0]}/bets")).json()["bets"][
        ::-1
    ]
    assert (bet_of_bob["status"], bet_of_bob["returned"]) == ("won", 8)


async def test_an_erased_user_leaves_the_books_and_no_name(desk: Till) -> None:
    world = desk.site.world
    user_id = (await desk.post("/v1/users", name="carl", external_id="c-1")).json()["id"]
    path = f"/v1/users/{user_id}"
    hold = await desk.paid(f"{path}/debits", amount=1, hold=True)
    assert (await desk.post(f"{path}/erase")).json()["code"] == "open_money"
    await desk.paid(f"/v1/holds/{hold['id']}/release")
    erased = (await desk.post(f"{path}/erase", reason="asked")).json()
    assert (erased["name"], erased["external_id"]) == (f"erased-{user_id}", None)
    assert erased["disabled"] is True
    assert (await desk.post(f"{path}/erase")).json() == erased
    assert (await desk.post("/v1/users", name="dora", external_id="c-1")).status_code == 201
    assert (await desk.post("/v1/users", name="erased-99")).json()["code"] == "already_exists"
    rows = world.operator.rows("SELECT body FROM operator_acts")
    rows += world.operator.rows("SELECT name, name_key FROM users")
    assert "carl" not in str(rows)
