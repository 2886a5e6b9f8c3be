"""The event stream: every fact at least once and in order, whatever the receiver does."""

from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import trio
from structlog.testing import capture_logs

from storage.errors import StorageError
from storage.hooks import PAGE_FACTS, NotPassedError, ReplayHook, UnknownHookError
from tests.support.hook_receiver import HookReceiver, hook, streaming
from tests.support.people import bet, create_game, open_game, open_pool, players
from tests.support.world import World
from toteboard_client import Client

HOUR_S: Final = 3_600.0


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    # Clients that do not read for hours would not answer pings.
    async with World(tmp_path, ping_interval=7 * 24 * 3_600_000) as opened:
        yield opened


@pytest.fixture
def receiver() -> HookReceiver:
    return HookReceiver()


async def play(world: World, *, host: str = "ann", bettor: str = "bob") -> tuple[Client, str]:
    """Play a short game. Return the bettor's client and the id of a pool that is still open."""
    client, game_id = await open_game(world, host=host)
    pool_id = await open_pool(client, game_id)
    [player] = await players(world, bettor)
    await bet(player, pool_id, "brazil", "2.50")
    await client.call(395, game_id=game_id, action_id="goal", target_id="brazil:7")
    return player, await open_pool(client, game_id)


def stored(world: World) -> dict[str, list[int]]:
    """Return the positions of all facts in the file, by game."""
    found: dict[str, list[int]] = {}
    for row in world.operator.rows("SELECT game_id, seq FROM facts ORDER BY game_id, seq"):
        found.setdefault(row["game_id"], []).append(row["seq"])
    return found


def each_once_in_order(receiver: HookReceiver) -> dict[str, list[int]]:
    return {game_id: sorted(set(came)) for game_id, came in receiver.positions().items()}


async def test_every_fact_comes_once_and_in_order(
    world: World, receiver: HookReceiver, autojump_clock: object
) -> None:
    async with streaming(world, receiver, hook()):
        await play(world)
        await play(world, host="eve", bettor="dan")
        await trio.sleep(5)
    assert receiver.positions() == stored(world)
    for batch in receiver.batches:
        assert len({fact["game_id"] for fact in batch}) == 1
    first, last = receiver.batches[0][0], receiver.batches[0][-1]
    place = first["seq"] if first is last else f"{first['seq']}-{last['seq']}"
    assert receiver.ids[0] == f"{first['game_id']}:{place}"
    bet_placed = next(each for each in receiver.facts if each["kind"] == "bet_placed")
    assert bet_placed["fact"]["amount"] == 2.5
    assert bet_placed.keys() == {"game_id", "seq", "at", "kind", "fact"}


async def test_a_new_hook_begins_behind_what_was_there(
    world: World, receiver: HookReceiver, autojump_clock: object
) -> None:
    bob, pool_id = await play(world)
    before = stored(world)
    everything = HookReceiver()
    async with streaming(world, receiver, hook()):
        await bet(bob, pool_id, "brazil", 1)
        await trio.sleep(1)
    async with streaming(world, everything, hook("archive", from_beginning=True)):
        await trio.sleep(1)
    [(game_id, came)] = receiver.positions().items()
    assert came == [before[game_id][-1] + 1]
    assert everything.positions() == stored(world)


async def answering(status: int, **more: Any) -> httpx.Response:
    return httpx.Response(status, **more)


async def hanging() -> httpx.Response:
    await trio.sleep_forever()
    raise AssertionError


async def breaking() -> httpx.Response:
    raise httpx.ReadError("reset")


async def refusing() -> httpx.Response:
    raise httpx.ConnectError("down")


UNWILLING: Final[dict[str, Callable[[], Awaitable[httpx.Response]]]] = {
    "a redirect": lambda: answering(302, headers={"Location": "http://elsewhere.test/"}),
    "a refusal": lambda: answering(400),
    "a failure": lambda: answering(500),
    "no answer": hanging,
    "a broken connection": breaking,
    "no connection": refusing,
}


@pytest.mark.parametrize("unwilling", UNWILLING.values(), ids=UNWILLING)
async def test_what_was_not_taken_is_posted_again(
    world: World,
    receiver: HookReceiver,
    autojump_clock: object,
    unwilling: Callable[[], Awaitable[httpx.Response]],
) -> None:
    receiver.answers = [unwilling] * 4
    async with streaming(world, receiver, hook()):
        await play(world)
        await trio.sleep(200)
    assert receiver.positions() == stored(world)


