"""Calls: the requests of a program, and their replies. No I/O.

The parameters of an op are the fields of its class (`protocol/ops.py`). `protocol/codec.py`
converts in the other direction, from JSON to the class.
"""

from collections.abc import Callable
from typing import Annotated, Any, get_args, get_origin

import orjson
import trio
from attrs import Factory, define
from cattrs import Converter

from game.commands import Command
from game.money import amount
from game.shapes import Amount
from protocol.op import Response

Message = dict[str, Any]


class ServerRefusedError(Exception):
    """The server refused the call (contract, section 1, "Errors"). Nothing has changed.

    `retryable`: the same call may succeed later. `reply` is the whole reply.
    """

    def __init__(self, reply: Message) -> None:
        super().__init__(f"{reply.get('code')}: {reply['text']}")
        self.reply = reply
        self.code: str | None = reply.get("code")
        self.text: str = reply["text"]
        self.op: int | None = reply.get("op")
        self.parameter: str | None = reply.get("parameter")
        self.retryable: bool = reply.get("retryable", False)
        self.retry_after_ms: int | None = reply.get("retry_after_ms")


@define(eq=False)
class Call:
    """A request until it is answered. A retry sends the same `text`, with its idempotency key."""

    request_id: str
    text: str
    times_sent: int = 0
    reply: Message | None = None
    answered: trio.Event = Factory(trio.Event)

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
    return orjson.dumps({"header": header, "op": op, **parameters}).decode()


def is_refusal(reply: Message) -> bool:
    """Return whether this is an error reply."""
    return bool(reply["res"] == Response.ERROR)


def parameters_of(request: Command) -> Message:
    """Return a request's fields for the wire: amounts as numbers, without those that are None."""
    fields = _CONVERTER.unstructure(request)
    return {name: value for name, value in fields.items() if value is not None}


def _is_amount(hint: Any) -> bool:
    return get_origin(hint) is Annotated and isinstance(get_args(hint)[1], Amount)


def _converter() -> Converter:
    converter = Converter()
    write: Callable[[int], int | float] = amount
    converter.register_unstructure_hook_func(_is_amount, write)
    return converter


_CONVERTER = _converter()
