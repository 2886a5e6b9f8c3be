"""Posts to the receiver of a hook, signed as Standard Webhooks (standardwebhooks.com) describe.

A receiver is not ours. It has `RECEIVER_S` to answer, its answer is not kept, and a redirect is not
followed. The body of an answer is read only if it is short, so that the connection can be used
again; otherwise the connection is closed.
"""

import base64
import hmac
from enum import Enum, auto
from hashlib import sha256
from ssl import create_default_context
from typing import Final, Self

import httpx
import trio
from attrs import frozen

from toteboard.hook_settings import Hook

RECEIVER_S: Final = 15.0
"""How long a post may take, from connecting to the answer."""
SHORT: Final = 65_536
"""Bytes of an answer that are read at most."""


_FAILURES: Final = (httpx.HTTPError, httpx.InvalidURL, trio.TooSlowError, ValueError, OSError)


class PostOutcome(Enum):
    """What became of a post."""

    TAKEN = auto()
    FAILED = auto()
    GONE = auto()


@frozen
class Answer:
    """The outcome of a post, and why it failed, for the log."""

    outcome: PostOutcome
    why: str = ""


class Endpoint:
    """The receiver of a hook. Use it as a context manager."""

    def __init__(self, hook: Hook, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url, self._key = hook.url, hook.key
        self._client = httpx.AsyncClient(
            transport=transport,
            verify=create_default_context(),
            follow_redirects=False,
            trust_env=False,
            timeout=RECEIVER_S,
            headers={"Content-Type": "application/json", "Accept-Encoding": "identity"},
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def post(self, message_id: str, body: bytes, now_ms: int) -> Answer:
        """Post a body once. `now_ms` (epoch ms) is signed with it."""
        try:
            with trio.fail_after(RECEIVER_S):
                status = await self._status(signed(self._key, message_id, body, now_ms), body)
        except _FAILURES as error:
            return Answer(PostOutcome.FAILED, f"{type(error).__name__}: {error}")
        if status == httpx.codes.GONE:
            return Answer(PostOutcome.GONE)
        if httpx.codes.is_success(status):
            return Answer(PostOutcome.TAKEN)
        return Answer(PostOutcome.FAILED, f"the receiver answers {status}")

    async def _status(self, headers: dict[str, str], body: bytes) -> int:
        request = self._client.stream("POST", self._url, headers=headers, content=body)
        async with request as response:
            length = response.headers.get("content-length", "")
            if length.isascii() and length.isdigit() and len(length) < 6 and int(length) <= SHORT:
                async for _ in response.aiter_raw():
                    pass
            return response.status_code


def signed(key: bytes, message_id: str, body: bytes, now_ms: int) -> dict[str, str]:
    """Return the headers that identify, date and sign a body."""
    timestamp = str(now_ms // 1_000)
    text = b".".join((message_id.encode(), timestamp.encode(), body))
    signature = base64.b64encode(hmac.digest(key, text, sha256)).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{signature}",
    }
