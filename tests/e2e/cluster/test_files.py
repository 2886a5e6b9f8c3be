"""A file is served in the way in which it is kept, or not at all: one line, and unchanged."""

from pathlib import Path

import pytest

from tests.support.cluster_processes import founded, node_options
from tests.support.engine import Engine
from tests.support.process import Process, toteboard

UNUSABLE = 2


async def refused(folder: Path, *options: str) -> str:
    """Start a server that must not start. Return its one line."""
    before = (folder / "toteboard.db").read_bytes()
    ended = await toteboard(folder, "serve", "--port", "0", "--operator-port", "-1", *options)
    assert ended.returncode == UNUSABLE, ended
    assert (folder / "toteboard.db").read_bytes() == before
    (line,) = ended.stderr.decode().splitlines()
    return line


async def test_a_file_of_a_cluster_is_not_served_alone(tmp_path: Path, url: str) -> None:
    node = await founded(tmp_path / "1", url, "ann")
    assert "belongs to the cluster" in await refused(node.folder)
    assert (await toteboard(node.folder, "cluster", "leave")).returncode == 0
    async with Process(node.folder) as alone:
        alone.keys = node.keys
        async with alone.connect("ann"):
            pass


async def test_a_file_that_stands_alone_does_not_join(tmp_path: Path, url: str) -> None:
    await founded(tmp_path / "1", url)
    (tmp_path / "2").mkdir()
    Process(tmp_path / "2").add_user("bob")
    assert "belongs to no cluster" in await refused(tmp_path / "2", *node_options(url))


async def test_a_file_of_another_cluster_is_refused(
    tmp_path: Path, url: str, engine: Engine
) -> None:
    await founded(tmp_path / "1", url, "ann")
    other = await founded(tmp_path / "2", engine.new_database(), "ann")
    assert "that of the cluster" in await refused(other.folder, *node_options(url))


async def test_a_node_needs_an_address_and_has_no_workers(tmp_path: Path, url: str) -> None:
    node = await founded(tmp_path / "1", url, "ann")
    assert "set node_address" in await refused(node.folder, "--workers", "1", "--cluster", url)
    options = node_options(url)
    assert "no workers" in await refused(node.folder, *options, "--workers", "2")


async def test_a_command_does_not_write_to_the_file_of_a_node(tmp_path: Path, url: str) -> None:
    node = await founded(tmp_path / "1", url, "ann")
    added = await toteboard(node.folder, "user", "add", "bob")
    assert added.returncode == UNUSABLE
    assert b"start the node" in added.stderr


@pytest.mark.parametrize("again", ["the same file", "another file"])
async def test_a_database_has_one_cluster(tmp_path: Path, url: str, again: str) -> None:
    node = await founded(tmp_path / "1", url, "ann")
    if again == "another file":
        (tmp_path / "2").mkdir()
        node = Process(tmp_path / "2")
        node.add_user("bob")
    made = await toteboard(node.folder, "cluster", "init", url)
    assert made.returncode == UNUSABLE
    assert b"this database has a cluster already" in made.stderr
