"""Under asyncio and under trio a session calls, receives, reconnects and ends alike."""

import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

import anyio
import pytest

from clients.python.tests.server import KEY, reply, run, serving
from toteboard_client import (
    ConnectionClosedError,
    ConnectionRejectedError,
    Dropped,
    HandshakeError,
    Message,
    Money,
    Resumed,
    SessionClosedError,
    SignInRefusedError,
    connect,
    open_session,
    refusals,
)
from toteboard_client.messages import GameClosed, Pong, UserBalanceAvailable

both = pytest.mark.parametrize("backend", ["asyncio", "trio"])
GAME = "00000000-0000-5000-8000-000000000001"


def closed(prev_seq: int, seq: int) -> Message:
    header = {"response_header": {"t": 1}, "res": 341}
    return header | {"game_id": GAME, "prev_seq": prev_seq, "seq": seq}


def answer(request: Message) -> Iterator[Message]:
    """Answer as a small server: 1 is a ping, 363 joins and closes the game, 392 is refused."""
    match request["op"]:
        case 1:
            yield reply(request, 1)
        case 810:
            yield reply(request, 810, currency="DON", available_balance=0.3)
        case 363:
            seq = request.get("since", 4)
            yield reply(request, 333, game_id=GAME, status="game_closed", seq=seq)
            yield closed(4, 5)
        case _:
            yield reply(request, 666, code="pool_blocked", text="No.", op=392, retryable=False)


@both
def test_a_session_calls_and_receives(backend: str) -> None:
    async def program() -> None:
        async with serving(answer) as server, open_session(server.url, KEY) as session:
            assert isinstance(await session.ping(), Pong)
            balance = await session.get_available_balance()
            assert isinstance(balance, UserBalanceAvailable)
            assert balance.available_balance == Money("0.30")
            with pytest.raises(refusals.PoolBlockedError, match="No"):
                await session.place_bet("p", "brazil", "2.50")
            game = await session.join(GAME)
            assert [type(event) async for event in game] == [GameClosed], "and it ends"

    run(backend, program)


@both
def test_a_session_reconnects_and_repeats_its_calls(backend: str) -> None:
    async def program() -> None:
        def lose_the_first(request: Message) -> Iterator[Message]:
            return answer(request) if len(server.peers) == 3 else iter(())

        async with serving(lose_the_first, [101, 503]) as server:
            async with open_session(server.url, KEY) as session, anyio.create_task_group() as tasks:
                tasks.start_soon(session.ping)
                await anyio.wait_all_tasks_blocked()
                await server.peers[0].close()
            # The task group has waited for the reply, on the third connection.
            assert len(server.peers) == 3

    run(backend, program)


@both
def test_a_session_reports_what_happens_to_its_connection(backend: str) -> None:
    async def program() -> None:
        async with serving(answer) as server, open_session(server.url, KEY) as session:
            await session.ping()
            await server.peers[0].close(1001)
            assert await anext(session) == Dropped("1001 GOING_AWAY")
            assert await anext(session) == Resumed(())

    run(backend, program)


@both
@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, SignInRefusedError), (404, SignInRefusedError), (503, ConnectionRejectedError)],
)
def test_a_refused_first_connection_is_raised(
    backend: str, status: int, kind: type[Exception]
) -> None:
    async def program() -> None:
        async with serving(answer, [status]) as server:
            with pytest.raises(kind):
                async with open_session(server.url, KEY):
                    pytest.fail("connected")

    run(backend, program)


@both
def test_what_is_no_websocket_is_a_handshake_error(backend: str) -> None:
    async def program() -> None:
        async def speak(stream: anyio.abc.SocketStream) -> None:
            async with stream:
                await stream.send(b"220 mail.example ESMTP\r\n\r\n")

        listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
        port = listener.extra(anyio.abc.SocketAttribute.local_port)
        async with listener, anyio.create_task_group() as tasks:
            tasks.start_soon(listener.serve, speak)
            with pytest.raises(HandshakeError):
                async with connect(f"ws://127.0.0.1:{port}/", 1, "key"):
                    pytest.fail("connected")
            tasks.cancel_scope.cancel()

    run(backend, program)


@both
def test_a_server_that_is_away_is_an_os_error(backend: str) -> None:
    async def program() -> None:
        async with serving(answer) as server:
            pass
        with pytest.raises(OSError, match="connect") as away:
            async with open_session(server.url, KEY):
                pytest.fail("connected")
        (note,) = away.value.__notes__
        port = urlsplit(server.url).port
        assert note == f"The server at 127.0.0.1 port {port} could not be reached."

    run(backend, program)


@both
def test_a_server_that_does_not_answer_is_named(
    backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anyio, "connect_tcp", lambda *_, **__: anyio.sleep_forever())
    monkeypatch.setattr("toteboard_client.connection.HANDSHAKE_S", 0.01)

    async def program() -> None:
        with pytest.raises(TimeoutError) as slow:
            async with open_session("ws://10.255.255.1:9999/", KEY):
                pytest.fail("connected")
        assert slow.value.__notes__ == [
            "The server at 10.255.255.1 port 9999 could not be reached."
        ]

    run(backend, program)


@both
@pytest.mark.parametrize(
    "url", ["https://h/", "127.0.0.1:9999", "ws:///", "ws://h:99999/", "ws://[::1"]
)
def test_only_the_url_of_a_websocket_is_accepted(backend: str, url: str) -> None:
    async def program() -> None:
        with pytest.raises(HandshakeError, match="is not a ws:// or wss:// URL"):
            async with open_session(url, KEY):
                pytest.fail("connected")

    run(backend, program)


@both
def test_a_session_ends_with_its_block(backend: str) -> None:
    async def program() -> None:
        async with serving(answer) as server:
            with pytest.raises(ZeroDivisionError):
                async with open_session(server.url, KEY) as session:
                    raise ZeroDivisionError
            with pytest.raises(SessionClosedError):
                await session.ping()
            with anyio.move_on_after(60) as scope:
                async with open_session(server.url, KEY) as session:
                    scope.cancel()
                    await session.ping()
            assert scope.cancelled_caught

    run(backend, program)


@both
def test_a_bare_connection_reports_how_it_was_closed(backend: str) -> None:
    async def program() -> None:
        async with serving(answer) as server, connect(server.url, 17, "secret") as client:
            assert (await client.call(1))["res"] == 1
            await server.peers[0].close(1008)
            with pytest.raises(ConnectionClosedError) as caught:
                await client.receive()
            assert caught.value.reason.code == 1008
            with pytest.raises(ConnectionClosedError):
                await client.send(1)

    run(backend, program)


@both
def test_a_certificate_that_is_not_trusted_is_refused(backend: str) -> None:
    async def program() -> None:
        async with serving(answer) as server:
            secure = server.url.replace("ws:", "wss:")
            with pytest.raises((OSError, anyio.BrokenResourceError, anyio.EndOfStream)):
                async with connect(secure, 1, "key", tls=ssl.create_default_context()):
                    pytest.fail("connected")

    run(backend, program)
