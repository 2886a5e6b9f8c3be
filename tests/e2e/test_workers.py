"""A server with workers serves as one process does, and outlives each of its workers."""

import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
import trio

from tests.e2e.sign_in import query
from tests.support.process import PATIENCE_S, Process, has_ended, heard_to_the_end, toteboard
from tests.support.wire import refused
from toteboard_client import Client, ConnectionClosedError

WORKERS = 3
RESTARTS = 1012


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Process]:
    """A server with three workers, a host and two players."""
    async with Process(
        tmp_path, "--workers", str(WORKERS), "--connections-per-user", "8"
    ) as started:
        started.add_user("ann", can_host=True)
        started.add_user("bob")
        started.add_user("cid")
        yield started


async def game_of(host: Client) -> tuple[str, str]:
    """Open a game with a pool. Return both ids."""
    source = await host.call(365, source_name="cup")
    game = await host.call(
        370,
        source_id=source["source_id"],
        game_name="Argentina - Brazil",
        actions="Goal",
        targets="Argentina,Brazil",
    )
    game_id = str(game["game_id"])
    assert (await host.call(616, game_id=game_id))["res"] == 640
    pool = await host.call(385, game_id=game_id, description="who?", action="goal")
    return game_id, str(pool["pool_id"])


def pids(server: Process) -> dict[int, int]:
    """Return the process id of each worker, by its number."""
    lines = [line for line in server.lines if line["event"] == "worker_started"]
    return {line["worker"]: line["pid"] for line in lines}


async def replaced(server: Process, worker: int, victim: int) -> None:
    """Wait until a worker has a successor."""
    with trio.fail_after(PATIENCE_S):
        while pids(server)[worker] == victim:
            await server.more_lines()


async def worker_of(server: Process, client: Client) -> int:
    """Return the number of the worker that holds a connection."""
    connection_id = (await client.call(100))["connection_id"]
    opened = await server.logged("connection_opened", connection_id=connection_id)
    return int(opened["worker"])


async def everywhere(server: Process, name: str) -> list[Client]:
    """Connect a user until each worker has one of its connections; return one for each worker."""
    found: dict[int, Client] = {}
    while len(found) < WORKERS:
        client = await server.dial(name)
        number = await worker_of(server, client)
        if number in found:
            await client.socket.aclose()
        found.setdefault(number, client)
    return [found[number] for number in sorted(found)]


async def test_every_worker_gets_some_of_sixty_connections(server: Process) -> None:
    found = Counter[int]()
    for number in range(60):
        server.add_user(f"user{number}")
        found[await worker_of(server, await server.dial(f"user{number}"))] += 1
    assert set(found) == {1, 2, 3}


async def test_a_bet_is_published_to_the_subscribers_of_every_worker(server: Process) -> None:
    host = await server.dial("ann")
    game_id, pool_id = await game_of(host)
    watching = await everywhere(server, "bob")
    for client in watching:
        assert (await client.call(363, game_id=game_id))["res"] == 333
    await toteboard(server.folder, "user", "credit", "cid", "10.00")
    bettor = await server.dial("cid")
    reply = await bettor.call(392, pool_id=pool_id, target="argentina", amount=1)
    assert reply["res"] == 356, reply
    for client in watching:
        with trio.fail_after(PATIENCE_S):
            while (await client.receive())["res"] != 361:
                pass


async def test_limits_and_nonces_hold_over_all_workers(server: Process) -> None:
    target = f"/?{urlencode(query(server, 'bob'))}"
    async with server.connect_to(target):
        answers = [(await refused(server, target))[0] for _ in range(6)]
        assert answers == [401] * 6
    for _ in range(8):
        await server.dial("cid")
    answers = [(await refused(server, f"/?{urlencode(query(server, 'cid'))}"))[0] for _ in range(6)]
    assert answers == [429] * 6


async def test_guests_look_through_every_worker_and_an_address_has_its_share_over_all(
    tmp_path: Path,
) -> None:
    options = ("--workers", str(WORKERS), "--http-connections-per-address", "2")
    async with Process(tmp_path, *options) as server:
        server.add_user("ann", can_host=True)
        game_id, _ = await game_of(await server.dial("ann"))
        async with server.connect_to("/?guest=1") as guest, server.connect_to("/?guest=1") as other:
            assert (await guest.call(363, game_id=game_id))["res"] == 333
            (found,) = (await other.call(3812))["games"]
            assert (found["game_id"], found["subscribers"]) == (game_id, 1)
            assert (await guest.call(800))["code"] == "not_authorized"
            answers = [(await refused(server, "/?guest=1"))[0] for _ in range(6)]
            assert answers == [429] * 6


async def test_a_user_who_is_disabled_is_disconnected_at_every_worker(server: Process) -> None:
    clients = await everywhere(server, "bob")
    result = await toteboard(
        server.folder, "user", "disable", "bob", "--database", str(server.database)
    )
    assert result.returncode == 0, result
    for client in clients:
        _, reason = await heard_to_the_end(client)
        assert reason.code == 1008


