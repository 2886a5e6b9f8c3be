"""Send many malformed frames and handshakes over real sockets, next to a well-behaved client.

The server is a process of its own. Afterwards it must have logged no warning, and must have no more
tasks and file descriptors than before.
"""

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any

import orjson
import trio
from attrs import Factory, define
from wsproto.events import Ping, TextMessage

from tests.campaigns.fuzz.aftermath import PAUSE_S, at_rest, nothing_went_wrong, until_as_before
from tests.campaigns.fuzz.errands import errand
from tests.campaigns.fuzz.frames import Said, conversation, pieces
from tests.campaigns.fuzz.handshakes import Knock, good, knock
from tests.campaigns.fuzz.http.answers import answers, is_as_it_has_to_be
from tests.support.process import PATIENCE_S, Process
from tests.support.raw_client import CLOSE, PONG, TEXT, client_frame, close_frame, split
from tests.support.wire import Wire, wired

AT_ONCE = 24
HANDSHAKES, ERRANDS = 0.15, 0.15
"""The shares of handshakes and of HTTP among the malformed inputs."""
ANSWERED_BY_ACTORS = {"not_authorized", "unknown_source"}
GOODBYE = close_frame(1000)
GONE = (trio.BrokenResourceError, trio.ClosedResourceError)
HANDSHAKE_TIMEOUT = "3s"
NEIGHBOUR_PAUSE_S = 0.01
OPTIONS = (
    "--rate-limit",
    "0",
    "--cost-limit",
    "0",
    "--connections-per-user",
    "1000",
    "--log-level",
    "warning",
)


@define
class Siege:
    """An attack with `frames` malformed inputs in all. `kinds`: how many of each were sent."""

    frames: int
    seed: int
    show: Callable[[int], object] = int
    count: int = 0
    connections: int = 0
    neighbour: int = 0
    slowest_s: float = 0.0
    seconds: float = 0.0
    kinds: Counter[str] = Factory(Counter)
    ends: Counter[str] = Factory(Counter)

    async def lay(self, folder: Path, mutation: str = "") -> None:
        """Run the attack against a new server. Raise `AssertionError` if a check fails."""
        process = Process(folder, *OPTIONS, "--handshake-timeout", HANDSHAKE_TIMEOUT)
        process.program = (sys.executable, "-m", "tests.campaigns.fuzz.served", mutation)
        async with process as server:
            for name in ("ann", "bob"):
                server.add_user(name)
            before = await at_rest(server)
            async with wired(server, "bob") as bob:
                await self._attack_beside(bob, server)
            await until_as_before(server, before)
            await nothing_went_wrong(server)

    async def _attack_beside(self, bob: Wire, server: Process) -> None:
        began = trio.current_time()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._behave, bob)
            async with trio.open_nursery() as attackers:
                for number in range(AT_ONCE):
                    attackers.start_soon(self._attack, server, Random(f"{self.seed} {number}"))
            nursery.cancel_scope.cancel()
        self.seconds = trio.current_time() - began

    async def _attack(self, server: Process, chance: Random) -> None:
        """Send malformed inputs one after the other, some of them on a shared connection."""
        while self.count < self.frames:
            ways = (self._knock, self._ask, self._converse)
            (way,) = chance.choices(ways, (HANDSHAKES, ERRANDS, 1 - HANDSHAKES - ERRANDS))
            bad = await way(server, chance)
            self.connections += 1
            self.count += bad.total()
            self.kinds += bad
            self.show(bad.total())

    async def _knock(self, server: Process, chance: Random) -> Counter[str]:
        tried = knock(chance, server.keys["ann"])
        received = await _said(server, tried.pieces, is_slow=True, ends=tried.ends)
        assert _is_a_no(tried, received), ("not refused", tried, received[:200])
        self.ends[f"HTTP {received[9:12].decode()}" if received else "hung up on"] += 1
        return Counter([tried.kind])

    async def _ask(self, server: Process, chance: Random) -> Counter[str]:
        asked = errand(chance)
        address = f"127.{chance.randrange(1, 255)}.{chance.randrange(256)}.1"
        received = await _said(server, asked.pieces, ends=asked.ends, address=address)
        methods = [b"".join(asked.pieces).partition(b" ")[0].decode("latin-1")]
        told = [*answers(received, methods)]
        for answer in told:
            is_as_it_has_to_be(answer)
            self.ends[f"HTTP {answer.status}"] += 1
        is_right = len(told) == len(asked.statuses) and all(
            answer.status in may_be for answer, may_be in zip(told, asked.statuses, strict=True)
        )
        assert is_right, ("answered otherwise", asked, told)
        return Counter([asked.kind])

    async def _converse(self, server: Process, chance: Random) -> Counter[str]:
        said = conversation(chance)
        handshake, frames = good(server.keys["ann"]), b"".join(each.data for each in said)
        chunks = [handshake, *pieces(frames, chance)]
        is_cut = any(each.cut for each in said)
        received = await _said(server, chunks, ends=is_cut)
        close = _is_as_it_has_to_be(said, received)
        self.ends["hung up itself" if close is None else f"closed with {close}"] += 1
        self.ends["answered"] += sum(len(each.replies) for each in said if each.is_bad)
        return Counter(each.kind for each in said if each.is_bad)

    async def _behave(self, bob: Wire) -> None:
        """Send requests and check that they are answered meanwhile."""
        for op in cycle((1, 2, 611, 800)):
            began = trio.current_time()
            with trio.fail_after(PATIENCE_S):
                reply = await call(bob, op)
            assert reply["res"] != 666, reply
            self.neighbour += 1
            self.slowest_s = max(self.slowest_s, trio.current_time() - began)
            await trio.sleep(NEIGHBOUR_PAUSE_S)


