"""Accepts connections: all that wait, up to `AT_ONCE`, each time that the loop comes round.

trio accepts one in a round, and with a thousand busy connections a round takes tens of
milliseconds. Clients that connect and reset would then keep everybody behind them waiting for
seconds, health checks too, while the loop has time to spare. A connection that was reset before it
was accepted is closed here, for a twentieth of what a task costs.
"""

import socket
from collections import deque
from typing import Final

import trio

AT_ONCE: Final = 100


class Arrivals(trio.abc.Listener[trio.SocketStream]):
    """Listens where `listener` does, and closes it."""

    def __init__(self, listener: trio.SocketListener) -> None:
        self._listener = listener
        self._next = deque[trio.SocketStream]()
        # trio has no accept that does not wait: this is the same socket once more.
        own = listener.socket
        self._socket = socket.fromfd(own.fileno(), own.family, socket.SOCK_STREAM)
        self._socket.setblocking(False)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.socket.getsockname()[1])

    async def accept(self) -> trio.SocketStream:
        """Return a connection, at once if one has been accepted already. Raises as trio's does."""
        while not self._next:
            first = await self._listener.accept()
            if not _is_gone(first.socket):
                self._next.append(first)
            self._accept_the_rest()
        return self._next.popleft()

    def _accept_the_rest(self) -> None:
        try:
            for _ in range(AT_ONCE):
                accepted, _ = self._socket.accept()
                if not _is_gone(accepted):
                    self._next.append(trio.SocketStream(trio.socket.from_stdlib_socket(accepted)))
        except OSError:
            return  # there is no more; what else is wrong, the next accept tells

    async def aclose(self) -> None:
        """Close it, with what has been accepted and not been taken."""
        self._socket.close()
        while self._next:
            self._next.popleft().socket.close()
        await self._listener.aclose()


def _is_gone(accepted: socket.socket | trio.socket.SocketType) -> bool:
    """Whether the client has reset the connection already; then it is closed."""
    if not accepted.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
        return False
    accepted.close()
    return True