async def test_a_killed_worker_is_replaced_and_the_others_do_not_notice(server: Process) -> None:
    host = await server.dial("ann")
    game_id, _ = await game_of(host)
    clients = await everywhere(server, "bob")
    for client in clients:
        assert (await client.call(363, game_id=game_id))["res"] == 333
    # The kernel chooses who serves the host; the victim is any other worker.
    number = 1 + await worker_of(server, host) % WORKERS
    bereaved = clients.pop(number - 1)
    victim = pids(server)[number]
    os.kill(victim, signal.SIGKILL)
    ended = await server.logged("worker_ended", worker=number)
    assert (ended["pid"], ended["signal"]) == (victim, signal.SIGKILL)
    with suppress(ConnectionClosedError), trio.fail_after(PATIENCE_S):
        while True:
            await bereaved.receive()
    await replaced(server, number, victim)
    for client in (*clients, host):
        assert (await client.call(372, game_id=game_id))["res"] == 342
    again = await everywhere(server, "cid")
    assert (await again[number - 1].call(363, game_id=game_id))["res"] == 333


async def test_when_the_deciding_process_is_killed_the_workers_end_and_free_the_port(
    server: Process,
) -> None:
    clients = await everywhere(server, "bob")
    workers = pids(server)
    await server.kill()
    for client in clients:
        _, reason = await heard_to_the_end(client)
        assert reason.code == RESTARTS
    for pid in workers.values():
        await has_ended(pid)
    with pytest.raises(OSError, match="failed"):
        await server.socket()


async def test_a_worker_that_is_stopped_frees_the_port_when_the_deciding_process_is_killed(
    server: Process,
) -> None:
    clients = await everywhere(server, "bob")
    victim = pids(server)[1]
    os.kill(victim, signal.SIGSTOP)
    try:
        await server.kill()  # and wait for its workers
    finally:
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
    _, reason = await heard_to_the_end(clients[0])
    assert reason.code == RESTARTS
    server.options = (*server.options, "--port", str(server.port))
    await server.start()


async def test_a_worker_that_starts_ends_with_the_deciding_process_also_if_it_is_stopped(
    server: Process,
) -> None:
    os.kill(pids(server)[1], signal.SIGKILL)
    while len(server.workers) < 4:
        await server.more_lines()
    maps = trio.Path(f"/proc/{server.workers[-1]}/maps")
    with trio.fail_after(PATIENCE_S):
        while b"_ssl" not in await maps.read_bytes():  # it imports
            await trio.lowlevel.checkpoint()
    os.kill(server.workers[-1], signal.SIGSTOP)
    await server.kill()  # and wait for its workers
    server.options = (*server.options, "--port", str(server.port))
    await server.start()


async def test_a_stop_closes_every_connection_with_1001_and_exits_0(server: Process) -> None:
    clients = await everywhere(server, "bob")
    assert await server.stop() == 0
    for client in clients:
        _, reason = await heard_to_the_end(client)
        assert reason.code == 1001
    assert server.stderr == b""


async def test_http_of_any_worker_signs_up_and_in(server: Process) -> None:
    url = f"http://127.0.0.1:{server.port}"
    form = {"username": "dora", "password": "correct horse"}
    statuses = []
    for _ in range(6):
        async with httpx.AsyncClient() as browser:
            statuses.append((await browser.post(f"{url}/r/signup/", json=form)).status_code)
            found = await browser.post(f"{url}/r/login/", json=form)
            assert found.status_code == 200
            assert (await browser.get(f"{url}/readyz")).json() == {"status": "ready"}
    assert statuses == [200, 409, 409, 409, 409, 409]


async def test_signing_out_of_all_devices_ends_the_connections_of_every_worker(
    server: Process,
) -> None:
    url = f"http://127.0.0.1:{server.port}"
    form = {"username": "dora", "password": "correct horse"}
    async with httpx.AsyncClient(base_url=url) as browser:
        old = (await browser.post("/r/signup/", json=form)).json()
        server.keys["dora"] = (old["id"], old["user_session_key"])
        clients = await everywhere(server, "dora")
        new = (await browser.post("/r/signout/", json=form)).json()
    for client in clients:
        _, reason = await heard_to_the_end(client)
        assert reason.code == 1008
    server.keys["dora"] = (new["id"], new["user_session_key"])
    assert (await (await server.dial("dora")).call(1))["res"] == 1


@pytest.mark.parametrize("workers", ["0", "-1", "1.5", "many", "65"])
async def test_a_number_of_workers_that_cannot_be_ends_with_2(tmp_path: Path, workers: str) -> None:
    result = await toteboard(tmp_path, "serve", "--workers", workers)
    assert result.returncode == 2
    assert b"workers" in result.stderr
