"""A client's connection that uses little CPU, so that the server is the bottleneck.

Requests are framed in advance. Received bytes are searched, not parsed. Pings are not answered.
`bench/crowd.py` runs many of these connections in processes of their own.
"""

import base64
import secrets
import select
import socket
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID, uuid4

import orjson
from attrs import define

from protocol.op import Response
from protocol.ops import OPS
from toteboard_client import signed_url

PATIENCE_S = 30.0
"""The timeout of an answer. After it the measurement fails."""
AT_ONCE = 100
"""Handshakes in progress at the same time."""

MESSAGE = b'{"response_header"'
"""Every message begins with this and contains it nowhere else."""
CODES: Final = {op.name: op.code for op in OPS}
"""The codes of the ops, by name."""
KEY_TO_MAKE: Final = str(UUID(int=0)).encode()
"""Stands in a frame for the key that it will have. All keys have the same length."""
_CHUNK = 1 << 18

Person = tuple[int, str]
"""A user's id and session key."""


class CrowdError(Exception):
    """The server refused a request, closed a connection or did not answer in time."""


@define(eq=False)
class Line:
    """A signed-in connection that counts how often it receives `mark`."""

    socket: socket.socket
    mark: bytes = MESSAGE
    heard: int = 0
    _tail: bytes = b""

    def take(self) -> bytes:
        """Return the bytes that have arrived, uncounted. Raise `CrowdError` if it was closed."""
        data = self.socket.recv(_CHUNK)
        if not data:
            raise CrowdError(f"a connection was closed after {self._tail!r}")
        return data

    def hear(self) -> int:
        """Read what has arrived and return the number of marks. Raise `CrowdError` if closed."""
        return self.count(self.take())

    def count(self, data: bytes) -> int:
        """Return the number of marks in `data`, including one that began in earlier data."""
        rest = len(self.mark) - 1
        # Each side of the boundary is shorter than a mark, so no mark is counted twice.
        marks = data.count(self.mark) + (self._tail + data[:rest]).count(self.mark)
        self._tail = data[-rest:] if len(data) >= rest else (self._tail + data)[-rest:]
        self.heard += marks
        return marks


def request(op_name: str, **parameters: Any) -> bytes:
    """Return a request as a frame, by the name of its op."""
    return frame(CODES[op_name], **parameters)


def keyed_request(op_name: str, **parameters: Any) -> bytes:
    """Return a request as a frame that gets a new idempotency key whenever a crowd sends it."""
    return request(op_name, header={"idempotency_key": KEY_TO_MAKE.decode()}, **parameters)


def with_new_key(request: bytes) -> bytes:
    """Return the frame of a keyed request with a key of its own; any other as it is."""
    return request.replace(KEY_TO_MAKE, str(uuid4()).encode(), 1)


def frame(op: int, **parameters: Any) -> bytes:
    """Return a request as one masked text frame. The mask is zeros, so it is only copied."""
    payload = orjson.dumps({"op": op, **parameters})
    size = len(payload)
    short = size < 126
    head = struct.pack("!BB", 0x81, 0x80 | size) if short else struct.pack("!BBH", 0x81, 254, size)
    return head + bytes(4) + payload


def mark_of(res: Response) -> bytes:
    """Return the bytes that identify a message with this `res`. Only a pong ends after them."""
    return f'"res":{res}{"}" if res is Response.PONG else ","}'.encode()


def call(line: Line, request: bytes, res: Response, within_s: float = PATIENCE_S) -> bytes:
    """Send a request and wait for `res`. Return all frames received until then."""
    line.socket.settimeout(within_s)
    line.socket.sendall(request)
    return wait(line, res, within_s)


def wait(line: Line, res: Response, within_s: float = PATIENCE_S) -> bytes:
    """Wait for `res`. Return all frames received until then. Raise `CrowdError` if refused."""
    line.socket.settimeout(within_s)
    heard, error = b"", mark_of(Response.ERROR)
    while mark_of(res) not in heard or not heard.endswith(b"}"):
        heard += line.take()
        if error in heard:
            raise CrowdError(f"waiting for {res}, heard {heard[-500:]!r}")
    return heard


def texts(heard: bytes) -> list[bytes]:
    """Return the payloads of a sequence of whole server frames."""
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
def connected(
    port: int, people: Sequence[Person], *, is_narrow: bool = False
) -> Iterator[list[Line]]:
    """Open a signed-in connection for each user, and close all at the end of the block.

    A narrow connection has small socket buffers, so the sender stalls soon if nothing reads it.
    """
    lines: list[Line] = []
    try:
        for start in range(0, len(people), AT_ONCE):
            sockets = [_dial(port, *each, is_narrow) for each in people[start : start + AT_ONCE]]
            lines += [Line(each) for each in sockets]
            for each in sockets:
                _shake_hands(each)
        yield lines
    finally:
        for line in lines:
            line.socket.close()


@contextmanager
def listening_to(lines: Sequence[Line]) -> Iterator[Callable[[float], list[Line]]]:
    """Yield a function that waits for data, with a timeout in seconds.

    It returns the lines that can be read.
    """
    by_number = {line.socket.fileno(): line for line in lines}
    with select.epoll() as poll:
        for number in by_number:
            poll.register(number, select.EPOLLIN)
        most = max(1, len(lines))
        yield lambda within: [by_number[number] for number, _ in poll.poll(within, most)]


def _dial(port: int, user_id: int, key: str, is_narrow: bool) -> socket.socket:
    dialled = socket.socket()
    dialled.settimeout(PATIENCE_S)
    dialled.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if is_narrow:
        dialled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        dialled.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
    dialled.connect(("127.0.0.1", port))
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
