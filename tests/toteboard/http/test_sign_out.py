"""Signing out of all devices ends every session of the user, and needs the password."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from storage import users
from storage.store import DisableUser
from tests.support.website import PASSWORD, Website, website
from toteboard.http import account_service
from toteboard_client import ConnectionClosedError, ConnectionRejectedError


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Website]:
    async with website(tmp_path) as opened:
        yield opened


def never_expire(site: Website) -> None:
    """Let the session keys be without an end, as of `toteboard user key --no-expiry`."""
    site.world.operator.execute("UPDATE session_keys SET expires_at = NULL")


@pytest.mark.parametrize("has_end", [True, False], ids=["expires", "never expires"])
async def test_signing_out_ends_the_old_key_and_its_connections_and_returns_a_new_one(
    site: Website, has_end: bool
) -> None:
    await site.sign_up("ann")
    old = (await site.log_in("ann")).json()
    if not has_end:
        never_expire(site)
    devices = [await site.world.connect("ann") for _ in range(2)]
    lost = site.world.keys["ann"]
    new = (await site.sign_out("ANN")).json()
    assert new == old | {"user_session_key": new["user_session_key"]}
    assert new != old
    for device in devices:
        with pytest.raises(ConnectionClosedError):
            await device.call(1)
        assert device.socket.closed is not None
        assert device.socket.closed.code == 1008
    assert (await (await site.world.connect("ann")).call(1))["res"] == 1
    assert (await site.log_in("ann")).json() == new
    site.world.keys["ann"] = lost
    with pytest.raises(ConnectionRejectedError, match="401"):
        await site.world.connect("ann")


async def test_the_key_of_a_sign_out_lives_as_long_as_the_settings_say(site: Website) -> None:
    await site.sign_up("ann")
    never_expire(site)
    await site.sign_out("ann")
    _, expires_at = users.session_key_of(site.world.operator, 1) or ("", 0)
    assert expires_at is not None
    assert 0 <= site.world.now() + site.world.limits.session_ttl - expires_at < 60_000


async def test_a_wrong_password_signs_nobody_out(site: Website) -> None:
    await site.sign_up("ann")
    known = (await site.log_in("ann")).json()
    phone = await site.world.connect("ann")
    wrong = await site.sign_out("ann", "wrong password")
    assert wrong.status_code == 401
    assert wrong.content == (await site.sign_out("nobody")).content
    assert (await phone.call(1))["res"] == 1
    assert (await site.log_in("ann")).json() == known


async def test_a_disabled_user_is_refused_like_an_unknown_one(site: Website) -> None:
    await site.sign_up("dis")
    await site.world.operate(DisableUser("dis"))
    key = users.session_key_of(site.world.operator, 1)
    disabled, unknown = await site.sign_out("dis"), await site.sign_out("nobody")
    assert (disabled.status_code, disabled.content) == (401, unknown.content)
    assert users.session_key_of(site.world.operator, 1) == key


async def test_failed_sign_outs_and_sign_ins_of_a_name_are_counted_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No attempt is regained while a busy machine is hashing the passwords.
    monkeypatch.setattr(account_service, "NAME_INTERVAL_S", 1_000.0)
    async with website(tmp_path) as site:
        await site.sign_up("ann")
        for _ in range(account_service.NAME_BURST):
            assert (await site.sign_out("ann", "wrong password")).status_code == 401
        for answer in (await site.sign_out("ann"), await site.log_in("ann")):
            assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
            assert answer.headers["retry-after"]


async def test_the_sign_outs_of_an_address_become_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_service, "ADDRESS_BURST", 2)
    monkeypatch.setattr(account_service, "ADDRESS_INTERVAL_S", 1_000)
    async with website(tmp_path) as site:
        statuses = [(await site.sign_out("nobody")).status_code for _ in range(3)]
        assert statuses == [401, 401, 429]


async def test_a_sign_out_is_logged_without_its_secrets(site: Website) -> None:
    old = (await site.sign_up("ann")).json()["user_session_key"]
    with capture_logs() as lines:
        new = (await site.sign_out("ann")).json()["user_session_key"]
    told = [line for line in lines if line["event"] == "devices_signed_out"]
    assert [line["user_id"] for line in told] == [1]
    for secret in (old, new, PASSWORD, "argon2"):
        assert secret not in repr(lines)
