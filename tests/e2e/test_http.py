"""The HTTP side of a real server: users sign in and play, and it shuts down with the server."""

import os
import signal
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
import trio
import trustme

import toteboard_client as client
from tests.support.process import PATIENCE_S, Process, toteboard

PASSWORD = "hunter2 hunter2"


async def http_url(server: Process) -> str:
    return str((await server.logged("listening"))["http_url"])


async def operator_url(server: Process) -> str:
    return str((await server.logged("listening"))["operator_url"])


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Process]:
    async with Process(tmp_path, "--operator-port", "0", "--log-level", "debug") as process:
        yield process


async def http_socket(server: Process) -> trio.SocketStream:
    """Open a connection to the HTTP port and send nothing."""
    url = httpx.URL(await http_url(server))
    return await trio.open_tcp_stream(url.host, url.port or 0)


async def test_whoever_signs_up_in_a_browser_can_play(server: Process) -> None:
    async with httpx.AsyncClient(base_url=await http_url(server)) as http:
        body = {"username": "ann", "password": PASSWORD}
        assert (await http.post("/r/signup/", json=body)).status_code == 200
        told = (await http.post("/r/login/", data=body)).json()
        url = (await http.get("/config.json")).json()["websocket_url"]
        assert url == f"ws://127.0.0.1:{server.port}/"
        async with client.connect(url, told["id"], told["user_session_key"]) as ann:
            assert (await ann.call(810))["available_balance"] == 1_000
        assert (await http.get("/readyz")).status_code == 200
    async with httpx.AsyncClient(base_url=await operator_url(server)) as operator:
        assert "toteboard_connections" in (await operator.get("/metrics")).text
    assert await server.stop() == 0
    checked = await toteboard(server.folder, "check")
    assert checked.returncode == 0, checked.stdout
    written = repr(server.lines) + server.stderr.decode()
    assert {"user_signed_up", "user_signed_in", "http_handled"} <= set(server.events())
    for secret in (PASSWORD, told["user_session_key"]):
        assert secret not in written
    kept = server.database.read_bytes()
    assert PASSWORD.encode() not in kept
    assert b"$argon2id$" in kept


async def test_whoever_had_a_password_still_has_it_after_a_restart(server: Process) -> None:
    body = {"username": "ann", "password": PASSWORD}
    async with httpx.AsyncClient(base_url=await http_url(server)) as http:
        first = await http.post("/r/signup/", json=body)
    await server.kill()
    await server.start()
    async with httpx.AsyncClient(base_url=await http_url(server)) as http:
        assert (await http.post("/r/login/", json=body)).json() == first.json()


