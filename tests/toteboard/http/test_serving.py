"""HTTP on a connection: one request after another. A connection affects no other one."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest
import trio
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs
from trio.testing import assert_checkpoints, memory_stream_pair

from actors.edge.gate import Visitor
from protocol.request_head import RequestHead
from tests.support.process import PATIENCE_S
from tests.support.website import PASSWORD, Website, answered, website
from toteboard.http import account_service, exchange, serving
from toteboard.http.health import Health
from toteboard.http.proxies import RequestOrigin

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"
LAST = HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
LOGIN = b"POST /r/login/ HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
WRONG = b'{"username": "ann", "password": "%b"}' % PASSWORD.encode()


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Website]:
    async with website(tmp_path) as opened:
        yield opened


def statuses(answer: bytes) -> list[int]:
    """Return the statuses of the answers, in order."""
    return [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]


async def test_requests_behind_each_other_are_answered_in_order(site: Website) -> None:
    said = HEALTH + b"GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n" + LAST + HEALTH
    assert statuses(await answered(site, said, ends=False)) == [200, 404, 200]


async def test_a_connection_that_only_waits_is_closed(
    site: Website, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "IDLE_S", 0.01)
    assert statuses(await answered(site, HEALTH, ends=False)) == [200]


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Length: %d\r\n\r\n%b" % (len(WRONG), WRONG),
        b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(WRONG), WRONG),
    ],
    ids=["length", "chunks"],
)
async def test_what_follows_a_body_is_the_next_request(site: Website, body: bytes) -> None:
    assert statuses(await answered(site, LOGIN + body + LAST, ends=False)) == [401, 200]


async def test_an_answer_before_the_body_is_read_says_that_the_connection_closes(
    site: Website,
) -> None:
    said = b"POST /nowhere HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}"
    answer = await answered(site, said, ends=False)
    assert statuses(answer) == [405]
    assert b"\r\nconnection: close\r\n" in answer.lower()


async def test_a_client_that_waits_to_be_told_so_sends_its_body_then(site: Website) -> None:
    said = LOGIN + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(WRONG)
    host, port = site.http.base_url.host, site.http.base_url.port
    async with await trio.open_tcp_stream(host, port or 0) as stream:
        with trio.fail_after(PATIENCE_S):
            await stream.send_all(said)
            assert statuses(bytes(await stream.receive_some())) == [100]
            await stream.send_all(WRONG)
            assert statuses(bytes(await stream.receive_some())) == [401]


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"Content-Length: 9\r\n\r\n{", 400), (b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400)],
    ids=["cut off", "malformed"],
)
async def test_a_body_that_breaks_off_ends_its_connection_alone(
    site: Website, body: bytes, status: int
) -> None:
    with capture_logs() as lines:
        assert statuses(await answered(site, LOGIN + body)) == [status]
    assert not [line for line in lines if line["log_level"] == "error"]
    assert (await site.http.get("/healthz")).status_code == 200


TRAILERS = b"0\r\n" + b"a:\r\n" * 5_000


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"1\r\n \r\n" * exchange.MOST_PARTS + b"0\r\n\r\n", 413),
        (b"1;a\r\n \r\n" * 20_000, 413),
        ((b"1;%b\r\n \r\n" % (b"a" * 4_000)) * 300, 413),
        (TRAILERS, 400),
    ],
    ids=["tiny chunks", "more tiny chunks", "long extensions", "trailers"],
)
async def test_a_body_costs_no_more_for_how_it_is_framed(
    site: Website, body: bytes, status: int
) -> None:
    said = LOGIN + b"Transfer-Encoding: chunked\r\n\r\n" + body
    assert statuses(await answered(site, said)) == [status]


async def test_other_tasks_run_between_two_chunks_that_came_at_once() -> None:
    chunks = [b"a", b"b", b""]
    received = bytearray(b"1\r\na\r\n1\r\nb\r\n0\r\n\r\n")
    fields = [(b"host", b"h"), (b"transfer-encoding", b"chunked")]
    head = RequestHead(b"POST", b"/", b"1.1", fields)
    visitor = Visitor(memory_stream_pair()[0], head, received, "")

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        for chunk in chunks:
            with assert_checkpoints():
                assert (await receive())["body"] == chunk

    await exchange.Exchange(visitor, head, RequestOrigin("", "http", fields), may_stay=True).run(
        app
    )


async def test_an_address_that_tries_too_often_is_refused_before_its_body_has_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_service, "ADDRESS_BURST", 1)
    whole = LOGIN + b"Content-Length: %d\r\n\r\n%b" % (len(WRONG), WRONG)
    half = LOGIN + b"Content-Length: 99\r\n\r\n{"
    async with website(tmp_path) as site:
        assert statuses(await answered(site, whole + half, ends=False)) == [401, 429]


async def test_a_body_that_nobody_wants_ends_the_connection(site: Website) -> None:
    said = HEALTH.replace(b"\r\n\r\n", b"\r\nContent-Length: 5\r\n\r\n12345")
    assert statuses(await answered(site, said + LAST, ends=False)) == [200]


async def test_an_exchange_has_its_time_whatever_the_client_does(
    site: Website, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "EXCHANGE_S", 0.01)
    half = LOGIN + b"Content-Length: 99\r\n\r\n{"
    assert await answered(site, half, ends=False) == b""


async def test_a_client_that_does_not_read_is_given_up(
    site: Website, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "PATIENCE_S", 0.01)
    host, port = site.http.base_url.host, site.http.base_url.port
    async with await trio.open_tcp_stream(host, port or 0) as deaf:
        with trio.fail_after(PATIENCE_S), suppress(trio.BrokenResourceError):
            while True:
                await deaf.send_all(b"GET /asyncapi.json HTTP/1.1\r\nHost: h\r\n\r\n" * 20)


async def test_a_failure_of_ours_ends_its_connection_alone_and_is_logged(
    site: Website, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Health, "is_serving", property(lambda _: 1 / 0))
    with capture_logs() as lines:
        said = LOGIN + b"Content-Length: %d\r\n\r\n%b" % (len(WRONG), WRONG)
        assert statuses(await answered(site, said)) == [500]
    assert [line["event"] for line in lines if line["log_level"] == "error"] == ["http_failed"]
    assert (await site.http.get("/healthz")).status_code == 200


async def test_an_upgrade_behind_a_request_is_refused(site: Website) -> None:
    upgrade = HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
    assert statuses(await answered(site, HEALTH + upgrade)) == [200, 400]


async def test_http_1_0_is_answered_and_hung_up_on(site: Website) -> None:
    said = b"GET /healthz HTTP/1.0\r\n\r\n"
    assert statuses(await answered(site, said, ends=False)) == [200]


async def test_an_address_with_too_many_connections_is_refused_but_health_is_not(
    tmp_path: Path,
) -> None:
    async with (
        website(tmp_path, limits={"http_connections_per_address": 3}) as site,
        AsyncExitStack() as stack,
    ):
        host, port = site.http.base_url.host, site.http.base_url.port
        half = LOGIN + b"Content-Length: 99\r\n\r\n{"
        for _ in range(3):
            stream = await stack.enter_async_context(await trio.open_tcp_stream(host, port or 0))
            await stream.send_all(half)
        while site.side.public.connections < 3:
            await trio.lowlevel.checkpoint()
        for path, status in (("/config.json", 429), ("/healthz", 200), ("/readyz", 200)):
            assert (await site.http.get(path)).status_code == status
        assert (await site.http.get("/config.json")).headers["retry-after"] == "1"
        assert (await site.operators.get("/metrics")).status_code == 200


async def test_an_address_with_too_many_requests_is_refused_but_health_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "REQUEST_BURST", 3)
    monkeypatch.setattr(serving, "REQUEST_INTERVAL_S", 1_000)
    async with website(tmp_path, trusted_hops=1) as site:
        for address, status in (("1", 200), ("1", 200), ("1", 200), ("1", 429), ("2", 200)):
            headers = {"X-Forwarded-For": f"192.0.2.{address}"}
            answer = await site.http.get("/config.json", headers=headers)
            assert answer.status_code == status
        assert (await site.http.get("/healthz", headers=headers)).status_code == 200
        for _ in range(5):
            assert (await site.operators.get("/metrics")).status_code == 200


@pytest.mark.parametrize("origin", ["http://[", "null", "http://\u00e9", "//h", "", "x" * 5_000])
async def test_an_origin_that_is_none_is_somebody_elses(site: Website, origin: str) -> None:
    said = LOGIN + b"Origin: %b\r\nContent-Length: 2\r\n\r\n{}" % origin.encode()
    (status,) = statuses(await answered(site, said))
    assert status == 403
