"""What a client was told survives the node that told it; an old leader tells nobody anything."""

import signal
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import trio

from tests.e2e.bettors import open_games
from tests.e2e.cluster.asking import asked, digest, seq_of
from tests.support.cluster_processes import cluster_of, founded, leads, restored
from tests.support.cluster_sessions import session, soon
from tests.support.process import PATIENCE_S, Process, toteboard
from toteboard_client import ConnectionClosedError


async def test_a_node_alone_keeps_what_it_told_over_a_kill(tmp_path: Path, url: str) -> None:
    async with await founded(tmp_path / "1", url, "ann") as node:
        await leads(node)
        async with node.connect("ann") as host:
            (game_id,) = await open_games(host, 1)
            assert (await asked(host, game_id, 1))["res"] == 343
        await node.kill()
        await node.start()
        await leads(node)
        async with node.connect("ann") as host:
            details = await host.call(372, game_id=game_id)
            assert details["hashtag"] == "#n1"
        assert await node.stop() == 0
        assert (await toteboard(node.folder, "check")).returncode == 0


async def test_another_node_takes_over_with_all_that_was_told(tmp_path: Path, url: str) -> None:
    async with cluster_of(2, tmp_path, url, "ann") as (one, two):
        async with one.connect("ann") as host:
            (game_id,) = await open_games(host, 1)
            for number in range(50):
                assert (await asked(host, game_id, number))["res"] == 343
            told = await seq_of(host, game_id)
            await one.kill()
        await leads(two)
        async with two.connect("ann") as host:
            assert await seq_of(host, game_id) == told
            assert (await asked(host, game_id, 50))["res"] == 343
        await one.start()
        await one.logged("listening")
        assert await two.stop() == 0
        await leads(one)
        async with one.connect("ann") as host:
            assert (await host.call(372, game_id=game_id))["hashtag"] == "#n50"
        assert await one.stop() == 0


async def test_a_leader_paused_for_too_long_tells_nobody_anything(tmp_path: Path, url: str) -> None:
    async with cluster_of(2, tmp_path, url, "ann") as (one, two):
        host = await one.dial("ann")
        (game_id,) = await open_games(host, 1)
        assert (await asked(host, game_id, 1))["res"] == 343
        one.process.send_signal(signal.SIGSTOP)
        await host.send(373, game_id=game_id, hashtag="#late")
        await leads(two)
        async with two.connect("ann") as other:
            assert (await asked(other, game_id, 2))["res"] == 343
        one.process.send_signal(signal.SIGCONT)
        with trio.fail_after(PATIENCE_S), pytest.raises(ConnectionClosedError) as closed:
            await host.receive()
        assert closed.value.reason.code == 1012
        await one.logged("deposed")
        async with one.connect("ann") as other:
            assert (await other.call(372, game_id=game_id))["hashtag"] == "#n2"
        with trio.fail_after(30):
            while True:
                if digest(one) == digest(two):
                    break
                await trio.sleep(0.1)


async def test_a_new_node_begins_with_a_backup_of_another_one(tmp_path: Path, url: str) -> None:
    async with cluster_of(1, tmp_path, url, "ann") as (one,):
        async with one.connect("ann") as host:
            (game_id,) = await open_games(host, 1)
        saved = await toteboard(one.folder, "backup", "copy.db")
        assert saved.returncode == 0, saved.stderr
        async with one.connect("ann") as host:
            assert (await asked(host, game_id, 1))["res"] == 343
        new = restored(one, tmp_path / "2", url)
        ended = await toteboard(new.folder, "restore", "copy.db")
        assert ended.returncode == 0, ended.stderr
        async with new:
            assert await one.stop() == 0
            await leads(new)
            async with new.connect("ann") as host:
                assert (await host.call(372, game_id=game_id))["hashtag"] == "#n1"


async def reseeded(node: Process, url: str) -> CompletedProcess[bytes]:
    return await toteboard(node.folder, "cluster", "reseed", "--cluster", url)


async def test_a_log_that_went_back_is_begun_again_behind_a_file(tmp_path: Path, url: str) -> None:
    async with cluster_of(1, tmp_path, url, "ann") as (node,):
        async with node.connect("ann") as host:
            (game_id,) = await open_games(host, 1)
            with session(url) as engine:
                last = "DELETE FROM toteboard_log WHERE idx = (SELECT max(idx) FROM toteboard_log)"
                engine.run(soon(), last)
            await host.send(373, game_id=game_id, hashtag="#lost")
            await node.logged("log_went_back")
        assert await node.stop() == 0
        with trio.fail_after(PATIENCE_S):  # a lease that was not given back in time ends by itself
            while (ended := await reseeded(node, url)).returncode:
                assert b"leads: stop every node first" in ended.stderr, ended.stderr
        await node.start()
        await leads(node)
        async with node.connect("ann") as host:
            assert (await asked(host, game_id, 1))["res"] == 343
