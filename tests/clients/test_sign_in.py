"""Signing in with a name and a password: a key is had over HTTP, and a new one when it ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import orjson
import pytest
import trio

from storage.store import MakeKey
from tests.support.process import PATIENCE_S, Process
from toteboard.operator.operating import operating
from toteboard_client import (
    Dropped,
    Password,
    Session,
    SessionKey,
    SignInRefusedError,
    connect,
    log_in,
    open_session,
)


class Stub:
    """An HTTP side that answers every sign-in alike, and keeps what it was asked."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        self.status, self.body = status, body
        self.asked: list[tuple[str, Any]] = []

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Gives the URL."""
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                said = self.rfile.read(int(self.headers["Content-Length"]))
                stub.asked.append((self.path, orjson.loads(said)))
                self.send_response(stub.status)
                self.end_headers()
                self.wfile.write(orjson.dumps(stub.body))

            def log_message(self, *_: object) -> None:
                pass

        with HTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            yield f"http://127.0.0.1:{server.server_port}/"
            server.shutdown()
            thread.join()


async def test_a_name_and_a_password_give_a_key() -> None:
    stub = Stub(200, {"username": "Ann", "id": 17, "user_session_key": "secret"})
    with stub.serving() as url:
        assert await log_in(url, "ann", "pass word") == SessionKey(17, "secret")
    assert stub.asked == [("/r/login/", {"username": "ann", "password": "pass word"})]


async def test_a_key_is_obtained_once_and_again_when_it_is_refused() -> None:
    stub = Stub(200, {"username": "ann", "id": 17, "user_session_key": "first"})
    with stub.serving() as url:
        password = Password(url, "ann", "pass word")
        for _ in range(2):
            assert await password.key(anew=False) == SessionKey(17, "first")
        stub.body["user_session_key"] = "second"
        assert await password.key(anew=True) == SessionKey(17, "second")
    assert len(stub.asked) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_a_refused_sign_in_is_final(status: int) -> None:
    with Stub(status, {}).serving() as url, pytest.raises(SignInRefusedError, match=str(status)):
        await log_in(url, "ann", "wrong")


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_server_that_is_busy_is_as_one_that_is_away(status: int) -> None:
    with Stub(status, {}).serving() as url, pytest.raises(OSError, match=str(status)):
        await log_in(url, "ann", "pass word")


async def test_another_server_at_the_address_counts_as_one_that_is_down() -> None:
    with (
        Stub(200, {"hello": "world"}).serving() as url,
        pytest.raises(OSError, match="session key"),
    ):
        await log_in(url, "ann", "pass word")


@pytest.mark.parametrize(
    "gibberish", [b"220 mail.example ESMTP\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"]
)
async def test_an_invalid_or_incomplete_response_counts_as_a_server_that_is_down(
    gibberish: bytes,
) -> None:
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    host, port = listener.socket.getsockname()

    async def answer(stream: trio.SocketStream) -> None:
        async with stream:
            await stream.send_all(gibberish)
            await stream.send_eof()
            async for _ in stream:  # closed with something unread, it would be reset
                pass

    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, answer, [listener])
        with pytest.raises(OSError, match="invalid response"):
            await log_in(f"http://{host}:{port}/", "ann", "pass word")
        nursery.cancel_scope.cancel()


async def test_a_server_that_is_away_is_an_os_error() -> None:
    with Stub(200, {}).serving() as url:
        pass
    with pytest.raises(OSError, match="refused"):
        await log_in(url, "ann", "pass word")


async def test_a_password_goes_over_http_alone() -> None:
    with pytest.raises(ValueError, match="not an http or https URL"):
        await log_in("file:///etc/passwd", "ann", "pass word")


def test_no_traceback_contains_a_secret() -> None:
    assert "secret" not in repr(SessionKey(1, "secret"))
    assert "secret" not in repr(Password("http://127.0.0.1/", "ann", "secret"))


async def next_dropped(session: Session) -> Dropped:
    async for news in session:
        if isinstance(news, Dropped):
            return news
    raise AssertionError


def new_key(server: Process) -> str:
    """Another session key for ann."""
    with operating(server.database) as operator:
        return str(operator(MakeKey("ann", None))["session_key"])


async def test_a_session_outlives_its_key(tmp_path: Path) -> None:
    async with Process(tmp_path) as server:
        server.add_user("ann")
        url = f"ws://127.0.0.1:{server.port}/"
        user_id, old_key = server.keys["ann"]
        stub = Stub(200, {"username": "ann", "id": user_id, "user_session_key": old_key})
        with stub.serving() as http_url, trio.fail_after(PATIENCE_S):
            password = Password(http_url, "ann", "pass word")
            await password.key(anew=False)
            stub.body["user_session_key"] = new_key(server)
            async with open_session(url, password) as ann:
                assert (await ann.ping()).res == 1
        assert len(stub.asked) == 2


async def test_a_sign_in_elsewhere_ends_the_older_session(tmp_path: Path) -> None:
    """And it does not sign in anew, for it would end the newer one."""
    async with Process(tmp_path) as server:
        server.add_user("ann")
        url = f"ws://127.0.0.1:{server.port}/"
        user_id, key = server.keys["ann"]
        stub = Stub(200, {"username": "ann", "id": user_id, "user_session_key": key})
        with stub.serving() as http_url, trio.fail_after(PATIENCE_S):
            async with open_session(url, Password(http_url, "ann", "pass word")) as ann:
                new = new_key(server)
                assert await next_dropped(ann) == Dropped("1008 a new session key was made")
                with pytest.raises(SignInRefusedError):
                    await ann.ping()
            async with connect(url, user_id, new) as newer:
                assert (await newer.call(1))["res"] == 1
        assert len(stub.asked) == 1


async def test_a_missing_server_is_reported_immediately(tmp_path: Path) -> None:
    async with Process(tmp_path) as server:
        port = server.port
    with pytest.raises(OSError, match="connect"):
        async with open_session(f"ws://127.0.0.1:{port}/", SessionKey(1, "key")):
            pytest.fail("connected to nothing")
