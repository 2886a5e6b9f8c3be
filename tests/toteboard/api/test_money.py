"""Money in and out by the API: decided once by the running server, and nobody below zero."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trio

from storage.accounts import TooMuchMoneyError
from storage.audit import audit
from storage.opening import open_for_reading
from storage.store import Credit
from tests.support.people import bet, heard, named, open_game, open_pool, players
from tests.support.till import Till, till


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Till]:
    async with till(tmp_path) as opened:
        yield opened


@pytest.fixture
async def ann(desk: Till) -> str:
    """The path of a user with 1,000 DON."""
    return f"/v1/users/{desk.site.world.add_user('ann')}"


def is_sound(desk: Till) -> bool:
    database = open_for_reading(desk.site.world.path)
    try:
        assert audit(database) == []
    finally:
        database.close()
    return True


async def test_credits_and_debits_move_money_and_are_sent_to_the_user(desk: Till, ann: str) -> None:
    phone = await desk.site.world.connect("ann")
    paid = await desk.paid(f"{ann}/credits", amount="2.50", reference="in-1", reason="bonus")
    assert paid["kind"] == "credit"
    assert (paid["amount"], paid["current_balance"], paid["available_balance"]) == (
        2.5,
        1002.5,
        1002.5,
    )
    assert (await desk.paid(f"{ann}/debits", amount=1000))["available_balance"] == 2.5
    told = [(m["cause"], m["available_balance"]) for m in named(await heard(phone), 815)]
    assert told == [("credit", 1002.5), ("debit", 2.5)]
    assert is_sound(desk)


async def test_a_debit_beyond_what_is_free_is_refused_with_what_is(desk: Till, ann: str) -> None:
    answer = await desk.post(f"{ann}/debits", "cashier", amount="1000.01")
    assert answer.status_code == 422
    refused = answer.json()
    assert (refused["code"], refused["available_balance"]) == ("insufficient_funds", 1000)


async def test_credits_that_make_too_much_of_a_currency_are_refused_and_balances_stay_exact(
    desk: Till, ann: str
) -> None:
    # Ann has 1,000 DON already.
    for _ in range(69):
        await desk.paid(f"{ann}/credits", amount=10**12)
    for credited in (10**12, "999999999000.01"):
        answer = await desk.post(f"{ann}/credits", "cashier", amount=credited)
        refused = answer.json()
        assert (answer.status_code, refused["code"]) == (422, "limit_reached")
        assert (refused["parameter"], refused["limit"]) == ("amount", 999_999_999_000)
    last = await desk.paid(f"{ann}/credits", amount="999999998999.99")
    assert last["current_balance"] == 69_999_999_999_999.99
    ann_by_name = Credit("ann", "DON", 2)
    with pytest.raises(TooMuchMoneyError, match=r"only 0.01 DON more can be credited"):
        await desk.site.world.operate(ann_by_name)
    assert (await desk.paid(f"{ann}/credits", currency="EUR", amount=1))["current_balance"] == 1
    await desk.paid(f"{ann}/debits", amount=1)
    assert (await desk.paid(f"{ann}/credits", amount="1.01"))["current_balance"] == 7e13
    assert is_sound(desk)


async def test_a_repeated_reference_is_the_same_payment(desk: Till, ann: str) -> None:
    first = await desk.post(f"{ann}/debits", "cashier", amount=1, reference="out-1")
    again = await desk.post(f"{ann}/debits", "cashier", amount=1, reference="out-1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    for amount, currency in ((2, "DON"), (1, "EUR")):
        conflict = await desk.post(
            f"{ann}/debits", "cashier", amount=amount, currency=currency, reference="out-1"
        )
        assert (conflict.status_code, conflict.json()["code"]) == (409, "idempotency_conflict")
        assert conflict.json()["parameter"] == "reference"
    assert (await desk.post(f"{ann}/credits", "cashier", amount=1, reference="out-1")).is_success
    own = await desk.post(f"{ann}/debits", "operator", amount=1, reference="out-1")
    assert own.status_code == 201, "a reference is unique for each key"


async def test_an_idempotency_key_repeats_the_answer(desk: Till, ann: str) -> None:
    first = await desk.post(f"{ann}/debits", "cashier", once="k", amount=1000)
    again = await desk.post(f"{ann}/debits", "cashier", once="k", amount=1000)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    for path, amount in ((f"{ann}/debits", 1), (f"{ann}/credits", 1000)):
        conflict = await desk.post(path, "cashier", once="k", amount=amount)
        assert (conflict.status_code, conflict.json()["code"]) == (409, "idempotency_conflict")
    refused = await desk.post(f"{ann}/debits", "cashier", once="r", amount=5)
    assert refused.status_code == 422
    await desk.paid(f"{ann}/credits", amount=5)
    assert (await desk.post(f"{ann}/debits", "cashier", once="r", amount=5)).status_code == 201
    assert is_sound(desk)


async def test_a_new_user_is_added_once_and_the_key_is_shown_again_only_by_a_repeat(
    desk: Till,
) -> None:
    body: dict[str, Any] = {"name": "bob", "external_id": "x-1", "balances": {"EUR": "5"}}
    first = await desk.post("/v1/users", once="new", **body)
    again = await desk.post("/v1/users", once="new", **body)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    new = first.json()
    shown = {"current_balance": 5, "available_balance": 5, "exposure": 0, "held": 0}
    assert new["balances"]["EUR"] == shown
    assert new["balances"]["DON"]["available_balance"] == 1000
    kept = desk.site.world.operator.rows("SELECT reply, sealed FROM api_replies")
    assert new["session_key"] not in str(kept)
    found = await desk.get("/v1/users", external_id="x-1")
    [user] = found.json()["users"]
    assert "session_key" not in user
    assert user == {name: new[name] for name in user}
    assert (await desk.get("/v1/users", external_id="x-2")).json() == {"users": []}
    for name, parameter in (("BOB", "name"), ("eve", "external_id")):
        answer = await desk.post("/v1/users", name=name, external_id="x-1")
        assert (answer.status_code, answer.json()["parameter"]) == (409, parameter)


async def test_a_hold_sets_aside_and_is_resolved_once(desk: Till, ann: str) -> None:
    phone = await desk.site.world.connect("ann")
    hold = await desk.paid(f"{ann}/debits", amount=600, hold=True, reference="wd-1")
    assert (hold["status"], hold["expires_at"], hold["posted_amount"]) == ("open", None, None)
    assert (hold["current_balance"], hold["available_balance"]) == (1000, 400)
    assert (await phone.call(800))["current_balance"] == 1000
    assert (await phone.call(840))["exposure"] == 0
    path = f"/v1/holds/{hold['id']}"
    beyond = await desk.post(f"{path}/post", "cashier", amount=601)
    assert (beyond.status_code, beyond.json()["limit"]) == (422, 600)
    assert (await desk.post(f"{path}/post", "cashier", amount=0)).status_code == 400
    posted = await desk.paid(f"{path}/post", amount=250)
    assert (posted["status"], posted["posted_amount"]) == ("posted", 250)
    assert (posted["current_balance"], posted["available_balance"]) == (750, 750)
    for verb in ("post", "release"):
        again = await desk.post(f"{path}/{verb}", "operator")
        assert (again.status_code, again.json()["code"]) == (409, "hold_resolved")
    told = [(m["cause"], m["current_balance"], m["available_balance"]) for m in await heard(phone)]
    assert told == [("hold", 1000, 400), ("debit", 750, 400), ("release", 750, 750)]
    assert (await desk.post("/v1/holds/99/post", "cashier")).json()["code"] == "unknown_hold"
    assert is_sound(desk)


async def test_a_hold_is_released_when_it_expires(desk: Till, ann: str) -> None:
    now = desk.site.world.now()
    past = await desk.post(f"{ann}/debits", "cashier", amount=1, hold=True, expires_at=now - 1)
    assert (past.status_code, past.json()["parameter"]) == (400, "expires_at")
    hold = await desk.paid(f"{ann}/debits", amount=600, hold=True, expires_at=now + 300)
    await trio.sleep(0.6)
    late = await desk.post(f"/v1/holds/{hold['id']}/post", "cashier")
    assert (late.status_code, late.json()["code"]) == (409, "hold_resolved")
    user = (await desk.get(ann)).json()
    assert user["balances"]["DON"]["available_balance"] == 1000
    assert is_sound(desk)


async def test_a_statement_has_a_line_for_each_815(desk: Till) -> None:
    world = desk.site.world
    host, game_id = await open_game(world, host="host")
    [bob] = await players(world, "bob")
    path = f"/v1/users/{world.keys['bob'][0]}"
    told: list[dict[str, Any]] = []
    for target, winner in (("argentina", "argentina"), ("brazil", "argentina")):
        pool_id = await open_pool(host, game_id)
        await bet(bob, pool_id, target, 100)
        await desk.paid(f"{path}/credits", amount=1)
        await host.call(395, game_id=game_id, action_id="goal", target_id=f"{winner}:1")
    await desk.paid(f"{path}/debits", amount=3, reference="out")
    told = named(await heard(bob, within_ms=300), 815)
    answer = (await desk.get(f"{path}/statement")).json()
    lines = answer["entries"][::-1]
    assert lines[0]["cause"] == "credit", "the initial balance"
    shown = [(each["cause"], each["current_balance"], each["available_balance"]) for each in lines]
    heard_ = [(each["cause"], each["current_balance"], each["available_balance"]) for each in told]
    assert shown[1:] == heard_
    assert answer["opening_balance"] == 0
    assert sum(each["change"] for each in lines) == answer["closing_balance"]
    assert (await bob.call(800))["current_balance"] == answer["closing_balance"]
    first = (await desk.get(f"{path}/statement", limit=3)).json()
    rest = (await desk.get(f"{path}/statement", before=first["before"])).json()
    assert first["entries"] + rest["entries"] == answer["entries"]
    assert rest["before"] is None
    bets = (await desk.get(f"{path}/bets")).json()["bets"]
    assert [each["status"] for each in bets][1] in ("refunded", "won")
    assert is_sound(desk)


async def test_bets_and_debits_at_once_leave_nobody_below_zero(desk: Till) -> None:
    world = desk.site.world
    host, game_id = await open_game(world, host="host")
    pool_id = await open_pool(host, game_id)
    names = ("a", "b", "c", "d")
    clients = await players(world, *names, balance=5_000)
    refused: list[str] = []

    async def debit(name: str) -> None:
        for _ in range(20):
            answer = await desk.post(f"/v1/users/{world.keys[name][0]}/debits", amount=1)
            if not answer.is_success:
                refused.append(answer.json()["code"])

    async def stake(client: Any) -> None:
        for _ in range(20):
            answer = await bet(client, pool_id, "brazil", 2)
            if answer["res"] == 666:
                refused.append(answer["code"])

    async with trio.open_nursery() as nursery:
        for name, client in zip(names, clients, strict=True):
            nursery.start_soon(debit, name)
            nursery.start_soon(stake, client)
    assert set(refused) == {"insufficient_funds"}
    for name in names:
        user = (await desk.get(f"/v1/users/{world.keys[name][0]}")).json()["balances"]["DON"]
        assert user["available_balance"] >= 0
        assert user["current_balance"] == user["available_balance"] + user["exposure"]
    assert is_sound(desk)
