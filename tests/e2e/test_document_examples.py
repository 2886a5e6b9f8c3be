"""Every example of the games chapter, sent as printed, receives the printed reply.

There is one test per heading. Where the chapter contradicts itself, section 2 of the contract
decides. The server is in the test's process: what a socket does to a message is tested elsewhere.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
import pytest
from attrs import frozen

from protocol.messages import game_type_id
from tests.e2e.document import Message, answer, request
from tests.support.world import World
from toteboard_client import Client

TARGETS_AS_SPELT = answer("Create and open a game")["targets"]
TARGETS_AS_SPELT["argentina"]["display_name"] = "Argentina"  # section 2, "display name"


@frozen
class Desk:
    """A server, and an admin of a new source."""

    server: World
    admin: Client
    source_id: str

    async def send(self, heading: str, *, by: Client | None = None, **ids: str) -> Message:
        """Send a section's example as it is printed, and return the next message."""
        sender = by or self.admin
        await sender.socket.send_message(request(heading, **ids))
        return body(await sender.receive())

    async def create(self, heading: str = "Create and open a game") -> str:
        """Create a game with a section's example, and return the game's id."""
        return str((await self.send(heading, source_id=self.source_id))["game_id"])


@pytest.fixture
async def desk(tmp_path: Path, autojump_clock: object) -> AsyncIterator[Desk]:
    async with World(tmp_path) as server:
        server.add_user("the_foozle", can_host=True)
        admin = await server.connect("the_foozle")
        source = await admin.call(365, source_name="FIFA")
        yield Desk(server, admin, source["source_id"])


@asynccontextmanager
async def stranger(desk: Desk) -> AsyncIterator[Client]:
    """Connect a user without any rights."""
    desk.server.add_user("bob")
    client = await desk.server.connect("bob")
    yield client
    await client.socket.aclose()


def body(message: Message) -> Message:
    """Return a message with an empty `response_header`, as the chapter prints them."""
    assert isinstance(message["response_header"]["t"], int)
    return message | {"response_header": {}}


async def test_create_and_open_a_game(desk: Desk) -> None:
    reply = await desk.send("Create and open a game", source_id=desk.source_id)
    assert reply == answer(
        "Create and open a game",
        source_id=desk.source_id,
        game_id=reply["game_id"],
        targets=TARGETS_AS_SPELT,
    )


async def test_create_a_game(desk: Desk) -> None:
    reply = await desk.send("Create a game", source_id=desk.source_id)
    expected = answer("Create a game", source_id=desk.source_id, game_id=reply["game_id"])
    assert reply == expected
    assert list(reply) == list(expected)


async def test_open_a_game(desk: Desk) -> None:
    game_id = await desk.create("Create a game")
    # Section 2: `game_id` is in the table and missing in the example; the body is that of 340.
    example = orjson.loads(request("Open a game")) | {"game_id": game_id}
    await desk.admin.socket.send_message(orjson.dumps(example).decode())
    reply = body(await desk.admin.receive())
    ids: Message = {"source_id": desk.source_id, "game_id": game_id}
    as_printed = answer("Open a game", **ids)
    whole = answer("Create and open a game", **ids, targets=TARGETS_AS_SPELT)
    assert reply == whole | as_printed


async def test_become_an_admin_for_a_game(desk: Desk) -> None:
    game_id = await desk.create()
    reply = await desk.send("Become an admin for a game", game_id=game_id)
    assert reply == answer("Become an admin for a game", game_id=game_id)


async def test_become_an_admin_for_a_game_that_has_enough(desk: Desk) -> None:
    game_id = await desk.create()
    for number in range(5):
        name = f"admin{number}"
        desk.server.add_user(name)
        reply = await desk.admin.call(617, game_id=game_id, username=name)
        assert reply["res"] == 617
    reply = await desk.send("Become an admin for a game", game_id=game_id)
    assert reply == answer("Become an admin for a game", number=2, game_id=game_id)


async def test_become_an_admin_for_a_game_without_the_right(desk: Desk) -> None:
    game_id = await desk.create()
    async with stranger(desk) as bob:
        reply = await desk.send("Become an admin for a game", by=bob, game_id=game_id)
    printed = answer("Become an admin for a game", number=2, game_id=game_id)
    assert reply == printed | {"reason": reply["reason"]}
    assert reply["reason"] != printed["reason"]


