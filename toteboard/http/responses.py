"""Answers in JSON; a refusal has the form of an error reply on the wire."""

from collections.abc import Mapping
from http import HTTPStatus
from math import ceil
from typing import Any, Final

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from game.refusals import Code

NO_STORE = {"Cache-Control": "no-store"}


class HttpRefusal(Exception):
    """A refusal: an HTTP status, a code of the contract, and a sentence for a person."""

    def __init__(
        self, status: int, code: str, text: str, *, retry_after_s: float = 0, **more: Any
    ) -> None:
        super().__init__(text)
        self.status = status
        self.body = {"code": str(code), "text": text, **more}
        self.headers = {"Retry-After": str(ceil(retry_after_s))} if retry_after_s else {}


def json_answer(
    body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] = NO_STORE
) -> Response:
    """Return an answer with a JSON object, which no cache may store."""
    return Response(orjson.dumps(body), status, headers, "application/json")


async def _refuse(_request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, HttpRefusal)
    return json_answer(refusal.body, refusal.status, {**NO_STORE, **refusal.headers})


async def _refuse_path(_request: Request, error: Exception) -> Response:
    """Answer an unknown path, or a wrong method; then `Allow` lists the right ones."""
    assert isinstance(error, HTTPException)
    text = f"{HTTPStatus(error.status_code).phrase}."
    headers = {**NO_STORE, **(error.headers or {})}
    return json_answer({"code": str(Code.UNKNOWN_OP), "text": text}, error.status_code, headers)


async def _failed(_request: Request, _error: Exception) -> Response:
    text = "Internal error."
    return json_answer({"code": str(Code.INTERNAL_ERROR), "text": text}, 500)


HANDLERS: Final = {HttpRefusal: _refuse, HTTPException: _refuse_path, Exception: _failed}
"""The function that answers each kind of exception."""
