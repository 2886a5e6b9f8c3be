"""The commands of the guide to a cluster run as they are printed, in a shell."""

import re
import shlex
import shutil
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import trio

from tests.support.cluster_processes import address, first_node, leads, may_lead
from tests.support.cluster_sessions import session, soon
from tests.support.engine import free_port
from tests.support.process import PATIENCE_S, Process, environment, toteboard
from tests.support.tree import ROOT

GUIDE: Final = ROOT / "docs" / "how-to" / "cluster.md"
PLACES: Final = ("10.0.0.1:7000", "10.0.0.2:7000", "10.0.0.3:7000")
PRINTED_URL: Final = "postgresql://tote@db1,db2,db3/tote?"


class Guide:
    """The commands of the page, with the addresses, the URL and the key file of a test."""

    def __init__(self, url: str, key: Path) -> None:
        page = GUIDE.read_text().partition("## Try three nodes")[0]
        assert page.count(PRINTED_URL) == 1
        page = page.replace(PRINTED_URL, url.partition("?")[0] + "?")
        page = page.replace("/etc/toteboard.key", str(key))
        for place in PLACES:
            page = page.replace(place, f"127.0.0.1:{free_port()}")
        self.lines: list[str] = re.findall(r"^ {4,}(\w.*)$", page, re.M)
        self.settings = [line for line in self.lines if line.startswith("export ")]
        self.run_so_far: set[str] = set(self.settings)

    def command(self, start: str) -> str:
        """Return the next command that begins so, which is run thereby."""
        line = next(
            each for each in self.lines if each.startswith(start) and each not in self.run_so_far
        )
        self.run_so_far.add(line)
        return line

    async def run(self, folder: Path, line: str, code: int = 0) -> str:
        """Run a line in a shell with the settings of the page; it ends with `code`.

        Return what it prints.
        """
        script = "\n".join(["set -e", *self.settings, line])
        programs = {"PATH": f"{Path(sys.executable).parent}:{environment()['PATH']}"}
        with trio.fail_after(PATIENCE_S):
            ended = await trio.run_process(
                ["sh", "-c", script],
                capture_stdout=True,
                capture_stderr=True,
                check=False,
                cwd=folder,
                env=environment() | programs,
            )
        assert ended.returncode == code, ended
        return ended.stdout.decode()

    def node(self, folder: Path) -> Process:
        """Return the node that the next `toteboard serve` of the page starts in a folder."""
        node = Process(folder)
        node.options = tuple(shlex.split(self.command("toteboard serve"))[2:])
        start = '\nexec "$0" -c "from toteboard.__main__ import main; main()" "$@"'
        node.program = ("sh", "-c", "\n".join(self.settings) + start, sys.executable)
        return node


async def test_the_commands_of_the_guide_run_as_printed(tmp_path: Path, url: str) -> None:
    key = tmp_path / "key"
    guide = Guide(url, key)
    assert len(guide.settings) == 2
    folder = first_node(tmp_path / "1", "ann").folder
    shutil.move(folder / "toteboard.db.key", key)
    assert "cluster" in await guide.run(folder, guide.command("toteboard cluster init"))
    one = guide.node(folder)
    (tmp_path / "2").mkdir()
    two = guide.node(tmp_path / "2")
    (tmp_path / "3").mkdir()
    three = guide.node(tmp_path / "3")
    async with one, AsyncExitStack() as others:
        await leads(one)
        for other in (two, three):
            await others.enter_async_context(other)
            await other.logged("database_fetched")
        await may_lead(one, two)
        assert address(two) in await guide.run(
            two.folder, guide.command("toteboard cluster status")
        )
        moved = await guide.run(one.folder, guide.command("toteboard cluster hand-over"))
        assert address(two) in moved
        await leads(two)
        assert await three.stop() == 0
        rejoined = await guide.run(three.folder, guide.command("toteboard cluster rejoin"))
        assert "is now a copy" in rejoined
        await three.start()
        await may_lead(two, three)
        assert "hold the same" in await guide.run(one.folder, "toteboard check --cluster")
        assert "PostgreSQL" in await guide.run(one.folder, "toteboard doctor", code=1)
        for node in (one, three, two):
            assert await node.stop() == 0
    with session(url) as engine:
        last = "DELETE FROM toteboard_log WHERE idx = (SELECT max(idx) FROM toteboard_log)"
        engine.run(soon(), last)
    await guide.run(two.folder, guide.command("toteboard cluster reseed"))
    await guide.run(two.folder, "toteboard cluster leave")
    assert {line for line in guide.lines if line.startswith("toteboard ")} <= guide.run_so_far
    checked = await toteboard(two.folder, "check")
    assert checked.returncode == 0, checked
