"""A small identity provider in the same process: keys, tokens, and its published key set."""

import json
from typing import Any, Final

import httpx
import jwt
import orjson
from attrs import Factory, define
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from tests.support.world import NOW

ISSUER, AUDIENCE = "https://login.example", "toteboard"
URL: Final = "https://login.example/jwks"
AT: Final = NOW // 1_000
KEY = rsa.generate_private_key(65_537, 2_048)
OTHER = rsa.generate_private_key(65_537, 2_048)
SHORT = rsa.generate_private_key(65_537, 1_024)


@define
class Provider:
    """A small identity provider: it signs tokens, and answers requests for its key set."""

    keys: dict[str, Any] = Factory(lambda: {"one": KEY})
    requests: int = 0
    is_down: bool = False
    failure: Exception | None = None
    body: bytes | None = None

    def token(self, key_id: str = "one", *, subject: str = "u-1", **claims: Any) -> str:
        """Return a token that is valid for five minutes, unless the claims say otherwise."""
        usual = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "iat": AT, "exp": AT + 300}
        given = {name: value for name, value in (usual | claims).items() if value is not None}
        return jwt.encode(given, self.keys[key_id], "RS256", {"kid": key_id})

    async def answer(self, _request: httpx.Request) -> httpx.Response:
        """Answer with the key set."""
        self.requests += 1
        if self.failure is not None:
            raise self.failure
        if self.is_down:
            raise httpx.ConnectError("down")
        return httpx.Response(200, stream=httpx.ByteStream(self.body or self._set()))

    def _set(self) -> bytes:
        keys = [
            json.loads(RSAAlgorithm.to_jwk(key.public_key())) | {"kid": name, "use": "sig"}
            for name, key in self.keys.items()
        ]
        return orjson.dumps({"keys": keys})
