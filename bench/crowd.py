"""Many clients in few processes, as cheap as can be: the server has to be the slower side.

What they send was framed beforehand; what they hear is searched, not parsed. They answer no pings,
so nobody stays longer than the server waits for a pong. What is asked, and what the numbers mean,
is the business of the questions beside this file.
"""

import base64
import multiprocessing
import secrets
import select
import socket
import struct
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from multiprocessing.connection import Connection as Pipe
from typing import Any

import orjson
from attrs import Factory, define, frozen

from toteboard.client import signed_url

PATIENCE_S = 30.0
"""How long an answer is waited for before the measurement is given up."""
LONGEST_S = 15.0
"""How long a crowd may stay: less than two `ping_interval`s, with the time to come and to go."""
AT_ONCE = 100
"""Handshakes under way at a time."""

BET_PLACED = b'"res":356,'
DISTRIBUTION_CHANGED = b'"res":361,'
ERROR = b'"res":666,'
_TAIL = len(ERROR) - 1
"""So much of what was heard may be the beginning of a mark."""

_CHUNK = 1 << 18
_SPAWN = multiprocessing.get_context("spawn")

Person = tuple[int, str]
"""A user's id and session key."""


class CrowdError(Exception):
    """The server refused, closed or kept silent where it should not have."""


@define(eq=False)
class Line:
    """A signed-in connection. `asked_at` are the times of what has not been answered yet."""

    socket: socket.socket
    asked_at: deque[float] = Factory(deque)
    _tail: bytes = b""

    def hear(self) -> bytes:
        """What has come, with the end of what came before; nothing at the end of it all."""
        data = self.socket.recv(_CHUNK)
        heard = self._tail + data if data else b""
        self._tail = heard[-_TAIL:]
        return heard


@frozen
class Heard:
    """What a watcher's process has counted in the time that was measured."""

    messages: int
    closed: int


def frame(op: int, **parameters: Any) -> bytes:
    """A request as one masked text frame; the mask is zeros, so that it is only copied."""
    payload = orjson.dumps({"op": op, **parameters})
    size = len(payload)
    head = struct.pack("!BB", 0x81, 0x80 | size) if size < 126 else _long_head(size)
    return head + bytes(4) + payload


def call(line: Line, request: bytes, mark: bytes) -> bytes:
    """Ask, and wait for what has this mark; gives all that was heard until then, framed."""
    line.socket.settimeout(PATIENCE_S)
    line.socket.sendall(request)
    heard = b""
    while mark not in heard or not heard.endswith(b"}"):
        data = line.socket.recv(_CHUNK)
        if not data or ERROR in heard:
            raise CrowdError(f"asked {request[6:]!r}, heard {heard[-500:]!r}")
        heard += data
    return heard


def texts(heard: bytes) -> list[bytes]:
    """The texts of whole frames from a server."""
    found = []
    while heard:
        size, start = heard[1], 2
        if size > 125:
            start = 4 if size == 126 else 10
            size = int.from_bytes(heard[2:start])
        found.append(heard[start : start + size])
        heard = heard[start + size :]
    return found


@contextmanager
def connected(port: int, people: Sequence[Person]) -> Iterator[list[Line]]:
    """A connection each, signed in; closed at the end of the block."""
    lines: list[Line] = []
    try:
        for start in range(0, len(people), AT_ONCE):
            sockets = [_dial(port, *person) for person in people[start : start + AT_ONCE]]
            lines += [Line(each) for each in sockets]
            for each in sockets:
                _shake_hands(each)
        yield lines
    finally:
        for line in lines:
            line.socket.close()


def bet(
    lines: Sequence[Line], bets: Sequence[bytes], in_flight: int, is_over: Callable[[], bool]
) -> list[tuple[float, float]]:
    """Everybody keeps so many bets in flight until it is over, and hears of the last.

    Gives when each was answered (monotonic clock), and after how long, in seconds.
    """
    answers: list[tuple[float, float]] = []
    next_bet = cycle(bets)
    with _waiting_for(lines) as heard_from:
        for line in lines:
            for _ in range(in_flight):
                _ask(line, next(next_bet))
        under_way = in_flight * len(lines)
        while under_way:
            for line in heard_from():
                answered = _answered(line, answers)
                under_way -= answered
                for _ in range(answered):
                    if is_over():
                        break
                    _ask(line, next(next_bet))
                    under_way += 1
    return answers


