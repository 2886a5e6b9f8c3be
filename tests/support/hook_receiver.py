"""A receiver of the event stream in the same process, and a stream that posts to it."""

import base64
import hashlib
import hmac
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx
import orjson
import trio
from attrs import Factory, define

from actors.commit.writer import inline
from tests.support.disks import open_unsynced
from tests.support.world import World
from toteboard.hook_settings import Hook
from toteboard.hooks.stream import EventStream

KEY: Final = b"0123456789abcdef01234567"
SECRET: Final = f"whsec_{base64.b64encode(KEY).decode()}"


def hook(name: str = "ledger", **settings: Any) -> Hook:
    """Return a hook whose receiver is the one of the test."""
    return Hook(name=name, url="http://receiver.test/", secret=SECRET, **settings)


@define
class HookReceiver:
    """Answers posts, verifies their signatures, and keeps their facts.

    `answers`: what to do instead of answering 204, first for the next post.
    """

    answers: list[Callable[[], Awaitable[httpx.Response]]] = Factory(list)
    posted_at: list[float] = Factory(list)
    batches: list[list[dict[str, Any]]] = Factory(list)
    ids: list[str] = Factory(list)

    async def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a post."""
        self.posted_at.append(trio.current_time())
        body = await request.aread()
        _verify(request, body)
        if self.answers:
            answer = await self.answers.pop(0)()
            if not answer.is_success:
                return answer
        self.batches.append(orjson.loads(body)["facts"])
        self.ids.append(request.headers["webhook-id"])
        return httpx.Response(204)

    @property
    def facts(self) -> list[dict[str, Any]]:
        """All facts that were taken, in the order of their coming."""
        return [fact for batch in self.batches for fact in batch]

    def positions(self) -> dict[str, list[int]]:
        """Return the positions that came, by game."""
        came: defaultdict[str, list[int]] = defaultdict(list)
        for fact in self.facts:
            came[fact["game_id"]].append(fact["seq"])
        return dict(came)


@asynccontextmanager
async def streaming(
    world: World, receiver: HookReceiver, *hooks: Hook
) -> AsyncIterator[EventStream]:
    """Run the event stream of a world's server."""
    stream = EventStream(
        hooks,
        world.server.services,
        lambda: open_unsynced(world.path),
        off_loop=inline,
        transport=httpx.MockTransport(receiver.answer),
    )
    await stream.note_hooks()
    stop = trio.Event()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(stream.run, stop)
        yield stream
        stop.set()


def _verify(request: httpx.Request, body: bytes) -> None:
    assert is_genuine(request.headers, body)
    assert request.headers["content-type"] == "application/json"


def is_genuine(headers: Mapping[str, str], body: bytes) -> bool:
    """Verify a post as the page of Standard Webhooks says, without the product's code."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(KEY, signed, hashlib.sha256).digest()
    return headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
