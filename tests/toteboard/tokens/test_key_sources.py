"""The key set of an issuer: when it is fetched, how long it is used, and which keys are."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
import pytest
import trio
from jwt.algorithms import RSAAlgorithm
from structlog.testing import capture_logs

from tests.support.provider import ISSUER, KEY, OTHER, SHORT, URL, Provider
from toteboard.tokens.key_sources import JwksSource


@pytest.fixture
def provider() -> Provider:
    return Provider()


async def key_of(source: JwksSource, key_id: str) -> object:
    return await source.key(key_id, "RS256")


@asynccontextmanager
async def running(provider: Provider) -> AsyncIterator[JwksSource]:
    source = JwksSource(ISSUER, URL, httpx.MockTransport(provider.answer))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(source.run)
        yield source
        nursery.cancel_scope.cancel()


async def test_a_rotated_key_is_fetched_at_most_once_a_minute(
    provider: Provider, autojump_clock: object
) -> None:
    async with running(provider) as source:
        assert await key_of(source, "one") is not None
        provider.keys = {"two": OTHER}
        for _ in range(10):
            assert await key_of(source, "nothing") is None
        assert provider.requests == 2
        assert await key_of(source, "two") is not None
        provider.keys = {"three": KEY}
        assert await key_of(source, "three") is None, "within the minute"
        await trio.sleep(61)
        assert await key_of(source, "three") is not None
        assert await key_of(source, "two") is None
        assert provider.requests == 3


async def test_keys_are_used_stale_for_a_day_while_the_issuer_is_down(
    provider: Provider, autojump_clock: object
) -> None:
    async with running(provider) as source:
        assert await key_of(source, "one") is not None
        provider.is_down = True
        await trio.sleep(23 * 3_600)
        assert await key_of(source, "one") is not None
        await trio.sleep(2 * 3_600)
        before = trio.current_time()
        assert await key_of(source, "one") is None
        assert trio.current_time() - before <= 6
        provider.is_down = False
        assert await key_of(source, "one") is not None


@pytest.mark.parametrize(
    "body", [b"x" * 2_097_152, b"{}", b"[]", b'{"keys": 5}', b'{"keys": [5, {"kid": "one"}]}']
)
async def test_a_bad_key_set_is_no_key_set(
    provider: Provider, autojump_clock: object, body: bytes
) -> None:
    provider.body = body
    async with running(provider) as source:
        assert await key_of(source, "one") is None


async def test_a_fetch_that_fails_in_any_way_costs_that_fetch_alone(
    provider: Provider, autojump_clock: object
) -> None:
    async with running(provider) as source:
        for failure in (
            httpx.ConnectError("down"),
            httpx.InvalidURL("no host"),
            ExceptionGroup("both addresses", [OSError("no"), OSError("no")]),
            RuntimeError("a bug"),
        ):
            provider.failure = failure
            assert await key_of(source, "one") is None
            await trio.sleep(60)
        provider.failure = None
        assert await key_of(source, "one") is not None


@pytest.mark.parametrize("odd", [5, None, [], {}, "", "!", "AA", "\u00e9", "A" * 10_000])
async def test_an_odd_entry_costs_that_entry_alone(
    provider: Provider, autojump_clock: object, odd: Any
) -> None:
    good = json.loads(RSAAlgorithm.to_jwk(KEY.public_key())) | {"kid": "good"}
    bad = [good | {"kid": "bad", name: odd} for name in ("n", "e", "kty", "use", "d", "oth")]
    bad += [{"kty": "EC", "crv": "P-256", "kid": "bad", "x": odd, "y": odd}]
    bad += [{"kty": "OKP", "crv": odd, "kid": "bad", "x": odd}, good | {"alg": odd, "kid": "bad"}]
    provider.body = orjson.dumps({"keys": [*bad, good]})
    async with running(provider) as source:
        assert await key_of(source, "good") is not None


async def test_keys_that_may_not_verify_are_ignored(
    provider: Provider, autojump_clock: object
) -> None:
    good = json.loads(RSAAlgorithm.to_jwk(KEY.public_key()))
    short = json.loads(RSAAlgorithm.to_jwk(SHORT.public_key()))
    secret = base64.urlsafe_b64encode(b"x" * 32).decode()
    provider.body = orjson.dumps(
        {
            "keys": [
                good | {"kid": "good"},
                good | {"kid": "enc", "use": "enc"},
                good | {"kid": "bound", "alg": "RS512"},
                good | {"kid": "ops", "key_ops": ["encrypt"]},
                good | {"kid": "verify", "key_ops": ["verify"]},
                good,
                short | {"kid": "short"},
                {"kty": "oct", "k": secret, "kid": "oct"},
                {"kty": "RSA", "kid": "broken"},
            ]
        }
    )
    async with running(provider) as source:
        found = {name: await key_of(source, name) for name in ("good", "enc", "bound", "oct")}
        found |= {name: await key_of(source, name) for name in ("short", "broken", "ops", "verify")}
    assert [name for name, key in found.items() if key is not None] == ["good", "verify"]


async def test_a_token_without_a_key_id_has_no_key_of_a_set(
    provider: Provider, autojump_clock: object
) -> None:
    provider.keys = {"": KEY}
    async with running(provider) as source:
        assert await source.key(None, "RS256") is None
        assert await key_of(source, "") is not None


@pytest.mark.parametrize("failure", [httpx.ConnectError("down"), RuntimeError("a bug")])
async def test_an_issuer_that_fails_in_any_way_is_asked_less_and_less_often(
    provider: Provider, autojump_clock: object, failure: Exception
) -> None:
    provider.failure = failure
    async with running(provider) as source:
        with capture_logs():  # a traceback for each fetch would take long to print
            for _ in range(600):
                assert await key_of(source, "one") is None
                await trio.sleep(0.1)
        assert trio.current_time() >= 60
        assert provider.requests <= 15 + trio.current_time() / 60
        provider.failure = None
        await trio.sleep(60)
        assert await key_of(source, "one") is not None


async def test_an_issuer_that_has_failed_for_long_is_still_asked(
    provider: Provider, autojump_clock: object
) -> None:
    provider.is_down = True
    async with running(provider) as source:
        for _ in range(100):
            assert await key_of(source, "one") is None
            await trio.sleep(61)
        assert provider.requests >= 100
        provider.is_down = False
        assert await key_of(source, "one") is not None


async def test_an_empty_key_set_takes_no_key_away(
    provider: Provider, autojump_clock: object
) -> None:
    async with running(provider) as source:
        assert await key_of(source, "one") is not None
        provider.body = b'{"keys": []}'
        assert await key_of(source, "unknown") is None
        assert provider.requests == 2
        assert await key_of(source, "one") is not None


async def test_keys_are_kept_by_issuer_and_address_too(
    provider: Provider, autojump_clock: object
) -> None:
    async with running(provider) as source:
        assert await key_of(source, "one") is not None
        assert {key[:2] for key in source._keys} == {(ISSUER, URL)}