async def call(bob: Wire, op: int) -> dict[str, Any]:
    """Send a request, answer pings meanwhile, and return the reply."""
    await bob.send(client_frame(orjson.dumps({"op": op})))
    while isinstance(event := await bob.hear(), Ping):
        await bob.send(client_frame(bytes(event.payload), PONG))
    assert isinstance(event, TextMessage), ("the client beside them", event)
    reply: dict[str, Any] = orjson.loads(event.data)
    return reply


async def _said(
    server: Process,
    chunks: Sequence[bytes],
    *,
    is_slow: bool = False,
    ends: bool = False,
    address: str | None = None,
) -> bytes:
    """Send bytes and receive until the server closes. If `ends`, close the sending side.

    `address`: the local address to connect from, because the limits apply per address.
    """
    async with await server.socket(address) as stream:
        stream.setsockopt(trio.socket.IPPROTO_TCP, trio.socket.TCP_NODELAY, 1)
        with trio.move_on_after(PATIENCE_S) as patience:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_say, stream, chunks, PAUSE_S if is_slow else 0, ends)
                received = await _heard(stream, up_to_goodbye=True)
                nursery.cancel_scope.cancel()
            with suppress(*GONE):
                await stream.send_all(GOODBYE)  # otherwise the server would wait for it,
                await stream.send_eof()  # also if it parses this as the rest of a long frame
            received += await _heard(stream)
        assert not patience.cancelled_caught, ("never hung up on", chunks)
    return received


async def _heard(stream: trio.SocketStream, *, up_to_goodbye: bool = False) -> bytes:
    """Receive until the server closes."""
    received = b""
    with suppress(trio.BrokenResourceError):
        while data := await stream.receive_some():
            received += data
            if up_to_goodbye and b"\x88" in data and _is_goodbye(received):
                break
    return received


async def _say(
    stream: trio.SocketStream, chunks: Sequence[bytes], pause_s: float, ends: bool
) -> None:
    with suppress(trio.BrokenResourceError):  # reset: what came before can still be read
        for chunk in chunks:
            await stream.send_all(chunk)
            await trio.sleep(pause_s)
        if ends:
            await stream.send_eof()


def _is_goodbye(received: bytes) -> bool:
    frames, _ = split(received.partition(b"\r\n\r\n")[2])
    return CLOSE in [frame.opcode for frame in frames]


def _is_a_no(tried: Knock, received: bytes) -> bool:
    if tried.status:
        return received.startswith(f"HTTP/1.1 {tried.status} ".encode())
    return not received or received.startswith((b"HTTP/1.1 4", b"HTTP/1.1 505 "))


def _is_as_it_has_to_be(said: Sequence[Said], received: bytes) -> int | None:
    """Check the server's bytes and return the code of its close frame.

    Actors may answer later than other parts, or not at all if the connection ends first.
    """
    answer, _, data = received.partition(b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 101 "), answer
    frames, rest = split(data)
    closes = [frame.close_code for frame in frames if frame.opcode == CLOSE]
    pongs = [frame.payload for frame in frames if frame.opcode == PONG]
    messages = [orjson.loads(frame.payload) for frame in frames if frame.opcode == TEXT]
    replies = Counter(str(message.get("code", message["res"])) for message in messages)
    expected = Counter(reply for each in said for reply in each.replies)
    lost = {reply for reply in expected - replies if reply not in ANSWERED_BY_ACTORS}
    assert not lost, ("not answered", lost, said)
    assert replies <= expected, ("answered without being asked", replies - expected, said)
    assert not rest, ("not a whole frame", rest, said)
    assert pongs == [pong for each in said for pong in each.pongs], ("pongs", pongs, said)
    wanted = [each.close for each in said if each.close is not None]
    assert closes == wanted, ("closed with another code", closes, said)
    assert not closes or frames[-1].opcode == CLOSE, ("after the end", frames[-1], said)
    return closes[0] if closes else None
