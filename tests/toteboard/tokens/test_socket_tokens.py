"""A connection that is signed in with a token lives as long as the token, or a fresh one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import jwt
import trio

from storage.store import DisableUser
from tests.support.process import heard_to_the_end
from tests.support.strangers import answer_to, handshake, is_unauthorized
from tests.support.world import NOW, World
from toteboard.token_settings import TokenSettings
from toteboard.tokens.sign_in import TokenDesk, key_source
from toteboard_client import Client, signed_url

SECRET = "s" * 32
SETTINGS = TokenSettings(jwt_issuer="login", jwt_audience="tote", jwt_secret=SECRET)


def token(subject: str = "u-1", *, lives_s: float = 300, secret: str = SECRET, **more: Any) -> str:
    """Return a token from the beginning of the world on."""
    claims = {"iss": "login", "aud": "tote", "sub": subject, "preferred_username": subject}
    return jwt.encode(claims | {"exp": NOW / 1_000 + lives_s} | more, secret, "HS256")


@asynccontextmanager
async def world_with_tokens(folder: Path) -> AsyncIterator[World]:
    world = World(folder)
    world.make_token_desk = partial(TokenDesk, SETTINGS, key_source(SETTINGS), 100_000)
    async with world:
        yield world


async def by_token(world: World, *claims: str, **more: Any) -> Client:
    return await world.connect_by(f"/?token={token(*claims, **more)}")


async def test_a_token_makes_the_user_once_and_opens_many_connections(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with world_with_tokens(tmp_path) as world:
        first = await by_token(world)
        assert (await first.call(810))["available_balance"] == 1000
        rows = world.operator.rows
        before = rows("SELECT * FROM users"), rows("SELECT * FROM operator_acts")
        again = [await by_token(world) for _ in range(5)]
        assert (await again[-1].call(800))["current_balance"] == 1000
        assert (rows("SELECT * FROM users"), rows("SELECT * FROM operator_acts")) == before
        assert [row["name"] for row in before[0]] == ["u-1"]


async def test_two_first_connections_at_once_make_one_user(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with world_with_tokens(tmp_path) as world:
        async with trio.open_nursery() as nursery:
            for _ in range(4):
                nursery.start_soon(by_token, world)
        assert len(world.operator.rows("SELECT * FROM users")) == 1


async def test_a_connection_ends_with_its_token(tmp_path: Path, autojump_clock: object) -> None:
    async with world_with_tokens(tmp_path) as world:
        short, long = await by_token(world, lives_s=30), await by_token(world, "u-2", lives_s=50)
        for client, at_s in ((short, 30), (long, 50)):
            _, reason = await heard_to_the_end(client)
            assert (reason.code, reason.reason) == (1008, "token expired")
            assert (world.now() - NOW) // 1_000 == at_s
        dead = handshake(f"/?token={token(lives_s=30)}")
        assert is_unauthorized(await answer_to(world, dead))


async def test_a_fresh_token_keeps_the_connection(tmp_path: Path, autojump_clock: object) -> None:
    async with world_with_tokens(tmp_path) as world:
        client = await by_token(world, lives_s=60)
        await trio.sleep(50)
        fresh = await client.call(1010, token=token(lives_s=200))
        assert (fresh["res"], fresh["expires_at"]) == (1110, NOW + 200_000)
        await trio.sleep(149)
        assert (await client.call(1))["res"] == 1
        await heard_to_the_end(client)
        assert (world.now() - NOW) // 1_000 == 200


async def test_a_token_that_is_refused_does_not_renew_and_does_not_close(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with world_with_tokens(tmp_path) as world:
        client = await by_token(world, lives_s=30)
        await by_token(world, "u-2")
        rows = world.operator.rows("SELECT * FROM users")
        for refused in (
            *(token("u-2"), token("u-3"), token(secret="t" * 32), token(lives_s=-1), "x"),
            token(lives_s=200, aud="another"),
        ):
            reply = await client.call(1010, token=refused)
            assert reply["code"] == "not_authorized"
        assert world.operator.rows("SELECT * FROM users") == rows
        await heard_to_the_end(client)
        assert (world.now() - NOW) // 1_000 == 30


async def test_a_connection_by_session_key_is_not_renewed_by_a_token(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with world_with_tokens(tmp_path) as world:
        world.add_user("ann")
        ann = await world.connect("ann")
        assert (await ann.call(1010, token=token("ann")))["code"] == "not_authorized"
        await trio.sleep(1_000)
        assert (await ann.call(1))["res"] == 1


async def test_a_url_has_a_token_or_a_signature_and_never_both(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with world_with_tokens(tmp_path) as world:
        world.add_user("ann")
        signed = signed_url("/", *world.keys["ann"])
        for target in (
            *(f"{signed}&token={token()}", f"/?token={token()}&token={token()}", "/?token="),
            *(f"/?token={token()}&guest=1", f"{signed}&guest=1"),
            *(f"/?token={token()}&id=1", f"/?token={token(secret='t' * 32)}", "/?token=%00"),
        ):
            assert is_unauthorized(await answer_to(world, handshake(target))), target
        assert (await (await world.connect("ann")).call(1))["res"] == 1


async def test_a_disabled_user_is_out_whatever_the_token_says(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with world_with_tokens(tmp_path) as world:
        client = await by_token(world)
        await world.operate(DisableUser("u-1"))
        _, reason = await heard_to_the_end(client)
        assert reason.code == 1008
        assert is_unauthorized(await answer_to(world, handshake(f"/?token={token()}")))


async def test_the_newest_token_counts_for_what_the_user_may_do(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with world_with_tokens(tmp_path) as world:
        client = await by_token(world)
        assert (await client.call(365, source_name="a"))["code"] == "not_authorized"
        host = await by_token(world, can_host=True)
        assert (await host.call(365, source_name="a"))["res"] == 335
        _, reason = await heard_to_the_end(client)
        assert reason.code == 1008, "it knows the old rights"


async def test_without_the_settings_a_token_is_refused(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        assert is_unauthorized(await answer_to(world, handshake(f"/?token={token()}")))
        world.add_user("ann")
        ann = await world.connect("ann")
        assert (await ann.call(1010, token=token("ann")))["code"] == "not_authorized"
