"""The details of a game are returned without waking its actor, but never out of date or order."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing
from attrs import frozen
from structlog.testing import capture_logs

from actors.costs import Costs
from actors.counters import DONE
from actors.games.actor_loop import IDLE_MS
from actors.games.game_actor import SHORT_DETAILS, GameActor
from actors.games.signals import Flush
from actors.games.supervisor import Supervisor
from actors.services import Services
from storage.errors import StorageError
from tests.support.people import codes, create_game, heard, open_game, open_pool, players
from tests.support.world import NOW, World
from toteboard_client import Client


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


async def test_details_are_the_same_whether_or_not_the_actor_is_woken(
    tmp_path: Path, autojump_clock: object, asked: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So are the counts, the cost and the log lines; also while a bet waits for its 361."""
    async with World(tmp_path, cost_limit=10**9, distribution_interval=60_000) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        await trio.testing.wait_all_tasks_blocked()
        game = Details(world, host, game_id)
        positions = []
        for _ in range(3):
            asked.clear()
            unwoken = await game.seen()
            assert not asked
            with monkeypatch.context() as patched:
                patched.setattr(GameActor, "encoded_reply", lambda *_: None)
                assert await game.seen() == unwoken
            assert len(asked) == 1
            assert (unwoken.done, unwoken.timed, len(unwoken.lines)) == (1, 1, 1)
            positions.append(dict(unwoken.body)["seq"])
            (bea,) = await players(world, f"bea-{len(positions)}")
            await bea.call(392, pool_id=pool_id, target="brazil", amount=1)
        assert positions == [3, 4, 4], "the second bet waits"


@frozen
class Seen:
    """What a client and an operator see of a query: the reply in order, log lines, counts, cost."""

    body: list[tuple[str, Any]]
    header: list[str]
    lines: list[Any]
    done: int
    timed: int
    cost: int


@frozen
class Details:
    """Asks for the details of a game."""

    world: World
    client: Client
    game_id: str

    async def seen(self) -> Seen:
        counters, name = self.world.server.services.counters, "get_game_details"
        charged: list[int] = []
        done, timed = counters.outcomes[name, DONE], sum(counters.op_seconds[name].counts)
        with capture_logs() as lines, pytest.MonkeyPatch.context() as patched:
            patched.setattr(Costs, "charge", lambda _, user_id, size: charged.append(size))
            details = await self.client.call(372, game_id=self.game_id)
        header = details.pop("response_header")
        for line in lines:
            assert line.pop("duration_ms") >= 0
            assert line.pop("request_id") == header["request_id"]
        return Seen(
            list(details.items()),
            list(header),
            lines,
            counters.outcomes[name, DONE] - done,
            sum(counters.op_seconds[name].counts) - timed,
            sum(charged) - len(str(header["request_id"])),
        )


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