async def test_it_stops_in_time_whatever_http_clients_do(server: Process) -> None:
    async with (
        await http_socket(server),
        await http_socket(server) as idle,
        await http_socket(server) as half,
        await http_socket(server) as slow,
        await http_socket(server) as deaf,
    ):
        await idle.send_all(b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n")
        assert (await idle.receive_some()).startswith(b"HTTP/1.1 200 ")
        await half.send_all(b"GET / HTTP/1.1\r\nHost:")
        await slow.send_all(b"POST /r/login/ HTTP/1.1\r\nHost: h\r\nContent-Length: 99\r\n\r\n{")
        with trio.move_on_after(2):  # more answers than the sockets between us can hold
            while True:
                await deaf.send_all(b"GET /asyncapi.json HTTP/1.1\r\nHost: h\r\n\r\n" * 100)
        assert await server.stop() == 0
    assert server.stderr == b""
    assert [line for line in server.lines if line["level"] == "error"] == []


async def test_a_server_that_stops_says_that_it_is_not_ready(server: Process) -> None:
    server.add_user("ann")
    async with httpx.AsyncClient(base_url=await operator_url(server)) as http:
        async with await server.socket() as silent:
            target = client.signed_url("/", *server.keys["ann"])
            handshake = (
                f"GET {target} HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"
                "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            )
            await silent.send_all(handshake.encode())
            assert (await silent.receive_some()).startswith(b"HTTP/1.1 101 ")
            server.process.send_signal(signal.SIGTERM)
            await server.logged("shutdown")
            assert (await http.get("/readyz")).json() == {"status": "stopping"}
        assert await server.ended() == 0


async def test_a_taken_operator_port_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = await toteboard(tmp_path, "serve", "--port", "0", "--operator-port", port)
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert ended.stderr.decode().splitlines() == [
        f"toteboard: cannot listen on 127.0.0.1:{port}: Address already in use"
    ]
    assert os.listdir(tmp_path) == [], "nothing is made by a server that cannot start"


async def test_a_missing_certificate_leaves_no_database_behind(tmp_path: Path) -> None:
    files = ("--tls-cert", "cert.pem", "--tls-key", "key.pem")
    ended = await toteboard(tmp_path, "serve", "--port", "0", "--operator-port", "-1", *files)
    assert ended.returncode == 2
    assert ended.stderr.decode().splitlines() == [
        "toteboard: cannot use the TLS certificate and key in cert.pem and key.pem: "
        "No such file or directory"
    ]
    assert os.listdir(tmp_path) == []


async def test_without_an_operator_port_the_rest_is_there(tmp_path: Path) -> None:
    async with Process(tmp_path) as server:
        assert (await server.logged("listening"))["operator_url"] is None
        async with httpx.AsyncClient(base_url=await http_url(server)) as http:
            assert (await http.get("/healthz")).status_code == 200
            assert (await http.get("/metrics")).status_code == 404


async def test_with_a_certificate_the_page_is_behind_it(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    for blob in certificate.cert_chain_pems:
        blob.write_to_path(tmp_path / "cert.pem", append=True)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    files = ("--tls-cert", "cert.pem", "--tls-key", "key.pem", "--operator-port", "0")
    async with Process(tmp_path, *files) as server:
        url = await http_url(server)
        assert url.startswith("https://127.0.0.1:")
        async with httpx.AsyncClient(base_url=url, verify=trusting) as http:
            answer = await http.get("/config.json")
            assert answer.json()["websocket_url"] == f"wss://127.0.0.1:{server.port}/"
            assert answer.headers["strict-transport-security"] == "max-age=31536000"
        async with await http_socket(server) as plain, await http_socket(server):
            await plain.send_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            with trio.fail_after(PATIENCE_S):
                while await plain.receive_some():
                    pass
            assert await server.stop() == 0
        assert server.stderr == b""


async def test_systemd_hears_when_it_can_be_used_and_when_it_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as hearing:
        hearing.bind(name)
        hearing.settimeout(PATIENCE_S)
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        async with Process(tmp_path, "--operator-port", "0") as server:
            assert await trio.to_thread.run_sync(hearing.recv, 64) == b"READY=1"
            assert await server.stop() == 0
            assert await trio.to_thread.run_sync(hearing.recv, 64) == b"STOPPING=1"


async def test_a_request_that_has_arrived_is_answered_by_a_server_that_stops(
    server: Process,
) -> None:
    """Otherwise the file would contain a user whose key no client has received."""
    statuses = []
    async with httpx.AsyncClient(base_url=await http_url(server), timeout=PATIENCE_S) as http:

        async def sign_up(number: int) -> None:
            body = {"username": f"user-{number}", "password": PASSWORD}
            with suppress(httpx.TransportError):  # its head came too late
                statuses.append((await http.post("/r/signup/", json=body)).status_code)

        async with trio.open_nursery() as nursery:
            for number in range(10):
                nursery.start_soon(sign_up, number)
            await server.logged("user_signed_up")
            server.process.send_signal(signal.SIGTERM)
    assert await server.ended() == 0
    listed = await toteboard(server.folder, "user", "list")
    assert statuses.count(200) == len(listed.stdout.splitlines())
