"""A disk that fails at any moment of a match: clear refusals, nothing half done, then recovery.

The same match is played once for each storage call that it makes, and that call fails.
"""

from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio
from attrs import define
from structlog.testing import capture_logs
from trio.testing import MockClock

from protocol.limits import Limits
from storage.errors import StorageError
from tests.campaigns.dice import Dice, seeded
from tests.campaigns.sim import invariants
from tests.campaigns.sim.disk import Disk
from tests.campaigns.sim.house import House
from tests.campaigns.sim.play import OUR_BUGS
from tests.support.depth import depth
from tests.support.streams import AnyioStream
from toteboard_client import Client, HandshakeError, Message, converse

MOST_TRIES = 6
READS_EACH, COMMITS_EACH = depth(gate=6, deep=1), depth(gate=2, deep=1)
"""Every so many reads and commits fail."""
BALANCE = 10_000


@define(eq=False)
class CountingDisk(Disk):
    """Fail the `fails_at`-th read, or all commits from the `full_at`-th on until `heal`.

    Count from 1 once the server has started; 0 is never.
    """

    fails_at: int = 0
    full_at: int = 0
    reads: int = 0
    commits: int = 0
    is_armed: bool = False
    is_full: bool = False
    failures: int = 0

    def heal(self) -> None:
        self.is_full = False

    def read(self) -> None:
        super().read()
        self.reads += self.is_armed
        if self.is_armed and self.reads == self.fails_at:
            self.failures += 1
            raise StorageError("disk I/O error")

    def taken(self, rows: int) -> int:
        self.commits += self.is_armed
        if self.is_armed and self.commits == self.full_at:
            self.is_full = True
        self.failures += self.is_full
        return (rows - 1) // 2 if self.is_full else super().taken(rows)


class Match:
    """A short match: bets, an event, a pool that times out, one that is cancelled, the close."""

    def __init__(self, house: House, host: Client, bob: Client) -> None:
        self._house, self._host, self._bob = house, host, bob
        self._count = 0

    async def play(self) -> None:
        host, bob = self._host, self._bob
        source = await self._ask(host, 365, source_name="the source")
        named = {"actions": "goal,corner", "targets": "argentina,brazil"}
        created = await self._ask(
            host, 370, source_id=source["source_id"], game_name="final", **named
        )
        game = {"game_id": created["game_id"]}
        await self._ask(host, 616, **game)
        await self._ask(bob, 363, **game)
        pool = {"description": "who?", "finish_at": self._house.now() + 60_000} | game
        wanted = {"action": "goal"}, {"action": "corner"}, {"action": "corner", "type": 2}
        opened = [await self._ask(host, 385, **pool, **each) for each in wanted]
        decided, cancelled, timed = (each["pool_id"] for each in opened)
        for pool_id in (decided, cancelled, timed):
            await self._ask(bob, 392, pool_id=pool_id, target="brazil", amount=10)
            await self._ask(host, 392, pool_id=pool_id, target="argentina", amount=5)
        await self._ask(host, 395, action_id="goal", target_id="brazil", **game)
        await self._ask(host, 399, pool_id=cancelled)
        await self._time_passes(70)
        self._house.disk.heal()
        await self._time_passes(5)
        await self._ask(host, 373, actions="offside", **game)
        for question in (372, 387, 390):
            await self._ask(bob, question, **game)
        assert (await self._ask(host, 375, **game))["res"] == 341

    async def _ask(self, client: Client, op: int, **parameters: Any) -> Message:
        """Send a request, and repeat it after a clear refusal."""
        self._count += 1
        for _ in range(MOST_TRIES):
            before = self._facts()
            reply = await client.call(op, key=f"key {self._count}", **parameters)
            if reply["res"] != 666:
                return reply
            assert (reply["code"], reply["retryable"]) == ("overloaded", True), reply
            assert self._facts() == before, "nothing is half done"
            self._house.disk.heal()
            await trio.sleep(2)
        raise AssertionError(f"still refused: {reply}")

    async def _time_passes(self, seconds: int) -> None:
        """Let time pass while both clients read, so that they answer pings."""
        for _ in range(seconds // 5):
            await trio.sleep(5)
            for client in (self._host, self._bob):
                await client.call(1)

    def _facts(self) -> int:
        return len(self._house.operator.rows("SELECT seq FROM facts"))


async def play(path: Path, fails_at: int = 0, full_at: int = 0) -> tuple[CountingDisk, list[Any]]:
    """Play the match on a disk. Return the disk, and the rows at the end."""
    make = partial(CountingDisk, fails_at=fails_at, full_at=full_at)
    async with AsyncExitStack() as until_the_end:
        house = House(
            path, Dice("disk"), Limits(distribution_interval=1, admins_may_bet=True), make_disk=make
        )
        await until_the_end.enter_async_context(house)
        assert isinstance(house.disk, CountingDisk)
        house.disk.is_armed = True
        for name in ("ann", "bob"):
            house.add_user(name, can_host=name == "ann", balance=BALANCE)
        host, bob = [await _enter(house, name, until_the_end) for name in ("ann", "bob")]
        await Match(house, host, bob).play()
        await house.stop()
        invariants.books_are_right(house.operator)
        kept = house.operator.rows("SELECT kind FROM facts ORDER BY game_id, seq")
        kept += house.operator.rows("SELECT * FROM accounts ORDER BY account")
    return house.disk, [row for row in kept if row.get("account", "")[:4] != "pool"]


async def _enter(house: House, name: str, until_the_end: AsyncExitStack) -> Client:
    while True:
        link = await house.network.link()
        try:
            entered = converse(AnyioStream(link), "toteboard.test", house.address(name))
            return await until_the_end.enter_async_context(entered)
        except HandshakeError:
            house.disk.heal()
            await trio.sleep(1)


def played(path: Path, **faults: int) -> tuple[CountingDisk, list[Any]]:
    path.mkdir()
    with seeded(1), capture_logs() as lines:
        match = partial(play, path, **faults)
        outcome = trio.run(match, clock=MockClock(autojump_threshold=0))
    assert not OUR_BUGS & {line["event"] for line in lines}, faults
    return outcome


@pytest.mark.deep
@pytest.mark.parametrize(("fault", "each"), [("fails_at", READS_EACH), ("full_at", COMMITS_EACH)])
def test_whichever_storage_call_fails_the_match_goes_on_and_ends_the_same(
    tmp_path: Path, fault: str, each: int
) -> None:
    disk, expected = played(tmp_path / "whole")
    calls = disk.reads if fault == "fails_at" else disk.commits
    assert calls > 20
    for number in range(1, calls + 1, each):
        disk, kept = played(tmp_path / str(number), **{fault: number})
        assert disk.failures, f"{fault}={number}"
        assert kept == expected, f"{fault}={number}"
