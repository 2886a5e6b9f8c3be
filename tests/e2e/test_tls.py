"""The same conversation over TLS (docs/reference/settings.md, `tls_cert` and `tls_key`)."""

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trio
import trustme

import toteboard_client as client
from tests.support.process import PATIENCE_S, Process


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
async def server(tmp_path: Path, authority: trustme.CA) -> AsyncIterator[Process]:
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    for blob in certificate.cert_chain_pems:
        blob.write_to_path(tmp_path / "cert.pem", append=True)
    files = ("--tls-cert", "cert.pem", "--tls-key", "key.pem")
    async with Process(tmp_path, *files, "--handshake-timeout", "2s") as process:
        process.add_user("ann", can_host=True)
        yield process


async def test_a_conversation_behind_tls(server: Process, trusting: ssl.SSLContext) -> None:
    url = (await server.logged("listening"))["url"]
    assert url == f"wss://127.0.0.1:{server.port}/"
    with trio.fail_after(PATIENCE_S):
        async with client.connect(url, *server.keys["ann"], tls=trusting) as ann:
            source = await ann.call(365, source_name="FIFA")
            game = await ann.call(370, source_id=source["source_id"], game_name="Argentina")
            await ann.call(363, game_id=game["game_id"])
            assert (await ann.receive())["res"] == 470
            large = [f"target {number}" for number in range(3_000)]
            assert (await ann.call(373, game_id=game["game_id"], targets=large))["res"] == 343
            assert len((await ann.receive())["targets"]) == 3_001
    await server.logged("connection_closed")
    assert await server.stop() == 0


async def test_who_does_not_speak_tls_is_hung_up_on(
    server: Process, trusting: ssl.SSLContext
) -> None:
    for words in (b"GET / HTTP/1.1\r\nHost: tote.test\r\n\r\n", b"", b"\x16\x03\x01\x02\x00\x01"):
        async with await server.socket() as stranger:
            with trio.fail_after(PATIENCE_S):
                await stranger.send_all(words)
                while await stranger.receive_some():
                    pass
    url = f"wss://127.0.0.1:{server.port}/"
    async with client.connect(url, *server.keys["ann"], tls=trusting) as ann:
        assert (await ann.call(1))["res"] == 1
    assert [line for line in server.lines if line["level"] == "error"] == []
    assert server.stderr == b""


async def test_a_server_that_stops_says_goodbye_behind_tls(
    server: Process, trusting: ssl.SSLContext
) -> None:
    async with await server.socket() as silent:
        stream = trio.SSLStream(
            await server.socket(), trusting, server_hostname="localhost", https_compatible=True
        )
        async with stream:
            with trio.fail_after(PATIENCE_S):
                await stream.send_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert await stream.receive_some()  # the server has read the handshake to its end
                assert await server.stop() == 0
                assert await stream.receive_some() == b""
        assert await silent.receive_some() == b""