def bettors(
    pipe: Pipe, port: int, people: Sequence[Person], bets: Sequence[bytes], in_flight: int
) -> None:
    """A process: bets until a time that it is told; gives the times of all answers."""
    with connected(port, people) as lines:
        pipe.send("ready")
        end: float = pipe.recv()
        pipe.send(bet(lines, bets, in_flight, lambda: time.monotonic() > end))


def watchers(pipe: Pipe, port: int, people: Sequence[Person], join: bytes) -> None:
    """A process: joins and listens; counts the 361s between two times that it is told."""
    with connected(port, people) as lines:
        for line in lines:
            line.socket.sendall(join)
        with _waiting_for(lines) as heard_from:
            joined = 0
            while joined < len(lines):
                joined += sum(line.hear().count(b'"res":333,') for line in heard_from())
            pipe.send("ready")
            begin, end = pipe.recv()
            pipe.send(_watch(heard_from, begin, end))


@contextmanager
def process(work: Callable[..., None], *arguments: Any) -> Iterator[Pipe]:
    """Run a crowd in a process of its own, which is ready; it ends with the block at the latest."""
    ours, theirs = _SPAWN.Pipe()
    child = _SPAWN.Process(target=work, args=(theirs, *arguments), daemon=True)
    child.start()
    theirs.close()
    try:
        answer(ours)
        yield ours
    finally:
        child.terminate()
        child.join()


def answer(pipe: Pipe) -> Any:
    """What a crowd's process says next. Raises `CrowdError`."""
    try:
        if pipe.poll(LONGEST_S + PATIENCE_S):
            return pipe.recv()
    except EOFError:
        pass
    raise CrowdError("a process of the crowd has failed, or says nothing")


def _watch(heard_from: Callable[[], list[Line]], begin: float, end: float) -> Heard:
    messages = closed = 0
    while (now := time.monotonic()) < end:
        for line in heard_from():
            heard = line.hear()
            # A mark at the end is counted once: the tail is one byte too short for it.
            messages += heard.count(DISTRIBUTION_CHANGED) * (now >= begin)
            if not heard:
                closed += 1
                line.socket.close()
    return Heard(messages, closed)


def _ask(line: Line, request: bytes) -> None:
    line.asked_at.append(time.monotonic())
    line.socket.sendall(request)


def _answered(line: Line, answers: list[tuple[float, float]]) -> int:
    """Take what has come for a line; gives how many of its bets were answered."""
    heard = line.hear()
    if not heard or ERROR in heard:
        raise CrowdError(f"a bet was refused, or its connection closed: {heard[:500]!r}")
    count, now = heard.count(BET_PLACED), time.monotonic()
    answers += [(now, now - line.asked_at.popleft()) for _ in range(count)]
    return count


@contextmanager
def _waiting_for(lines: Sequence[Line]) -> Iterator[Callable[[], list[Line]]]:
    """Gives what waits for those lines that something has come for, half a second at most."""
    by_number = {line.socket.fileno(): line for line in lines}
    with select.epoll() as poll:
        for number in by_number:
            poll.register(number, select.EPOLLIN)
        yield lambda: [by_number[number] for number, _ in poll.poll(0.5)]


def _dial(port: int, user_id: int, key: str) -> socket.socket:
    dialled = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
    dialled.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    lines = (
        f"GET {signed_url('/', user_id, key)} HTTP/1.1",
        "Host: toteboard.bench",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(secrets.token_bytes(16)).decode()}",
        "Sec-WebSocket-Version: 13",
    )
    dialled.sendall("\r\n".join([*lines, "", ""]).encode())
    return dialled


def _shake_hands(dialled: socket.socket) -> None:
    heard = b""
    while not heard.endswith(b"\r\n\r\n"):
        data = dialled.recv(4_096)
        heard += data
        if not data or not heard.startswith(b"HTTP/1.1 101"[: len(heard)]):
            raise CrowdError(f"not let in: {heard!r}")


def _long_head(size: int) -> bytes:
    return struct.pack("!BBH", 0x81, 0x80 | 126, size)
