"""Queries never delay changes, keep their order within a connection, and are paged.

The tests count instead of measuring time: what an actor handles, in which order, and how often it
checks for waiting changes.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing

from actors.edge.outbox import CHUNK_BYTES
from actors.games.actor import LEAST_REPLY_BYTES
from actors.games.actor_loop import MOST_QUERY_BYTES
from actors.games.game_actor import GameActor
from actors.games.mailbox import Mailbox
from actors.games.server_call import ServerCall
from actors.link.encoded_message import encode, single
from game.commands import PlaceBet
from protocol.codec import to_json
from protocol.requests import ListPools
from tests.support.disks import HeldDisk
from tests.support.people import codes, heard, open_game, open_pool, players
from tests.support.world import World, on_sockets
from toteboard_client import Client, Message

MANY = 40
"""More queries than an actor answers before it checks for waiting changes."""
LOOK = "look"
HOURS = 100 * 3_600_000
"""The time between pings, because simulated time does not wait for real sockets."""


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """List what actors did: the command of each op, and each check for waiting changes."""
    taken: list[Any] = []
    handle, receive = GameActor.handle, Mailbox.receive_nowait

    async def handling(actor: GameActor, call: ServerCall) -> None:
        taken.append(type(call.request.command))
        await handle(actor, call)

    def looking(mailbox: Mailbox[Any]) -> list[Any]:
        taken.append(LOOK)
        return receive(mailbox)

    monkeypatch.setattr(GameActor, "handle", handling)
    monkeypatch.setattr(Mailbox, "receive_nowait", looking)
    return taken


async def busy_game(world: World) -> tuple[Client, str, str]:
    """Open a game with a pool. Return its host and the two ids."""
    host, game_id = await open_game(world)
    pool_id = await open_pool(host, game_id)
    await trio.testing.wait_all_tasks_blocked()
    return host, game_id, pool_id


async def bet(client: Client, pool_id: str) -> None:
    await client.send(392, pool_id=pool_id, target="brazil", amount=1)
    await trio.testing.wait_all_tasks_blocked()


async def test_a_bet_overtakes_the_questions_that_wait(
    tmp_path: Path,
    autojump_clock: object,
    taken: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with World(tmp_path) as world:
        _, game_id, pool_id = await busy_game(world)
        askers = await players(world, *(f"asker-{number}" for number in range(MANY)))
        bea, bob = await players(world, "bea", "bob")
        disk = HeldDisk(world.server.services.writer, monkeypatch)
        await bet(bea, pool_id)
        for asker in askers:
            await asker.send(387, game_id=game_id)
        await trio.testing.wait_all_tasks_blocked()
        taken.clear()
        await bet(bob, pool_id)
        disk.spin()
        for asker in askers:
            (listed,) = await heard(asker, within_ms=1)
            assert listed["pools_list"][pool_id]["participants"] == 2
        asked = [each for each in taken if each is not LOOK]
        assert asked == [PlaceBet, *[ListPools] * MANY]


@pytest.mark.parametrize(
    ("size", "most"), [(1, MOST_QUERY_BYTES // LEAST_REPLY_BYTES), (MOST_QUERY_BYTES, 1)]
)
async def test_a_bet_waits_for_few_questions_and_for_one_if_it_is_large(
    tmp_path: Path,
    autojump_clock: object,
    taken: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    size: int,
    most: int,
) -> None:
    """After so many queries the actor checks for waiting changes."""
    async with World(tmp_path, rate_limit=0) as world:
        host, game_id, pool_id = await busy_game(world)
        for _ in range(size // 1_000):
            await open_pool(host, game_id, description="x" * 500)
        askers = await players(world, *(f"asker-{number}" for number in range(MANY)))
        (bob,) = await players(world, "bob")
        disk = HeldDisk(world.server.services.writer, monkeypatch)
        await bet(bob, pool_id)
        for asker in askers:
            await asker.send(387, game_id=game_id)
        await trio.testing.wait_all_tasks_blocked()
        taken.clear()
        disk.spin()
        for asker in askers:
            assert codes(await heard(asker, within_ms=1)) == [3535]
        in_a_row = "".join("?" if each is ListPools else " " for each in taken).split()
        assert sum(map(len, in_a_row)) == MANY
        assert max(map(len, in_a_row)) == most


async def test_replies_keep_the_order_of_a_connections_ops_also_where_questions_wait(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path) as world:
        _, game_id, pool_id = await busy_game(world)
        bea, bob = await players(world, "bea", "bob")
        disk = HeldDisk(world.server.services.writer, monkeypatch)
        await bet(bob, pool_id)  # in progress during all of these requests
        for op in (392, 387, 392, 372, 388, 392, 389):
            parameters = {"pool_id": pool_id, "target": "brazil", "amount": 1}
            await bea.send(op, **(parameters if op == 392 else {"game_id": game_id}))
        await trio.testing.wait_all_tasks_blocked()
        assert await heard(bea) == []
        disk.spin()
        replies = [each for each in await heard(bea) if each["res"] != 815]
        assert codes(replies) == [356, 3535, 356, 342, 353, 356, 354]
        first, last = replies[1]["pools_list"][pool_id], replies[-1]["pools_list"][pool_id]
        assert (first["amount_total"], last["amount_total"]) == (2, 4)
        assert last["user_backed"] == {"brazil": 3}
        positions = [each["seq"] for each in replies if "seq" in each]
        assert positions == sorted(positions)


async def test_a_question_is_taken_after_the_changes_before_it_however_many_follow() -> None:
    """Of any connection. Later changes are not waited for."""
    mailbox = Mailbox[str](10)
    mailbox.send_nowait("change 1")
    mailbox.send_nowait("question 1", is_query=True)
    assert mailbox.receive_nowait() == ["change 1"]
    mailbox.send_nowait("change 2")
    mailbox.send_nowait("question 2", is_query=True)
    assert [mailbox.next_query(), mailbox.next_query()] == ["question 1", None]
    assert len(mailbox) == 2
    assert mailbox.receive_nowait() == ["change 2"]
    assert [mailbox.next_query(), mailbox.next_query()] == ["question 2", None]


async def test_questions_take_no_room_from_changes_and_the_other_way_round() -> None:
    mailbox = Mailbox[int](1)
    mailbox.send_nowait(1, is_query=True)
    with pytest.raises(trio.WouldBlock):
        mailbox.send_nowait(2, is_query=True)
    mailbox.send_nowait(3)
    with pytest.raises(trio.WouldBlock):
        mailbox.send_nowait(4)
    assert mailbox.close() == [3, 1]


async def test_a_question_is_told_nothing_that_is_not_on_disk_nor_what_never_came_there(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path) as world:
        _, game_id, pool_id = await busy_game(world)
        bea, cat = await players(world, "bea", "cat")
        disk = HeldDisk(world.server.services.writer, monkeypatch)
        disk.fails = {1}
        await bet(bea, pool_id)
        await cat.send(387, game_id=game_id)
        assert await heard(cat) == []
        disk.spin()
        (refused,) = await heard(bea)
        assert refused["code"] == "overloaded"
        (listed,) = await heard(cat)
        assert listed["pools_list"][pool_id]["amount_total"] == 0
        await trio.sleep(2)
        await bet(bea, pool_id)
        assert 356 in codes(await heard(bea))
        listed = await cat.call(387, game_id=game_id)
        assert listed["pools_list"][pool_id]["amount_total"] == 1


async def test_all_pools_are_told_in_pages_in_the_order_of_their_opening(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pools = [await open_pool(host, game_id) for _ in range(5)]
        (bea,) = await players(world, "bea")
        for pool_id in pools[::2]:
            await bea.call(392, pool_id=pool_id, target="brazil", amount=1)
        await heard(bea)
        for op, wanted in ((387, pools), (388, pools[1::2]), (389, pools[::2])):
            whole = await bea.call(op, game_id=game_id)
            assert list(whole["pools_list"]) == wanted
            assert whole["total"] == len(wanted)
            paged: dict[str, Any] = {}
            while len(paged) < whole["total"]:
                page = await bea.call(op, game_id=game_id, offset=len(paged), limit=2)
                assert 1 <= len(page["pools_list"]) <= 2
                assert page["total"] == whole["total"]
                paged |= page["pools_list"]
            assert paged == whole["pools_list"]
            beyond = await bea.call(op, game_id=game_id, offset=len(wanted))
            assert (beyond["pools_list"], beyond["total"]) == ({}, len(wanted))
        await host.call(395, game_id=game_id, action_id="goal", target_id="brazil:7")
        mine = await bea.call(390, game_id=game_id)
        assert list(mine["pools_list"]) == pools[::-2]
        page = await bea.call(390, game_id=game_id, offset=1, limit=1)
        assert (list(page["pools_list"]), page["total"]) == ([pools[2]], 3)


async def large_game(world: World, pools: int, targets: int) -> tuple[Client, str, list[str]]:
    """Open a game with `pools` pools of `targets` targets. Return its host, its id and theirs."""
    host, game_id = await open_game(world)
    teams = [f"team {number}" for number in range(targets)]
    for start in range(0, targets, 1_000):
        names = teams[start : start + 1_000]
        assert (await host.call(373, game_id=game_id, targets=names))["res"] == 343
    pool_ids = [await open_pool(host, game_id) for _ in range(pools)]
    return host, game_id, pool_ids


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """List every message that was encoded."""
    texts: list[bytes] = []

    def noted(body: Message) -> bytes:
        texts.append(to_json(body))
        return texts[-1]

    monkeypatch.setattr("actors.link.encoded_message.to_json", noted)
    return texts


async def test_no_page_of_pools_is_longer_than_a_mebibyte(
    tmp_path: Path, autojump_clock: object, encoded: list[bytes]
) -> None:
    async with World(tmp_path) as world:
        host, game_id, pools = await large_game(world, pools=7, targets=2_500)
        (bea,) = await players(world, "bea")
        for pool_id in pools:
            await bea.call(392, pool_id=pool_id, target="team-1", amount=1)
        await heard(bea)
        for op in (387, 389):
            assert await pages(bea, op, game_id) == [3, 3, 1]
        await host.call(395, game_id=game_id, action_id="goal", target_id="team-1")
        await trio.sleep(1)
        assert await pages(bea, 390, game_id) == [3, 3, 1]
        lists = [text for text in encoded if b'"pools_list"' in text]
        assert len(lists) == 9
        assert max(map(len, lists)) <= 1_024 * 1_024


async def pages(client: Client, op: int, game_id: str) -> list[int]:
    """Return how many pools each page has."""
    found: list[int] = []
    while True:
        page = await client.call(op, game_id=game_id, offset=sum(found))
        found.append(len(page["pools_list"]))
        if sum(found) == page["total"]:
            return found


@pytest.fixture
async def sockets() -> AsyncIterator[None]:
    """Run worlds on sockets, whose buffers can be full."""
    async with on_sockets():
        yield


@pytest.mark.parametrize(("op", "asked"), [(387, 40), (372, 60), (393, 40)])
async def test_who_asks_much_and_reads_late_is_answered_as_it_reads_and_is_not_lagging(
    tmp_path: Path, autojump_clock: object, sockets: None, encoded: list[bytes], op: int, asked: int
) -> None:
    async with World(tmp_path, outbox_bytes=512 * 1_024, ping_interval=HOURS) as world:
        _, game_id, (pool_id, *_) = await large_game(world, pools=2, targets=1_000)
        (cat,) = await players(world, "cat")
        reply = (await cat.call(op, game_id=game_id, pool_id=pool_id))["res"]
        encoded.clear()
        for _ in range(asked):
            await cat.send(op, game_id=game_id, pool_id=pool_id)
        await trio.testing.wait_all_tasks_blocked(0.01)
        (connection,) = (each for each in world.open if each.user_id == cat_id(world))
        assert connection._sender._outbox is not None
        assert (
            CHUNK_BYTES
            < connection._sender._outbox._bytes
            <= CHUNK_BYTES + max(map(len, encoded)) + 10
        )
        assert len(encoded) < asked
        replies = [await cat.receive() for _ in range(asked)]
        assert codes(replies) == [reply] * asked


def cat_id(world: World) -> int:
    return world.keys["cat"][0]


async def test_who_has_much_to_take_bets_all_the_same_but_is_answered_no_questions(
    tmp_path: Path, autojump_clock: object, sockets: None, taken: list[Any]
) -> None:
    async with World(tmp_path, ping_interval=HOURS) as world:
        _, game_id, pool_id = await busy_game(world)
        (cat,) = await players(world, "cat")
        await trio.testing.wait_all_tasks_blocked(0.01)
        (connection,) = (each for each in world.open if each.user_id == cat_id(world))
        much = single(encode({"res": 1, "much": "x" * 1_000_000}, 0))
        told = 0
        while not connection.is_far_behind:
            connection.send(much)
            told += 1
            await trio.testing.wait_all_tasks_blocked(0.01)
        taken.clear()
        await bet(cat, pool_id)
        await cat.send(387, game_id=game_id)
        await trio.testing.wait_all_tasks_blocked(0.01)
        assert PlaceBet in taken
        assert ListPools not in taken
        replies = codes([await cat.receive() for _ in range(told + 3)])
        assert replies == [*[1] * told, 356, 815, 3535]
