"""The exceptions of this package. All but network errors (`OSError`) are a `ToteboardError`.

Each code of a refusal has its own class in `toteboard_client.refusals`.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from wsproto.frame_protocol import CloseReason as KnownCode

from toteboard_client.money import Money

Message = dict[str, Any]
"""A message as JSON has it."""

ABNORMAL_CLOSURE: Final = 1006


class ToteboardError(Exception):
    """The base class of what this package raises."""


class SignInRefusedError(ToteboardError):
    """The server rejected the credentials. Retrying cannot help."""


class SessionClosedError(ToteboardError):
    """The block that opened the session has ended."""


class HandshakeError(ToteboardError):
    """The URL or the other side is not that of a WebSocket, or the server refused to open one."""


class ConnectionRejectedError(HandshakeError):
    """The server refused the handshake with an HTTP status (contract, section 1, "Connecting")."""

    def __init__(self, status_code: int) -> None:
        super().__init__(f"the server refused the connection: HTTP {status_code}")
        self.status_code = status_code


@dataclass(frozen=True)
class CloseReason:
    """Why a connection ended. `code` is 1006 if neither side closed it."""

    code: int
    reason: str = ""

    @property
    def name(self) -> str:
        """Return the name of the code, such as `GOING_AWAY`, or the code itself."""
        known = {int(each): each.name for each in KnownCode}
        return known.get(self.code, str(self.code))

    def __str__(self) -> str:
        return f"{self.code} {self.reason or self.name}"


class ConnectionClosedError(ToteboardError):
    """The connection has ended."""

    def __init__(self, reason: CloseReason) -> None:
        super().__init__(str(reason))
        self.reason = reason


class RefusedError(ToteboardError):
    """The server refused the request. Nothing has changed. `raw` is the whole reply.

    `text` is a sentence for a person. `retryable`: the same request may succeed later.
    """

    CODE: ClassVar[str | None] = None
    by_code: ClassVar[dict[str, type["RefusedError"]]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.CODE is not None:
            RefusedError.by_code[cls.CODE] = cls

    def __init__(self, raw: Message) -> None:
        super().__init__(f"{raw.get('code')}: {raw['text']}")
        self.raw = raw
        self.code: str | None = raw.get("code")
        self.text: str = raw["text"]
        self.op: int | None = raw.get("op")
        self.parameter: str | None = raw.get("parameter")
        self.retryable: bool = raw.get("retryable", False)
        self.retry_after_ms: int | None = raw.get("retry_after_ms")
        self.limit: int | None = raw.get("limit")
        self.trace_id: str | None = raw.get("trace_id")

    @property
    def available_balance(self) -> Money | None:
        """Return what the user can stake, if the refusal is about that."""
        number = self.raw.get("available_balance")
        return None if number is None else Money.from_wire(number)


def refusal(reply: Message) -> RefusedError:
    """Return the exception for an error reply: the class of its code, if this version knows it."""
    return RefusedError.by_code.get(str(reply.get("code")), RefusedError)(reply)
