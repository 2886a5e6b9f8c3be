"""A node gives copies of its database while it serves, and another one takes them: over sockets."""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import trio
import trustme

from actors.cluster import copies
from actors.cluster.calling import called
from actors.cluster.copies import CopyGiver, take_copy
from actors.link.file_copy import CopyFailedError
from actors.link.node_auth import call_for_copy
from actors.node_listener import NodeListener
from storage.digest import file_digest
from storage.files import make_private
from storage.opening import open_database, open_for_reading
from storage.position import FilePosition, join_cluster
from storage.records import LOG_START
from tests.support.process import PATIENCE_S

SECRET = b"s" * 32


@pytest.fixture
def node(tmp_path: Path) -> Path:
    """A file of some 8 MiB, more than sockets hold on the way."""
    path = tmp_path / "giver" / "node.db"
    path.parent.mkdir()
    with closing(open_database(path)) as database:
        join_cluster(database, FilePosition(str(uuid4()), LOG_START))
        database.execute("CREATE TABLE large (id INTEGER PRIMARY KEY, data BLOB)")
        database.execute("INSERT INTO large VALUES (1, randomblob(8388608))")
    return path


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    make_private(tmp_path / "draft")
    return tmp_path / "draft"


@asynccontextmanager
async def giving(path: Path, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Give copies of a file on a free port, and yield the address."""
    sockets = await trio.open_tcp_listeners(0, host="127.0.0.1")
    listeners: list[Any] = list(sockets)
    if tls is not None:
        listeners = [trio.SSLListener(each, tls) for each in sockets]
    listener = NodeListener(listeners, SECRET, lambda: None, CopyGiver(path).give)
    with trio.fail_after(PATIENCE_S):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(listener.run)
            yield f"127.0.0.1:{sockets[0].socket.getsockname()[1]}"
            nursery.cancel_scope.cancel()


def digest(path: Path) -> bytes:
    with closing(open_for_reading(path)) as database:
        return file_digest(database)


def size(path: Path) -> int:
    return path.stat().st_size


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir() if each.name.endswith(".part"))


async def gives(draft: Path, address: str) -> bool:
    try:
        await take_copy(draft, [address], SECRET, None)
    except CopyFailedError:
        return False
    return True


async def until(holds: Callable[[], bool]) -> None:
    """Wait until a condition of other threads holds."""
    while True:
        if holds():
            return
        await trio.sleep(0.02)


async def test_a_node_that_does_not_lead_gives_a_copy(node: Path, draft: Path) -> None:
    async with giving(node) as address:
        assert await take_copy(draft, [address], SECRET, None) == address
    assert digest(draft) == digest(node)
    assert names(node.parent) == []


async def test_a_node_that_does_not_answer_is_passed_over(node: Path, draft: Path) -> None:
    async with giving(node) as address:
        assert await take_copy(draft, ["127.0.0.1:1", address], SECRET, None) == address
    assert digest(draft) == digest(node)


async def test_without_any_node_the_reasons_are_named(draft: Path) -> None:
    with pytest.raises(CopyFailedError, match="no node is running"):
        await take_copy(draft, [], SECRET, None)
    with pytest.raises(CopyFailedError, match=r"127\.0\.0\.1:1: "):
        await take_copy(draft, ["127.0.0.1:1"], SECRET, None)


async def test_a_node_with_another_key_file_gets_no_copy(node: Path, draft: Path) -> None:
    async with giving(node) as address:
        with pytest.raises(CopyFailedError, match=r"another key file|ended"):
            await take_copy(draft, [address], b"x" * 32, None)
    assert size(draft) == 0


async def test_a_node_makes_one_copy_at_a_time_and_nothing_is_left_of_one_that_is_cut(
    node: Path, draft: Path
) -> None:
    async with giving(node) as address:
        stream, _ = await called(address, None, lambda stream: call_for_copy(stream, SECRET))
        await stream.receive_some(1)  # it has begun, and waits for us to read
        with pytest.raises(CopyFailedError, match=copies.BUSY):
            await take_copy(draft, [address], SECRET, None)
        await trio.aclose_forcefully(stream)
        await until(lambda: not names(node.parent))
        while not await gives(draft, address):  # until it has noticed
            await trio.lowlevel.checkpoint()
    assert digest(draft) == digest(node)


async def test_a_node_that_cannot_make_a_copy_says_so(tmp_path: Path, draft: Path) -> None:
    async with giving(tmp_path / "missing.db") as address:
        with pytest.raises(CopyFailedError, match="cannot make a copy"):
            await take_copy(draft, [address], SECRET, None)


async def test_a_copy_over_tls(node: Path, draft: Path) -> None:
    ca = trustme.CA()
    async with giving(node, _tls(ca, ssl.Purpose.CLIENT_AUTH)) as address:
        calling = _tls(ca, ssl.Purpose.SERVER_AUTH)
        assert await take_copy(draft, [address], SECRET, calling) == address
    assert digest(draft) == digest(node)


def _tls(ca: trustme.CA, purpose: ssl.Purpose) -> ssl.SSLContext:
    context = ssl.create_default_context(purpose)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=ca.cert_pem.bytes().decode())
    ca.issue_cert("127.0.0.1").configure_cert(context)
    return context
