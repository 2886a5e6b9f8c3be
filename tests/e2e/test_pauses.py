"""A process that is suspended and resumed, as `docker pause` and a live migration do."""

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trio
from wsproto.events import Ping, TextMessage

from tests.support.process import Process
from tests.support.wire import Wire, frame, wired

PING_S = 0.4
PONG = 10
ASKED = b'{"op": 1}'


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Process]:
    interval = f"{round(PING_S * 1_000)}ms"
    async with Process(tmp_path, "--ping-interval", interval, "--handshake-timeout", "5s") as made:
        for name in ("ann", "bob"):
            made.add_user(name)
        yield made


async def ping(wire: Wire) -> bytes:
    """Return the payload of the server's next ping, which must be its next event."""
    event = await wire.hear()
    assert isinstance(event, Ping), event
    return bytes(event.payload)


async def stop_and_go_on(server: Process, seconds: float) -> None:
    server.signal_all(signal.SIGSTOP)
    try:
        await trio.sleep(seconds)
    finally:
        server.signal_all(signal.SIGCONT)


async def test_clients_that_answer_stay_when_the_process_is_stopped_and_goes_on(
    server: Process,
) -> None:
    async with wired(server, "ann") as answered, wired(server, "bob") as owing:
        await answered.send(frame(await ping(answered), PONG))
        owed = await ping(owing)
        await stop_and_go_on(server, 3 * PING_S)
        await owing.send(frame(owed, PONG))
        for wire in (answered, owing) * 3:
            await wire.send(frame(await ping(wire), PONG))
        for wire in (answered, owing):
            await wire.send(frame(ASKED))
            while isinstance(event := await wire.hear(), Ping):
                await wire.send(frame(bytes(event.payload), PONG))
            assert isinstance(event, TextMessage), event
    assert "no pong" not in [line.get("reason") for line in server.lines]


async def test_a_client_that_is_gone_is_closed_after_the_pause_as_well(server: Process) -> None:
    async with wired(server, "ann") as silent:
        await ping(silent)
        await stop_and_go_on(server, 3 * PING_S)
        await server.logged("connection_closed", reason="no pong")
