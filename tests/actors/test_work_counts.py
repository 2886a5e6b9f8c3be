"""The cost of operations, counted instead of timed, so that a regression is noticed.

The worlds here are on sockets, to which the server writes directly, so each write is a system call.
"""

import gc
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing

from protocol.codec import to_json
from protocol.frames import text_frame
from storage.changes import Change
from storage.database import Database
from tests.support.people import heard, named, open_game, open_pool, players
from tests.support.reads import reads_told
from tests.support.world import World, on_sockets
from toteboard_client import Client, Message

WAITING = 30
"""Ops that wait for an actor at the same time."""
MANY_AT_A_TIME = 500
"""The number of bets in flight, so that thousands do not take long."""


class Work:
    """Counts work. `disk.clear()` makes commits wait until it is set again."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.encoded: list[bytes] = []
        self.framed = 0
        self.writes: Counter[int] = Counter()
        self.commits: list[int] = []
        self.disk = Gate()
        self._write, self._commit = os.write, Database.write
        monkeypatch.setattr("actors.link.encoded_message.to_json", self._encoding)
        monkeypatch.setattr("actors.link.encoded_message.text_frame", self._framing)
        monkeypatch.setattr("actors.edge.frame_writer.os.write", self._writing)
        monkeypatch.setattr(Database, "write", lambda *of: self._committing(*of))
        monkeypatch.setattr("tests.support.world.inline", self._when_the_disk_is_ready)

    def begin(self) -> None:
        """Reset the counters."""
        self.encoded, self.framed, self.commits = [], 0, []
        self.writes.clear()

    def _encoding(self, body: Message) -> bytes:
        self.encoded.append(to_json(body))
        return self.encoded[-1]

    def _framing(self, text: bytes) -> bytes:
        self.framed += 1
        return text_frame(text)

    def _writing(self, file: int, data: bytes) -> int:
        self.writes[file] += 1
        return self._write(file, data)

    def _committing(self, database: Database, changes: Iterable[Change]) -> None:
        rows = list(changes)
        self.commits.append(len(rows))
        self._commit(database, rows)

    async def _when_the_disk_is_ready(self, work: Callable[..., None], *arguments: Any) -> None:
        await trio.lowlevel.checkpoint()
        await self.disk.passed()
        work(*arguments)


class Gate:
    """An event that is set until the test clears it."""

    def __init__(self) -> None:
        self._open = trio.Event()
        self.open()

    def open(self) -> None:
        self._open.set()

    def shut(self) -> None:
        self._open = trio.Event()

    async def passed(self) -> None:
        await self._open.wait()


@pytest.fixture
async def work(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Work]:
    """Run worlds on sockets and count their work."""
    async with on_sockets():
        yield Work(monkeypatch)


async def subscribers(world: World, game_id: str, count: int) -> list[Client]:
    """Connect subscribers, each with a user of its own, and receive everything pending."""
    clients = await players(world, *(f"listener-{number}" for number in range(count)))
    for client in clients:
        assert (await client.call(363, game_id=game_id))["res"] == 333
    await trio.sleep(2)  # until the number of subscribers was published
    for client in clients:
        await heard(client, within_ms=1)
    return clients


@pytest.mark.parametrize("listeners", [1, 40])
async def test_a_publication_is_encoded_and_framed_once_for_everybody(
    tmp_path: Path, autojump_clock: object, work: Work, listeners: int
) -> None:
    async with World(tmp_path, presence_limit=0) as world:
        host, game_id = await open_game(world)
        clients = await subscribers(world, game_id, listeners)
        work.begin()
        await host.call(373, game_id=game_id, actions=["offside"])
        for client in clients:
            assert [message["res"] for message in await heard(client)] == [342]
        assert (len(work.encoded), work.framed) == (2, 2), "the reply and the publication"
        assert sorted(work.writes.values()) == [1] * (listeners + 1)


@pytest.mark.parametrize("listeners", [1, 40])
async def test_all_that_waits_is_one_commit_and_one_write_a_subscriber(
    tmp_path: Path, autojump_clock: object, work: Work, listeners: int
) -> None:
    async with World(tmp_path, presence_limit=0) as world:
        host, game_id = await open_game(world)
        pools = [await open_pool(host, game_id) for _ in range(3)]
        bettors = await players(world, *(f"bettor-{number}" for number in range(WAITING)))
        clients = await subscribers(world, game_id, listeners)
        work.begin()
        work.disk.shut()
        await host.send(373, game_id=game_id, actions=["offside"])
        await trio.testing.wait_all_tasks_blocked()
        for number, bettor in enumerate(bettors):
            await bettor.send(392, pool_id=pools[number % 3], target="brazil", amount=1)
        await trio.testing.wait_all_tasks_blocked()
        assert work.commits == []
        work.disk.open()
        for client in clients:
            told = named(await heard(client), 342, 361)
            assert [len(message.get("new_bets", ())) for message in told] == [0, 10, 10, 10]
        assert len(work.commits) == 2, "one that was under way, and one for all that waited"
        assert sorted(work.writes.values()) == [1] * (WAITING + 1) + [2] * listeners
        replies_and_balances = 2 * WAITING
        assert work.framed == 2 + 3 + replies_and_balances


async def test_bettors_who_listen_get_reply_publications_and_balance_in_one_write(
    tmp_path: Path, autojump_clock: object, work: Work
) -> None:
    async with World(tmp_path, presence_limit=0) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        (bettor,) = await subscribers(world, game_id, 1)
        work.begin()
        await bettor.send(392, pool_id=pool_id, target="brazil", amount=1)
        assert [message["res"] for message in await heard(bettor)] == [356, 361, 815]
        assert list(work.writes.values()) == [1]


async def test_a_bet_costs_the_same_however_many_were_placed_before(
    tmp_path: Path, autojump_clock: object, work: Work
) -> None:
    few, many = 10, 10_000
    async with World(tmp_path, presence_limit=0, outbox_size=3 * many) as world:
        host, game_id = await open_game(world)
        (listener,) = await subscribers(world, game_id, 1)
        costs = []
        for number, before in enumerate((few, many)):
            pool_id = await open_pool(host, game_id)
            crowd, bettor = await players(
                world, f"crowd-{number}", f"bettor-{number}", balance=many * 100
            )
            await place(work, crowd, before, pool_id, many // before)
            await heard(listener)
            work.begin()
            placed = await bettor.call(392, pool_id=pool_id, target="brazil", amount=1)
            assert placed["res"] == 356
            (told,) = [body for body in work.encoded if b'"new_bets"' in body]
            assert f'"amount_total":{many + 1}'.encode() in told
            costs.append((sorted(map(len, work.encoded)), [*work.commits]))
        (few_bytes, few_rows), (many_bytes, many_rows) = costs
        assert many_rows == few_rows
        longer_positions = len(str(many)) * 2
        for less, more in zip(few_bytes, many_bytes, strict=True):
            assert less <= more <= less + longer_positions


async def test_a_bet_reads_nothing_once_its_pool_and_bettor_are_known(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id)
        (bettor,) = await players(world, "bettor")
        bet: dict[str, Any] = {"pool_id": pool_id, "target": "brazil", "amount": 1}
        assert (await bettor.call(392, **bet))["res"] == 356
        read: list[str] = []
        with reads_told(lambda sql, _: read.append(sql)):
            assert (await bettor.call(392, **bet))["res"] == 356
        assert read == []


@contextmanager
def collecting_nothing() -> Iterator[None]:
    """Disable the garbage collector, so that reference cycles stay and can be counted."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("op", "code"), [(387, "rate_limited"), (0, "unknown_op"), (392, "pool_blocked")]
)
async def test_refusals_leave_nothing_to_the_collector(
    tmp_path: Path, autojump_clock: object, op: int, code: str
) -> None:
    """With thousands a second, collections would often block the loop for tens of ms."""
    async with World(tmp_path, cost_limit=1) as world:
        host, game_id = await open_game(world)
        pool_id = await open_pool(host, game_id, is_blocked=True)
        (bea,) = await players(world, "bea")
        await bea.call(387, game_id=game_id)
        left: list[int] = []
        for _ in range(3):
            with collecting_nothing():
                for _ in range(100):
                    refused = await bea.call(
                        op, game_id=game_id, pool_id=pool_id, target="brazil", amount=1
                    )
                    assert refused["code"] == code
                left.append(gc.collect())
        assert min(left) < 100, "less than one thing a refusal"


async def place(work: Work, client: Client, count: int, pool_id: str, amount: int) -> None:
    """Place `count` bets, many at a time."""
    for done in range(0, count, MANY_AT_A_TIME):
        work.disk.shut()
        for _ in range(min(MANY_AT_A_TIME, count - done)):
            await client.send(392, pool_id=pool_id, target="brazil", amount=amount)
        await trio.testing.wait_all_tasks_blocked()
        work.disk.open()
    accepted = named(await heard(client, within_ms=1_000), 356)
    assert len(accepted) == count
