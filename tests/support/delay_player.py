"""Plays what a `DelayMachine` has thought up on a whole server, whose clock the test moves."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import trio
from attrs import Factory, define
from trio.testing import MockClock, wait_all_tasks_blocked

from tests.support.delay_model import Answer, ModelPool, Request
from tests.support.disks import FullDisk
from tests.support.people import open_game, open_pool, players
from tests.support.world import NOW, World
from toteboard_client import Client, ConnectionClosedError, Message

USERS = ("ann", "cleo")
WEALTH = 100_000
"""Hundredths that each player starts with."""
LEAVES = {"argentina": "argentina:1", "brazil": "brazil:7"}
"""The target of an event that makes a target of the pools win."""
ACTIONS = "Goal,Corner,Throw-in"


@define
class Heard:
    """The requests that were sent, and the answers to them, since they were last compared."""

    requests: dict[int, Request] = Factory(dict)
    answers: list[Answer] = Factory(list)

    def note(self, message: Message, at: int) -> None:
        """Note a message that came at a time of the world (ms)."""
        request = self.requests.get(message["response_header"].get("request_id"))
        if request is not None:
            code = message.get("code", str(message["res"]))
            is_repeated = message["response_header"].get("repeated", False)
            self.answers.append(Answer(request.group, code, is_repeated, at))


class DelayPlayer:
    """A world with a host and two connections of each player."""

    def __init__(self, path: Path, clock: MockClock, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world, self._clock = World(path), clock
        self._disk = FullDisk(monkeypatch)
        self._heard = Heard()

    async def open(self, pools: dict[str, ModelPool], listeners: trio.Nursery) -> None:
        """Open the game and its pools, and listen to all connections."""
        self._host, self._game_id = await open_game(self.world, host="hanna", actions=ACTIONS)
        self._pools: dict[str, str] = {}
        for name, pool in pools.items():
            times = {"stop_accepting_bets_at": pool.stop_at, "finish_at": pool.finish_at}
            more: Message = {k: NOW + at for k, at in times.items() if at is not None}
            if pool.of_user is not None:
                more["max_stake_per_user"] = pool.of_user / 100
            kind = 1 if pool.finish_at is None else 2
            wanted = {"action": pool.action, "type": kind, "bet_delay": pool.delay} | more
            self._pools[name] = await open_pool(self._host, self._game_id, **wanted)
        await players(self.world, *USERS, balance=WEALTH)
        self._connections = {
            name: [await self.world.connect(name) for _ in range(2)] for name in USERS
        }
        for each in self._connections.values():
            for client in each:
                listeners.start_soon(self._listen, client)

    async def _listen(self, client: Client) -> None:
        with suppress(ConnectionClosedError):
            while True:
                message = await client.receive()
                self._heard.note(message, self.world.now() - NOW)

    def take_answers(self) -> list[Answer]:
        """Return the answers since the last call."""
        answers, self._heard.answers = self._heard.answers, []
        return answers

    @property
    def set_aside(self) -> int:
        """The hundredths that the bank has set aside for all users."""
        balances = self.world.server.services.bank._balances.values()
        return sum(balance.reserved for balance in balances)

    # What people do.

    async def bet(self, request: Request) -> None:
        """Send a 392."""
        self._heard.requests[request.number] = request
        header: Message = {"request_id": request.number}
        if request.key is not None:
            header["idempotency_key"] = request.key
        client = self._connections[request.user][request.number % 2]
        wanted = {"target": request.target, "amount": request.amount / 100}
        await client.send(392, header=header, pool_id=self._pools[request.pool], **wanted)
        await wait_all_tasks_blocked()

    async def host(self, op: int, pool: str | None = None, **parameters: Any) -> None:
        """Let the host do something, about a pool or else about the game."""
        about = {"game_id": self._game_id} if pool is None else {"pool_id": self._pools[pool]}
        times = {k: NOW + at for k, at in parameters.items() if k == "block_at"}
        reply = await self._host.call(op, **about, **parameters | times)
        assert reply["res"] != 666, reply
        await wait_all_tasks_blocked()

    # What befalls the server.

    async def fail_to_commit(self, request: Request) -> None:
        """Let the commit of a bet fail."""
        self._disk.is_full = True
        await self.bet(request)
        self._disk.is_full = False

    async def time_passes(self, ms: int) -> None:
        """Let time pass from one deadline to the next. Then wake the game."""
        end = trio.current_time() + ms / 1_000
        while (left := end - trio.current_time()) > 0:
            wait_s = trio.lowlevel.current_statistics().seconds_to_next_deadline
            self._clock.jump(min(left, max(wait_s, 0.000_001)))
            await wait_all_tasks_blocked()
        await self.host(387)

    async def the_machine_sleeps(self, ms: int) -> None:
        """Let time pass while nothing can be done."""
        self._clock.jump(ms / 1_000)
        await wait_all_tasks_blocked()
        await self.host(387)

    async def the_clock_is_set(self, ms: int) -> None:
        """Set the server's clock ahead or back, and wake the game."""
        self.world.clock._offset += ms
        await self.host(387)

    async def restart(self) -> None:
        """Stop the server, and start it again."""
        self._clock.autojump_threshold = 0
        await self.world.restart()
        await wait_all_tasks_blocked()

    # What is there in the end.

    async def available(self) -> dict[str, int]:
        """Return what each player can stake (810), in hundredths."""
        balances = {}
        for name in USERS:
            client = await self.world.connect(name)
            balances[name] = round((await client.call(810))["available_balance"] * 100)
        return balances

    def accepted(self) -> list[tuple[str, str, int, int]]:
        """Return pool, user, amount and time of the bets in the journal, in order."""
        pools = {pool_id: name for name, pool_id in self._pools.items()}
        users = {self.world.keys[name][0]: name for name in USERS}
        sql = """
            SELECT at, body ->> '$.pool_id' AS pool, body ->> '$.user_id' AS user,
                   body ->> '$.amount' AS amount
            FROM facts WHERE kind = 'bet_placed' ORDER BY seq"""
        return [
            (pools[row["pool"]], users[row["user"]], row["amount"], row["at"] - NOW)
            for row in self.world.operator.rows(sql)
        ]


def comparable(answers: Sequence[Answer]) -> list[tuple[str, ...]]:
    """Return answers in an order of their own. When a failure is reported is not compared."""
    return sorted(
        (
            str(each.group),
            each.code,
            str(each.is_repeated),
            "" if each.code == "overloaded" else str(each.at),
        )
        for each in answers
    )
