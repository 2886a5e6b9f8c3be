"""An operator's changes are effective immediately while the server runs, and sent in order."""

from itertools import pairwise
from pathlib import Path

import pytest
import trio

from actors.commit.writer import StorageState
from storage.changes import SourceOpened
from storage.errors import StorageError
from storage.store import AddSourceAdmin, AddUser, Credit, DisableUser, MakeKey
from storage.users import OperatorError
from tests.support.people import heard, named, open_game, open_pool, players
from tests.support.process import heard_to_the_end
from tests.support.world import World
from toteboard_client import Client, Message

BETS = 300


async def test_a_credit_is_told_to_every_connection_of_the_player_at_once(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        (bob,) = await players(world, "bob")
        phone = await world.connect("bob")
        await world.operate(Credit("BOB", "DON", 5_000))
        for device in (bob, phone):
            (pushed,) = await heard(device)
            assert (pushed["res"], pushed["cause"]) == (815, "credit")
            assert (pushed["current_balance"], pushed["available_balance"]) == (1050, 1050)
            assert "pool_id" not in pushed


async def test_a_credit_is_counted_once_whether_its_balance_was_known_or_not(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        (bob,) = await players(world, "bob")
        for available in (1_001, 1_002):
            await world.operate(Credit("bob", "DON", 100))
            assert (await heard(bob))[-1]["available_balance"] == available
            assert (await bob.call(810))["available_balance"] == available
        await world.operate(Credit("bob", "EUR", 100))
        assert (await heard(bob))[-1]["available_balance"] == 1


async def test_credits_and_bets_at_once_are_told_in_the_order_in_which_they_happened(
    tmp_path: Path, autojump_clock: object
) -> None:
    """Every stake equals a whole credit, so no bet precedes the credit that pays for it."""
    async with World(tmp_path, outbox_size=10_000) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        (bob,) = await players(world, "bob", balance=0)
        told: list[Message] = []
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_credit_often, world)
            nursery.start_soon(_bet_often, bob, pool_id)
            while len(named(told, 815)) < 2 * BETS:
                told.append(await bob.receive())
            nursery.cancel_scope.cancel()
        pushed = named(told, 815)
        assert {message["cause"] for message in pushed} == {"credit", "bet"}
        assert len(named(pushed, 815)) == 2 * BETS
        _is_a_line_of_books(pushed)
        assert pushed[-1]["current_balance"] == BETS
        assert pushed[-1]["available_balance"] == 0


async def _credit_often(world: World) -> None:
    for number in range(BETS):
        await world.operate(Credit("bob", "DON", 100))
        if number % 7 == 0:
            await trio.sleep(0.001)


async def _bet_often(bob: Client, pool_id: str) -> None:
    """Send more bets than there are credits. A bet without a credit is refused."""
    while True:
        await bob.send(392, pool_id=pool_id, target="brazil", amount=1)
        await trio.sleep(0.0001)


def _is_a_line_of_books(pushed: list[Message]) -> None:
    """Check that each balance follows from the one before it."""
    before = {"current_balance": 0, "available_balance": 0}
    for previous, message in pairwise([before, *pushed]):
        change = (
            message["current_balance"] - previous["current_balance"],
            message["available_balance"] - previous["available_balance"],
        )
        assert change == {"credit": (1, 1), "bet": (0, -1)}[message["cause"]], message


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (MakeKey("bob", None), "a new session key was made"),
        (DisableUser("bob"), "the user was disabled"),
    ],
)
async def test_who_may_not_stay_is_closed_at_once(
    tmp_path: Path, autojump_clock: object, write: MakeKey | DisableUser, reason: str
) -> None:
    async with World(tmp_path) as world:
        bob, ann = await players(world, "bob", "ann")
        phone = await world.connect("bob")
        await world.operate(write)
        for device in (bob, phone):
            _, close = await heard_to_the_end(device)
            assert (close.code, close.reason) == (1008, reason)
        assert (await ann.call(1))["res"] == 1


async def test_a_new_user_and_a_new_admin_can_act_at_once(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        world.operator.write([SourceOpened("s", "league", None, 1)])
        added = await world.operate(AddUser("new", True, {"DON": 500}, None))
        world.keys["new"] = (added["id"], added["session_key"])
        new = await world.connect("new")
        assert (await new.call(810))["available_balance"] == 5
        asked = {"source_id": "s", "game_name": "final"}
        assert (await new.call(370, **asked))["code"] == "not_authorized"
        await world.operate(AddSourceAdmin("s", "new"))
        assert (await new.call(370, **asked))["res"] == 340


async def test_what_is_refused_changes_nothing(tmp_path: Path, autojump_clock: object) -> None:
    async with World(tmp_path) as world:
        (bob,) = await players(world, "bob")
        with pytest.raises(OperatorError):
            await world.operate(Credit("nobody", "DON", 100))
        with pytest.raises(OperatorError):
            await world.operate(AddUser("BOB", False, {}, None))
        assert await heard(bob) == []


async def test_a_credit_that_the_storage_refuses_is_not_told_and_harms_no_one(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        (bob,) = await players(world, "bob")
        most = 2**63 - 1 - 100_000
        world.operator.execute(
            "UPDATE accounts SET balance = balance + ? WHERE account LIKE 'player%'", (most,)
        )
        with pytest.raises(StorageError):
            await world.operate(Credit("bob", "DON", 1))
        assert await heard(bob) == []
        assert world.server.services.writer.state is StorageState.STORING, (
            "it is not the disk's fault"
        )
