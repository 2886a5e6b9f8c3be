"""A thousand hostile clients on both ports, while a health check and a player are timed.

The server and the hostile clients are processes of their own. Afterwards the server must have
logged no warning, must have no more tasks and file descriptors than before, and must stop cleanly.
"""

import os
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import h11
import orjson
import trio
from attrs import Factory, define

from tests.campaigns.fuzz.aftermath import at_rest, nothing_went_wrong, until_as_before
from tests.campaigns.fuzz.http.inputs import request
from tests.campaigns.fuzz.siege import call
from tests.support.process import PATIENCE_S, Process, environment
from tests.support.tree import ROOT
from tests.support.wire import wired

EVERY_S: Final = 0.1
PLAYER: Final = "ping of a player"
OPTIONS: Final = ("--operator-port", "0", "--handshake-timeout", "5s")
MB: Final = 1_048_576


@define
class Campaign:
    """An attack with `connections` at a time for `seconds` from `addresses` on loopback.

    `took_s`: the response times of each probe. `told`: what the hostile clients tried and received.
    `cpu_s`: the server's processor time. `grown_by`: the growth of its memory in bytes.
    """

    connections: int
    seconds: float
    addresses: int = 1
    seed: int = 1
    took_s: dict[str, list[float]] = Factory(dict)
    told: Counter[str] = Factory(Counter)
    cpu_s: float = 0.0
    most_memory: int = 0
    grown_by: int = 0

    async def fight(self, folder: Path) -> None:
        """Run the attack against a new server. Raise `AssertionError` if a check fails."""
        process = Process(folder, *OPTIONS)
        process.program = (sys.executable, "-m", "tests.campaigns.fuzz.served", "")
        async with process as server:
            server.add_user("bob")
            before, memory = await at_rest(server), _memory_of(server)
            async with wired(server, "bob") as bob, trio.open_nursery() as nursery:
                nursery.start_soon(self._time, PLAYER, lambda: call(bob, 1))
                await self._measure_under_attack(server)
                nursery.cancel_scope.cancel()
            await until_as_before(server, before)
            self.grown_by = _memory_of(server) - memory
            await nothing_went_wrong(server)

    async def _measure_under_attack(self, server: Process) -> None:
        operator_url = (await server.logged("listening"))["operator_url"]
        operator = int(operator_url.rpartition(":")[2].strip("/"))
        async with trio.open_nursery() as nursery:
            for port, name, path in (
                (server.port, "public", "/healthz"),
                (operator, "operator", "/healthz"),
                (operator, "operator", "/readyz"),
                (operator, "operator", "/metrics"),
            ):
                probe = _asked(port, path)
                nursery.start_soon(self._time, f"{path} on the {name} port", probe)
            nursery.start_soon(self._weigh, server)
            began = _cpu_of(server)
            await self._attack(server.port, operator)
            self.cpu_s = _cpu_of(server) - began
            nursery.cancel_scope.cancel()

    async def _time(self, name: str, probe: Callable[[], Awaitable[Any]]) -> None:
        """Call a probe ten times a second, or less often if it is slower, and time it."""
        took = self.took_s.setdefault(name, [])
        while True:
            began = trio.current_time()
            with trio.fail_after(PATIENCE_S):
                await probe()
            took.append(trio.current_time() - began)
            await trio.sleep(max(0, EVERY_S - took[-1]))

    async def _weigh(self, server: Process) -> None:
        while True:
            self.most_memory = max(self.most_memory, _memory_of(server))
            await trio.sleep(1)

    async def _attack(self, *ports: int) -> None:
        numbers = (*ports, self.connections, self.addresses, round(self.seconds), self.seed)
        command = [sys.executable, "-m", "tests.campaigns.fuzz.enemies", *map(str, numbers)]
        done = await trio.run_process(command, capture_stdout=True, cwd=ROOT, env=environment())
        self.told.update(orjson.loads(done.stdout))


def _asked(port: int, path: str) -> Callable[[], Awaitable[None]]:
    """Return a probe that requests a path on a new connection, as monitoring does."""
    said = request("GET", path, {"Connection": "close"})

    async def ask() -> None:
        async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
            await stream.send_all(said)
            answer = h11.Connection(h11.CLIENT)
            answer.send(h11.Request(method="GET", target=path, headers=[("Host", "h")]))
            answer.send(h11.EndOfMessage())
            while not isinstance(event := answer.next_event(), h11.EndOfMessage):
                if event is h11.NEED_DATA:
                    answer.receive_data(bytes(await stream.receive_some()))
                elif isinstance(event, h11.Response):
                    assert event.status_code == 200, (path, event)

    return ask


def _cpu_of(server: Process) -> float:
    """Return the processor time so far, in seconds."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def _memory_of(server: Process) -> int:
    """Return the resident memory in bytes."""
    pages = Path(f"/proc/{server.process.pid}/statm").read_text().split()[1]
    return int(pages) * 4_096
