"""A call to another node, up to the proof of both sides."""

import ssl
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import trio

Proof = TypeVar("Proof")

PROOF_S: Final = 5.0
"""How long the connection, TLS and the proof of both sides may take together."""


async def called(
    address: str,
    tls: ssl.SSLContext | None,
    prove: Callable[[trio.abc.Stream], Awaitable[Proof]],
) -> tuple[trio.abc.Stream, Proof]:
    """Connect to the node with this address, "HOST:PORT". Return the stream, and what `prove` does.

    Raise OSError, `trio.BrokenResourceError`, `trio.TooSlowError`, and as `prove` does.
    """
    host, _, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    with trio.fail_after(PROOF_S):
        stream: trio.abc.Stream = await trio.open_tcp_stream(host, int(port))
        try:
            if tls is not None:
                stream = trio.SSLStream(stream, tls, server_hostname=host)
            proof = await prove(stream)
        except BaseException:
            await trio.aclose_forcefully(stream)
            raise
    return stream, proof
