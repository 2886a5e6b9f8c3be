"""Accepts connections: all that wait, up to `AT_ONCE`, each time that the loop comes round.

trio accepts one in a round, and with a thousand busy connections a round takes tens of
milliseconds. Clients that connect and reset would then keep everybody behind them waiting for
seconds, health checks too, while the loop has time to spare.
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
        if not self._next:
            self._next.append(await self._listener.accept())
            self._accept_the_rest()
        return self._next.popleft()

    def _accept_the_rest(self) -> None:
        try:
            while len(self._next) < AT_ONCE:
                accepted, _ = self._socket.accept()
                self._next.append(trio.SocketStream(trio.socket.from_stdlib_socket(accepted)))
        except OSError:
            return  # there is no more; what else is wrong, the next accept tells

    async def aclose(self) -> None:
        """Close it, with what has been accepted and not been taken."""
        self._socket.close()
        while self._next:
            self._next.popleft().socket.close()
        await self._listener.aclose()
