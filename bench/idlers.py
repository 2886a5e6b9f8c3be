"""Idle connections that answer pings and record their close codes.

One loop serves all connections of a process. `bench/idle.py` starts the processes and measures.
"""

import signal
import socket
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection as Pipe
from typing import Final

from attrs import Factory, define

from bench.line import CrowdError, Line, Person, connected, listening_to

PING, CLOSE = 0x89, 0x88
PONG_HEAD, CLOSE_HEAD = 0x8A, 0x88
MASKED: Final = 0x80
LOOK_S: Final = 1.0
"""The longest wait for data on the connections."""


@define
class Told:
    """The report of a process: first when its connections are open, then when all are closed."""

    connected_s: float = 0.0
    pings: int = 0
    closed_with: Counter[int] = Factory(Counter)


def idle(pipe: Pipe, port: int, people: Sequence[Person]) -> None:
    """Connect and report; wait until every connection is closed and report again."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    told = Told()
    try:
        began = time.monotonic()
        with connected(port, people) as lines:
            told.connected_s = time.monotonic() - began
            pipe.send(told)
            _wait(lines, told)
        pipe.send(told)
    except (CrowdError, OSError) as error:
        pipe.send(CrowdError(str(error)))


def _wait(lines: Sequence[Line], told: Told) -> None:
    open_lines = dict.fromkeys(lines, b"")
    with listening_to(lines) as arrivals:
        while open_lines:
            for line in arrivals(LOOK_S):
                if line in open_lines and not _hear(line, open_lines, told):
                    del open_lines[line]
                    line.socket.close()


def _hear(line: Line, rests: dict[Line, bytes], told: Told) -> bool:
    """Handle the received frames. Return whether the connection is still open."""
    try:
        data = rests[line] + line.take()
    except (CrowdError, ConnectionResetError):
        told.closed_with[0] += 1
        return False
    while len(data) >= 2 and len(data) >= 2 + data[1]:
        kind, payload, data = data[0], data[2 : 2 + data[1]], data[2 + data[1] :]
        if kind == PING:
            told.pings += 1
            _answer(line.socket, PONG_HEAD, payload)
        elif kind == CLOSE:
            told.closed_with[int.from_bytes(payload[:2])] += 1
            _answer(line.socket, CLOSE_HEAD, payload)
            return False
    rests[line] = data
    return True


def _answer(own: socket.socket, head: int, payload: bytes) -> None:
    """Send a control frame. Its payload is short, so one byte holds the length."""
    with suppress(ConnectionError):
        own.sendall(bytes([head, MASKED | len(payload)]) + bytes(4) + payload)
