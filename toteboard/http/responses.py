"""What the HTTP side answers: JSON, and a no that looks like an error of the wire contract."""

from collections.abc import Mapping
from http import HTTPStatus
from math import ceil
from typing import Any, Final

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from game.refusals import Code

NOT_KEPT = {"Cache-Control": "no-store"}


class HttpRefusal(Exception):
    """A no with an HTTP status and a code of the contract; `text` is a sentence for a person."""

    def __init__(
        self, status: int, code: Code, text: str, *, retry_after_s: float = 0, **more: Any
    ) -> None:
        super().__init__(text)
        self.status = status
        self.body = {"code": str(code), "text": text, **more}
        self.headers = {"Retry-After": str(ceil(retry_after_s))} if retry_after_s else {}


def json_answer(
    body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] = NOT_KEPT
) -> Response:
    """A JSON object, not to be kept by anybody on the way."""
    return Response(orjson.dumps(body), status, headers, "application/json")


async def _refuse(_request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, HttpRefusal)
    return json_answer(refusal.body, refusal.status, {**NOT_KEPT, **refusal.headers})


async def _refuse_path(_request: Request, error: Exception) -> Response:
    """No such path, or not by this method: then `Allow` says by which."""
    assert isinstance(error, HTTPException)
    text = f"{HTTPStatus(error.status_code).phrase}."
    headers = {**NOT_KEPT, **(error.headers or {})}
    return json_answer({"code": str(Code.UNKNOWN_OP), "text": text}, error.status_code, headers)


async def _failed(_request: Request, _error: Exception) -> Response:
    text = "The server has failed, by its own fault."
    return json_answer({"code": str(Code.INTERNAL_ERROR), "text": text}, 500)


HANDLERS: Final = {HttpRefusal: _refuse, HTTPException: _refuse_path, Exception: _failed}
"""How each thing that is raised becomes an answer."""
