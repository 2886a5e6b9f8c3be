"""A client's connection to a server in the same process. The server receives its bytes
immediately."""

from typing import Any

import orjson
import trio

from tests.campaigns.fuzz.loop import settled
from tests.support.raw_client import CLOSE, TEXT, split
from tests.support.strangers import handshake
from tests.support.wire import frame

BINARY = 2
Message = dict[str, Any]


class Pipe(trio.abc.Stream):
    """The server's end of a connection. The test is the other end.

    It accepts all bytes from the server. If `is_deaf`, it accepts none.
    """

    def __init__(self, *, is_deaf: bool = False) -> None:
        self.said = bytearray()
        self.heard = b""
        self.is_closed = False
        self._is_deaf = is_deaf
        self._has_ended = self._is_broken = False
        self._more = trio.Event()

    def say(self, data: bytes) -> None:
        """Send bytes from the client."""
        self.said += data
        self._more.set()

    def end(self) -> None:
        """Close the client's sending side. It still receives."""
        self._has_ended = True
        self._more.set()

    def break_off(self) -> None:
        """Reset the connection. The server does not receive what it has not read yet."""
        self._is_broken = True
        self._more.set()

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        while not self.said or self._is_broken:
            self._refuse_if_gone()
            if self._has_ended:
                break
            self._more = trio.Event()
            await self._more.wait()
        await trio.lowlevel.checkpoint()
        taken = bytes(self.said)
        self.said.clear()
        return taken

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        await trio.lowlevel.checkpoint()
        self._refuse_if_gone()
        if self._is_deaf:
            await trio.sleep_forever()
        self.heard += bytes(data)

    def _refuse_if_gone(self) -> None:
        if self.is_closed:
            raise trio.ClosedResourceError("closed")
        if self._is_broken:
            raise trio.BrokenResourceError("broken")

    async def wait_send_all_might_not_block(self) -> None:
        await trio.lowlevel.checkpoint()

    async def aclose(self) -> None:
        self.is_closed = True
        self._more.set()
        await trio.lowlevel.checkpoint()


class Doorstep(trio.abc.Listener[Pipe]):
    """The listener of the server, to which the test adds connections."""

    def __init__(self) -> None:
        self._send, self._receive = trio.open_memory_channel[Pipe](100)

    def put(self, pipe: Pipe) -> None:
        """Add a new connection."""
        self._send.send_nowait(pipe)

    async def accept(self) -> Pipe:
        return await self._receive.receive()

    async def aclose(self) -> None:
        self._receive.close()


class Caller:
    """A signed-in client."""

    def __init__(self) -> None:
        self._pipe = Pipe()

    async def sign_in(self, doorstep: Doorstep, address: str) -> None:
        """Open the connection."""
        doorstep.put(self._pipe)
        self._pipe.say(handshake(address))
        await settled()
        answer, _, self._pipe.heard = self._pipe.heard.partition(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 101 "), answer

    def say(self, message: bytes) -> None:
        """Send a message, as text if it is UTF-8 and as binary otherwise."""
        try:
            message.decode()
        except UnicodeDecodeError:
            self._pipe.say(frame(message, BINARY))
        else:
            self._pipe.say(frame(message))

    def heard(self) -> list[Message]:
        """Return the messages since the last call. The connection must stay open."""
        assert not self._pipe.is_closed, "hung up"
        frames, rest = split(self._pipe.heard)
        self._pipe.heard = rest
        assert not rest, ("not a whole frame", rest)
        assert CLOSE not in [each.opcode for each in frames], ("hung up", frames)
        return [orjson.loads(each.payload) for each in frames if each.opcode == TEXT]

    async def call(self, op: int, **parameters: Any) -> Message:
        """Send a request and return the reply."""
        self.say(orjson.dumps({"header": {"request_id": "call"}, "op": op} | parameters))
        await settled()
        (reply,) = [m for m in self.heard() if "request_id" in m["response_header"]]
        return reply
