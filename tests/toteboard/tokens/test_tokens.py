"""Sign-in with tokens: a small identity provider, and every hostile token is refused."""

import base64
import hashlib
import hmac
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import jwt
import pytest
import trio
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from storage import users
from storage.database import Database
from storage.store import DisableUser
from storage.token_writes import free_name
from storage.user_writes import SetHost
from storage.users import User
from tests.support.people import bet, open_game, open_pool
from tests.support.provider import AT, AUDIENCE, ISSUER, KEY, OTHER, SHORT, URL, Provider
from tests.support.website import Website, website
from toteboard.token_settings import TokenSettings
from toteboard.tokens.key_sources import FixedKey, JwksSource
from toteboard.tokens.sign_in import key_source

ELLIPTIC = ec.generate_private_key(ec.SECP256R1())
EDWARDS = ed25519.Ed25519PrivateKey.generate()
Mint = Callable[[], str]


SETTINGS = TokenSettings(jwt_issuer=ISSUER, jwt_audience=AUDIENCE, jwt_jwks_url=URL)


@asynccontextmanager
async def site_with(
    folder: Path, settings: TokenSettings, keys: FixedKey | JwksSource
) -> AsyncIterator[Website]:
    async with website(folder, tokens=settings, keys=keys) as site:
        yield site


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
async def site(tmp_path: Path, provider: Provider) -> AsyncIterator[Website]:
    keys = JwksSource(ISSUER, URL, httpx.MockTransport(provider.answer))
    async with site_with(tmp_path, SETTINGS, keys) as opened:
        yield opened


async def sign_in(site: Website, token: Any) -> httpx.Response:
    answer = await site.post("/r/token/", {"token": token})
    if answer.status_code == 200:
        told = answer.json()
        site.world.keys[told["username"]] = (told["id"], told["user_session_key"])
    return answer


async def test_a_token_signs_in_and_makes_a_user_the_first_time(
    site: Website, provider: Provider
) -> None:
    first = await sign_in(site, provider.token(preferred_username="Ann Smith"))
    assert first.status_code == 200, first.text
    assert first.json()["username"] == "Ann_Smith"
    ann = await site.world.connect("Ann_Smith")
    assert (await ann.call(810))["available_balance"] == 1000
    again = await sign_in(site, provider.token(preferred_username="Another"))
    assert again.json() == first.json()
    assert provider.requests == 1


async def test_a_name_that_is_taken_gets_a_number_and_two_first_sign_ins_make_one_user(
    site: Website, provider: Provider
) -> None:
    site.world.add_user("ann")
    answers: list[httpx.Response] = []

    async def come() -> None:
        answers.append(await sign_in(site, provider.token(preferred_username="Ann")))

    async with trio.open_nursery() as nursery:
        for _ in range(5):
            nursery.start_soon(come)
    assert {each.json()["username"] for each in answers} == {"Ann-2"}
    assert {each.json()["user_session_key"] for each in answers} == {
        answers[0].json()["user_session_key"]
    }
    long = await sign_in(site, provider.token(subject="u-2", preferred_username="é" * 60))
    assert long.json()["username"] == "_"
    nameless = await sign_in(site, provider.token(subject="u-3"))
    assert nameless.json()["username"] == "player"


