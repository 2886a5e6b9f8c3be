"""One request and its answer: connects h11, which frames bodies, to an ASGI application.

The gate has read the head, and it is encoded again for h11. So the only bytes of a client that h11
reads are those of a body, whose length is stated once. `toteboard/http/serving.py` handles the
connection and the limits.
"""

from contextlib import suppress
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import unquote_to_bytes

import h11
import trio
from attrs import define, field
from starlette.types import ASGIApp, Message, Scope

from actors.edge.closing import GONE
from actors.edge.gate import Visitor
from game.refusals import Code
from protocol.request_head import RequestHead
from toteboard.http.proxies import RequestOrigin
from toteboard.http.responses import HttpRefusal

BODY_PIECE_BYTES: Final = 4_096
"""Bytes of a body to give to h11 at a time: it parses trailers in one call, 1 ms for each KiB."""
MOST_BODY_BYTES: Final = 1_048_576
"""Bytes of a body on the wire, its framing included."""
MOST_PARTS: Final = 1_024
"""Chunks and reads of a body. Each costs the same processor time, however few bytes it has."""
PATIENCE_S: Final = 30.0
"""How long a client may take to read a part of the answer."""


@define
class Exchange:
    """One request. `may_stay`: whether the connection may stay open after the answer.

    After `run`, `status` is the status of the answer (0 if there was none), and `is_reusable` says
    whether the connection can serve another request.
    """

    visitor: Visitor
    head: RequestHead
    origin: RequestOrigin
    may_stay: bool
    status: int = 0
    is_reusable: bool = False
    _unsent: bytes = field(init=False, default=b"")
    """The head of the answer, sent together with the start of the body."""
    _body_bytes: int = field(init=False, default=0)
    _parts: int = field(init=False, default=0)
    _http: h11.Connection = field(
        init=False,
        factory=lambda: h11.Connection(h11.SERVER, max_incomplete_event_size=BODY_PIECE_BYTES),
    )

    async def run(self, app: ASGIApp) -> None:
        """Let the application answer. Raise what it raises, unless the client has disconnected."""
        self._http.receive_data(self.head.encoded())
        assert isinstance(self._http.next_event(), h11.Request)
        with suppress(*GONE):
            await app(self._scope(), self._receive, self._send)
            self._end()

    def _end(self) -> None:
        """If both sides have finished this request, keep the bytes after it for the next one."""
        if self._http.their_state is h11.SEND_BODY and not self.head.has_body:
            self._http.next_event()  # the end of a body that the application has not read
        if self._http.states == {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}:
            self.visitor.received[:0] = self._http.trailing_data[0]
            self.is_reusable = True

    def _scope(self) -> Scope:
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": self.head.version.decode(),
            "method": self.head.method.decode(),
            "scheme": self.origin.scheme,
            "path": unquote_to_bytes(self.head.path).decode("utf-8", "replace"),
            "raw_path": self.head.path,
            "query_string": self.head.query,
            "root_path": "",
            "headers": self.origin.fields,
            "client": (self.origin.address, 0),
            "server": None,
        }

    # Called by the application.

    async def _receive(self) -> Message:
        """Return the next part of the body, or `http.disconnect` if the client disconnects.

        Raise HttpRefusal if the body is malformed or too large.
        """
        if self._http.their_state in (h11.DONE, h11.MUST_CLOSE):
            await trio.sleep_forever()  # the body is complete
        try:
            event = await self._next_event()
        except h11.RemoteProtocolError:
            text = "The request body is malformed."
            raise HttpRefusal(400, Code.MALFORMED_MESSAGE, text) from None
        except GONE:
            return {"type": "http.disconnect"}
        if isinstance(event, h11.Data):
            return {"type": "http.request", "body": bytes(event.data), "more_body": True}
        if isinstance(event, h11.EndOfMessage):
            return {"type": "http.request", "body": b"", "more_body": False}
        return {"type": "http.disconnect"}

    async def _next_event(self) -> Any:
        # One read can hold hundreds of chunks, so let other tasks run before each.
        await trio.lowlevel.checkpoint()
        if self._http.they_are_waiting_for_100_continue:
            now = h11.InformationalResponse(status_code=100, headers=[])
            await self._write(self._encoded(now))
        while (event := self._http.next_event()) is h11.NEED_DATA:
            self._http.receive_data(await self._piece())
        self._parts += 1
        self._refuse_a_large_body()
        return event

    async def _piece(self) -> bytes:
        """Return the next bytes of the body, empty at the end of the stream."""
        received = self.visitor.received
        if not received:
            received += await self.visitor.stream.receive_some(BODY_PIECE_BYTES)
        piece = bytes(received[:BODY_PIECE_BYTES])
        del received[:BODY_PIECE_BYTES]
        self._body_bytes += len(piece)
        self._refuse_a_large_body()
        return piece

    def _refuse_a_large_body(self) -> None:
        if self._body_bytes > MOST_BODY_BYTES or self._parts > MOST_PARTS:
            text = f"The body has more than {MOST_BODY_BYTES} bytes or {MOST_PARTS} chunks."
            raise HttpRefusal(413, Code.MALFORMED_MESSAGE, text)

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [*message.get("headers", ()), (b"date", formatdate(usegmt=True).encode())]
            if not self.may_stay or self._has_unread_body:
                headers.append((b"connection", b"close"))
            phrase = HTTPStatus(self.status).phrase.encode()
            response = h11.Response(status_code=self.status, headers=headers, reason=phrase)
            self._unsent = self._encoded(response)
        elif message["type"] == "http.response.body":
            data, self._unsent = self._unsent, b""
            if message.get("body") and self.head.method != b"HEAD":
                data += self._encoded(h11.Data(data=message["body"]))
            if not message.get("more_body", False):
                data += self._encoded(h11.EndOfMessage())
            if data:
                await self._write(data)

    @property
    def _has_unread_body(self) -> bool:
        """Whether the client still sends a body. It is not read after the answer has begun."""
        return self.head.has_body and self._http.their_state is h11.SEND_BODY

    def _encoded(self, event: Any) -> bytes:
        return self._http.send(event) or b""

    async def _write(self, data: bytes) -> None:
        try:
            with trio.fail_after(PATIENCE_S):
                await self.visitor.stream.send_all(data)
        except trio.TooSlowError:
            raise trio.BrokenResourceError("the client does not read") from None
