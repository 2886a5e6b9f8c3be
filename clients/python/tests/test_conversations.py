"""The conversations that every client must read in the same way (clients/conversations)."""

import dataclasses
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from toteboard_client import (
    Client,
    CloseReason,
    ConnectionClosedError,
    ConnectionRejectedError,
    Game,
    Message,
    Money,
    News,
    Received,
    RefusedError,
    Session,
    SignInRefusedError,
    UnknownMessage,
    stay_connected,
)
from toteboard_client.reading import typed

FOLDER = Path(__file__).parents[2] / "conversations"
RECORDED = FOLDER / "recorded.json"
FILES = sorted(path for path in FOLDER.glob("*.json") if path != RECORDED)
Step = dict[str, Any]


def reading(value: Any) -> Any:
    """Return what a client has made of a message, as the files show it."""
    if isinstance(value, UnknownMessage):
        return {name: each for name, each in value.raw.items() if name != "response_header"}
    if dataclasses.is_dataclass(value):
        own = {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
        res = {"res": value.res} if isinstance(value, Received) else {}
        return res | {name: reading(each) for name, each in own.items() if name != "raw"}
    if isinstance(value, dict):
        return {str(name): reading(each) for name, each in value.items()}
    if isinstance(value, list):
        return [reading(each) for each in value]
    return str(value) if isinstance(value, Money) else value


def without_nulls(value: Any) -> Any:
    """Return a reading without nulls: a field that is null, and one that is missing, are alike."""
    if isinstance(value, dict):
        return {k: without_nulls(each) for k, each in value.items() if each is not None}
    return [without_nulls(each) for each in value] if isinstance(value, list) else value


def shown(news: News) -> Any:
    return reading(news) if isinstance(news, Received) else {"notice": type(news).__name__}


class Wire:
    """Stands in for the WebSocket of one connection."""

    def __init__(self) -> None:
        self._send, self.sent = trio.open_memory_channel[Message](100)
        self.closed: CloseReason | None = None
        self._tell, self._told = trio.open_memory_channel[str](100)

    async def send_message(self, text: str) -> None:
        self._send.send_nowait(json.loads(text))

    async def get_message(self) -> str:
        try:
            return await self._told.receive()
        except trio.EndOfChannel:
            raise ConnectionClosedError(self.closed or CloseReason(1006)) from None

    async def ping(self) -> None:
        await trio.lowlevel.checkpoint()

    def tell(self, message: Message) -> None:
        self._tell.send_nowait(json.dumps(message))

    def close(self, code: int, reason: str) -> None:
        self.closed = CloseReason(code, reason)
        self._tell.close()


class Stage:
    """A session, and the server that the steps of a conversation play."""

    def __init__(self, tasks: trio.Nursery) -> None:
        self._tasks = tasks
        self._ask, self._asked = trio.open_memory_channel[int](0)
        self.wire = Wire()
        self.session: Session
        self.headers: dict[str, Message] = {}
        self.outcomes: dict[str, Any] = {}
        self.told: dict[str, list[Any]] = {"session": []}

    @asynccontextmanager
    async def dial(self, anew: bool) -> AsyncIterator[Client]:
        status = await self._asked.receive()
        if status != 101:
            raise ConnectionRejectedError(status)
        self.wire = Wire()
        yield Client(self.wire)  # type: ignore[arg-type]  # It has what a client uses.

    async def connect(self, step: Step) -> None:
        await self._ask.send(step["connect"])

    async def call(self, step: Step) -> None:
        async def ask() -> None:
            try:
                reply = await self.session.ask(step["op"], **step["parameters"])
            except (RefusedError, SignInRefusedError) as refused:
                self.outcomes[step["call"]] = refused
            else:
                self.outcomes[step["call"]] = reading(typed(reply))

        self._tasks.start_soon(ask)

    async def join(self, step: Step) -> None:
        async def follow() -> None:
            game = await self.session.join(step["game_id"])
            self.told[step["join"]] = []
            await self.read(step["join"], game)
            self.told[step["join"]].append("the end")

        self._tasks.start_soon(follow)

    async def read(self, name: str, source: Game | Session) -> None:
        try:
            async for news in source:
                self.told[name].append(shown(news))
        except SignInRefusedError:
            self.told[name].append("refused")

    async def sends(self, step: Step) -> None:
        with trio.fail_after(100):
            sent = await self.wire.sent.receive()
        header = sent.pop("header")
        assert sent == step["sends"]
        assert ("idempotency_key" in header) is step.get("key", False)
        if step["for"] != "resume":
            assert self.headers.setdefault(step["for"], header) == header
        self.headers[step["for"]] = header

    async def receives(self, step: Step) -> None:
        header: Message = {"t": 1}
        if "for" in step:
            header["request_id"] = self.headers[step["for"]]["request_id"]
        if step.get("repeated"):
            header["repeated"] = True
        self.wire.tell({"response_header": header, **step["receives"]})

    async def close(self, step: Step) -> None:
        self.wire.close(step["close"] or 1006, step.get("reason", ""))

    async def tells(self, step: Step) -> None:
        told = self.told[step["tells"]]
        news = [each for each in told if each != "the end"]
        assert without_nulls(news) == step["news"]
        told[:] = told[len(news) :]

    async def ends(self, step: Step) -> None:
        assert self.told[step["ends"]] == ["the end"]

    async def returns(self, step: Step) -> None:
        assert without_nulls(self.outcomes[step["returns"]]) == step["reply"]

    async def refused(self, step: Step) -> None:
        assert self.outcomes[step["refused"]].code == step["code"]

    async def over(self, step: Step) -> None:
        assert self.told["session"][-1] == "refused"
        assert all(isinstance(each, SignInRefusedError) for each in self.outcomes.values())

    async def play(self, step: Step) -> None:
        await getattr(self, next(iter(step)))(step)
        await wait_all_tasks_blocked()


@pytest.mark.parametrize(
    "steps", [json.loads(path.read_text())["steps"] for path in FILES], ids=[p.stem for p in FILES]
)
async def test_a_conversation_is_read_as_it_should_be(
    steps: list[Step], autojump_clock: object
) -> None:
    async with trio.open_nursery() as tasks:
        stage = Stage(tasks)
        tasks.start_soon(stage.connect, steps[0])
        async with stay_connected(stage.dial) as stage.session:
            tasks.start_soon(stage.read, "session", stage.session)
            for step in steps[1:]:
                await stage.play(step)
            assert stage.wire.sent.statistics().current_buffer_used == 0, "nothing else was sent"
            tasks.cancel_scope.cancel()


@pytest.mark.parametrize("entry", json.loads(RECORDED.read_text()))
def test_a_recorded_message_is_read_as_it_should_be(entry: dict[str, Any]) -> None:
    assert without_nulls(reading(typed(entry["message"]))) == entry["reading"]
