"""Serves the calls of the table: finds the row, the key and the parameters, and answers.

The checks come in this order, each with its refusal: is there a key (401), does the path exist
(404, 405), may this key make this call (403), does the server serve (503), is the body valid (400).
So nothing about users or holds can be learnt without the right to it.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from game.refusals import Refusal
from storage.api_keys import ApiKey, key_with
from storage.errors import StorageError
from storage.users import OperatorError
from toteboard.api.call import Asked, CallRow
from toteboard.api.desk import Desk
from toteboard.api.openapi import OWN_URL, printed_openapi
from toteboard.api.parameters import once_each, read_body, read_parameters
from toteboard.api.refusals import (
    ApiCode,
    ApiRefusal,
    invalid_value,
    not_authenticated,
    refusal_by_rule,
    refusal_of,
    wrong_method,
)
from toteboard.api.table import CALLS
from toteboard.http.forms import read_whole_body
from toteboard.http.health import ServesRequests
from toteboard.http.responses import NO_STORE, HttpRefusal, json_answer

log = structlog.get_logger()

DOCUMENT: Final = "/v1/openapi.json"
LONGEST_KEY: Final = 64
"""Characters of an Idempotency-Key."""


class ApiSite:
    """Everything below `/v1/`, as an ASGI application."""

    def __init__(self, desk: Desk, health: ServesRequests, url: str | None) -> None:
        self._desk, self._health = desk, health
        self._rows = [(_pattern(row.path), row) for row in CALLS]
        self._document = printed_openapi(url or OWN_URL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        request = Request(scope, receive)
        is_sent = False

        async def sending(message: Message) -> None:
            nonlocal is_sent
            is_sent = True
            await send(message)

        try:
            with _refusing():
                response = await self._answer(request)
                await response(scope, receive, sending)
        except ApiRefusal as refusal:
            if is_sent:
                raise
            log.info("call_refused", path=request.url.path, code=refusal.body["code"])
            headers = {**NO_STORE, **refusal.headers}
            await json_answer(refusal.body, refusal.status, headers)(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.url.path == DOCUMENT:
            if _method_of(request) != "GET":
                raise wrong_method(_also_heads(["GET"]))
            return Response(self._document, media_type="application/json")
        key = self._key(request)
        row, path = self._row(request)
        _refuse_unauthorized(row, key, path)
        if not self._health.is_serving:
            text = "The server is starting or shutting down. Try again in 2 seconds."
            raise ApiRefusal(ApiCode.OVERLOADED, text)
        asked = await _read(request, row, key, path)
        response = await row.answering(self._desk, asked)
        log.info("call_answered", call=row.name, key=key.name, status=response.status_code)
        return response

    def _key(self, request: Request) -> ApiKey:
        """Return the key of a request. Raise ApiRefusal if it has none that works."""
        headers = request.headers.getlist("authorization")
        kind, _, key = headers[0].partition(" ") if len(headers) == 1 else ("", "", "")
        found = key_with(self._desk.database, key.strip()) if kind.lower() == "bearer" else None
        if found is None:
            raise not_authenticated()
        return found

    def _row(self, request: Request) -> tuple[CallRow, dict[str, str]]:
        """Return the row of the table and the values in the path. Raise ApiRefusal."""
        method, allowed = _method_of(request), []
        for pattern, row in self._rows:
            found = pattern.fullmatch(request.url.path)
            if found is not None and row.method == method:
                return row, found.groupdict()
            if found is not None:
                allowed.append(row.method)
        if allowed:
            raise wrong_method(_also_heads(allowed))
        raise ApiRefusal(ApiCode.NOT_FOUND, "No call has this path.")


def _method_of(request: Request) -> str:
    """Return the method of a request. HEAD is answered as GET, without the body."""
    return "GET" if request.method == "HEAD" else request.method


def _also_heads(methods: Iterable[str]) -> list[str]:
    """Return the methods that a client may use on a path whose calls have these."""
    return [each for row in methods for each in ((row, "HEAD") if row == "GET" else (row,))]


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))


def _refuse_unauthorized(row: CallRow, key: ApiKey, path: dict[str, str]) -> None:
    """Raise ApiRefusal if the key may not make the call."""
    is_own_source = row.of_source and path.get("source_id") == key.source_id
    is_elsewhere = key.source_id is not None and not (is_own_source or row.of_every_key)
    if key.role not in row.roles or is_elsewhere:
        text = f"The key '{key.name}' has the role {key.role}"
        limited = f" and is limited to source {key.source_id}" if key.source_id else ""
        raise ApiRefusal(ApiCode.NOT_AUTHORIZED, f"{text}{limited}: it may not do this.")


async def _read(request: Request, row: CallRow, key: ApiKey, path: dict[str, str]) -> Asked:
    """Read the parameters of a call. Raise ApiRefusal."""
    if not row.changes:
        parameters = read_parameters(row.parameters, once_each(request.query_params.multi_items()))
        return Asked(key=key, path=path, parameters=parameters)
    body = await read_whole_body(request)
    return Asked(
        key=key,
        path=path,
        parameters=read_parameters(row.parameters, read_body(body)),
        name=f"{request.method} {request.url.path}",
        body=body,
        idempotency_key=_idempotency_key(request),
    )


def _idempotency_key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key", "").strip()
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise invalid_value("Idempotency-Key", f"at most {LONGEST_KEY} printable characters")
    return key or None


@contextmanager
def _refusing() -> Iterator[None]:
    """Raise the errors of writes and reads as what they answer."""
    try:
        yield
    except Refusal as refusal:
        raise refusal_by_rule(refusal) from None
    except OperatorError as error:
        raise refusal_of(error) from None
    except StorageError as error:
        log.error("storage_failed", error=str(error))
        raise refusal_of(error) from None
    except HttpRefusal as refusal:
        code = ApiCode.MALFORMED_MESSAGE
        raise _with_status(ApiRefusal(code, refusal.body["text"]), refusal.status) from None


def _with_status(refusal: ApiRefusal, status: int) -> ApiRefusal:
    refusal.status = status
    return refusal
