"""Check the effect of one client message: one reply, with a valid shape and a documented code.

The rules are the contract's (section 1, "Request", "Reply and publication", "Errors"). The op table
lists the possible replies of an op. Everything else is parsed independently of the server.
"""

import json
import unicodedata
from collections.abc import Sequence
from typing import Any

import orjson
from attrs import frozen

from game.refusals import Code
from protocol.op import Op, Response
from protocol.ops import BY_CODE
from tests.support.message_schemas import wrong_with

Message = dict[str, Any]

DEEPEST = 32
ANYWAY = {
    Response.USER_BALANCE_UPDATE,
    Response.USER_JOINED_GAME,
    Response.USER_LEFT_GAME,
    Response.GAME_PRESENCE,
}
"""What a connection may receive besides, without a position in a game."""
MEANS_ALSO = {373: 372}
"""An op that may stand for another one (contract, section 2)."""


@frozen
class Asked:
    """What can be parsed of a message. `request_id` None: a reply cannot carry one.

    `is_sound`: the message is an object, not too deep, without control characters.
    """

    is_sound: bool
    op: Op | None
    request_id: int | str | None
    has_key: bool


def read(message: bytes) -> Asked:
    """Parse a message leniently."""
    fields = _parsed(message)
    if not isinstance(fields, dict) or not _is_sound(fields, DEEPEST):
        return UNREADABLE
    header = fields.get("header")
    header = header if isinstance(header, dict) else {}
    key = header.get("idempotency_key")
    return Asked(
        True, _op(fields.get("op")), _request_id(header.get("request_id")), isinstance(key, str)
    )


def _parsed(message: bytes) -> Any:
    """Parse JSON, in which a number may be too large for a float. Return None if it is no JSON."""
    try:
        return orjson.loads(message)
    except orjson.JSONDecodeError as error:
        if "infinity" not in str(error):
            return None
    try:
        value = json.loads(message, parse_int=_whole, parse_constant=_whole)
        orjson.dumps(value)  # fails for a lone surrogate
    except (ValueError, TypeError, RecursionError):
        return None
    return value


def _whole(digits: str) -> int | float:
    """Read a whole number. Raise `ValueError` for a constant such as `NaN`."""
    return int(digits) if len(digits) < 20 else float(digits)


UNREADABLE = Asked(False, None, None, False)


def _is_sound(value: Any, deepest: int) -> bool:
    """Return whether nesting is at most `deepest` and no string has a control character."""
    if isinstance(value, str):
        return not any(
            unicodedata.category(letter) == "Cc" and letter not in "\t\n" for letter in value
        )
    if not isinstance(value, dict | list):
        return True
    inside = [*value, *value.values()] if isinstance(value, dict) else value
    return deepest > 0 and all(_is_sound(each, deepest - 1) for each in inside)


def _op(given: Any) -> Op | None:
    if isinstance(given, str) and given.strip().isascii() and given.strip().isdigit():
        given = int(given)
    return BY_CODE.get(given) if type(given) is int else None


def _request_id(given: Any) -> int | str | None:
    is_id = isinstance(given, str) and len(given.strip()) > 0 and len(given.strip()) <= 64
    return given if is_id or type(given) is int else None


def judged(asked: Asked, heard: Sequence[Message]) -> Message:
    """Return the reply among the sender's messages. Raise `AssertionError` if a check fails."""
    reply = _the_reply(asked, heard)
    if reply["res"] == Response.ERROR:
        _is_a_good_refusal(asked, reply)
    else:
        assert asked.op is not None, ("an answer to what is no op", reply)
        assert reply["res"] in _replies(asked.op), ("not a reply to this op", reply)
    if "repeated" in reply["response_header"]:
        assert asked.has_key, ("repeated without a key", reply)
    return reply


def _the_reply(asked: Asked, heard: Sequence[Message]) -> Message:
    """Return the one direct reply."""
    ids = [message["response_header"].get("request_id") for message in heard]
    named = [message for message, id in zip(heard, ids, strict=True) if id is not None]
    replies = named or [message for message in heard if _is_direct(message, asked)]
    if not replies:  # a publication that is also the reply
        shared = asked.op and asked.op.shared
        replies = [message for message in heard if message["res"] == shared][:1]
    assert len(replies) == 1, ("not one reply", replies)
    (reply,) = replies
    request_id = reply["response_header"].get("request_id")
    assert request_id == asked.request_id, ("another request_id", reply)
    return reply


def _is_direct(message: Message, asked: Asked) -> bool:
    if "prev_seq" in message or message["res"] in ANYWAY or "channel" in message:
        return False
    is_appointed = message["res"] == Response.BECOME_AN_ADMIN_FOR_GAME_SUCCESS
    return not (is_appointed and asked.op is not None and asked.op.code != 616)


def _is_a_good_refusal(asked: Asked, reply: Message) -> None:
    code = Code(reply["code"])
    assert reply["text"], ("says nothing", reply)
    assert code in _refusals(asked), ("a code that is not promised here", reply)
    if asked.op is not None:
        assert reply["op"] in (asked.op.code, MEANS_ALSO.get(asked.op.code)), ("not its op", reply)
    named = {Code.MISSING_PARAMETER, Code.INVALID_PARAMETER}
    assert (code in named) == ("parameter" in reply), ("which parameter?", reply)
    assert reply["retryable"] is False, ("trying again is of no use", reply)


def _refusals(asked: Asked) -> set[Code]:
    if not asked.is_sound:
        return {Code.MALFORMED_MESSAGE}
    if asked.op is None:
        return {Code.UNKNOWN_OP}
    promised = {code for op in _meanings(asked.op) for code in op.refusals}
    with_key = {Code.IDEMPOTENCY_CONFLICT} if asked.has_key and asked.op.changes else set()
    return {Code.MISSING_PARAMETER, Code.INVALID_PARAMETER} | promised | with_key


def _replies(op: Op) -> set[Response]:
    return {reply for meaning in _meanings(op) for reply in meaning.replies}


def _meanings(op: Op) -> list[Op]:
    return [BY_CODE[code] for code in (op.code, MEANS_ALSO.get(op.code)) if code is not None]


def is_well_formed(message: Message) -> bool:
    """Return whether a message is exactly as the AsyncAPI document describes it."""
    wrong = wrong_with(message)
    assert not wrong, (wrong, message)
    return True
