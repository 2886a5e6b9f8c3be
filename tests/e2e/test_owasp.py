"""OWASP's recommendations for WebSockets, as far as no other test covers them.

docs/explanation/reliability.md lists the test of each recommendation.
`tests/actors/test_rights_table.py` tests the rights. `tests/actors/edge/test_admission.py` tests
admission on simulated time.
"""

import resource
import secrets
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from urllib.parse import urlencode

import httpx
import orjson
import pytest
import trio
from wsproto.events import AcceptConnection

from protocol.codec import to_json
from storage.store import DisableUser
from tests.e2e.sign_in import UNAUTHORIZED, digest, pinged, query
from tests.support.process import PATIENCE_S, Process
from tests.support.website import PASSWORD, Website, website
from tests.support.wire import frame, refused, wire_to
from toteboard.http import account_service
from toteboard_client import signed_url

CROWD = 300
GUESSES = 300
DESCRIPTORS = 64
HALF = b"GET / HTTP/1.1\r\nHost: tote.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-"
COMPRESSED = 0x40
"""The first reserved bit of a frame (RFC 7692)."""


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Process]:
    async with Process(tmp_path, "--operator-port", "0", "--log-level", "debug") as process:
        process.add_user("ann", can_host=True)
        yield process


@asynccontextmanager
async def crowd_before(server: Process, size: int) -> AsyncIterator[list[trio.SocketStream]]:
    """Open `size` connections, each in the middle of a handshake."""
    async with AsyncExitStack() as entered:
        crowd = [await entered.enter_async_context(await server.socket()) for _ in range(size)]
        for stranger in crowd:
            await stranger.send_all(HALF)
        yield crowd


async def said_until_hung_up(stream: trio.SocketStream) -> bytes:
    heard = b""
    with trio.fail_after(PATIENCE_S):
        while data := await stream.receive_some():
            heard += bytes(data)
    return heard


# Unfinished handshakes.


async def test_a_crowd_of_half_handshakes_keeps_nobody_out(tmp_path: Path) -> None:
    async with Process(tmp_path, "--handshake-timeout", "1h") as server:
        server.add_user("ann")
        async with crowd_before(server, CROWD):
            assert await pinged(server, f"/?{urlencode(query(server))}") == 1
            assert await server.stop() == 0


async def test_a_crowd_of_half_handshakes_is_hung_up_on(tmp_path: Path) -> None:
    async with Process(tmp_path, "--handshake-timeout", "500ms") as server:
        async with crowd_before(server, CROWD) as crowd:
            assert {await said_until_hung_up(stranger) for stranger in crowd} == {b""}
        events = {*server.events()} - {"worker_started"}
        assert events == {"listening"}, "nobody was let in, and nothing went wrong"
        assert server.stderr == b""


async def test_a_crowd_that_takes_every_descriptor_ends_nobodys_connection(tmp_path: Path) -> None:
    async with Process(tmp_path, "--handshake-timeout", "2s") as server:
        server.add_user("ann")
        async with server.connect("ann") as inside:
            bounds = (DESCRIPTORS, DESCRIPTORS)
            for pid in server.workers or [server.process.pid]:  # those that have the connections
                resource.prlimit(pid, resource.RLIMIT_NOFILE, bounds)
            async with crowd_before(server, 2 * DESCRIPTORS):
                assert (await inside.call(1))["res"] == 1
                assert await pinged(server, f"/?{urlencode(query(server))}") == 1
            assert (await inside.call(1))["res"] == 1
        assert await server.stop() == 0
        assert "accept_failed" in server.events()


async def test_a_server_takes_as_many_connections_as_the_system_allows_it(tmp_path: Path) -> None:
    few, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(few, 1_024), most))  # handed down to it
    try:
        async with Process(tmp_path) as server:
            allowed = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (few, most))
    assert allowed == (most, most)


# Guessing.


async def test_guessing_digests_changes_nothing_and_locks_nobody_out(server: Process) -> None:
    with closing(sqlite3.connect(server.database)) as beside:
        version = beside.execute("PRAGMA data_version").fetchone()
        guesses = (query(server, h=secrets.token_hex(32)) for _ in range(GUESSES))
        answers = {await refused(server, f"/?{urlencode(guess)}") for guess in guesses}
        assert {status for status, _ in answers} == {UNAUTHORIZED}
        assert len(answers) == 1
        assert beside.execute("PRAGMA data_version").fetchone() == version, "no write at all"
    assert await pinged(server, f"/?{urlencode(query(server))}") == 1


