"""Answers the calls that read much: reports and exports.

Each uses a thread and a connection of its own. An export is of one moment of the file. It is sent a
page at a time, as the client reads. While it is read, SQLite cannot shorten its log, so the time of
an export is limited (`EXPORT_S`), and only a few run at the same time (`Desk.long_reads`).
"""

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, closing, contextmanager
from typing import Any, Final, TypeVar

import trio
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from storage import catalogue
from storage.exports import EXPORTS
from storage.opening import open_for_reading
from storage.reports import source_report
from toteboard.api.call import Asked
from toteboard.api.desk import Desk
from toteboard.api.export_formats import written_as
from toteboard.api.refusals import ApiCode, ApiRefusal, unknown_thing
from toteboard.http.responses import NO_STORE, json_answer

EXPORT_S: Final = 3_600.0
"""The longest time of one export, in seconds. A client that is slower gets a broken answer."""
MEDIA_TYPES: Final = {"csv": "text/csv", "jsonl": "application/x-ndjson"}
Result = TypeVar("Result")


async def get_report(desk: Desk, asked: Asked) -> Response:
    """Answer GET /v1/sources/ID/report."""
    source_id, wanted = asked.path["source_id"], asked.parameters
    if catalogue.source(desk.database, source_id) is None:
        raise unknown_thing(ApiCode.UNKNOWN_SOURCE, "source", source_id)

    def read() -> dict[str, Any]:
        with closing(open_for_reading(desk.path)) as database, database.snapshot():
            return source_report(database, source_id, wanted.from_, wanted.to)

    with _long_read(desk):
        return json_answer(await _in_thread(read))


async def get_export(desk: Desk, asked: Asked) -> Response:
    """Answer GET /v1/export/KIND."""
    kind, wanted = asked.path["kind"], asked.parameters
    if kind not in EXPORTS:
        raise unknown_thing(ApiCode.NOT_FOUND, "export", kind)
    if desk.long_reads.available_tokens < 1:
        raise _busy()
    lines = _lines(desk, kind, wanted.from_, wanted.to, wanted.format)
    return PagesResponse(lines, MEDIA_TYPES[wanted.format])


class PagesResponse(Response):
    """An answer that is sent as it is made. `pages` is closed with the answer, however it ends."""

    def __init__(self, pages: AsyncGenerator[bytes, None], media_type: str) -> None:
        super().__init__(None, 200, NO_STORE, media_type)
        del self.headers["content-length"]
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the pages. Raise ApiRefusal before anything is sent, if there is no place."""
        async with aclosing(self._pages):
            first = await anext(self._pages)
            start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
            await send(start)
            await send({"type": "http.response.body", "body": first, "more_body": True})
            async for page in self._pages:
                await send({"type": "http.response.body", "body": page, "more_body": True})
            await send({"type": "http.response.body", "body": b""})


async def _lines(
    desk: Desk, kind: str, start: int, end: int, format_: str
) -> AsyncGenerator[bytes, None]:
    """Yield the lines of an export, a page at a time."""
    with _long_read(desk):
        database = await _in_thread(lambda: open_for_reading(desk.path))
        with closing(database), database.snapshot():
            pages = EXPORTS[kind](database, start, end)
            write = written_as(format_, kind)
            yield write(())
            while (page := await _in_thread(lambda: next(pages, None))) is not None:
                yield write(page)


@contextmanager
def _long_read(desk: Desk) -> Iterator[None]:
    """Take one of the few places for long reads. Raise ApiRefusal if all are taken."""
    place = object()
    try:
        desk.long_reads.acquire_on_behalf_of_nowait(place)
    except trio.WouldBlock:
        raise _busy() from None
    try:
        yield
    finally:
        desk.long_reads.release_on_behalf_of(place)


def _busy() -> ApiRefusal:
    text = "Other reports or exports are running. Try again when they have ended."
    return ApiRefusal(ApiCode.OVERLOADED, text)


async def _in_thread(work: Callable[[], Result]) -> Result:
    return await trio.to_thread.run_sync(work)
