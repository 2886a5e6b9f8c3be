"""Calls: the requests of a program, and their replies. No I/O."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import anyio

from toteboard_client.errors import Message
from toteboard_client.money import Money

ERROR: Final = 666
"""The `res` of an error reply."""


@dataclass(eq=False)
class Call:
    """A request until it is answered. A retry sends the same `text`, with its idempotency key."""

    request_id: str
    text: str
    times_sent: int = 0
    reply: Message | None = None
    answered: anyio.Event = field(default_factory=anyio.Event)

    def request(self) -> str:
        """Return the text to send, and count it."""
        self.times_sent += 1
        return self.text

    def is_answered_by(self, reply: Message) -> bool:
        """Return whether the reply shows the outcome of the call.

        A retryable refusal does not if the call was sent before. The first attempt may have been
        executed, and a program that sees the refusal may send the request with another key.
        """
        return self.times_sent == 1 or not (is_refusal(reply) and reply.get("retryable", False))

    def answer(self, reply: Message | None) -> None:
        """Wake the caller with the reply, or with None if the session has ended."""
        self.reply = reply
        self.answered.set()


def written(request_id: str, op: int, parameters: Message, key: str | None = None) -> str:
    """Return the text of a request. Raises `TypeError` if JSON cannot express a parameter."""
    header = {"request_id": request_id} | ({"idempotency_key": key} if key else {})
    return to_json({"header": header, "op": op, **parameters})


def to_json(message: Message) -> str:
    """Return the JSON text of a message; amounts are numbers.

    Raises `TypeError` if JSON cannot express it: NaN, a lone surrogate, an unknown class.
    """
    try:
        text = _encode(message)
        text.encode()
    except ValueError as error:
        raise TypeError(f"JSON cannot express the message: {error}") from error
    return text


def _amount(value: object) -> Any:
    if isinstance(value, Money):
        return value.to_wire()
    raise TypeError(f"JSON cannot express {value!r}")


_encode: Callable[[Message], str] = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_amount
).encode


def is_refusal(reply: Message) -> bool:
    """Return whether this is an error reply."""
    return bool(reply["res"] == ERROR)