# Frames.


async def test_compression_is_not_taken_up_and_what_is_compressed_is_refused(
    server: Process,
) -> None:
    offer = {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"}
    async with wire_to(server) as wire:
        accepted = await wire.handshake(signed_url("/", *server.keys["ann"]), **offer)
        assert isinstance(accepted, AcceptConnection)
        assert not accepted.extensions
        head, *rest = frame(b'{"op": 1}')
        await wire.send(bytes([head | COMPRESSED, *rest]))
        assert await wire.goodbye() == 1002


# Secrets.


async def test_no_secret_is_told_logged_or_measured_whatever_is_done_with_it(
    server: Process,
) -> None:
    user_id, key = server.keys["ann"]
    listening = await server.logged("listening")
    base_url, metrics_url = listening["http_url"], f"{listening['operator_url']}metrics"
    signed = query(server)
    said = []
    async with httpx.AsyncClient(base_url=base_url) as http:
        up = await http.post("/r/signup/", json={"username": "bob", "password": PASSWORD})
        bobs_key = up.json()["user_session_key"]
        for path in ("/r/login/", f"/r/login/?{urlencode({'password': PASSWORD, 'key': key})}"):
            await http.post(path, json={"username": "bob", "password": PASSWORD + "!"})
        assert await pinged(server, f"/?{urlencode(signed)}") == 1
        wrong = query(server, h=digest(user_id, "another nonce", key))
        for target in (f"/?{urlencode(signed)}", f"/?{urlencode(wrong)}", f"/{key}", f"/?h={key}"):
            said.append((await refused(server, target))[1])
        async with server.connect("ann") as ann:
            for request in misplaced(key):
                await ann.send_text(to_json(request).decode())
                said.append(orjson.dumps(await ann.receive()))
            assert key in (await ann.call(372, game_id=key))["text"], "told to who sent it alone"
            said += [(await http.get(path)).content for path in (metrics_url, "/config.json")]
    assert await server.stop() == 0
    told = b"".join([*said, orjson.dumps(server.lines), server.stderr])
    assert b'"op_refused"' in told
    assert b"toteboard_ops_total" in told
    for secret in (key, bobs_key, PASSWORD, signed["h"], wrong["h"], signed["n"]):
        assert secret.encode() not in told, secret


def misplaced(key: str) -> list[dict[str, object]]:
    """Return requests that contain a key in an unused or a wrong place."""
    return [
        {"op": 1, "header": {"session_key": key}},
        {"op": 100, "header": {"session_key": key}, "session_key": key},
        {"op": 365, "header": {"session_key": key}, "password": key},
        {"op": 4711, "session_key": key},
        {"op": key},
        {"op": 366, "source_id": {"session_key": key}},
    ]


# Accounts.


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Website]:
    async with website(tmp_path) as opened:
        yield opened


async def test_a_taken_name_is_taken_whoever_has_it(site: Website) -> None:
    await site.sign_up("ann")
    await site.sign_up("gone")
    await site.world.operate(DisableUser("gone"))
    site.world.add_user("host", can_host=True)
    answers = [await site.sign_up(name) for name in ("ann", "ANN", "gone", "host")]
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (409, answers[0].content)
    }


async def test_trying_names_at_the_sign_up_becomes_too_much_and_signing_in_with_it(
    site_of_two_attempts: Website,
) -> None:
    site = site_of_two_attempts
    assert [(await site.sign_up(name)).status_code for name in ("ann", "ann", "bob")] == [
        200,
        409,
        429,
    ]
    assert (await site.log_in("ann")).status_code == 429


@pytest.fixture
async def site_of_two_attempts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Website]:
    monkeypatch.setattr(account_service, "ADDRESS_BURST", 2)
    monkeypatch.setattr(account_service, "ADDRESS_INTERVAL_S", 1_000)
    async with website(tmp_path) as opened:
        yield opened
