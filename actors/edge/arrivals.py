"""Accepts connections: all that wait, up to `ACCEPTED_AT_ONCE`, in each turn of the event loop.

trio accepts one per turn. With a thousand busy connections a turn takes tens of milliseconds, so
clients that connect and reset would delay the clients behind them for seconds, health checks too,
although the loop has time to spare. A connection that was reset before it was accepted is closed
here, which costs a twentieth of a task.
"""

import socket
from collections import deque
from typing import Final

import trio

ACCEPTED_AT_ONCE: Final = 100


class Arrivals(trio.abc.Listener[trio.SocketStream]):
    """Listens on the socket of `listener`, and closes it."""

    def __init__(self, listener: trio.SocketListener) -> None:
        self._listener = listener
        self._next = deque[trio.SocketStream]()
        # trio has no accept that does not block, so use the same socket a second time.
        own = listener.socket
        self._socket = socket.fromfd(own.fileno(), own.family, socket.SOCK_STREAM)
        self._socket.setblocking(False)

    @property
    def port(self) -> int:
        """The TCP port on which it listens."""
        return int(self._listener.socket.getsockname()[1])

    async def accept(self) -> trio.SocketStream:
        """Return the next connection. Raise the same errors as `trio.SocketListener.accept`."""
        while not self._next:
            first = await self._listener.accept()
            if not _is_reset(first.socket):
                self._next.append(first)
            self._accept_more()
        return self._next.popleft()

    def _accept_more(self) -> None:
        try:
            for _ in range(ACCEPTED_AT_ONCE):
                accepted, _ = self._socket.accept()
                if not _is_reset(accepted):
                    self._next.append(trio.SocketStream(trio.socket.from_stdlib_socket(accepted)))
        except OSError:
            return  # none is left; the next accept raises any other error

    async def aclose(self) -> None:
        """Close the listener, and the accepted connections that were not returned."""
        self._socket.close()
        while self._next:
            self._next.popleft().socket.close()
        await self._listener.aclose()


def _is_reset(accepted: socket.socket | trio.socket.SocketType) -> bool:
    """Whether the client has reset the connection already; if so, close it."""
    if not accepted.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
        return False
    accepted.close()
    return True
