"""The tasks of a connection, from its handshake to its end: how many, and what a failure costs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trio
from structlog.testing import capture_logs
from trio_websocket import WebSocketRequest

from actors.edge import admission
from actors.edge.connection import CLOSE_S
from actors.edge.frame_splitter import FrameSplitter
from actors.edge.keepalive import Keepalive
from actors.edge.wire import Wire
from protocol.limits import Limits
from tests.support.people import players
from tests.support.strangers import answer_to, handshake
from tests.support.world import World
from toteboard_client import Client, signed_url

PING_S = Limits().ping_interval / 1_000
TIMEOUT_MS = 10_000


def living_tasks() -> int:
    return trio.lowlevel.current_statistics().tasks_living


async def shake_hands(world: World, name: str) -> trio.abc.Stream:
    """Open a connection that has no task on the client's side."""
    stream = await world.listener.open()
    await stream.send_all(handshake(signed_url("/", *world.keys[name])))
    assert (await stream.receive_some()).startswith(b"HTTP/1.1 101 ")
    await trio.testing.wait_all_tasks_blocked()
    return stream


async def test_an_idle_connection_has_one_task(tmp_path: Path, autojump_clock: object) -> None:
    async with World(tmp_path) as world:
        world.add_user("ann")
        before = living_tasks()
        streams = [await shake_hands(world, "ann") for _ in range(3)]
        assert living_tasks() - before == len(streams)
        for stream in streams:
            await stream.aclose()
        await trio.sleep(CLOSE_S)
        assert living_tasks() == before


async def test_waiting_for_a_pong_ends_with_the_connection(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        world.add_user("ann")
        before = living_tasks()
        stream = await shake_hands(world, "ann")
        await trio.sleep(1.5 * PING_S)
        assert living_tasks() - before == 2
        await stream.aclose()
        await trio.sleep(CLOSE_S)
        assert living_tasks() == before


async def send(_: World, ann: Client) -> None:
    await ann.send(1)


async def wait_for_a_ping(_: World, __: Client) -> None:
    await trio.sleep(PING_S)


async def close(world: World, _: Client) -> None:
    next(iter(world.open)).close(1000, "closed by the server")


def fail_once(monkeypatch: pytest.MonkeyPatch, owner: type, method: str) -> None:
    """Let the next call of a method raise what no code expects."""
    original: Callable[..., Any] = getattr(owner, method)

    def fail(*_: Any) -> None:
        monkeypatch.setattr(owner, method, original)
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(owner, method, fail)


@pytest.mark.parametrize(
    ("owner", "method", "provoke"),
    [
        (FrameSplitter, "take_texts", send),
        (Keepalive, "on_pong", wait_for_a_ping),
        (Wire, "send_missing_close", close),
    ],
    ids=["reading", "pinging", "closing"],
)
async def test_a_task_that_fails_is_logged_and_costs_its_connection_alone(
    tmp_path: Path,
    autojump_clock: object,
    monkeypatch: pytest.MonkeyPatch,
    owner: type,
    method: str,
    provoke: Callable[[World, Client], Any],
) -> None:
    async with World(tmp_path) as world:
        ann, bob = await players(world, "ann", "bob")
        await trio.testing.wait_all_tasks_blocked()
        with capture_logs() as lines:
            fail_once(monkeypatch, owner, method)
            await provoke(world, ann)
            await trio.sleep(CLOSE_S + 1)
        assert [line["event"] for line in lines].count("internal_error") == 1
        (survivor,) = [each.user_name for each in world.open]  # of two pongs, either may come first
        assert [each.user_name for each in world.server.services.connections.all()] == [survivor]
        assert (await {"ann": ann, "bob": bob}[survivor].call(1))["res"] == 1


async def test_a_handshake_that_takes_too_long_leaves_nothing(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the client does not read the response."""

    async def never(_: WebSocketRequest) -> None:
        await trio.sleep_forever()

    async with World(tmp_path, handshake_timeout=TIMEOUT_MS, connections_per_user=1) as world:
        world.add_user("ann")
        before, began = living_tasks(), trio.current_time()
        with monkeypatch.context() as patched:
            patched.setattr(WebSocketRequest, "accept", never)
            assert await answer_to(world, handshake(signed_url("/", *world.keys["ann"]))) == b""
        assert trio.current_time() - began == pytest.approx(TIMEOUT_MS / 1_000)
        await trio.testing.wait_all_tasks_blocked()
        assert living_tasks() == before
        await shake_hands(world, "ann")  # the user's only place is free


@pytest.mark.parametrize("part", ["Wire", "wrap_server_stream"])
async def test_a_handshake_that_fails_before_the_connection_has_a_task_leaves_nothing(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ArithmeticError("a bug")

    async with World(tmp_path, connections_per_user=1) as world:
        world.add_user("ann")
        before = living_tasks()
        with monkeypatch.context() as patched, capture_logs() as lines:
            patched.setattr(admission, part, fail)
            assert await answer_to(world, handshake(signed_url("/", *world.keys["ann"]))) == b""
            await trio.testing.wait_all_tasks_blocked()
        assert [line["event"] for line in lines].count("internal_error") == 1
        assert living_tasks() == before
        await shake_hands(world, "ann")  # the user's only place is free


async def test_a_connection_that_is_closed_during_its_handshake_gets_a_close_frame(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept = WebSocketRequest.accept

    async def slowly(request: WebSocketRequest) -> object:
        await trio.sleep(1)
        return await accept(request)

    monkeypatch.setattr(WebSocketRequest, "accept", slowly)
    async with World(tmp_path) as world:
        user_id = world.add_user("ann")

        async def end_the_key() -> None:
            await trio.sleep(0.5)
            world.server.services.connections.close_all_of(user_id, "the key has ended")

        world.nursery.start_soon(end_the_key)
        answer = await answer_to(world, handshake(signed_url("/", *world.keys["ann"])))
        head, _, frames = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 ")
        assert frames == b"\x88\x13\x03\xf0the key has ended"
