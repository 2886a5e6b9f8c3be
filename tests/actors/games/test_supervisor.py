"""Failures of actors and of the storage: refused, restarted, retried or parked."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from actors.games import decider
from game.commands import Command, UpdateGame
from game.context import DecisionContext
from game.decide import decide
from game.facts import Fact
from game.state import Game
from storage.changes import Change
from storage.errors import StorageError
from tests.support.disks import FullDisk
from tests.support.people import create_game
from tests.support.world import World


class Poison:
    """An injected bug: an update that adds the action `poison` fails, `times` times."""

    def __init__(self, times: int) -> None:
        self.times = times

    def __call__(self, game: Game, command: Command, context: DecisionContext) -> Sequence[Fact]:
        if isinstance(command, UpdateGame) and "poison" in command.actions and self.times:
            self.times -= 1
            raise ZeroDivisionError("a bug")
        return decide(game, command, context)


async def test_a_game_whose_actor_fails_is_folded_anew_and_goes_on(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decider, "decide", Poison(times=1))
    async with World(tmp_path) as world:
        world.add_user("ann", can_host=True)
        ann = await world.connect("ann")
        game_id = await create_game(ann)
        with capture_logs() as lines:
            reply = await ann.call(373, game_id=game_id, actions=["poison"])
        assert reply["res"] == 343, "it was tried once more"
        assert [line["event"] for line in lines if line["log_level"] == "error"] == [
            "actor_restarted"
        ]
        assert set((await ann.call(372, game_id=game_id))["actions"]) == {"poison"}


async def test_failing_twice_in_a_row_parks_the_game_and_the_others_never_notice(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decider, "decide", Poison(times=99))
    async with World(tmp_path) as world:
        world.add_user("ann", can_host=True)
        ann, other = await world.connect("ann"), await world.connect("ann")
        game_id, healthy = await create_game(ann), await create_game(ann)
        with capture_logs() as lines:
            reply = await ann.call(373, game_id=game_id, actions=["poison"])
        assert (reply["code"], reply["retryable"]) == ("internal_error", True)
        (parked,) = [line for line in lines if line["event"] == "actor_parked"]
        assert parked["trace_id"] == reply["trace_id"]
        assert (await other.call(372, game_id=game_id))["code"] == "internal_error"
        assert (await ann.call(373, game_id=healthy, actions=["goal"]))["res"] == 343
        assert (await ann.call(1))["res"] == 1


async def test_what_was_asked_beside_a_failing_op_is_done_all_the_same(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decider, "decide", Poison(times=1))
    async with World(tmp_path) as world:
        world.add_user("ann", can_host=True)
        ann = await world.connect("ann")
        game_id = await create_game(ann)
        for action in ("a", "poison", "b"):
            await ann.send(373, game_id=game_id, actions=[action])
        assert [(await ann.receive())["res"] for _ in range(3)] == [343, 343, 343]
        details = await ann.call(372, game_id=game_id)
        assert list(details["actions"]) == ["a", "poison", "b"]
        assert details["seq"] == 4


async def test_a_full_disk_refuses_clearly_changes_nothing_and_recovers(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = FullDisk(monkeypatch)
    async with World(tmp_path) as world:
        world.add_user("ann", can_host=True)
        ann = await world.connect("ann")
        game_id = await create_game(ann)
        source_id = (await ann.call(372, game_id=game_id))["source_id"]
        disk.is_full = True
        for op, parameters in (
            (373, {"game_id": game_id, "actions": ["goal"]}),
            (370, {"source_id": source_id, "game_name": "x"}),
            (366, {"source_id": source_id}),
        ):
            reply = await ann.call(op, key=f"k{op}", **parameters)
            assert (reply["code"], reply["retryable"]) == ("overloaded", True)
        details = await ann.call(372, game_id=game_id)
        assert (details["actions"], details["seq"]) == ({}, 1)
        disk.is_full = False
        again = await ann.call(373, key="k373", game_id=game_id, actions=["goal"])
        assert (again["res"], "repeated" in again["response_header"]) == (343, False)


async def test_a_unit_that_cannot_be_stored_fails_alone(tmp_path: Path) -> None:
    import trio

    from actors.commit.writer import Writer, inline
    from storage.changes import SourceOpened
    from storage.opening import open_database

    database = open_database(tmp_path / "t.db")
    writer = Writer(database, off_loop=inline)
    outcomes: dict[str, bool] = {}

    async def commit(source_id: str, name: str) -> None:
        changes: list[Change] = [SourceOpened(source_id, name, None, 1)]
        try:
            await writer.commit(changes)
            outcomes[source_id] = True
        except StorageError:
            outcomes[source_id] = False

    async with trio.open_nursery() as nursery:
        for source_id, name in (("a", "x"), ("b", "y"), ("c", "y"), ("d", "z")):
            nursery.start_soon(commit, source_id, name)
        await trio.testing.wait_all_tasks_blocked()
        nursery.start_soon(writer.run)
        await trio.testing.wait_all_tasks_blocked()
        writer.stop()
    assert outcomes["a"]
    assert outcomes["d"]
    assert sorted([outcomes["b"], outcomes["c"]]) == [False, True]
    assert len(database.rows("SELECT * FROM sources")) == 3
