"""Which clients may connect, and the answers to the others (contract, section 1, "Connecting")."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
import trio
from wsproto.events import AcceptConnection, RejectConnection

from tests.e2e.sign_in import UNAUTHORIZED, digest, pinged, query
from tests.support.process import PATIENCE_S, Process, heard_to_the_end, toteboard
from tests.support.wire import refused, wire_to

NOT_FOUND, FORBIDDEN, TOO_MANY = 404, 403, 429

TROPHY = "\U0001f3c6"
NONCES = ("n", "n" * 64, TROPHY * 64, "a b", "a+b", "a%2Bb", "&=?#/;", "\u00e9", "e\u0301", " ")

UPGRADE = (
    b" HTTP/1.1\r\nHost: tote.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
)
STRANGERS = {
    "a browser": b"GET / HTTP/1.1\r\nHost: tote.test\r\n\r\n",
    "another path": b"GET /metrics HTTP/1.1\r\nHost: tote.test\r\nAccept: */*\r\n\r\n",
    "a post": b"POST / HTTP/1.1\r\nHost: tote.test\r\nContent-Length: 5\r\n\r\nhello",
    "half a handshake": b"GET /" + UPGRADE,
    "nothing": b"",
    "TLS to a plain port": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "garbage": bytes(range(256)) * 300,
    "a header without end": b"GET / HTTP/1.1\r\nX: " + b"x" * 200_000 + b"\r\n\r\n",
    "a path not ASCII": b"GET /\xff\xfe" + UPGRADE + b"\r\n\r\n",
    "a path that is no URL": b"GET //[oops?id=1" + UPGRADE + b"\r\n\r\n",
    "a header not ASCII": b"GET /" + UPGRADE + b"\r\nOrigin: \xff\xfe\r\n\r\n",
    "an old WebSocket": b"GET /" + UPGRADE.replace(b"13", b"8") + b"\r\n\r\n",
    "frames before the handshake": b"\x81\x85\0\0\0\0hello" * 100,
    "empty lines": b"\r\n" * 1_000,
}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Process]:
    async with Process(tmp_path) as process:
        process.add_user("ann")
        yield process


async def test_another_path_is_not_found_whoever_asks(server: Process) -> None:
    good = urlencode(query(server))
    for path in (f"nowhere?{good}", f"/?{good}", "nowhere", f"index.html?{good}&id=2"):
        status, _ = await refused(server, f"/{path}")
        assert status == NOT_FOUND, path
    assert await pinged(server, f"/?{good}") == 1, "and no nonce was spent"


async def test_every_reason_not_to_let_in_is_told_alike(server: Process) -> None:
    server.add_user("gone")
    await toteboard(server.folder, "user", "disable", "gone")
    server.add_user("late", lives_ms=0)
    ann, key = server.keys["ann"]
    spent = urlencode(query(server))
    assert await pinged(server, f"/?{spent}") == 1
    good = query(server)
    reasons = {
        "nothing": "",
        "no id": urlencode({k: v for k, v in good.items() if k != "id"}),
        "no nonce": urlencode({k: v for k, v in good.items() if k != "n"}),
        "no digest": urlencode({k: v for k, v in good.items() if k != "h"}),
        **{f"{k} twice": f"{urlencode(good)}&{urlencode({k: v})}" for k, v in good.items()},
        "unknown user": urlencode({"id": "999", "n": "n", "h": digest(999, "n", key)}),
        "huge id": urlencode({"id": "9" * 19, "n": "n", "h": digest("9" * 19, "n", key)}),
        "id of 20 digits": urlencode({"id": "9" * 20, "n": "n", "h": digest("9" * 20, "n", key)}),
        "leading zero": urlencode(
            query(server, id=f"0{ann}", h=digest(f"0{ann}", "n", key), n="n")
        ),
        "other digits": urlencode(query(server, id="\u0661")),
        "disabled user": urlencode(query(server, "gone")),
        "expired key": urlencode(query(server, "late")),
        "wrong digest": urlencode(good | {"h": digest(ann, "other", key)}),
        "capital digest": urlencode(good | {"h": good["h"].upper()}),
        "digest not ASCII": urlencode(good | {"h": "\u00e9" * 64}),
        "empty nonce": urlencode(query(server, n="", h=digest(ann, "", key))),
        "long nonce": urlencode(query(server, n="n" * 65, h=digest(ann, "n" * 65, key))),
        "spent nonce": spent,
        "not UTF-8": f"id={ann}&n=%ff&h={digest(ann, 'n', key)}",
    }
    answers = {why: await refused(server, f"/?{text}") for why, text in reasons.items()}
    assert set(answers.values()) == {(UNAUTHORIZED, answers["nothing"][1])}, answers
    assert answers["nothing"][1]
    assert await pinged(server, f"/?{urlencode(good)}") == 1, "the nonce was not spent"


async def test_a_nonce_is_any_1_to_64_characters(server: Process) -> None:
    user_id, key = server.keys["ann"]
    for nonce in NONCES:
        parts = {"id": str(user_id), "n": nonce, "h": digest(user_id, nonce, key)}
        target = f"/?{urlencode(parts, quote_via=quote)}"
        assert await pinged(server, target) == 1, nonce
        assert (await refused(server, target))[0] == UNAUTHORIZED, nonce


async def test_a_plus_in_a_url_is_a_space(server: Process) -> None:
    user_id, key = server.keys["ann"]
    good = f"id={user_id}&n=a+b&h={digest(user_id, 'a b', key)}"
    assert await pinged(server, f"/?{good}") == 1


async def test_unknown_parts_of_a_url_are_ignored(server: Process) -> None:
    assert await pinged(server, f"/?{urlencode(query(server))}&lang=es&lang=en&empty=") == 1


async def test_a_spent_nonce_stays_spent_over_a_restart(server: Process) -> None:
    parts = urlencode(query(server))
    assert await pinged(server, f"/?{parts}") == 1
    await server.kill()
    await server.start()
    assert (await refused(server, f"/?{parts}"))[0] == UNAUTHORIZED
    assert await pinged(server, f"/?{urlencode(query(server))}") == 1


async def test_one_nonce_lets_one_of_many_in(server: Process) -> None:
    target = f"/?{urlencode(query(server))}"
    answers = []

    async def try_it() -> None:
        async with wire_to(server) as wire:
            answers.append(type(await wire.handshake(target)))

    async with trio.open_nursery() as nursery:
        for _ in range(15):
            nursery.start_soon(try_it)
    assert Counter(answers) == {AcceptConnection: 1, RejectConnection: 14}


async def test_too_many_connections_of_a_user_spend_no_nonce(tmp_path: Path) -> None:
    async with Process(tmp_path, "--connections-per-user", "2") as server:
        server.add_user("ann")
        server.add_user("bob")
        async with server.connect("ann"):
            parts = urlencode(query(server))
            async with server.connect("ann") as second:
                assert (await refused(server, f"/?{parts}"))[0] == TOO_MANY
                wrong = urlencode(query(server, h="0" * 64))
                assert (await refused(server, f"/?{wrong}"))[0] == UNAUTHORIZED
                assert await pinged(server, f"/?{urlencode(query(server, 'bob'))}") == 1
                assert (await second.call(1))["res"] == 1
            closed = {"user_id": server.keys["ann"][0]}
            await server.logged("connection_closed", **closed)
            assert await pinged(server, f"/?{parts}") == 1


async def test_only_allowed_origins_get_in(tmp_path: Path) -> None:
    allowed = "https://tote.test,http://localhost:9998"
    async with Process(tmp_path, "--allowed-origins", allowed) as server:
        server.add_user("ann")
        parts = urlencode(query(server))
        for origin in ("https://evil.test", "https://tote.test.evil.test", "null", ""):
            status, _ = await refused(server, f"/?{parts}", Origin=origin)
            assert status == FORBIDDEN, origin
        assert await pinged(server, f"/?{parts}", Origin="https://tote.test") == 1
        assert await pinged(server, f"/?{urlencode(query(server))}") == 1, "no browser, no origin"


@pytest.mark.parametrize("act", ["key", "disable"])
async def test_the_command_line_ends_connections(server: Process, act: str) -> None:
    old = query(server)
    async with server.connect("ann") as one, server.connect("ann") as other:
        done = await toteboard(server.folder, "user", act, "ann")
        assert done.returncode == 0
        for client in (one, other):
            assert (await heard_to_the_end(client))[1].code == 1008
    assert (await refused(server, f"/?{urlencode(old)}"))[0] == UNAUTHORIZED


async def test_who_speaks_no_websocket_is_hung_up_on(tmp_path: Path) -> None:
    # Long enough for a client that does speak the protocol, also on a busy machine.
    async with Process(tmp_path, "--handshake-timeout", "2s") as server:
        server.add_user("ann")
        async with trio.open_nursery() as nursery:
            for words in STRANGERS.values():
                nursery.start_soon(hung_up_on, server, words)
        assert await pinged(server, f"/?{urlencode(query(server))}") == 1
        assert [line for line in server.lines if line["level"] == "error"] == []
        assert server.stderr == b""


async def hung_up_on(server: Process, words: bytes) -> None:
    async with await server.socket() as stranger:
        # The server may close before the client has sent everything.
        with trio.fail_after(PATIENCE_S), suppress(trio.BrokenResourceError):
            await stranger.send_all(words)
            while await stranger.receive_some():
                pass
