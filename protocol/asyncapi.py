"""The protocol as an AsyncAPI 3 document, for programs; for people see docs/reference/protocol.md.

The ops, their replies and their publications come from the op table. The schemas of the messages
are in `protocol/request_schemas.py` and `protocol/response_schemas.py`. The field `x-method` and
the format `amount` are for programs that generate a client from the document.
`make docs` writes docs/reference/asyncapi.json, which `toteboard asyncapi` prints.
"""

import json
import re
from collections.abc import Iterable
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

from protocol.codec import to_json
from protocol.examples import EXAMPLES
from protocol.op import Op, Response
from protocol.ops import OPS
from protocol.request_schemas import request_example, request_schema
from protocol.response_schemas import BODIES
from protocol.schemas import COUNT, SHARED, TIME, Schema, example_of

_Document = dict[str, Any]

WATERMARKED: Final = frozenset(
    {
        Response.GAME_JOINED,
        Response.GAME_DETAILS,
        Response.ALL_POOLS_FOR_GAME,
        Response.MY_OPEN_POOLS_FOR_GAME,
        Response.MY_RUNNING_POOLS_FOR_GAME,
        Response.MY_RESOLVED_POOLS_FOR_GAME,
        Response.POOL_BETS_DISTRIBUTION,
    }
)
"""Replies that carry the watermark as `seq` (contract, section 1)."""
UNPOSITIONED: Final = frozenset(
    {
        Response.USER_JOINED_GAME,
        Response.USER_LEFT_GAME,
        Response.GAME_PRESENCE,
        Response.TEXT_MESSAGE,
        Response.MESSAGE_REMOVED,
        Response.USER_BALANCE_UPDATE,
    }
)
"""Publications that are not facts of a game and have no position in its journal."""
PUBLISHED: Final = frozenset(
    {published for op in OPS for published in op.published} | {Response.BET_POOL_EXPIRED}
)
DEFAULT_URL: Final = "ws://127.0.0.1:9999/"
"""The URL of a server with default settings."""
_SOCKET: Final = {"$ref": "#/channels/socket"}
_INFO: Final = (
    "Live betting games over one WebSocket. docs/reference/protocol.md describes how to sign in "
    "and what positions, idempotency keys and errors mean."
)


@cache
def printed(version: str, url: str = DEFAULT_URL) -> str:
    """Return the indented JSON of the document, for this version and WebSocket URL."""
    return json.dumps(document(version, url), indent=1, ensure_ascii=False) + "\n"


def document(version: str, url: str = DEFAULT_URL) -> _Document:
    """Return the document for this version and WebSocket URL."""
    messages = {_name_of(op): _request(op) for op in OPS}
    messages |= {_name_of(response): _response(response) for response in Response}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Toteboard", "version": version, "description": _INFO},
        "defaultContentType": "application/json",
        "servers": {"local": _server(url)},
        "channels": {"socket": _channel(messages)},
        "operations": {op.name: _operation(op) for op in OPS} | {"publications": _publications()},
        "components": {"messages": messages, "schemas": SHARED},
    }


def payload(response: Response) -> Schema:
    """Return the schema of a whole reply or publication."""
    body = BODIES[response]
    header = {
        "type": "object",
        "properties": {
            "t": TIME,
            "request_id": {"type": ["integer", "string"]},
            "repeated": {"type": "boolean"},
        },
        "required": ["t"],
    }
    res = {"type": "integer", "const": response.value}
    properties = {"response_header": header, "res": res} | body["properties"] | _position(response)
    return {
        "type": "object",
        "properties": properties,
        "required": [
            *("response_header", "res", *body["required"]),
            *(["seq"] if response in WATERMARKED else []),
        ],
    }


def _server(url: str) -> _Document:
    parts = urlsplit(url)
    return {"host": parts.netloc, "pathname": parts.path or "/", "protocol": parts.scheme}


def _position(response: Response) -> dict[str, Schema]:
    is_fact = response in PUBLISHED and response not in UNPOSITIONED
    names = ("seq", "prev_seq") if is_fact else ("seq",) if response in WATERMARKED else ()
    return dict.fromkeys(names, COUNT)


def _channel(messages: Iterable[str]) -> _Document:
    signed_url, token, guest = ("id", "n", "h"), ("token",), ("guest",)
    query: _Document = {name: {"type": "string"} for name in (*signed_url, *token)}
    query["guest"] = {"type": "string", "const": "1"}
    return {
        "address": "/",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {
            "ws": {
                "method": "GET",
                "query": {
                    "type": "object",
                    "properties": query,
                    "oneOf": [{"required": list(names)} for names in (signed_url, token, guest)],
                },
            }
        },
    }


def _operation(op: Op) -> _Document:
    """Return the operation of an op: the server receives the request and replies."""
    replies = dict.fromkeys((*op.replies, Response.ERROR))
    return {
        "action": "receive",
        "channel": _SOCKET,
        "summary": op.summary,
        "x-method": _method(op),
        "messages": _refs([op]),
        "reply": {"channel": _SOCKET, "messages": _refs(replies)},
    }


def _publications() -> _Document:
    return {
        "action": "send",
        "channel": _SOCKET,
        "summary": "Messages to the subscribers of a game, or to the owner of a balance.",
        "messages": _refs(sorted(PUBLISHED)),
    }


def _request(op: Op) -> _Document:
    example = {"name": op.name, "payload": request_example(op)}
    return {
        "name": op.name,
        "title": f"{op.code} {op.name}",
        "summary": op.summary,
        "payload": request_schema(op),
        "examples": [example],
    }


def _response(response: Response) -> _Document:
    name = response.name.lower()
    return {
        "name": name,
        "title": f"{response.value} {name}",
        "payload": payload(response),
        "examples": [{"name": name, "payload": response_example(response)}],
    }


def response_example(response: Response) -> dict[str, Any]:
    """Return an example: of `protocol/examples.py`, or else from the schema."""
    schema = payload(response)
    own = (name for name in schema["required"] if name not in ("response_header", "res"))
    made: dict[str, Any] | None = next((each for each in EXAMPLES if each["res"] == response), None)
    body = (
        {name: example_of(schema["properties"][name]) for name in own}
        if made is None
        else json.loads(to_json(made))
    )
    header = {"response_header": {"t": TIME["examples"][0]}, "res": response.value}
    return header | body | ({"seq": COUNT["examples"][0]} if response in WATERMARKED else {})


def _method(op: Op) -> str:
    """Return the name of the clients' method for an op: `place_bet` for the class `PlaceBet`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", op.command.__name__).lower()


def _name_of(what: Op | Response) -> str:
    if isinstance(what, Response):
        return f"res_{what.value}_{what.name.lower()}"
    return f"op_{what.code}_{what.name}"


def _refs(messages: Iterable[Op | Response]) -> list[_Document]:
    return [{"$ref": f"#/channels/socket/messages/{_name_of(each)}"} for each in messages]
