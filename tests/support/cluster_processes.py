"""Nodes as processes, on a real engine: each with a folder, a file and ports of its own."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import takewhile
from pathlib import Path
from shutil import copy, copytree

import orjson
import trio

from storage.opening import key_path
from tests.support.engine import free_port
from tests.support.process import PATIENCE_S, Process, toteboard


def first_node(folder: Path, *users: str, begins_with: Path | None = None) -> Process:
    """Make a file with users, who may all host, in a new folder. It may begin as a copy."""
    folder.mkdir()
    node = Process(folder)
    if begins_with is not None:
        copy(begins_with, node.database)
        copy(key_path(begins_with), key_path(node.database))
    for name in users or ("nobody",):
        node.add_user(name, can_host=True)
    return node


async def found(node: Process, url: str) -> None:
    """Make a cluster of the file of a server that does not run."""
    made = await toteboard(node.folder, "cluster", "init", url)
    assert made.returncode == 0, made.stderr
    node.options = node_options(url)


async def founded(folder: Path, url: str, *users: str) -> Process:
    """Make a cluster of a file with these users. Return its first node."""
    node = first_node(folder, *users)
    await found(node, url)
    return node


def node_options(url: str) -> tuple[str, ...]:
    """Return the options of a node with an address of its own."""
    address = f"127.0.0.1:{free_port()}"
    return "--workers", "1", "--cluster", url, "--node-address", address


def copied(node: Process, folder: Path, url: str) -> Process:
    """Make another node from the file of one that does not run."""
    copytree(node.folder, folder)
    other = Process(folder)
    other.keys, other.options = node.keys, node_options(url)
    return other


def restored(node: Process, folder: Path, url: str) -> Process:
    """Make a folder for another node, with the key file and a backup `copy.db` of one that runs."""
    folder.mkdir()
    for name in ("copy.db", f"{node.database.name}.key"):
        copy(node.folder / name, folder / name)
    other = Process(folder)
    other.keys, other.options = node.keys, node_options(url)
    return other


@asynccontextmanager
async def cluster_of(
    count: int, folder: Path, url: str, *users: str, options: Sequence[str] = ()
) -> AsyncIterator[list[Process]]:
    """Run nodes of a new cluster. The first one leads."""
    first = await founded(folder / "1", url, *users)
    nodes = [first, *(copied(first, folder / str(n), url) for n in range(2, count + 1))]
    for node in nodes:
        node.options = (*options, *node.options)
    async with run_all(nodes):
        yield nodes


@asynccontextmanager
async def run_all(nodes: Sequence[Process]) -> AsyncIterator[None]:
    """Run nodes for the block, the first one as the leader."""
    async with AsyncExitStack() as running:
        for node in nodes:
            await running.enter_async_context(node)
            if node is nodes[0]:
                await leads(node)
        yield


async def leads(node: Process) -> None:
    """Wait until a node serves clients as the leader."""
    await node.logged("role_changed", role="leader")
    while role(node) != "leader":
        await node.more_lines()


async def leader_of(nodes: Sequence[Process]) -> Process:
    """Wait until one of the nodes serves clients as the leader; return it."""
    with trio.fail_after(PATIENCE_S):
        while True:
            for node in nodes:
                if role(node) == "leader":
                    return node
            await trio.sleep(0.02)


def address(node: Process) -> str:
    """Return the address at which other nodes reach a node."""
    return node.options[-1]


async def may_lead(node: Process, other: Process) -> None:
    """Wait until the cluster knows, as `node` sees it, that another node is ready to lead."""
    with trio.fail_after(PATIENCE_S):
        while True:
            seen = await toteboard(node.folder, "cluster", "status")
            assert seen.returncode == 0, seen.stderr
            nodes = orjson.loads(seen.stdout)["nodes"]
            if any(each["address"] == address(other) and each["ready"] for each in nodes):
                return


def role(node: Process) -> str:
    """Return the role in which a node serves by now, empty if it has just changed."""
    lines = list(takewhile(lambda line: line["event"] != "role_changed", reversed(node.lines)))
    events = [line["event"] for line in lines]
    links = [event for event in events if event in ("leader_linked", "leader_unlinked")]
    if links[:1] != ["leader_linked"] or "listening" not in events:
        return ""
    return str(node.lines[-len(lines) - 1]["role"])
