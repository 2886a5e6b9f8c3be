"""How two nodes prove to each other that they are of one cluster, before a link begins.

Both know a secret, which is derived from the key file that all nodes of a cluster share. Neither
sends it:

    caller (an edge)                        listener
    ----------------                        --------
          <-------------------------------- nonce L, 32 random bytes
    GREETING, nonce C ------------------->
    HMAC(secret, "caller", L, C) -------->
          <-------------------------------- verdict: LEADS, or DOES_NOT_LEAD
          <-------------------------------- HMAC(secret, "listener", L, C, verdict)

A node that wants a copy of the other one's database (`actors/link/file_copy.py`) says COPY_GREETING
and "copier" instead, and any node answers it. Both sides then derive the key of the copy's frames
from the secret and both nonces.

- Each side answers a nonce that the other has just drawn, so a recorded conversation proves
  nothing. The words keep one side's proof from being used as the other's.
- A stranger gets 32 random bytes, and costs the listener one HMAC.
- The bytes behind the handshake are protected by TLS, if it is set, and by the network otherwise.

The caller sets the time limit. Nothing that a stranger sends is kept: both messages have a fixed
length.
"""

import hmac
import secrets
from typing import Final

import trio

CHALLENGE_BYTES: Final = 32
PROOF_BYTES: Final = 32
GREETING: Final = b"toteboard node 1"
"""The first bytes of a caller, with the version of this handshake."""
COPY_GREETING: Final = b"toteboard copy 1"
"""The same of a caller that wants a copy of the database."""
LEADS: Final = b"+"
DOES_NOT_LEAD: Final = b"-"
CALLER: Final = b"caller"
COPIER: Final = b"copier"
LISTENER: Final = b"listener"
COPY_KEY: Final = b"copy key"


class NotTrustedError(Exception):
    """The other side is no node of this cluster. The text is for a person."""


class DoesNotLeadError(Exception):
    """The node that was called does not lead."""


async def answer_caller(stream: trio.abc.Stream, secret: bytes, *, leads: bool) -> bytes | None:
    """Prove a listener to a caller that has proved itself.

    Return None if the caller wants a link, and the key of the copy's frames if it wants a copy.
    Raise `NotTrustedError`, `trio.BrokenResourceError` and `trio.ClosedResourceError`.
    """
    ours = secrets.token_bytes(CHALLENGE_BYTES)
    await stream.send_all(ours)
    greeting = await exactly(stream, len(GREETING) + CHALLENGE_BYTES + PROOF_BYTES)
    name, rest = greeting[: len(GREETING)], greeting[len(GREETING) :]
    nonces, proof = ours + rest[:CHALLENGE_BYTES], rest[CHALLENGE_BYTES:]
    if name not in (GREETING, COPY_GREETING):
        raise NotTrustedError("the other side is no node of this version")
    wants_copy = name == COPY_GREETING
    if not hmac.compare_digest(proof, _proof(secret, COPIER if wants_copy else CALLER, nonces)):
        raise NotTrustedError("the other node has another key file")
    verdict = LEADS if leads else DOES_NOT_LEAD
    await stream.send_all(verdict + _proof(secret, LISTENER, nonces + verdict))
    return _proof(secret, COPY_KEY, nonces) if wants_copy else None


async def call_listener(stream: trio.abc.Stream, secret: bytes) -> None:
    """Prove a caller that wants a link, and verify the listener's proof.

    Raise `NotTrustedError`, `DoesNotLeadError`, `trio.BrokenResourceError` and
    `trio.ClosedResourceError`.
    """
    verdict, _ = await _call(stream, secret, GREETING, CALLER)
    if verdict != LEADS:
        raise DoesNotLeadError


async def call_for_copy(stream: trio.abc.Stream, secret: bytes) -> bytes:
    """Prove a caller that wants a copy, and verify the listener's proof.

    Return the key of the copy's frames. Raise as `call_listener`, except `DoesNotLeadError`.
    """
    _, nonces = await _call(stream, secret, COPY_GREETING, COPIER)
    return _proof(secret, COPY_KEY, nonces)


async def _call(
    stream: trio.abc.Stream, secret: bytes, greeting: bytes, side: bytes
) -> tuple[bytes, bytes]:
    """Return the listener's verdict and both nonces."""
    theirs = await exactly(stream, CHALLENGE_BYTES)
    ours = secrets.token_bytes(CHALLENGE_BYTES)
    nonces = theirs + ours
    await stream.send_all(greeting + ours + _proof(secret, side, nonces))
    answer = await exactly(stream, len(LEADS) + PROOF_BYTES)
    verdict, proof = answer[:1], answer[1:]
    if not hmac.compare_digest(proof, _proof(secret, LISTENER, nonces + verdict)):
        raise NotTrustedError("the other node has another key file")
    return verdict, nonces


def _proof(secret: bytes, side: bytes, about: bytes) -> bytes:
    return hmac.digest(secret, b"toteboard " + side + b":" + about, "sha256")


async def exactly(stream: trio.abc.Stream, size: int) -> bytes:
    """Read `size` bytes. Raise `NotTrustedError` if the stream ends before."""
    data = b""
    while len(data) < size:
        more = await stream.receive_some(size - len(data))
        if not more:
            raise NotTrustedError("the other side has ended the conversation")
        data += more
    return data
