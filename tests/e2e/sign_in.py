"""Incorrect sign-ins: the digest is computed here, and parameters are changed after it."""

import secrets
from hashlib import sha256

from tests.support.process import Process

UNAUTHORIZED = 401


def digest(user_id: int | str, nonce: str, key: str) -> str:
    return sha256(f"{user_id}{nonce}{key}".encode()).hexdigest()


def query(server: Process, name: str = "ann", **changed: str) -> dict[str, str]:
    """Return the parts of a valid sign-in, with some of them changed after the digest was made."""
    user_id, key = server.keys[name]
    nonce = secrets.token_hex(8)
    return {"id": str(user_id), "n": nonce, "h": digest(user_id, nonce, key)} | changed


async def pinged(server: Process, target: str, **headers: str) -> int:
    """Sign in at a path and query, and send a ping. Return the code of the reply."""
    async with server.connect_to(target, **headers) as client:
        return int((await client.call(1))["res"])
