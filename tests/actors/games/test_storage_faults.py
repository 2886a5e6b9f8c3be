"""Promises hold when the storage fails, a commit is late or a connection closes."""

from pathlib import Path
from typing import Any

import pytest
import trio

from storage.database import Database
from storage.errors import StorageError
from tests.support.disks import FullDisk
from tests.support.people import bet, codes, heard, named, open_game, open_pool, players
from tests.support.world import World


async def test_a_storage_that_fails_while_deciding_leaves_nothing_half_done(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        (bob,) = await players(world, "bob")
        await bet(bob, pool_id, "brazil", 10)
        await world.restart()
        host, bob = await world.connect("ann"), await world.connect("bob")
        fails = [True]
        reads = world.server.services.reads
        balances = reads.balances

        def failing(*arguments: Any) -> Any:
            if fails:
                raise StorageError("disk I/O error")
            return balances(*arguments)

        monkeypatch.setattr(reads, "balances", failing)
        before = world.operator.rows("SELECT * FROM facts")
        event = {"game_id": game_id, "action_id": "goal", "target_id": "brazil:7"}
        assert (await host.call(395, **event))["code"] == "overloaded"
        await trio.sleep(2)
        assert world.operator.rows("SELECT * FROM facts") == before
        fails.clear()
        assert (await host.call(395, **event))["res"] == 366
        assert (await bob.call(800))["current_balance"] == 1000


async def test_what_falls_due_during_a_commit_is_on_disk_before_a_question_is_answered(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        finish_at = world.now() + 5_000
        pool_id = await open_pool(host, game_id, type=2, finish_at=finish_at)
        await trio.sleep_until(trio.current_time() + (finish_at - world.now() - 1) / 1_000)
        write = Database.write

        def slow(database: Database, changes: Any) -> None:
            write(database, changes)
            # The commit lasts until the pool has timed out.
            world.clock._offset += 2

        monkeypatch.setattr(Database, "write", slow)
        await host.send(373, game_id=game_id, actions=["x"])
        reply = await host.call(393, pool_id=pool_id)
        assert reply["res"] == 360


async def test_a_connection_that_is_being_closed_does_nothing_more(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        (bob,) = await players(world, "bob")
        (connection,) = world.server.services.connections.of(world.keys["bob"][0])
        connection.close(1008, "the user was disabled")
        await bob.send(392, pool_id=pool_id, target="brazil", amount=10)
        await trio.sleep(1)
        kinds = world.operator.rows("SELECT kind FROM facts")
        assert "bet_placed" not in [row["kind"] for row in kinds]


async def test_who_leaves_while_the_storage_fails_has_left(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(monkeypatch)
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        bob, cid = await players(world, "bob", "cid")
        await bob.call(363, game_id=game_id)
        await cid.call(363, game_id=game_id)
        disk.is_full = True
        await host.call(373, game_id=game_id, actions=["x"])
        with monkeypatch.context() as broken:
            broken.setattr(world.server.services.reads, "fold", _unreadable)
            await bob.socket.aclose()
            await trio.sleep(1)
        disk.is_full = False
        assert [m["user_name"] for m in named(await heard(cid), 480)] == ["bob"]


def _unreadable(*_: object) -> Any:
    raise StorageError("disk I/O error")


async def test_balances_are_pushed_before_what_sums_up(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, admins_may_bet=True) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        await host.call(392, pool_id=pool_id, target="brazil", amount=1)
        await host.call(363, game_id=game_id)
        await heard(host, within_ms=300)
        await host.send(375, game_id=game_id)
        assert codes(await heard(host)) == [362, 815, 341]


async def test_two_events_at_once_on_a_binary_pool_end_it_once(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id, type=3)
        for _ in range(2):
            await host.send(395, game_id=game_id, action_id=f"pool-{pool_id}", target_id="yes")
        first, second = await heard(host)
        assert (first["res"], second["code"]) == (366, "pool_resolved")


async def test_a_question_about_a_currency_keeps_nothing(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        (bob,) = await players(world, "bob")
        for number in range(20):
            await bob.call(800, currency=f"C{number}")
        assert not world.server.services.bank._balances


async def test_a_thousand_pools_that_run_out_together_are_all_resolved(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        finish_at = world.now() + 60_000
        for number in range(1_000):
            await host.send(
                385,
                game_id=game_id,
                description=str(number),
                action="goal",
                type=2,
                finish_at=finish_at + number % 2,
            )
        assert codes(await heard(host)) == [350] * 1_000
        refused = await host.call(385, game_id=game_id, description="x", action="goal")
        assert (refused["code"], refused["limit"]) == ("limit_reached", 1_000)
        await trio.sleep(61)
        assert (await host.call(387, game_id=game_id))["pools_list"] == {}


async def test_large_replies_are_bounded_by_the_outbox_however_they_are_asked_for(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, outbox_bytes=1_000_000) as world:
        host, game_id = await open_game(world)
        for page in range(10):
            many = [f"{number:0200}" for number in range(page * 100, page * 100 + 100)]
            await host.call(373, game_id=game_id, actions=many)
        (bob,) = await players(world, "bob")
        (connection,) = world.server.services.connections.of(world.keys["bob"][0])
        encoded: list[int] = []
        send = connection.send

        def counted(batch: Any, **how: Any) -> None:
            encoded.append(len(batch.data))
            send(batch, **how)

        connection.send = counted  # type: ignore[method-assign]
        await bob.call(372, game_id=game_id)
        (size,) = encoded
        for _ in range(100):
            await bob.send(372, game_id=game_id)
        await trio.sleep(1)
        assert all(each <= size + 65_536 for each in encoded), "not one of a hundred at once"


async def test_what_a_client_asked_for_before_it_left_is_done_but_not_for_one_cut_off(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        bob, cid = await players(world, "bob", "cid")
        (cut_off,) = world.server.services.connections.of(world.keys["cid"][0])
        for client in (bob, cid):
            await client.send(392, pool_id=pool_id, target="brazil", amount=1)
        cut_off.close(1008, "the user was disabled")
        await bob.socket.aclose()
        await trio.sleep(1)
        bets = world.operator.rows("SELECT body FROM facts WHERE kind = 'bet_placed'")
        assert [f'"user_id":{world.keys["bob"][0]}' in row["body"] for row in bets] == [True]
