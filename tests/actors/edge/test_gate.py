"""The gate: a head has a time limit and a size limit, and no connection delays another."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import trio
from attrs import define, field
from trio.testing import memory_stream_pair

from actors.edge import gate
from actors.edge.gate import Gate, PendingHeads, Visitor
from protocol.request_head import split_head

REQUEST = b"GET /some HTTP/1.1\r\nHost: h\r\n\r\n"
UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
TIMEOUT_S = 10.0


@define
class Port:
    """A gate that only lists the requests that it passes on."""

    nursery: trio.Nursery
    requests: list[Visitor] = field(factory=list)
    upgrades: list[Visitor] = field(factory=list)
    gate: Gate = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.gate = Gate(
            head_timeout_s=TIMEOUT_S,
            on_request=_into(self.requests),
            on_websocket=_into(self.upgrades),
        )

    def open(self) -> trio.abc.Stream:
        ours, theirs = memory_stream_pair()
        self.nursery.start_soon(self.gate.receive, theirs)
        return ours


def _into(visitors: list[Visitor]) -> gate.Handler:
    async def handle(visitor: Visitor) -> None:
        visitors.append(visitor)

    return handle


@asynccontextmanager
async def opened() -> AsyncIterator[Port]:
    async with trio.open_nursery() as nursery:
        yield Port(nursery)
        nursery.cancel_scope.cancel()


async def heard(stream: trio.abc.Stream) -> bytes:
    answer = b""
    with trio.fail_after(60):
        while data := await stream.receive_some():
            answer += bytes(data)
    return answer


async def test_upgrades_and_other_requests_have_a_handler_each(
    autojump_clock: object,
) -> None:
    async with opened() as port:
        streams = [port.open() for _ in range(2)]
        for stream, said in zip(streams, (REQUEST + b"body", UPGRADE + b"frames"), strict=True):
            await stream.send_all(said)
        assert await heard(streams[0]) == b""
        await trio.testing.wait_all_tasks_blocked()
        (request,), (upgrade,) = port.requests, port.upgrades
        assert (request.head.path, bytes(request.received)) == (b"/some", b"body")
        assert (upgrade.head.path, bytes(upgrade.received)) == (b"/", b"frames")
        await upgrade.stream.send_all(b"still open")
        assert await streams[1].receive_some() == b"still open"


@pytest.mark.parametrize("pieces", [1, 2, len(REQUEST)])
async def test_a_head_may_arrive_in_pieces(autojump_clock: object, pieces: int) -> None:
    async with opened() as port:
        stream, size = port.open(), -(-len(REQUEST) // pieces)
        for start in range(0, len(REQUEST), size):
            await stream.send_all(REQUEST[start : start + size])
            await trio.sleep(TIMEOUT_S / len(REQUEST) / 2)
        assert await heard(stream) == b""
        assert len(port.requests) == 1


async def test_each_byte_of_a_head_is_parsed_once(
    autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at = []

    def counted(received: bytearray, seen: int = 0) -> object:
        looked_at.append(len(received) - seen)
        return split_head(received, seen)

    monkeypatch.setattr(gate, "split_head", counted)
    async with opened() as port:
        stream = port.open()
        for byte in REQUEST:
            await stream.send_all(bytes([byte]))
            await trio.testing.wait_all_tasks_blocked()
        assert await heard(stream) == b""
    assert sum(looked_at) == len(REQUEST)


@pytest.mark.parametrize("said", [b"", b"G", b"\r\n", REQUEST[:-1]])
async def test_a_head_that_takes_too_long_is_dropped(autojump_clock: object, said: bytes) -> None:
    async with opened() as port:
        stream, began = port.open(), trio.current_time()
        if said:
            await stream.send_all(said)
        assert await heard(stream) == b""
        assert trio.current_time() - began == pytest.approx(TIMEOUT_S)
        assert not port.requests


class Unread(trio.abc.Stream):
    """A stream whose input is not noticed on the first read, as in a pause of the process."""

    has_been_asked = False

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        if not self.has_been_asked:
            self.has_been_asked = True
            await trio.sleep_forever()
        return REQUEST

    async def send_all(self, data: bytes | bytearray | memoryview) -> None: ...

    async def wait_send_all_might_not_block(self) -> None: ...

    async def aclose(self) -> None: ...


@pytest.mark.parametrize(("late_s", "is_read"), [(0.0, False), (10.0, True)])
async def test_a_head_that_arrived_during_a_pause_is_in_time(
    mock_clock: trio.testing.MockClock, late_s: float, is_read: bool
) -> None:
    async with opened() as port:
        port.nursery.start_soon(port.gate.receive, Unread())
        await trio.testing.wait_all_tasks_blocked()
        mock_clock.jump(TIMEOUT_S + late_s)
        await trio.testing.wait_all_tasks_blocked()
        assert bool(port.requests) is is_read


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        (REQUEST.replace(b"\r\n\r\n", b"\r\nUpgrade: h2c\r\nHTTP2-Settings: AAM\r\n\r\n"), 400),
        (UPGRADE.replace(b"GET /", b"GET /live"), 404),
        (UPGRADE.replace(b"dGhl", b"zz"), 400),
        (UPGRADE.replace(b": 13", b": 8"), 426),
        (b"GET /" + b"x" * 20_000, 431),
    ],
)
async def test_other_requests_are_refused_and_closed(
    autojump_clock: object, said: bytes, status: int
) -> None:
    async with opened() as port:
        stream = port.open()
        await stream.send_all(said)
        answer = await heard(stream)
        assert answer.startswith(b"HTTP/1.1 %d " % status)
        assert b"\r\nConnection: close\r\n" in answer
        assert b"\r\nX-Content-Type-Options: nosniff\r\n" in answer
        assert not port.requests
        assert not port.upgrades


async def test_the_refusal_of_an_old_websocket_names_the_version(autojump_clock: object) -> None:
    async with opened() as port:
        stream = port.open()
        await stream.send_all(UPGRADE.replace(b": 13", b": 8"))
        assert b"\r\nSec-WebSocket-Version: 13\r\n" in await heard(stream)


async def test_silent_connections_never_delay_a_prompt_request(
    autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "MOST_WAITING", 10)
    async with opened() as port:
        silent = []
        for _ in range(30):
            silent.append(port.open())
            await trio.testing.wait_all_tasks_blocked()  # tasks start in any order
        stream = port.open()
        await stream.send_all(REQUEST)
        began = trio.current_time()
        assert await heard(stream) == b""
        assert len(port.requests) == 1
        assert trio.current_time() == began
        assert [await heard(each) for each in silent[:20]] == [b""] * 20, "the oldest were dropped"
        assert trio.current_time() == began


def waiting(pending: PendingHeads, addresses: str) -> list[trio.CancelScope]:
    """Take a place for each address, given as one letter. Return the scopes, in order."""
    scopes: list[trio.CancelScope] = []

    def wait(rest: str, then: Callable[[], None]) -> None:
        if not rest:
            then()
            return
        with pending.place(rest[0]) as scope:
            scopes.append(scope)
            wait(rest[1:], then)

    wait(addresses, lambda: None)
    return scopes


@pytest.mark.parametrize(
    ("addresses", "gone"),
    [("aaab", [0]), ("baaa", [1]), ("abcd", [0]), ("aaabb", [0, 1]), ("abab", [0])],
)
async def test_the_address_with_the_most_pending_heads_loses_its_oldest(
    addresses: str, gone: list[int]
) -> None:
    scopes = waiting(PendingHeads(3), addresses)
    assert [place for place, scope in enumerate(scopes) if scope.cancel_called] == gone
    pending = PendingHeads(3)
    waiting(pending, addresses)
    assert not any(scope.cancel_called for scope in waiting(pending, "abc")), "places are freed"
