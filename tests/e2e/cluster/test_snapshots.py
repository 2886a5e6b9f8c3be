"""A node without a usable file gets a copy of another one's while that one serves."""

from pathlib import Path
from shutil import copy

import pytest
import trio
import trustme

from tests.e2e.bettors import open_games
from tests.e2e.cluster.asking import asked, digest
from tests.support.cluster_processes import (
    address,
    cluster_of,
    copied,
    first_node,
    found,
    leads,
    node_options,
    run_all,
)
from tests.support.cluster_sessions import session, soon
from tests.support.process import PATIENCE_S, Process, toteboard


def without_file(node: Process, folder: Path, url: str) -> Process:
    """Make a folder for another node that has nothing but the key file."""
    folder.mkdir()
    copy(node.folder / f"{node.database.name}.key", folder)
    other = Process(folder)
    other.keys, other.options = node.keys, node_options(url)
    return other


async def same(one: Process, two: Process) -> None:
    """Wait until both files hold the same."""
    with trio.fail_after(PATIENCE_S):
        while True:
            if digest(one) == digest(two):
                return
            await trio.sleep(0.1)


async def forget_the_log(url: str) -> None:
    """Trim the log: of what a file has applied that is older, only its end is left."""
    with session(url) as engine:
        engine.run(
            soon(), "DELETE FROM toteboard_log WHERE idx < (SELECT max(idx) FROM toteboard_log)"
        )


async def test_a_node_without_a_file_fetches_one_and_follows(tmp_path: Path, url: str) -> None:
    async with cluster_of(1, tmp_path, url, "ann") as (one,):
        host = await one.dial("ann")
        (game_id,) = await open_games(host, 1)
        new = without_file(one, tmp_path / "2", url)
        async with new:
            fetched = await new.logged("database_fetched")
            assert fetched["address"] == address(one)
            assert (await asked(host, game_id, 1))["res"] == 343
            await same(one, new)
            assert await one.stop() == 0
            await leads(new)
            async with new.connect("ann") as other:
                assert (await other.call(372, game_id=game_id))["hashtag"] == "#n1"
        assert (await toteboard(new.folder, "check")).returncode == 0


async def test_a_node_that_was_away_for_too_long_rejoins(tmp_path: Path, url: str) -> None:
    async with cluster_of(2, tmp_path, url, "ann") as (one, two):
        await two.logged("leader_linked")
        host = await one.dial("ann")
        (game_id,) = await open_games(host, 1)
        await same(one, two)
        assert await two.stop() == 0
        for number in range(3):
            assert (await asked(host, game_id, number))["res"] == 343
        await forget_the_log(url)

        ended = await toteboard(two.folder, "serve", "--port", "0", *two.options)
        assert ended.returncode == 2
        (line,) = ended.stderr.decode().splitlines()
        assert "toteboard cluster rejoin" in line

        before = two.database.read_bytes()
        ended = await toteboard(two.folder, "cluster", "rejoin", "--cluster", url)
        assert ended.returncode == 0, ended.stderr
        assert b"kept beside it: toteboard.db.before-" in ended.stdout
        (kept,) = two.folder.glob("toteboard.db.before-*")
        assert kept.read_bytes() == before
        await two.start()
        await two.logged("leader_linked")
        assert (await asked(host, game_id, 9))["res"] == 343
        await same(one, two)


async def test_a_damaged_file_is_replaced_and_one_of_another_cluster_is_not(
    tmp_path: Path, url: str, engine: object
) -> None:
    async with cluster_of(1, tmp_path, url, "ann") as (one,):
        damaged = without_file(one, tmp_path / "2", url)
        damaged.database.write_bytes(b"damaged" * 1_000)
        ended = await toteboard(damaged.folder, "cluster", "rejoin", "--cluster", url)
        assert ended.returncode == 0, ended.stderr
        (kept,) = damaged.folder.glob("toteboard.db.before-*")
        assert kept.read_bytes() == b"damaged" * 1_000

        other = first_node(tmp_path / "3", "bob")
        await found(other, engine.new_database())  # type: ignore[attr-defined]
        before = other.database.read_bytes()
        ended = await toteboard(other.folder, "cluster", "rejoin", "--cluster", url)
        assert ended.returncode == 2
        assert b"belongs to the cluster" in ended.stderr
        assert other.database.read_bytes() == before


@pytest.mark.parametrize("fault", ["no node runs", "another key file", "no key file", "this runs"])
async def test_without_a_copy_nothing_changes(tmp_path: Path, url: str, fault: str) -> None:
    async with cluster_of(1, tmp_path, url, "ann") as (one,):
        new = copied_later(one, tmp_path / "2")
        key = new.folder / f"{new.database.name}.key"
        if fault == "no node runs":
            assert await one.stop() == 0
        elif fault == "another key file":
            key.write_text("ff" * 32)
        elif fault == "no key file":
            key.unlink()
        folder = one.folder if fault == "this runs" else new.folder
        before = {each: each.read_bytes() for each in folder.glob("toteboard.db")}
        ended = await toteboard(folder, "cluster", "rejoin", "--cluster", url)
        assert (ended.returncode, ended.stdout) == (2, b"")
        assert len(ended.stderr.splitlines()) == 1
        assert {each: each.read_bytes() for each in folder.glob("toteboard.db")} == before
        assert not [*folder.glob(".*.part")]


def copied_later(node: Process, folder: Path) -> Process:
    """Make a folder with the key file alone."""
    folder.mkdir()
    copy(node.folder / f"{node.database.name}.key", folder)
    return Process(folder)


async def test_nodes_with_certificates_serve_and_give_copies(tmp_path: Path, url: str) -> None:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    certificate = ca.issue_cert("127.0.0.1")
    certificate.private_key_and_cert_chain_pem.write_to_path(tmp_path / "node.pem")
    pem = str(tmp_path / "node.pem")
    tls = "--node-tls-cert", pem, "--node-tls-key", pem, "--node-tls-ca", str(tmp_path / "ca.pem")
    first = first_node(tmp_path / "1", "ann")
    await found(first, url)
    second = copied(first, tmp_path / "2", url)
    for node in (first, second):
        node.options = (*tls, *node.options)
    async with run_all([first, second]):
        await second.logged("leader_linked")
        third = without_file(first, tmp_path / "3", url)
        third.options = (*tls, *third.options)
        async with third, second.connect("ann") as host:
            (game_id,) = await open_games(host, 1)
            assert (await asked(host, game_id, 1))["res"] == 343
            await same(first, third)
        plain = without_file(first, tmp_path / "4", url)
        ended = await toteboard(plain.folder, "cluster", "rejoin", "--cluster", url)
        assert ended.returncode == 2
