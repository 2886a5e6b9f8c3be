"""Serves the site: hypercorn for HTTP, sockets of our own, and an end in good time.

hypercorn waits for a client that does not read for as long as it takes, and its whole server binds
and logs by itself: so of hypercorn there is one connection's task (`TCPServer`), on a stream that
gives up in the end, and a log of ours. A new minor version of it has to be looked at (decision 23).
"""

import ssl
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import structlog
import trio
from hypercorn.config import Config
from hypercorn.logging import Logger
from hypercorn.trio.tcp_server import TCPServer
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.typing import ConnectionState, LifespanState, ResponseSummary, WWWScope
from hypercorn.utils import wrap_app
from starlette.types import ASGIApp

log = structlog.get_logger()

MOST_CONNECTIONS: Final = 500
"""At once; who comes then waits until one ends. An idle one ends after `IDLE_S`."""
IDLE_S: Final = 5.0
HANDSHAKE_S: Final = 10.0
SILENCE_S: Final = 30.0
"""How long neither side may say anything, whatever they speak: hypercorn knows HTTP/2 and WebSocket
too, and there nothing else ends it."""
PATIENCE_S: Final = 30.0
"""How long a client may take to make room for what is sent to it."""
GRACE_S: Final = 0.5
"""What requests that are still being answered get when everything else has stopped."""


async def serve(
    app: ASGIApp,
    listeners: Sequence[trio.SocketListener],
    tls: ssl.SSLContext | None,
    over: trio.Event,
) -> None:
    """Serve what the listeners accept until `over` is set, and a moment longer."""
    config, context, open_streams = _config(), WorkerContext(None), set[Stream]()
    wrapped = wrap_app(app, config.wsgi_max_body_size, "asgi")  # type: ignore[arg-type]
    state = ConnectionState(LifespanState({}))
    room = trio.Semaphore(MOST_CONNECTIONS)
    doors: list[Any] = [Door(listener, room, open_streams) for listener in listeners]
    if tls is not None:
        doors = [trio.SSLListener(door, tls, https_compatible=True) for door in doors]

    async def converse(stream: Any) -> None:
        await TCPServer(wrapped, config, context, state.copy(), stream)

    async with trio.open_nursery() as watching:
        async with trio.open_nursery() as clients:
            async with trio.open_nursery() as listening:
                listening.start_soon(
                    partial(trio.serve_listeners, handler_nursery=clients), converse, doors
                )
                await over.wait()
                await context.terminated.set()
                listening.cancel_scope.cancel()
            watching.start_soon(_hang_up, open_streams, clients.cancel_scope)
        watching.cancel_scope.cancel()


async def _hang_up(streams: set["Stream"], scope: trio.CancelScope) -> None:
    """End what has not ended by itself; a closed socket also ends what hypercorn shields."""
    await trio.sleep(GRACE_S)
    for stream in tuple(streams):
        await trio.aclose_forcefully(stream)
    scope.cancel()


class Door(trio.abc.Listener["Stream"]):
    """Accepts as many clients as there is room for."""

    def __init__(
        self, listener: trio.SocketListener, room: trio.Semaphore, streams: set["Stream"]
    ) -> None:
        self._listener, self._room, self._streams = listener, room, streams

    async def accept(self) -> "Stream":
        """The next client, once there is room."""
        await self._room.acquire()
        try:
            stream = await self._listener.accept()
        except BaseException:
            self._room.release()
            raise
        return Stream(stream, self._room, self._streams)

    async def aclose(self) -> None:
        """Accept no more."""
        await self._listener.aclose()


class Stream(trio.abc.HalfCloseableStream):
    """A client's socket; whoever takes nothing for `PATIENCE_S`, or says nothing, has gone."""

    def __init__(
        self, stream: trio.SocketStream, room: trio.Semaphore, streams: set["Stream"]
    ) -> None:
        self._stream, self._room, self._streams = stream, room, streams
        self.socket = stream.socket  # hypercorn asks it for addresses
        self._active_at = trio.current_time()
        streams.add(self)

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send, unless the client has stopped reading: `BrokenResourceError`."""
        try:
            with trio.fail_after(PATIENCE_S):
                await self._stream.send_all(data)
        except trio.TooSlowError:
            raise trio.BrokenResourceError("the client does not read") from None
        self._active_at = trio.current_time()

    async def wait_send_all_might_not_block(self) -> None:
        """Wait for room."""
        await self._stream.wait_send_all_might_not_block()

    async def send_eof(self) -> None:
        """Say that nothing follows."""
        await self._stream.send_eof()

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        """What the client sends; `BrokenResourceError` after `SILENCE_S` without a word."""
        while trio.current_time() < (deadline := self._active_at + SILENCE_S):
            with trio.move_on_at(deadline):
                data = await self._stream.receive_some(max_bytes)
                self._active_at = trio.current_time()
                return data
        raise trio.BrokenResourceError("the client says nothing")

    async def aclose(self) -> None:
        """Close, and make room for another client."""
        if self in self._streams:
            self._streams.remove(self)
            self._room.release()
        await self._stream.aclose()


class _Log(Logger):
    """hypercorn's log in our words. It has no lines for people."""

    def __init__(self, _config: Config) -> None:
        self.access_logger = self.error_logger = None

    async def access(
        self, request: WWWScope, response: ResponseSummary | None, request_time: float
    ) -> None:
        """A request was answered, or not; its query is nobody's business."""
        if response is None:
            return
        log.debug(
            "http_handled",
            method=request.get("method", ""),
            path=request["path"],
            status=response["status"],
            duration_ms=round(request_time * 1_000, 3),
        )

    async def exception(self, message: str, *args: Any, **kwargs: Any) -> None:
        """The application has failed, by our fault; the client was answered 500."""
        log.error("http_failed", exc_info=True)

    async def error(self, message: str, *args: Any, **kwargs: Any) -> None:
        """Something hypercorn could not do."""
        log.warning("library_warning", library="hypercorn", text=message % args)

    critical = warning = error


def _config() -> Config:
    config = Config()
    config.logger_class = _Log  # type: ignore[assignment]  # declared as one class, not its kinds
    config.include_server_header = False
    config.keep_alive_timeout = IDLE_S
    config.ssl_handshake_timeout = HANDSHAKE_S
    return config
