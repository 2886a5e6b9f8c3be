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
LEADS: Final = b"+"
DOES_NOT_LEAD: Final = b"-"
CALLER: Final = b"caller"
LISTENER: Final = b"listener"


class NotTrustedError(Exception):
    """The other side is no node of this cluster. The text is for a person."""


class DoesNotLeadError(Exception):
    """The node that was called does not lead."""


async def answer_caller(stream: trio.abc.Stream, secret: bytes, *, leads: bool) -> None:
    """Prove a listener to a caller that has proved itself. Raise `NotTrustedError`.

    Also raise `trio.BrokenResourceError` and `trio.ClosedResourceError`.
    """
    ours = secrets.token_bytes(CHALLENGE_BYTES)
    await stream.send_all(ours)
    greeting = await _exactly(stream, len(GREETING) + CHALLENGE_BYTES + PROOF_BYTES)
    name, rest = greeting[: len(GREETING)], greeting[len(GREETING) :]
    theirs, proof = rest[:CHALLENGE_BYTES], rest[CHALLENGE_BYTES:]
    if name != GREETING:
        raise NotTrustedError("the other side is no node of this version")
    if not hmac.compare_digest(proof, _proof(secret, CALLER, ours + theirs)):
        raise NotTrustedError("the other node has another key file")
    verdict = LEADS if leads else DOES_NOT_LEAD
    await stream.send_all(verdict + _proof(secret, LISTENER, ours + theirs + verdict))


async def call_listener(stream: trio.abc.Stream, secret: bytes) -> None:
    """Prove a caller, and verify the listener's proof.

    Raise `NotTrustedError`, `DoesNotLeadError`, `trio.BrokenResourceError` and
    `trio.ClosedResourceError`.
    """
    theirs = await _exactly(stream, CHALLENGE_BYTES)
    ours = secrets.token_bytes(CHALLENGE_BYTES)
    await stream.send_all(GREETING + ours + _proof(secret, CALLER, theirs + ours))
    answer = await _exactly(stream, len(LEADS) + PROOF_BYTES)
    verdict, proof = answer[:1], answer[1:]
    if not hmac.compare_digest(proof, _proof(secret, LISTENER, theirs + ours + verdict)):
        raise NotTrustedError("the other node has another key file")
    if verdict != LEADS:
        raise DoesNotLeadError


def _proof(secret: bytes, side: bytes, about: bytes) -> bytes:
    return hmac.digest(secret, b"toteboard " + side + b":" + about, "sha256")


async def _exactly(stream: trio.abc.Stream, size: int) -> bytes:
    """Read `size` bytes. Raise `NotTrustedError` if the stream ends before."""
    data = b""
    while len(data) < size:
        more = await stream.receive_some(size - len(data))
        if not more:
            raise NotTrustedError("the other side has ended the conversation")
        data += more
    return data