async def test_a_receiver_that_is_away_for_an_hour_misses_nothing_and_is_asked_less_often(
    world: World, receiver: HookReceiver, autojump_clock: object
) -> None:
    receiver.answers = [refusing] * 12  # the next post comes after 4,095 s
    async with streaming(world, receiver, hook()) as stream:
        bob, pool_id = await play(world)
        for _ in range(60):
            await trio.sleep(60)
            await bet(bob, pool_id, "brazil", 1)
        assert stream.figures()["ledger"].lag_s >= HOUR_S
        assert receiver.facts == []
        await trio.sleep(HOUR_S)
        assert stream.figures()["ledger"].lag_s == 0
    assert receiver.positions() == stored(world)
    tries = receiver.posted_at[:13]
    pauses = [later - earlier for earlier, later in pairwise(tries)]
    assert pauses == pytest.approx([2.0**number for number in range(12)], abs=0.1)


async def test_the_pause_is_an_hour_at_most(
    world: World, receiver: HookReceiver, autojump_clock: object
) -> None:
    receiver.answers = [refusing] * 16
    async with streaming(world, receiver, hook()):
        await play(world)
        await trio.sleep(6 * HOUR_S)
    pauses = [b - a for a, b in pairwise(receiver.posted_at)]
    assert pauses[12:15] == pytest.approx([HOUR_S] * 3)
    assert receiver.positions() == stored(world)


class Flood(httpx.AsyncByteStream):
    """An answer without end. `read` counts its bytes."""

    def __init__(self) -> None:
        self.read = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            self.read += 65_536
            yield b"x" * 65_536
            await trio.lowlevel.checkpoint()


@pytest.mark.parametrize("length", ["1000000000", None])
async def test_a_long_answer_is_not_read(
    world: World, receiver: HookReceiver, autojump_clock: object, length: str | None
) -> None:
    flood = Flood()
    headers = {} if length is None else {"Content-Length": length}
    receiver.answers = [lambda: answering(503, stream=flood, headers=headers)] * 2
    async with streaming(world, receiver, hook()):
        await play(world)
        await trio.sleep(10)
    assert flood.read == 0
    assert receiver.positions() == stored(world)


async def test_410_stops_a_hook_also_over_a_restart_until_a_replay(
    world: World, receiver: HookReceiver, autojump_clock: object
) -> None:
    receiver.answers = [lambda: answering(410)]
    async with streaming(world, receiver, hook()) as stream:
        await play(world)
        await trio.sleep(24 * HOUR_S)
        assert len(receiver.posted_at) == 1
        assert stream.figures()["ledger"].is_stopped
    await world.restart()
    async with streaming(world, receiver, hook()) as stream:
        await trio.sleep(HOUR_S)
        assert len(receiver.posted_at) == 1
        assert stream.figures()["ledger"].is_stopped
        await world.operate(ReplayHook("ledger", 0))
        await trio.sleep(HOUR_S)
        assert not stream.figures()["ledger"].is_stopped
    assert receiver.positions() == stored(world)


async def test_a_restart_continues_where_the_receiver_was(
    world: World, receiver: HookReceiver, autojump_clock: object
) -> None:
    async with streaming(world, receiver, hook()):
        await play(world)
        await trio.sleep(1)
    await play(world, host="eve", bettor="dan")  # while no stream runs
    await world.restart()
    async with streaming(world, receiver, hook()):
        await trio.sleep(1)
    assert receiver.positions() == stored(world)


async def test_only_the_wanted_kinds_and_sources_come(
    world: World, receiver: HookReceiver, autojump_clock: object
) -> None:
    ann, game_id = await open_game(world)
    [row] = world.operator.rows("SELECT source_id FROM games")
    wanted = hook(kinds=("bet_placed", "pool_resolved"), sources=(row["source_id"],))
    async with streaming(world, receiver, wanted):
        await create_game(ann)  # in another source
        bob, pool_id = await play(world, host="eve")
        pool_id = await open_pool(ann, game_id)
        for _ in range(3):
            await bet(bob, pool_id, "brazil", 1)
        await ann.call(395, game_id=game_id, action_id="goal", target_id="brazil:7")
        await trio.sleep(1)
    assert [fact["kind"] for fact in receiver.facts] == ["bet_placed"] * 3 + ["pool_resolved"]
    assert {fact["game_id"] for fact in receiver.facts} == {game_id}
    [resolved] = [each["fact"] for each in receiver.facts if each["kind"] == "pool_resolved"]
    assert resolved["settlements"][0]["paid"] == 3
    assert resolved["prices"] == {"brazil": 1}


