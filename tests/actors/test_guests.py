"""Guests look at everything and change nothing (contract, section 1, "Guests")."""

from pathlib import Path
from typing import Any

import pytest

from actors.games.guests import Guests
from actors.link.claim import NotAdmittedError
from game.vocabulary import Right
from protocol.limits import Limits
from protocol.op import Op, Response
from protocol.ops import OPS
from protocol.request_schemas import request_example
from tests.support.people import codes, heard, named, open_game, open_pool, players
from tests.support.strangers import answer_to, handshake, is_unauthorized
from tests.support.world import World

NOWHERE = "00000000-0000-4000-8000-000000000000"


def refused(answer: bytes, status: int) -> bool:
    return answer.startswith(f"HTTP/1.1 {status} ".encode())


async def test_a_guest_may_send_every_op_that_looks_and_no_other(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        source_id = (await host.call(372, game_id=game_id))["source_id"]
        ids = {"game_id": game_id, "pool_id": pool_id, "source_id": source_id, "username": "ann"}
        guest = await world.connect_guest()
        before = world.kept()
        for op in OPS:
            outcome = await _outcome(guest, op, ids)
            if op.right is Right.EVERY_CLIENT:
                assert outcome in {*op.replies, *op.refusals}, op.name
            else:
                assert outcome == "not_authorized", op.name
        assert world.kept() == before


async def _outcome(client: Any, op: Op, ids: dict[str, str]) -> Any:
    request = request_example(op)
    asked = {name: ids.get(name, value) for name, value in request.items() if name != "header"}
    reply = await client.call(asked.pop("op"), **asked)
    return reply.get("code", Response(reply["res"]))


@pytest.mark.parametrize(
    ("op", "asked", "code"),
    [
        (392, {"pool_id": NOWHERE, "target": "brazil", "amount": 1}, "unknown_pool"),
        (389, {"game_id": NOWHERE}, "unknown_game"),
        (366, {"source_id": NOWHERE}, "unknown_source"),
        (900, {"text": "hello", "targets": NOWHERE}, "unknown_game"),
        (392, {"pool_id": NOWHERE, "target": "brazil", "amount": -1}, "invalid_parameter"),
    ],
)
async def test_what_does_not_exist_is_reported_before_the_missing_right(
    tmp_path: Path, autojump_clock: object, op: int, asked: dict[str, Any], code: str
) -> None:
    async with World(tmp_path) as world:
        guest = await world.connect_guest()
        assert (await guest.call(op, **asked))["code"] == code


async def test_a_guest_receives_every_publication_and_no_client_is_told_of_it(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        await host.call(363, game_id=game_id)
        await heard(host)
        guest, other = await world.connect_guest(), await world.connect_guest()
        for each in (guest, other):
            assert (await each.call(363, game_id=game_id))["res"] == 333
        await open_pool(host, game_id)
        assert codes(named(await heard(guest), 352)) == [352]
        await guest.call(364, game_id=game_id)
        assert named(await heard(host), 470, 480, 475) == []


async def test_a_guest_is_counted_among_the_subscribers_and_not_among_the_users(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, presence_limit=1) as world:
        host, game_id = await open_game(world)
        await host.call(363, game_id=game_id)
        guest = await world.connect_guest()
        await guest.call(363, game_id=game_id)
        (count,) = named(await heard(host, within_ms=2_000), 475)
        assert (count["subscribers"], count["users"]) == (2, 1)
        (found,) = (await guest.call(3812))["games"]
        assert found["subscribers"] == 2


async def test_one_guest_that_asks_too_much_costs_that_one_alone(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, cost_limit=100) as world:
        _, game_id = await open_game(world)
        greedy, other = await world.connect_guest(), await world.connect_guest()
        for _ in range(3):
            reply = await greedy.call(372, game_id=game_id)
        assert reply["code"] == "rate_limited"
        assert (await other.call(372, game_id=game_id))["res"] == 342


async def test_where_guests_are_switched_off_they_are_strangers(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, guests=False) as world:
        assert is_unauthorized(await answer_to(world, handshake("/?guest=1")))


@pytest.mark.parametrize("query", ["guest=0", "guest=1&id=1", "guest=1&guest=1", "guest", "id=-1"])
async def test_a_claim_that_is_neither_a_guest_s_nor_signed_is_refused(
    tmp_path: Path, autojump_clock: object, query: str
) -> None:
    async with World(tmp_path) as world:
        assert is_unauthorized(await answer_to(world, handshake(f"/?{query}")))


async def test_more_guests_than_the_server_takes_are_refused_until_one_leaves(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, guest_connections=1) as world:
        guest = await world.connect_guest()
        assert refused(await answer_to(world, handshake("/?guest=1")), 429)
        (bob,) = await players(world, "bob")
        assert (await bob.call(1))["res"] == 1
        await guest.socket.aclose()
        await heard(bob)
        assert (await (await world.connect_guest()).call(1))["res"] == 1


def test_one_address_takes_no_more_places_than_its_share() -> None:
    guests = Guests(Limits(guest_connections=3, http_connections_per_address=1))
    number = guests.take_place("10.0.0.1")
    with pytest.raises(NotAdmittedError) as refusal:
        guests.take_place("10.0.0.1")
    assert refusal.value.status == 429
    assert guests.take_place("10.0.0.2") != number
    guests.free_place(number)
    assert guests.take_place("10.0.0.1") < 0
