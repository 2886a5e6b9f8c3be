"""A request from the program's hands to the wire, and its reply back. Pure.

The parameters of an op are the fields of its class (the op table, `protocol/ops.py`); the way from
JSON to such a class is `protocol/codec.py`.
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
    """The server said no (contract, section 1, "Errors"); the call has changed nothing.

    `retryable`: the same call may succeed later. `reply` is all that the server said.
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
    """A request until it is answered; `text`, with its idempotency key, is the same every time."""

    request_id: str
    text: str
    times_sent: int = 0
    reply: Message | None = None
    answered: trio.Event = Factory(trio.Event)

    def request(self) -> str:
        """What to send, once more."""
        self.times_sent += 1
        return self.text

    def is_settled_by(self, reply: Message) -> bool:
        """Whether the reply says what became of the call.

        "Try again" does not if it was sent before: the first time it may have been done, and a
        program that was told no might ask for it once more, with another key.
        """
        return self.times_sent == 1 or not (is_refusal(reply) and reply.get("retryable", False))

    def settle(self, reply: Message | None) -> None:
        """Wake up whoever waits."""
        self.reply = reply
        self.answered.set()


def written(request_id: str, op: int, parameters: Message, key: str | None = None) -> str:
    """A request as it goes out. Raises `TypeError` if JSON has no words for a parameter."""
    header = {"request_id": request_id} | ({"idempotency_key": key} if key else {})
    return orjson.dumps({"header": header, "op": op, **parameters}).decode()


def is_refusal(reply: Message) -> bool:
    """Whether it is an error reply."""
    return bool(reply["res"] == Response.ERROR)


def parameters_of(request: Command) -> Message:
    """A request's fields as the wire wants them: amounts as numbers, what is None left out."""
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
