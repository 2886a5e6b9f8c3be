"""A user who signs up or in over HTTP can play. A failed attempt reveals nothing."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trio
from structlog.testing import capture_logs

from storage import users
from storage.acts import ActKind
from storage.store import DisableUser
from tests.support.bookkeeper import acts_of
from tests.support.website import PASSWORD, Website, website
from toteboard.hashing import opaque
from toteboard.http import account_service, forms
from toteboard.http.passwords import Passwords
from toteboard_client import ConnectionClosedError

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Website]:
    async with website(tmp_path) as opened:
        yield opened


def expire(site: Website, in_ms: int) -> None:
    """Let every session key expire in `in_ms` milliseconds."""
    at = site.world.now() + in_ms
    site.world.operator.execute("UPDATE session_keys SET expires_at = ?", (at,))


async def test_who_signs_up_plays_at_once_with_the_initial_balance(site: Website) -> None:
    told = (await site.sign_up("ann")).json()
    assert told.keys() == {"username", "id", "user_session_key"}
    site.world.keys["ann"] = (told["id"], told["user_session_key"])
    ann = await site.world.connect("ann")
    assert (await ann.call(810))["available_balance"] == 1_000


async def test_a_form_will_do(site: Website) -> None:
    body = {"username": "ann", "password": PASSWORD, "email": "ann@example.org"}
    up = await site.http.post("/r/signup/", data=body)
    down = await site.http.post("/r/login/", data=body)
    assert (up.status_code, down.status_code) == (200, 200)
    assert down.json() == up.json()


async def test_a_key_that_is_handed_out_lives_as_long_as_the_settings_say(site: Website) -> None:
    await site.sign_up("ann")
    _, expires_at = users.session_key_of(site.world.operator, 1) or ("", 0)
    assert expires_at is not None
    assert 0 <= site.world.now() + site.world.limits.session_ttl - expires_at < 60_000


async def test_a_second_device_does_not_throw_out_the_first(site: Website) -> None:
    await site.sign_up("ann")
    first = (await site.log_in("ann")).json()
    phone = await site.world.connect("ann")
    assert (await site.log_in("ANN")).json() == first
    laptop = await site.world.connect("ann")
    assert (await phone.call(1))["res"] == (await laptop.call(1))["res"] == 1


@pytest.mark.parametrize("left", [-1, 1_000], ids=["expired", "about to expire"])
async def test_a_new_key_ends_the_old_one_and_its_connections(site: Website, left: int) -> None:
    old = (await site.sign_up("ann")).json()["user_session_key"]
    await site.log_in("ann")
    phone = await site.world.connect("ann")
    expire(site, left)
    assert (await site.log_in("ann")).json()["user_session_key"] != old
    laptop = await site.world.connect("ann")
    with pytest.raises(ConnectionClosedError):
        await phone.call(1)
    assert phone.socket.closed is not None
    assert phone.socket.closed.code == 1008
    kinds = {kind for _, kind, _ in acts_of(site.world.operator)}
    assert ActKind.KEY_MADE not in kinds, "no operator did it"
    assert (await laptop.call(1))["res"] == 1


async def test_every_reason_not_to_sign_in_looks_the_same(
    site: Website, monkeypatch: pytest.MonkeyPatch
) -> None:
    await site.sign_up("ann")
    await site.sign_up("dis")
    await site.world.operate(DisableUser("dis"))
    site.world.add_user("without-password")
    verified = []
    verify = Passwords._verify

    def counted(self: Passwords, kept: str, password: str) -> bool:
        verified.append(kept.split("$")[:4])
        return verify(self, kept, password)

    monkeypatch.setattr(Passwords, "_verify", counted)
    tries = [("ann", "wrong password"), ("dis", PASSWORD), ("dis", "wrong password")]
    tries += [("nobody", PASSWORD), ("without-password", PASSWORD), ("Æ" * 60, PASSWORD)]
    tries += [("ann", "7 chars"), ("ann", "x" * 1_025), ("a b", "1")]
    answers = [await site.log_in(name, password) for name, password in tries]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple(answer.headers.keys()) for answer in answers}) == 1
    assert len(verified) == len(tries)
    assert len({tuple(parameters) for parameters in verified}) == 1


@pytest.mark.parametrize("path", ["/r/signup/", "/r/login/", "/r/signout/"])
@pytest.mark.parametrize(
    ("body", "kind", "status", "code", "parameter"),
    [
        (b"{", JSON, 400, "malformed_message", None),
        (b"[]", JSON, 400, "missing_parameter", "username"),
        (b"17", JSON, 400, "malformed_message", None),
        (b"\xff=1", FORM, 400, "malformed_message", None),
        (b"username=a%ff", FORM, 400, "malformed_message", None),
        (b"{}", "text/plain", 415, "malformed_message", None),
        (b"", JSON, 400, "malformed_message", None),
        (b"", FORM, 400, "missing_parameter", "username"),
        (b"username=ann", FORM, 400, "missing_parameter", "password"),
        (b"username=&password=longenough", FORM, 400, "missing_parameter", "username"),
        (b'{"username": 17, "password": "longenough"}', JSON, 400, "invalid_parameter", "username"),
        (b'{"username": "a", "password": 12345678}', JSON, 400, "invalid_parameter", "password"),
        (b"x" * 8_193, FORM, 413, "malformed_message", None),
        (b"x" * 500_000, FORM, 413, "malformed_message", None),
    ],
)
async def test_what_cannot_be_read_is_refused(
    site: Website, path: str, body: bytes, kind: str, status: int, code: str, parameter: str | None
) -> None:
    answer = await site.http.post(path, content=body, headers={"content-type": kind})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json().get("parameter") == parameter
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", ["", " ", "a b", "a" * 51, "Æsir", "a/b", "null\x00"])
async def test_names_are_as_on_the_command_line(site: Website, name: str) -> None:
    answer = await site.sign_up(name)
    assert answer.status_code == 400
    assert answer.json()["parameter"] == "username"
    assert ".." not in answer.json()["text"]
    assert not users.list_users(site.world.operator)


@pytest.mark.parametrize(
    ("password", "wanted"),
    [
        ("7 chars", "8 characters or more"),
        ("x" * 1_025, "at most 1,024 bytes long"),
        ("a bell\x07 in it", "free of control characters"),
        ("two\nlines", "free of control characters"),
    ],
)
async def test_an_improper_password_is_refused_in_plain_words(
    site: Website, password: str, wanted: str
) -> None:
    answer = await site.sign_up("ann", password)
    assert f"must be {wanted}." in answer.json()["text"]
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter")
    assert answer.json()["parameter"] == "password"
    assert not users.list_users(site.world.operator)


@pytest.mark.parametrize("name", ["ann", "ANN"])
async def test_a_name_is_given_once(site: Website, name: str) -> None:
    await site.sign_up("Ann")
    answer = await site.sign_up(name)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_exists")


async def test_of_those_who_want_a_name_at_once_one_gets_it(site: Website) -> None:
    answers: list[int] = []

    async def want() -> None:
        answers.append((await site.sign_up("ann")).status_code)

    async with trio.open_nursery() as nursery:
        for _ in range(5):
            nursery.start_soon(want)
    assert sorted(answers) == [200, 409, 409, 409, 409]


async def test_a_body_that_does_not_come_is_not_waited_for(
    site: Website, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "PATIENCE_S", 0.01)
    host, port = site.http.base_url.host, site.http.base_url.port
    async with await trio.open_tcp_stream(host, port or 0) as slow:
        head = f"POST /r/login/ HTTP/1.1\r\nHost: h\r\nContent-Type: {JSON}\r\nContent-Length: 9"
        await slow.send_all(head.encode() + b"\r\n\r\n{")
        with trio.fail_after(30):
            assert (await slow.receive_some()).startswith(b"HTTP/1.1 408 ")


async def test_wrong_passwords_for_a_name_become_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No attempt is regained while a busy machine is hashing the passwords.
    monkeypatch.setattr(account_service, "NAME_INTERVAL_S", 1_000.0)
    async with website(tmp_path) as site:
        await site.sign_up("ann")
        await site.sign_up("bob")
        for _ in range(account_service.NAME_BURST):
            assert (await site.log_in("ann", "wrong password")).status_code == 401
        for password in ("wrong password", PASSWORD):
            answer = await site.log_in("Ann", password)
            assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
            assert 1 <= int(answer.headers["retry-after"]) <= 1_000
            assert 0 < answer.json()["retry_after_ms"] <= 1_000_000
        assert (await site.log_in("bob")).status_code == 200


async def test_right_passwords_never_become_too_many(site: Website) -> None:
    await site.sign_up("ann")
    answers = [await site.log_in("ann") for _ in range(account_service.NAME_BURST + 2)]
    assert {answer.status_code for answer in answers} == {200}


@pytest.mark.parametrize(("hops", "status"), [(0, 429), (1, 401)])
async def test_an_address_has_so_many_attempts_whoever_it_says_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hops: int, status: int
) -> None:
    monkeypatch.setattr(account_service, "ADDRESS_BURST", 2)
    monkeypatch.setattr(account_service, "ADDRESS_INTERVAL_S", 1_000)
    body = {"username": "nobody", "password": PASSWORD}
    async with website(tmp_path, trusted_hops=hops) as site:
        for _ in range(2):
            one = {"X-Forwarded-For": "10.0.0.1"}
            assert (await site.post("/r/login/", body, **one)).status_code == 401
        other = {"X-Forwarded-For": "10.0.0.1, 10.0.0.2"}
        assert (await site.post("/r/login/", body, **other)).status_code == status
        if hops:
            assert (await site.post("/r/login/", body, **one)).status_code == 429


async def test_too_many_at_once_are_asked_to_come_back(
    site: Website, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toteboard.http.passwords.MOST_WAITING", 0)
    for answer in (await site.sign_up("ann"), await site.log_in("ann")):
        assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")
        assert answer.headers["retry-after"]


async def test_a_disk_that_fails_is_said_to(site: Website) -> None:
    await site.sign_up("ann")
    site.world.writing.execute("PRAGMA query_only = ON")
    expire(site, 0)
    for answer in (await site.sign_up("bob"), await site.log_in("ann")):
        assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")


async def test_signing_up_can_be_switched_off(tmp_path: Path) -> None:
    async with website(tmp_path, signup=False) as site:
        answer = await site.sign_up("ann")
        assert (answer.status_code, answer.json()["code"]) == (403, "not_authorized")
        assert (await site.log_in("ann")).status_code == 401
        assert (await site.http.get("/config.json")).json()["signup"] is False
        assert not users.list_users(site.world.operator)


async def test_nobody_signs_in_where_nobody_can_play(tmp_path: Path) -> None:
    async with website(tmp_path, has_started=False) as site:
        assert (await site.sign_up("ann")).status_code == 503
        site.side.health.started()
        assert (await site.sign_up("ann")).status_code == 200
        site.stop.set()
        assert (await site.log_in("ann")).status_code == 503


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 401),
        ("http://{host}", 401),
        ("https://games.example", 401),
        ("https://evil.example", 403),
        ("http://{host}.evil.example", 403),
        ("null", 403),
        ("", 403),
    ],
)
async def test_only_our_own_pages_sign_anybody_in(
    tmp_path: Path, origin: str | None, status: int
) -> None:
    allowed = {"allowed_origins": ("https://games.example",)}
    async with website(tmp_path, limits=allowed) as site:
        netloc = site.http.base_url.netloc.decode()
        headers = {} if origin is None else {"Origin": origin.format(host=netloc)}
        body = {"username": "nobody", "password": PASSWORD}
        assert (await site.post("/r/login/", body, **headers)).status_code == status


@pytest.mark.parametrize(
    ("scheme", "origin", "status"),
    [
        ("https", "https://{host}", 401),
        ("https", "HTTPS://{host}", 401),
        ("https", "http://{host}", 403),
        ("http", "http://{host}", 401),
        ("http", "https://{host}", 401),
    ],
)
async def test_over_tls_a_page_that_came_without_it_signs_nobody_in(
    tmp_path: Path, scheme: str, origin: str, status: int
) -> None:
    async with website(tmp_path, trusted_hops=1) as site:
        netloc = site.http.base_url.netloc.decode()
        headers = {"Origin": origin.format(host=netloc), "X-Forwarded-Proto": scheme}
        body = {"username": "nobody", "password": PASSWORD}
        assert (await site.post("/r/login/", body, **headers)).status_code == status


async def test_no_line_of_the_log_holds_a_secret(site: Website) -> None:
    with capture_logs() as lines:
        key = (await site.sign_up("ann")).json()["user_session_key"]
        await site.log_in("ann")
        await site.log_in("ann", "wrong password")
        await site.http.post("/r/login/?password=in+a+query", content=b"password=in+a+body")
    assert [line["event"] for line in lines if line["event"] != "http_handled"] == [
        "user_signed_up",
        "user_signed_in",
        "sign_in_refused",
    ]
    said: Any = repr(lines)
    for secret in (key, PASSWORD, "wrong password", "in+a", "argon2"):
        assert secret not in said


@pytest.mark.parametrize("typed", ["pa\u0308ssword12", "pass\u00a0word12"])
async def test_a_password_is_one_however_it_is_typed(tmp_path: Path, typed: str) -> None:
    async with website(tmp_path) as site:
        await site.sign_up("ann", typed)
        for again in (typed, opaque(typed)):
            assert (await site.log_in("ann", again)).status_code == 200
        assert (await site.log_in("ann", typed + "!")).status_code == 401


async def test_an_old_hash_of_a_password_as_it_was_typed_still_opens(tmp_path: Path) -> None:
    typed = "pa\u0308ssword12"
    async with website(tmp_path) as site:
        await site.sign_up("ann")
        old = await Passwords().hash(typed)
        site.world.operator.execute("UPDATE passwords SET hash = ?", (old,))
        assert (await site.log_in("ann", typed)).status_code == 200
        assert (await site.log_in("ann", PASSWORD)).status_code == 401