@pytest.mark.parametrize("code", [373, 372], ids=["as printed", "by its own code"])
async def test_get_game_details(desk: Desk, code: int) -> None:
    game = await desk.admin.call(
        370,
        source_id=desk.source_id,
        game_name="Argentina - Brazil",
        actions="Goal, Offside",
        targets="Argentina:1, Argentina:2, Brazil:7",
        type="football",
        open_at=1417104170,
        live_start_at=1417105170,
    )
    text = request("Get game details", game_id=game["game_id"])
    assert '"op": 373' in text
    text = text.replace('"op": 373', f'"op": {code}')  # an id may have these digits too
    async with stranger(desk) as bob:
        await bob.socket.send_message(text)
        reply = body(await bob.receive())
    printed = answer("Get game details", game_id=game["game_id"], past_events={})
    expected = printed | {"targets": TARGETS_AS_SPELT, "type": game_type_id("football")}
    assert expected.items() <= reply.items()
    assert {key: reply[key] for key in reply.keys() - expected.keys()} == {
        "game_name": "Argentina - Brazil",
        "source_id": desk.source_id,
        "image_url": None,
        "game_state": {},
        "past_events_total": 0,
        "type_name": "football",
        "bet_delay": 0,
        "seq": 1,
    }


async def test_update_game_details(desk: Desk) -> None:
    game_id = await desk.create()
    await desk.admin.call(363, game_id=game_id)
    assert (await desk.admin.receive())["res"] == 470
    assert await desk.send("Update game details", game_id=game_id) == answer(
        "Update game details", game_id=game_id
    )
    published = await desk.admin.receive()
    details = await desk.admin.call(372, game_id=game_id)
    assert (published["res"], published["seq"], published["prev_seq"]) == (342, 2, 0)
    assert body(published) == body(details) | {"prev_seq": 0}


async def test_join_game(desk: Desk) -> None:
    game_id = await desk.create()
    async with stranger(desk) as bob:
        await bob.call(363, game_id=game_id)
        assert (await bob.receive())["res"] == 470
        reply = await desk.send("Join game", game_id=game_id)
        assert answer("Join game", game_id=game_id).items() <= reply.items()
        assert reply["status"] == "game_in_progress_betting_active"
        user_id, _ = desk.server.keys["the_foozle"]
        published = answer("Join game", number=2, game_id=game_id, user_id=user_id)
        assert body(await desk.admin.receive()) == published
        assert body(await bob.receive()) == published


async def test_leave_game(desk: Desk) -> None:
    game_id = await desk.create()
    async with stranger(desk) as bob:
        for each in (bob, desk.admin):
            await each.call(363, game_id=game_id)
            assert (await each.receive())["res"] == 470
        assert (await bob.receive())["res"] == 470
        reply = await desk.send("Leave game", game_id=game_id)
        assert reply == answer("Leave game", game_id=game_id)
        user_id, _ = desk.server.keys["the_foozle"]
        published = answer("Leave game", number=2, game_id=game_id, user_id=user_id)
        assert body(await bob.receive()) == published
        await desk.admin.send(1)
        assert (await desk.admin.receive())["res"] == 1, "nothing is published to who has left"


async def test_close_a_game(desk: Desk) -> None:
    game_id = await desk.create()
    async with stranger(desk) as bob:
        await bob.call(363, game_id=game_id)
        assert (await bob.receive())["res"] == 470
        expected = answer("Close a game", game_id=game_id)
        assert await desk.send("Close a game", game_id=game_id) == expected
        assert expected.items() <= body(await bob.receive()).items()
    listed = await desk.admin.call(380, source_id=desk.source_id)
    assert listed["games"] == {}


async def test_list_games_for_source(desk: Desk) -> None:
    game_id = await desk.create()
    reply = await desk.send("List games for source", source_id=desk.source_id)
    (printed,) = answer("List games for source")["games"].values()
    games = reply.pop("games")
    # Section 2: `source_id` is in the table, and times are numbers.
    assert reply == {"response_header": {}, "res": 345, "source_id": desk.source_id, "total": 1}
    types = {"type": game_type_id("football"), "type_name": "football"}
    assert games == {game_id: printed | types | {"open_at": 1417104170}}
