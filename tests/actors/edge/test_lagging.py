"""A subscriber that does not read costs only itself (contract, section 9).

The worlds here have streams with small buffers: sockets, where the server writes directly, and
streams as over TLS, where it cannot.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import trio
from attrs import frozen
from structlog.testing import capture_logs

from actors.games import joins
from tests.support.people import heard, named, open_game, open_pool, players
from tests.support.process import heard_to_the_end
from tests.support.raw_client import pair_as_over_tls, small_pair
from tests.support.world import World
from toteboard_client import Client, Message

Streams = list[trio.abc.Stream]
STOPS_WITHIN_S = 10
"""The limit that docs/how-to/deploy.md promises."""


@pytest.fixture(params=[small_pair, pair_as_over_tls], ids=["sockets", "as over TLS"])
async def streams(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Streams]:
    """Connect worlds by streams with small buffers. Return the clients' ends."""
    clients: Streams = []
    async with AsyncExitStack() as until_the_end:

        def pair() -> tuple[trio.abc.Stream, trio.abc.Stream]:
            ours, theirs = request.param()
            until_the_end.push_async_callback(trio.aclose_forcefully, ours)
            clients.append(ours)
            return ours, theirs

        monkeypatch.setattr("tests.support.world.memory_stream_pair", pair)
        yield clients


def last_position(messages: list[Message], known: int) -> int:
    """Return the last position of these messages. Fail if one is missing or positions fall."""
    for message in messages:
        assert message.get("prev_seq", 0) <= known, ("something was missed", message)
        assert message.get("seq", known) >= known, ("a position fell", message)
        known = message.get("seq", known)
    return known


def bets_received(messages: list[Message]) -> list[str]:
    """Return the named bets, in order, and an empty string for each bet that is only counted."""
    told = []
    for message in named(messages, 361):
        told += [bet["bet_id"] for bet in message["new_bets"]]
        told += [""] * message.get("new_bets_omitted", 0)
    return told


@pytest.fixture
async def busy(
    tmp_path: Path, autojump_clock: object, streams: Streams
) -> AsyncIterator[tuple[World, "Busy"]]:
    """Run a game with bets and very small outboxes."""
    async with World(tmp_path, outbox_size=10, distribution_interval=1, presence_limit=0) as world:
        host, game_id = await open_game(world)
        pools = [await open_pool(host, game_id), await open_pool(host, game_id)]
        (bettor,) = await players(world, "bea")
        yield world, Busy(host, bettor, game_id, pools)


@frozen
class Busy:
    """The users who keep a game busy."""

    host: Client
    bettor: Client
    game_id: str
    pools: list[str]

    async def bet(self, number: int) -> str:
        """Place a bet, which is published immediately. Return its id."""
        pool_id = self.pools[number % len(self.pools)]
        placed = await self.bettor.call(392, pool_id=pool_id, target="brazil", amount=1)
        assert placed["res"] == 356
        await trio.sleep(0.002)
        await heard(self.bettor, within_ms=1)
        return str(placed["bet_id"])

    async def block_and_allow(self) -> None:
        """Cause two messages that cannot be merged with others."""
        for op in (397, 398):
            assert (await self.host.call(op, pool_id=self.pools[0]))["res"] != 666


async def listening(
    world: World, name: str, game_id: str, since: int | None = None
) -> tuple[Client, int]:
    """Return a new subscriber, and the position at which it begins."""
    client = await world.connect(name)
    joined = await client.call(363, game_id=game_id, since=since)
    assert joined["res"] == 333
    return client, joined["seq"]


async def test_a_client_that_stops_reading_is_closed_and_resumes_without_a_gap(
    autojump_clock: object, busy: tuple[World, Busy]
) -> None:
    world, game = busy
    world.add_user("sam")
    slow, known = await listening(world, "sam", game.game_id)
    placed = []
    with capture_logs() as lines:
        for number in range(40):
            placed.append(await game.bet(number))
            await game.block_and_allow()
    lagging = [line for line in lines if line["event"] == "subscriber_lagging"]
    assert [line["user_id"] for line in lagging] == [world.keys["sam"][0]]
    told, reason = await heard_to_the_end(slow)
    assert (reason.code, reason.reason) == (1008, "lagging")
    assert len(bets_received(told)) < len(placed)
    known = last_position(told, known)
    again, since = await listening(world, "sam", game.game_id, since=known)
    assert since == known, "not too much was missed"
    told += (missed := await heard(again, within_ms=100))
    last_position(missed, known)
    assert set(placed) <= set(bets_received(told))