async def test_facts_that_are_not_wanted_move_the_cursor_in_the_end(
    world: World, receiver: HookReceiver, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toteboard.hooks.reader.MOST_SKIPPED", 5)
    async with streaming(world, receiver, hook(kinds=("game_closed",))):
        await play(world)
        await trio.sleep(1)
    [cursor] = world.operator.rows("SELECT seq FROM hook_cursors")
    assert cursor["seq"] >= 5
    assert receiver.posted_at == []


async def test_a_batch_has_a_hundred_facts_at_most_and_games_take_turns(
    world: World, receiver: HookReceiver, autojump_clock: object
) -> None:
    receiver.answers = [refusing]
    async with streaming(world, receiver, hook()):
        bob, pool_id = await play(world)
        for _ in range(2 * PAGE_FACTS + 50):
            await bet(bob, pool_id, "brazil", "0.01")
        await play(world, host="eve", bettor="dan")
        await trio.sleep(10)
    assert max(map(len, receiver.batches)) == PAGE_FACTS
    assert receiver.positions() == stored(world)
    games = [batch[0]["game_id"] for batch in receiver.batches]
    assert games[0] != games[-1] or len(set(games[:3])) == 2


async def test_nothing_waits_for_a_receiver(
    world: World, receiver: HookReceiver, autojump_clock: object
) -> None:
    receiver.answers = [hanging] * 100
    async with streaming(world, receiver, hook(), hook("other")):
        bob, pool_id = await play(world)
        before = trio.current_time()
        for _ in range(50):
            assert (await bet(bob, pool_id, "brazil", 1))["res"] == 356
        assert trio.current_time() - before < 0.1


async def test_a_replay_sends_again_what_happened_since(
    world: World, receiver: HookReceiver, autojump_clock: object
) -> None:
    async with streaming(world, receiver, hook()):
        bob, pool_id = await play(world)
        await trio.sleep(60)
        since = world.now()
        for _ in range(3):
            await bet(bob, pool_id, "brazil", 1)
        await trio.sleep(60)
        assert receiver.positions() == stored(world)
        receiver.batches.clear()
        await world.operate(ReplayHook("ledger", since))
        await trio.sleep(60)
        [came] = receiver.positions().values()
        assert came == next(iter(stored(world).values()))[-3:]
        with pytest.raises(UnknownHookError):
            await world.operate(ReplayHook("nobody", since))
        with pytest.raises(NotPassedError):
            await world.operate(ReplayHook("ledger", world.now() + 1))


async def test_a_replay_during_a_post_is_not_lost(
    world: World, receiver: HookReceiver, autojump_clock: object
) -> None:
    going = trio.Event()

    async def slow() -> httpx.Response:
        await going.wait()
        return httpx.Response(204)

    async with streaming(world, receiver, hook()):
        bob, pool_id = await play(world)
        await trio.sleep(1)
        receiver.batches.clear()
        receiver.answers = [slow]
        await bet(bob, pool_id, "brazil", 1)
        await trio.sleep(1)
        await world.operate(ReplayHook("ledger", 0))
        going.set()
        await trio.sleep(60)
    assert each_once_in_order(receiver) == stored(world)
    assert receiver.facts[0]["seq"] > 1, "the post that was in progress"


async def test_a_replay_ends_a_long_pause(
    world: World, receiver: HookReceiver, autojump_clock: object
) -> None:
    receiver.answers = [refusing] * 12
    async with streaming(world, receiver, hook()):
        await play(world)
        await trio.sleep(HOUR_S)
        receiver.answers.clear()
        await world.operate(ReplayHook("ledger", 0))
        await trio.sleep(5)
        assert receiver.positions() == stored(world)


async def test_a_replay_during_a_failing_post_ends_the_pause_after_it(
    world: World, receiver: HookReceiver, autojump_clock: object
) -> None:
    receiver.answers = [*[refusing] * 11, hanging]
    async with streaming(world, receiver, hook()):
        await play(world)
        await trio.sleep(2_047 + 5)  # the twelfth post hangs
        assert len(receiver.posted_at) == 12
        await world.operate(ReplayHook("ledger", 0))
        await trio.sleep(30)
        assert receiver.positions() == stored(world)


async def test_a_cursor_that_cannot_be_saved_costs_a_repeated_post(
    world: World, receiver: HookReceiver, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with streaming(world, receiver, hook()):
        await play(world)
        await trio.sleep(1)
        commit = world.server.services.writer.commit
        failures = [1]

        async def failing(changes: Any, finished: trio.Event | None = None) -> None:
            if failures and type(changes[0]).__name__ == "HookAdvanced":
                failures.pop()
                raise StorageError("disk full")
            await commit(changes, finished)

        monkeypatch.setattr(world.server.services.writer, "commit", failing)
        with capture_logs() as lines:
            await play(world, host="eve", bettor="dan")
            await trio.sleep(60)
    assert [line["event"] for line in lines if line["log_level"] == "error"] == ["storage_failed"]
    assert each_once_in_order(receiver) == stored(world)


async def test_many_games_are_looked_through_a_part_at_a_time(
    world: World, receiver: HookReceiver, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, _ = await open_game(world)
    for _ in range(7):
        await create_game(ann)
    for module in ("storage.hooks", "toteboard.hooks.reader"):
        monkeypatch.setattr(f"{module}.MOST_GAMES", 2)
    monkeypatch.setattr("actors.fact_watches.MOST_NOTED", 3)
    async with streaming(world, receiver, hook(from_beginning=True)):
        await trio.sleep(10)
    assert receiver.positions() == stored(world)
