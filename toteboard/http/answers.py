"""What the HTTP side answers: JSON, and a no that looks like an error of the wire contract."""

from collections.abc import Mapping
from math import ceil
from typing import Any

import orjson
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


async def refuse(_request: Request, refusal: Exception) -> Response:
    """A refusal as an answer."""
    assert isinstance(refusal, HttpRefusal)
    return json_answer(refusal.body, refusal.status, {**NOT_KEPT, **refusal.headers})
