"""Nodes as processes, on a real engine: each with a folder, a file and ports of its own."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from shutil import copytree

from tests.support.engine import free_port
from tests.support.process import Process, toteboard


async def founded(folder: Path, url: str, *users: str) -> Process:
    """Make a cluster of a file with these users, who may all host. Return its first node."""
    node = _with_users(folder, users)
    made = await toteboard(folder, "cluster", "init", url)
    assert made.returncode == 0, made.stderr
    node.options = node_options(url)
    return node


def _with_users(folder: Path, users: Sequence[str]) -> Process:
    folder.mkdir()
    node = Process(folder)
    for name in users or ("nobody",):
        node.add_user(name, can_host=True)
    return node


def node_options(url: str) -> tuple[str, ...]:
    """Return the options of a node with an address of its own."""
    return "--cluster", url, "--node-address", f"127.0.0.1:{free_port()}"


def copied(node: Process, folder: Path, url: str) -> Process:
    """Make another node from the file of one that does not run."""
    copytree(node.folder, folder)
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
    async with AsyncExitStack() as running:
        for node in nodes:
            node.options = (*options, *node.options)
            await running.enter_async_context(node)
            if node is first:
                await first.logged("role_changed", role="leader")
        yield nodes


async def leads(node: Process) -> None:
    """Wait until a node serves clients as the leader."""
    await node.logged("role_changed", role="leader")
    while node.events().count("listening") < 2:
        await node.more_lines()
