"""Pings and pongs (contract, section 9, `ping_interval`), also when the process was paused."""

from pathlib import Path

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from actors.edge.connection import Connection
from actors.edge.heartbeat import CHECKS, Heartbeat
from actors.link.claim import Identity
from protocol.limits import Limits
from tests.support.people import players
from tests.support.raw_client import (
    CLOSE,
    HANDSHAKE,
    PING,
    PONG,
    Dialogue,
    ServerFrame,
    client_frame,
    converse,
)
from tests.support.world import World

PING_S = Limits().ping_interval / 1_000


async def _ignore(_: str | bytes) -> None:
    pass


async def _read_until(dialogue: Dialogue, opcode: int, count: int) -> list[ServerFrame]:
    """Read until `count` frames of a kind have arrived. Return all frames."""
    while _opcodes(dialogue).count(opcode) < count:
        data = await dialogue.stream.receive_some()
        assert data, dialogue.heard
        dialogue.received += data
    return dialogue.heard[0]


def _opcodes(dialogue: Dialogue) -> list[int]:
    return [frame.opcode for frame in dialogue.heard[0]]


async def _pong(dialogue: Dialogue) -> None:
    """Answer the latest ping."""
    pings = [frame for frame in dialogue.heard[0] if frame.opcode == PING]
    await dialogue.stream.send_all(client_frame(pings[-1].payload, PONG))


@pytest.mark.parametrize("pause_s", [0.9 * PING_S, 2 * PING_S, 100 * PING_S + 1])
async def test_clients_that_answer_stay_connected_across_a_pause(
    tmp_path: Path, autojump_clock: MockClock, pause_s: float
) -> None:
    async with World(tmp_path) as world:
        clients = []
        for number in range(10):
            clients += await players(world, f"user-{number}")
            await trio.sleep(1.7)
        autojump_clock.jump(pause_s)
        await trio.sleep(5 * PING_S)
        for client in clients:
            assert (await client.call(1))["res"] == 1


@pytest.mark.parametrize("is_read_late", [True, False])
async def test_a_pong_that_is_owed_at_a_pause_has_an_interval_afterwards(
    autojump_clock: MockClock, is_read_late: bool
) -> None:
    """Both if the pong waits to be read and if it arrives later: the network may pause too."""

    async def client(dialogue: Dialogue) -> None:
        await dialogue.stream.send_all(HANDSHAKE)
        await _read_until(dialogue, PING, 1)
        if is_read_late:
            await _pong(dialogue)
        autojump_clock.jump(2 * PING_S)
        if not is_read_late:
            await trio.sleep(0.9 * PING_S)
            await _pong(dialogue)
        for pings in (2, 3):
            await _read_until(dialogue, PING, pings)
            assert CLOSE not in _opcodes(dialogue)
            await _pong(dialogue)

    await converse(client, _ignore)


async def test_a_client_that_never_answers_is_closed_however_long_the_pause(
    autojump_clock: MockClock,
) -> None:
    async def client(dialogue: Dialogue) -> None:
        await dialogue.stream.send_all(HANDSHAKE)
        await _read_until(dialogue, PING, 1)
        autojump_clock.jump(2 * PING_S)
        resumed_at = trio.current_time()
        frames = await _read_until(dialogue, CLOSE, 1)
        assert frames[-1].close_code == 1008
        assert trio.current_time() - resumed_at <= 2 * PING_S + 1

    await converse(client, _ignore)


async def test_a_small_delay_excuses_no_client(autojump_clock: MockClock) -> None:
    async def client(dialogue: Dialogue) -> None:
        await dialogue.stream.send_all(HANDSHAKE)
        await _read_until(dialogue, PING, 1)
        autojump_clock.jump(PING_S / CHECKS)
        await _read_until(dialogue, CLOSE, 1)
        assert trio.current_time() == pytest.approx(2 * PING_S)

    await converse(client, _ignore)


class Recorded(Connection):
    """Records when its heartbeats are."""

    def __init__(self) -> None:
        super().__init__(Identity("1", 1, "ann", False), Limits())
        self.heartbeats: list[float] = []

    def on_heartbeat(self) -> None:
        self.heartbeats.append(trio.current_time())


async def test_after_a_pause_heartbeats_are_an_interval_apart(
    autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    heartbeat, connection = Heartbeat(10), Recorded()
    nursery.start_soon(heartbeat.run)
    heartbeat.add(connection)
    await trio.sleep(5)
    autojump_clock.jump(35)
    await wait_all_tasks_blocked()
    await trio.sleep(21)
    assert connection.heartbeats == pytest.approx([40, 50, 60])


async def test_a_connection_that_ends_immediately_does_not_end_the_heartbeat(
    autojump_clock: MockClock, nursery: trio.Nursery
) -> None:
    heartbeat, connection = Heartbeat(10), Recorded()
    nursery.start_soon(heartbeat.run)
    await wait_all_tasks_blocked()
    heartbeat.add(connection)
    heartbeat.remove(connection)
    await wait_all_tasks_blocked()
    heartbeat.add(connection)
    await trio.sleep(15)
    assert connection.heartbeats == pytest.approx([10])