async def test_a_server_stops_in_time_though_a_subscriber_never_reads(
    autojump_clock: object, busy: tuple[World, Busy]
) -> None:
    world, game = busy
    world.add_user("sam")
    await listening(world, "sam", game.game_id)
    for _ in range(10):
        await game.block_and_allow()
    began = trio.current_time()
    await world.stop()
    assert trio.current_time() - began <= STOPS_WITHIN_S
    await world.start()


async def test_queued_361s_are_merged_before_a_client_counts_as_lagging(
    autojump_clock: object, busy: tuple[World, Busy]
) -> None:
    world, game = busy
    world.add_user("sam")
    slow, known = await listening(world, "sam", game.game_id)
    placed = [await game.bet(number) for number in range(90)]
    told = await heard(slow, within_ms=100)
    assert bets_received(told) == sorted(placed, key=bets_received(told).index), "each once"
    assert len(named(told, 361)) < len(placed) / 2
    last_position(told, known)
    await game.block_and_allow()
    assert [m["res"] for m in await heard(slow)] == [368, 369], "and it stays subscribed"


async def test_clients_never_wait_for_those_that_do_not_read(
    autojump_clock: object, busy: tuple[World, Busy]
) -> None:
    world, game = busy
    names = [f"user-{number}" for number in range(30)]
    for name in names:
        world.add_user(name)
    slow = [(await listening(world, name, game.game_id))[0] for name in names[:10]]
    quick = [(await listening(world, name, game.game_id))[0] for name in names[10:]]
    for client in (*quick, game.host):
        await heard(client, within_ms=1)
    for _ in range(40):
        began = trio.current_time()
        await game.block_and_allow()
        for client in quick:
            assert [(await client.receive())["res"] for _ in (368, 369)] == [368, 369]
        assert trio.current_time() == began, "it takes no time"
    for client in slow:
        _, reason = await heard_to_the_end(client)
        assert reason.reason == "lagging"


async def large_game(world: World, *, pools: int) -> tuple[Client, str]:
    """Open a game whose pool messages name 100 targets each. Return the host and the id."""
    many = ",".join(f"target {number}" for number in range(100))
    host, game_id = await open_game(world, targets=many)
    for _ in range(pools):
        await open_pool(host, game_id)
    return host, game_id


async def test_a_client_that_reads_a_replay_slowly_stays_connected(
    tmp_path: Path, autojump_clock: object, streams: Streams
) -> None:
    async with World(tmp_path, ping_interval=1_000) as world:
        _, game_id = await large_game(world, pools=60)
        world.add_user("sam")
        slow, _ = await listening(world, "sam", game_id, since=1)
        told: list[Message] = []
        while len(told) < 60:
            await trio.sleep(0.1)  # about two chunks a second
            told.append(await slow.receive())
        assert {message["res"] for message in told} == {352}
        assert trio.current_time() > 5
        assert (await slow.call(1))["res"] == 1


async def test_a_client_that_disconnects_during_a_replay_is_removed_immediately(
    tmp_path: Path, autojump_clock: object, streams: Streams
) -> None:
    """No task reads from it meanwhile, so the writing task has to notice it."""
    async with World(tmp_path) as world:
        _, game_id = await large_game(world, pools=60)
        world.add_user("sam")
        await listening(world, "sam", game_id, since=1)
        await trio.aclose_forcefully(streams[-1])
        await trio.sleep(1)
        assert {each.user_name for each in world.server.services.connections.all()} == {"ann"}


async def test_a_replay_has_a_limit_in_bytes(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Like `resume_limit` for facts, this keeps the outbox bounded."""
    monkeypatch.setattr(joins, "MOST_REPLAY_BYTES", 65_536)
    async with World(tmp_path) as world:
        host, game_id = await large_game(world, pools=20)
        world.add_user("sam")
        sam = await world.connect("sam")
        known = (await host.call(372, game_id=game_id))["seq"]
        joined = await sam.call(363, game_id=game_id, since=1)
        assert (joined["resync"], joined["seq"]) == (True, 1)
        assert [message["res"] for message in await heard(sam)] == [470], "its own arrival"
        joined = await sam.call(363, game_id=game_id, since=known - 2)
        assert "resync" not in joined
        assert [message["res"] for message in await heard(sam)] == [352] * 2
        await open_pool(host, game_id)
        assert [message["res"] for message in await heard(sam)] == [352], "and it is subscribed"


async def test_a_client_that_does_not_answer_pings_is_closed(
    tmp_path: Path, autojump_clock: object, streams: Streams
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        world.add_user("sam")
        await listening(world, "sam", game_id)
        for number in range(20):
            await host.call(373, game_id=game_id, actions=[f"{number:0200}"])
        with capture_logs() as lines:
            await trio.sleep(46)
        (closed,) = [line for line in lines if line["event"] == "connection_closed"]
        assert closed["reason"] == "no pong"
