"""A server shuts down cleanly, whatever its clients do (docs/how-to/deploy.md, "Stop").

`tests/actors/edge/test_lagging.py` tests on simulated time that it takes at most 10 s.
"""

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trio
from wsproto.events import AcceptConnection

from tests.support.process import PATIENCE_S, Process, heard_to_the_end
from tests.support.wire import frame, wire_to, wired
from toteboard_client import Client, signed_url


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Process]:
    async with Process(tmp_path, "--rate-limit", "0") as process:
        process.add_user("ann", can_host=True)
        yield process


async def goodbye(client: Client) -> tuple[int, str | None]:
    """Read to the end, and return the code and the reason of the close frame."""
    _, reason = await heard_to_the_end(client)
    return reason.code, reason.reason


async def new_source(client: Client, name: str = "FIFA") -> str:
    return str((await client.call(365, source_name=name))["source_id"])


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_every_connection_is_told_that_the_server_stops(
    server: Process, how: signal.Signals
) -> None:
    async with server.connect("ann") as one, server.connect("ann") as other:
        assert await server.stop(how) == 0
        assert await goodbye(one) == await goodbye(other) == (1001, "the server stops")
    assert server.stderr == b""
    assert (await server.logged("shutdown"))["connections"] == 2


async def test_what_was_asked_is_answered_and_kept(server: Process) -> None:
    asked = 300
    async with server.connect("ann") as ann:
        source_id = await new_source(ann)
        for number in range(asked):
            await ann.send(370, source_id=source_id, game_name=f"game {number}")
        first = await ann.receive()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(server.stop)
            answers, reason = await heard_to_the_end(ann)
        assert reason.code == 1001
    await server.start()
    async with server.connect("ann") as ann:
        listed = await ann.call(380, source_id=source_id)
    # A request that was not read was not executed: the file contains exactly what was told.
    assert {answer["game_id"] for answer in [first, *answers]} == listed["games"].keys()


async def test_a_client_that_never_reads_keeps_nobody(server: Process) -> None:
    async with (
        wired(server, "ann") as deaf,
        await server.socket() as silent,
        await server.socket() as half,
        server.connect("ann") as polite,
    ):
        await half.send_all(b"GET / HTTP/1.1\r\nHost: tote.test\r\nUpgrade: websocket\r\n")
        source_id = await new_source(polite)
        targets = [f"target number {number}" for number in range(9_000)]
        game = await polite.call(370, source_id=source_id, game_name="long")
        for start in range(0, len(targets), 1_500):
            some = targets[start : start + 1_500]
            await polite.call(373, game_id=game["game_id"], targets=some)
        # A megabyte each, which is more than the sockets between the processes can hold.
        question = frame(b'{"op": 372, "game_id": "%s"}' % game["game_id"].encode())
        with trio.move_on_after(1):
            await deaf.send(question * 40)
        assert (await polite.call(1))["res"] == 1
        assert await server.stop() == 0
        assert (await goodbye(polite))[0] == 1001
        assert await silent.receive_some() == b""
    assert server.stderr == b""


async def test_a_second_signal_changes_nothing(server: Process) -> None:
    async with await server.socket():
        server.process.send_signal(signal.SIGTERM)
        await server.logged("shutdown")
        server.process.send_signal(signal.SIGINT)
        assert await server.ended() == 0
    assert server.stderr == b""


async def test_a_stopping_server_takes_no_new_connections(server: Process) -> None:
    async with wired(server, "ann") as silent:
        server.process.send_signal(signal.SIGTERM)
        assert await silent.goodbye(is_answered=False) == 1001
        with pytest.raises(OSError, match="connect"):
            await server.socket()


async def test_a_stopping_server_finishes_no_handshake(server: Process) -> None:
    async with wire_to(server) as late, wired(server, "ann") as silent:
        server.process.send_signal(signal.SIGTERM)
        assert await silent.goodbye(is_answered=False) == 1001
        answer = await late.handshake(signed_url("/", *server.keys["ann"]))
        assert not isinstance(answer, AcceptConnection)


async def test_nobody_reading_the_log_does_not_hold_up_the_server(tmp_path: Path) -> None:
    options = ("--log-level", "debug", "--rate-limit", "0")
    async with Process(tmp_path, *options, reads_log=False) as server:
        server.add_user("ann")
        async with server.connect("ann") as ann:
            pings = 1_000  # a line each of some 200 bytes: far more than a pipe holds
            with trio.fail_after(PATIENCE_S):
                assert {(await ann.call(1))["res"] for _ in range(pings)} == {1}
                assert await server.stop() == 0
            assert (await goodbye(ann))[0] == 1001