async def test_a_popular_name_becomes_unique_in_few_reads(
    site: Website, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, asked = site.world, Counter[str]()
    for name in ("player", *(f"player-{number}" for number in range(2, 300))):
        world.add_user(name)
    find = users.user_by_name

    def counted(database: Database, name: str) -> User | None:
        asked[name] += 1
        return find(database, name)

    monkeypatch.setattr(users, "user_by_name", counted)
    assert free_name(world.operator, "player") == "player-300"
    assert asked.total() <= 20


@pytest.mark.parametrize("name", ["erased", "Erased"])
async def test_a_name_whose_numbers_are_reserved_becomes_unique_too(
    site: Website, name: str
) -> None:
    assert free_name(site.world.operator, name) == f"{name}_"
    site.world.add_user(f"{name}_")
    assert free_name(site.world.operator, name) == f"{name}_-2"
    assert free_name(site.world.operator, f"{name}-7") == f"{name}-7-2"


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    parts = (
        base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=") for p in (header, claims)
    )
    return b".".join((*parts, b"")).decode()


CLAIMS = {"iss": ISSUER, "aud": AUDIENCE, "sub": "u-1", "iat": AT, "exp": AT + 300}
PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def by_hand(key: rsa.RSAPrivateKey = KEY, **claims: Any) -> str:
    """Return a token that a library refuses to make, or warns about."""
    signed = unsigned({"alg": "RS256", "kid": "one"}, CLAIMS | claims).rstrip(".")
    signature = key.sign(signed.encode(), PKCS1v15(), SHA256())
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def hs256_with_the_public_key() -> str:
    """Return a token signed with the public key as a secret, by hand: libraries refuse to."""
    signed = unsigned({"alg": "HS256", "kid": "one", "typ": "JWT"}, CLAIMS).rstrip(".")
    mac = hmac.new(PEM, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def minted(key: Any = KEY, algorithm: str = "RS256", **claims: Any) -> Mint:
    headers = {"kid": claims.pop("kid", "one")} | claims.pop("headers", {})
    given = {name: value for name, value in (CLAIMS | claims).items() if value is not None}
    return lambda: jwt.encode(given, key, algorithm, headers)


HOSTILE: Final[dict[str, Mint]] = {
    "alg none": lambda: unsigned({"alg": "none", "kid": "one"}, CLAIMS),
    "alg None": lambda: unsigned({"alg": "None", "kid": "one"}, CLAIMS),
    "HS256 with the public key": hs256_with_the_public_key,
    "another key": minted(OTHER),
    "a short key": lambda: by_hand(SHORT),
    "an algorithm that is not in the list": minted(algorithm="RS512"),
    "an elliptic key under the kid of an RSA key": minted(ELLIPTIC, "ES256"),
    "an Edwards key under the kid of an RSA key": minted(EDWARDS, "EdDSA"),
    "an unknown kid": minted(kid="two"),
    "no kid": lambda: jwt.encode(CLAIMS, KEY, "RS256"),
    "a critical header": minted(headers={"crit": ["b64"], "b64": True}),
    "another issuer": minted(iss="https://evil.example"),
    "no issuer": minted(iss=None),
    "a list of issuers": lambda: by_hand(iss=[ISSUER]),
    "another audience": minted(aud="other"),
    "no audience": minted(aud=None),
    "expired": minted(exp=AT - 1),
    "expired within the leeway": minted(exp=AT),
    "no exp": minted(exp=None),
    "exp is text": minted(exp=str(AT + 300)),
    "exp is true": minted(exp=True),
    "exp is no time of a clock": lambda: by_hand(exp=10**400),
    "nbf is no time of a clock": lambda: by_hand(nbf=-(10**400)),
    "iat is not a number": lambda: by_hand(iat=float("nan")),
    "valid too long": minted(exp=AT + 24 * 3_600 + 60),
    "from the future": minted(iat=AT + 120),
    "not yet": minted(nbf=AT + 120),
    "no subject": minted(sub=None),
    "an empty subject": minted(sub=""),
    "a long subject": minted(sub="x" * 201),
    "too long": minted(more="x" * 8_192),
    "changed": lambda: minted()()[:-6] + "AAAAAA",
    "no token": lambda: "a.b.c",
    "words": lambda: "hello",
}


@pytest.mark.parametrize("mint", HOSTILE.values(), ids=HOSTILE)
async def test_a_hostile_token_is_refused_like_every_other(site: Website, mint: Mint) -> None:
    answer = await sign_in(site, mint())
    assert answer.status_code == 401
    assert answer.json() == {"code": "not_authenticated", "text": "The token is not accepted."}
    assert site.world.operator.rows("SELECT * FROM users") == []


@pytest.mark.parametrize("token", [None, 5, ["x"], ""])
async def test_what_is_no_token_is_refused(site: Website, token: Any) -> None:
    assert (await sign_in(site, token)).status_code == 400


async def test_iat_may_be_missing_and_nbf_a_little_ahead(site: Website) -> None:
    assert (await sign_in(site, minted(iat=None, nbf=AT + 30)())).status_code == 200


async def test_a_disabled_user_stays_out_with_any_token(site: Website, provider: Provider) -> None:
    await sign_in(site, provider.token(preferred_username="ann"))
    await site.world.operate(DisableUser("ann"))
    assert (await sign_in(site, provider.token())).status_code == 401


async def test_the_newest_token_says_who_may_bet_and_host(
    site: Website, provider: Provider
) -> None:
    host, game_id = await open_game(site.world, host="host")
    pool_id = await open_pool(host, game_id)
    for later, (may_bet, res) in enumerate(((False, 666), ("yes", 666), (None, 666), (True, 356))):
        rights: dict[str, Any] = {"may_bet": may_bet, "can_host": may_bet is True}
        token = provider.token(preferred_username="ann", iat=AT + later, **rights)
        assert (await sign_in(site, token)).status_code == 200
        ann = await site.world.connect("ann")
        assert (await bet(ann, pool_id, "brazil", 1))["res"] == res, may_bet
    assert (await ann.call(365, source_name="mine"))["res"] == 335
    await sign_in(site, provider.token(can_host=False, iat=AT + 9))
    ann = await site.world.connect("ann")
    assert (await ann.call(365, source_name="other"))["code"] == "not_authorized"


async def test_an_older_token_gives_no_right_back_and_a_newer_one_does(
    site: Website, provider: Provider
) -> None:
    host, game_id = await open_game(site.world, host="host")
    pool_id = await open_pool(host, game_id)

    async def comes(issued: int, **rights: Any) -> tuple[int, int]:
        token = provider.token(preferred_username="ann", iat=issued, **rights)
        assert (await sign_in(site, token)).status_code == 200
        ann = await site.world.connect("ann")
        placed = await bet(ann, pool_id, "brazil", 1)
        return placed["res"], (await ann.call(365, source_name=f"of {issued}"))["res"]

    free, barred = {"may_bet": True, "can_host": True}, {"may_bet": False, "can_host": False}
    assert await comes(AT - 300, **free) == (356, 335)
    assert await comes(AT - 200, **barred) == (666, 666)
    assert await comes(AT - 300, **free) == (666, 666)
    assert await comes(AT - 100, **barred) == (666, 666), "the same rights again are newer rights"
    assert await comes(AT - 150, **free) == (666, 666)
    assert await comes(AT - 50, **free) == (356, 335)
    assert await comes(AT - 10) == (356, 335), "it says nothing about rights"


async def test_the_same_token_again_gives_no_right_back(site: Website, provider: Provider) -> None:
    free = provider.token(preferred_username="ann", can_host=True)
    await sign_in(site, free)
    await site.world.operate(SetHost("ann", False))
    for token in (free, provider.token(can_host=True, jti="another of the same second")):
        await sign_in(site, token)
        ann = await site.world.connect("ann")
        assert (await ann.call(365, source_name="mine"))["code"] == "not_authorized"
    await sign_in(site, provider.token(may_bet=False))
    await sign_in(site, provider.token(may_bet=True))
    (user,) = site.world.operator.rows("SELECT may_bet FROM users WHERE name = 'ann'")
    assert user["may_bet"] == 0


async def test_the_first_token_counts_against_older_ones_too(
    site: Website, provider: Provider
) -> None:
    await sign_in(site, provider.token(preferred_username="ann", can_host=False))
    await sign_in(site, provider.token(can_host=True, iat=AT - 1))
    ann = await site.world.connect("ann")
    assert (await ann.call(365, source_name="mine"))["code"] == "not_authorized"


async def test_a_thousand_sign_ins_ask_the_provider_once(site: Website, provider: Provider) -> None:
    token = provider.token()
    for _ in range(50):  # as many as one address may make at once
        assert (await sign_in(site, token)).status_code == 200
    assert provider.requests == 1


async def test_a_shared_secret_verifies_hs256_only(tmp_path: Path) -> None:
    secret = "s" * 32
    settings = TokenSettings(jwt_issuer=ISSUER, jwt_audience=AUDIENCE, jwt_secret=secret)
    keys = key_source(settings)
    assert isinstance(keys, FixedKey)
    async with site_with(tmp_path, settings, keys) as site:
        assert (await sign_in(site, jwt.encode(CLAIMS, secret, "HS256"))).status_code == 200
        assert (await sign_in(site, jwt.encode(CLAIMS, "t" * 32, "HS256"))).status_code == 401
        assert (await sign_in(site, minted()())).status_code == 401


async def test_a_public_key_in_a_file_verifies_whatever_the_kid(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(PEM)
    settings = TokenSettings(
        jwt_issuer=ISSUER, jwt_audience=AUDIENCE, jwt_public_key=str(tmp_path / "key.pem")
    )
    keys = key_source(settings)
    assert isinstance(keys, FixedKey)
    async with site_with(tmp_path, settings, keys) as site:
        assert (await sign_in(site, minted(kid="any")())).status_code == 200
        assert (await sign_in(site, hs256_with_the_public_key())).status_code == 401


async def test_without_settings_there_is_no_such_path(tmp_path: Path) -> None:
    async with website(tmp_path) as site:
        assert (await sign_in(site, minted()())).status_code == 404


ON = {"jwt_issuer": ISSUER, "jwt_audience": AUDIENCE}


@pytest.mark.parametrize(
    "settings",
    [
        {"jwt_issuer": ISSUER},
        {"jwt_audience": AUDIENCE},
        {"jwt_secret": "s"},
        ON,
        ON | {"jwt_secret": "s", "jwt_jwks_url": URL},
        ON | {"jwt_jwks_url": "http://login.example/jwks"},
        ON | {"jwt_jwks_url": URL, "jwt_algorithms": ("none",)},
        ON | {"jwt_jwks_url": URL, "jwt_algorithms": ("RS256", "HS256")},
        ON | {"jwt_secret": "s", "jwt_algorithms": ("RS256",)},
        ON | {"jwt_jwks_url": URL, "jwt_algorithms": ()},
    ],
)
def test_settings_that_cannot_be_used_are_refused(settings: dict[str, Any]) -> None:
    assert TokenSettings(**settings).fault() is not None


def test_settings_that_can_be_used_are_not_refused() -> None:
    assert TokenSettings().fault() is None
    assert SETTINGS.fault() is None
    secret = TokenSettings(jwt_issuer=ISSUER, jwt_audience=AUDIENCE, jwt_secret="s")
    assert secret.fault() is None
