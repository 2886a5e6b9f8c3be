"""Nodes call each other over TCP: strangers cost nothing, and keep no node out."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
import trio
import trustme

from actors import node_listener
from actors.link.carrier import StreamLink
from actors.link.messages import Answered, LinkMessage
from actors.link.node_auth import DoesNotLeadError, NotTrustedError
from actors.node_listener import Give, NodeListener, call_node

SECRET = b"s" * 32


class Edges:
    """Stands for a leading node's edges: runs each link, and sends the first message."""

    def __init__(self, nursery: trio.Nursery) -> None:
        self._nursery = nursery
        self.accepted: list[StreamLink] = []

    def may_send(self) -> bool:
        """Allow it."""
        return True

    def accept(self, link: StreamLink) -> bool:
        """Run a link."""
        self.accepted.append(link)
        link.send(Answered(1, 1))
        self._nursery.start_soon(link.run, lambda _: None)
        return True


async def give_nothing(_stream: trio.abc.Stream, _key: bytes) -> None:
    """Give no copy."""


@asynccontextmanager
async def listening(
    tls: ssl.SSLContext | None = None, *, leads: bool = True, give: Give = give_nothing
) -> AsyncIterator[tuple[str, Edges]]:
    """Listen on a free port. Yield the address, and what accepts links."""
    async with trio.open_nursery() as nursery:
        edges = Edges(nursery)
        sockets = await trio.open_tcp_listeners(0, host="127.0.0.1")
        port = sockets[0].socket.getsockname()[1]
        listeners: list[Any] = list(sockets)
        if tls is not None:
            listeners = [trio.SSLListener(each, tls) for each in sockets]
        leading = cast(Any, edges) if leads else None
        listener = NodeListener(listeners, SECRET, lambda: leading, give)
        nursery.start_soon(listener.run)
        yield f"127.0.0.1:{port}", edges
        nursery.cancel_scope.cancel()


async def _first_message(link: StreamLink) -> LinkMessage:
    received: list[LinkMessage] = []

    def note(message: LinkMessage) -> None:
        received.append(message)
        link.finish()

    with trio.fail_after(5):
        await link.run(note)
    return received[0]


async def test_a_node_of_the_cluster_gets_a_link() -> None:
    async with listening() as (address, _):
        link = await call_node(address, SECRET, None)
        assert await _first_message(link) == Answered(1, 1)


async def test_a_node_that_does_not_lead_says_so() -> None:
    async with listening(leads=False) as (address, _):
        with pytest.raises(DoesNotLeadError):
            await call_node(address, SECRET, None)


async def test_a_node_with_another_key_file_is_refused() -> None:
    async with listening() as (address, edges):
        with pytest.raises(NotTrustedError):
            await call_node(address, b"x" * 32, None)
        assert not edges.accepted


async def test_strangers_that_say_nothing_keep_no_node_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(node_listener, "MOST_STRANGERS", 3)
    async with listening() as (address, edges):
        host, port = address.split(":")
        strangers = [await trio.open_tcp_stream(host, int(port)) for _ in range(20)]
        link = await call_node(address, SECRET, None)
        assert await _first_message(link) == Answered(1, 1)
        assert len(edges.accepted) == 1
        for stranger in strangers:
            await stranger.aclose()


async def test_with_certificates_only_the_clusters_own_nodes_are_trusted() -> None:
    ours, other = trustme.CA(), trustme.CA()
    serving = _tls(ours, ssl.Purpose.CLIENT_AUTH)
    async with listening(serving) as (address, edges):
        link = await call_node(address, SECRET, _tls(ours, ssl.Purpose.SERVER_AUTH))
        assert await _first_message(link) == Answered(1, 1)
        with pytest.raises((trio.BrokenResourceError, NotTrustedError)):
            await call_node(address, SECRET, _tls(other, ssl.Purpose.SERVER_AUTH))
        with pytest.raises((trio.BrokenResourceError, NotTrustedError)):
            await call_node(address, SECRET, _tls(ours, ssl.Purpose.SERVER_AUTH, signed_by=other))
        assert len(edges.accepted) == 1


def _tls(
    trusted: trustme.CA, purpose: ssl.Purpose, signed_by: trustme.CA | None = None
) -> ssl.SSLContext:
    context = ssl.create_default_context(purpose)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=trusted.cert_pem.bytes().decode())
    (signed_by or trusted).issue_cert("127.0.0.1").configure_cert(context)
    return context
