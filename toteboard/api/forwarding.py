"""The operator's API of a node: the leader makes the changes, and this node's file answers reads.

    POST --> call to the leader --> its ApiSite --> answer
    GET  --> call to the leader (how far is the log?) --> this node's file has that --> ApiSite here

So a read sees what was changed before it, at whichever node. Long reads, such as exports, use this
node's file and do not load the leader. `NODE_LIST` does not ask the leader at all: it is needed
most while there is none.

A change that got no answer, because the leader was lost, is asked of the next leader. It has an
idempotency key, at least one of this node's own, so it is done once.
"""

from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from uuid import uuid4

import structlog
import trio
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from actors.link.calls import LinkCalls
from storage.errors import StorageError
from toteboard.api.refusals import ApiCode, ApiRefusal
from toteboard.http.forms import read_whole_body
from toteboard.http.responses import NO_STORE, HttpRefusal, json_answer

log = structlog.get_logger()

API: Final = "api"
SEEN: Final = "seen"
"""The calls: one for a change, and one that is answered when everything before it is confirmed."""
NODE_LIST: Final = "/v1/nodes"
FORWARDED: Final = ("authorization", "content-type", "idempotency-key")
KEY_HEADER: Final = "idempotency-key"
FORWARD_TRIES: Final = 3
READING: Final = ("GET", "HEAD")


class ForwardingApi:
    """Everything below `/v1/` on a node, as an ASGI application. `local` answers reads."""

    def __init__(self, local: ASGIApp, calls: LinkCalls) -> None:
        self._local, self._calls = local, calls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        request = Request(scope, receive)
        try:
            if request.method in READING:
                if request.url.path != NODE_LIST:
                    await self._calls.call(SEEN, {})
                await self._local(scope, receive, send)
                return
            response = await self._forward(request)
        except StorageError as error:
            log.error("leader_unavailable", error=str(error))
            refusal = ApiRefusal(ApiCode.OVERLOADED, "No leader has answered. Try again.")
            headers = {**NO_STORE, **refusal.headers}
            response = json_answer(refusal.body, refusal.status, headers)
        except HttpRefusal as refused:
            response = json_answer(refused.body, refused.status)
        await response(scope, receive, send)

    async def _forward(self, request: Request) -> Response:
        """Let the leader answer. Raise HttpRefusal and StorageError."""
        body = await read_whole_body(request)
        headers = [each for each in request.headers.items() if each[0] in FORWARDED]
        if not request.headers.get(KEY_HEADER, "").strip():
            headers.insert(0, (KEY_HEADER, str(uuid4())))  # before a blank one
        asked = {
            "method": request.method,
            "path": request.url.path,
            "headers": headers,
            "body": b64encode(body).decode(),
        }
        answer = await self._ask(asked)
        return Response(b64decode(answer["body"]), answer["status"], answer["headers"])

    async def _ask(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask the leader, and the next one if it is lost meanwhile. Raise StorageError."""
        for _ in range(FORWARD_TRIES - 1):
            try:
                return dict(await self._calls.call(API, asked))
            except StorageError:
                await trio.lowlevel.checkpoint()
        return dict(await self._calls.call(API, asked))


def api_calls(api: ASGIApp) -> Mapping[str, Callable[[Mapping[str, Any]], Awaitable[Any]]]:
    """Return what the leader answers: changes by its own API, and `SEEN`."""

    async def answer(asked: Mapping[str, Any]) -> dict[str, Any]:
        return await _answered(api, asked)

    async def seen(_: Mapping[str, Any]) -> None:
        await trio.lowlevel.checkpoint()

    return {API: answer, SEEN: seen}


async def _answered(api: ASGIApp, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer of an application to a request."""
    body, parts = b64decode(asked["body"]), list[bytes]()
    start: Message = {}

    async def receive() -> Message:
        await trio.lowlevel.checkpoint()
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        await trio.lowlevel.checkpoint()
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            parts.append(message.get("body", b""))

    await api(_scope(asked), receive, send)
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return {
        "status": start["status"],
        "headers": headers,
        "body": b64encode(b"".join(parts)).decode(),
    }


def _scope(asked: Mapping[str, Any]) -> Scope:
    headers = [(name.encode(), value.encode("latin-1")) for name, value in asked["headers"]]
    return {
        "type": "http",
        "http_version": "1.1",
        "method": asked["method"],
        "scheme": "http",
        "path": asked["path"],
        "raw_path": asked["path"].encode(),
        "query_string": b"",
        "headers": headers,
        "client": None,
        "server": None,
    }
