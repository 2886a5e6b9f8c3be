"""The details of a game are returned without waking its actor, but never out of date or order."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest
import trio
import trio.testing

from actors.games.actor_loop import IDLE_MS
from actors.games.game_actor import SHORT_DETAILS, GameActor
from actors.games.signals import Flush
from actors.games.supervisor import Supervisor
from actors.services import Services
from storage.errors import StorageError
from tests.support.people import codes, create_game, heard, open_game
from tests.support.world import NOW, World


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """List the requests that woke actors."""
    asked: list[object] = []
    handle = GameActor.handle

    async def noted(actor: GameActor, ask: object) -> None:
        asked.append(ask)
        await handle(actor, ask)  # type: ignore[arg-type]

    monkeypatch.setattr(GameActor, "handle", noted)
    return asked


def stalled(world: World, monkeypatch: pytest.MonkeyPatch) -> trio.Event:
    """Make commits wait until the event is set."""
    disk = trio.Event()

    async def slow(work: Callable[..., None], *arguments: object) -> None:
        await disk.wait()
        work(*arguments)

    monkeypatch.setattr(world.server.services.writer, "_off_loop", slow)
    return disk


async def test_an_actor_at_rest_is_not_woken_for_its_details(
    tmp_path: Path, autojump_clock: object, asked: list[object]
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        await trio.testing.wait_all_tasks_blocked()
        asked.clear()
        details = await host.call(372, game_id=game_id)
        assert details["res"] == 342
        assert not asked


async def test_details_wait_for_a_change_that_is_not_on_disk(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A query in the meantime returns the change, but only after its commit."""
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        world.add_user("bob")
        bob = await world.connect("bob")
        disk = stalled(world, monkeypatch)
        await host.send(373, game_id=game_id, actions=["offside"])
        await trio.testing.wait_all_tasks_blocked()
        await bob.send(372, game_id=game_id)
        too_soon = await heard(bob)
        disk.set()
        assert too_soon == []
        (details,) = await heard(bob)
        assert "offside" in details["actions"]


async def test_details_are_those_of_the_moment_however_late_the_timer(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path) as world:
        world.add_user("ann", can_host=True)
        host = await world.connect("ann")
        monkeypatch.setattr(world.clock, "deadline", lambda at: math.inf)
        game_id = await create_game(host, close_at=NOW + 5_000)
        await trio.sleep_until(trio.current_time() + (NOW + 5_000 - world.now()) / 1_000)
        assert (await host.call(372, game_id=game_id))["status"] == "game_closed"


async def test_details_keep_their_place_among_the_replies_of_a_connection(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        await trio.testing.wait_all_tasks_blocked()
        await host.send(372, game_id=game_id)
        await host.send(373, game_id=game_id, actions=["offside"])
        await host.send(372, game_id=game_id)
        before, done, after = await heard(host)
        assert codes([before, done, after]) == [342, 343, 342]
        assert "offside" not in before["actions"]
        assert "offside" in after["actions"]
        assert before["seq"] < after["seq"]


async def test_details_wait_for_a_timer_whose_commit_is_under_way(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with World(tmp_path) as world:
        world.add_user("ann", can_host=True)
        host = await world.connect("ann")
        game_id = await create_game(host, close_at=NOW + 5_000)
        disk = stalled(world, monkeypatch)
        await trio.sleep_until(trio.current_time() + (NOW + 6_000 - world.now()) / 1_000)
        await host.send(372, game_id=game_id)
        too_soon = await heard(host)
        disk.set()
        assert too_soon == []
        assert [message["status"] for message in await heard(host)] == ["game_closed"]


async def test_an_actor_with_something_in_its_mailbox_is_not_at_rest(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world, trio.open_nursery() as nursery:
        _, game_id = await open_game(world)
        actor = Supervisor(world.server.services, nursery).actor_of(game_id)
        await trio.testing.wait_all_tasks_blocked()
        at_rest = [actor.is_at_rest]
        actor.mailbox.send_nowait(Flush(trio.Event()))
        at_rest.append(actor.is_at_rest)
        await trio.testing.wait_all_tasks_blocked()
        at_rest.append(actor.is_at_rest)
        assert at_rest == [True, False, True]
        nursery.cancel_scope.cancel()


async def test_a_game_whose_details_are_asked_for_keeps_its_actor(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once there are no more queries, the actor stops."""
    made: list[str] = []
    make = GameActor.__init__

    def noted(actor: GameActor, services: Services, game_id: str, source_id: str) -> None:
        made.append(game_id)
        make(actor, services, game_id, source_id)

    monkeypatch.setattr(GameActor, "__init__", noted)
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        for _ in range(200):
            await host.call(372, game_id=game_id)
            await trio.sleep(1)
        assert len(made) == 1
        await trio.sleep(2 * IDLE_MS / 1_000)
        await host.call(372, game_id=game_id)
        assert len(made) == 2


async def test_details_that_are_long_are_not_written_out_while_others_wait(
    tmp_path: Path, autojump_clock: object, asked: list[object]
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        await host.call(373, game_id=game_id, targets=[f"team {n}" for n in range(SHORT_DETAILS)])
        await trio.testing.wait_all_tasks_blocked()
        asked.clear()
        assert (await host.call(372, game_id=game_id))["res"] == 342
        assert len(asked) == 1


async def test_details_never_tell_of_a_change_that_was_taken_back(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next change has the same position, so no query may see the one that failed."""
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        writer = world.server.services.writer
        disk, commit, commits = trio.Event(), writer._off_loop, 0

        async def failing(work: Callable[..., None], *arguments: object) -> None:
            nonlocal commits
            commits += 1
            if commits == 1:
                await disk.wait()
            if commits == 2:
                raise StorageError("full")
            await commit(work, *arguments)

        monkeypatch.setattr(writer, "_off_loop", failing)
        await host.send(373, game_id=game_id, hashtag="#one")
        await trio.testing.wait_all_tasks_blocked()
        await host.send(373, game_id=game_id, actions=["ghost"])
        await host.send(372, game_id=game_id)
        await trio.testing.wait_all_tasks_blocked()
        disk.set()
        done, refused, details = await heard(host)
        assert [done["res"], refused.get("code")] == [343, "overloaded"]
        assert "ghost" not in details["actions"]
        await trio.sleep(5)
        await host.call(373, game_id=game_id, actions=["offside"])
        details = await host.call(372, game_id=game_id)
        assert set(details["actions"]) == {"goal", "offside"}
