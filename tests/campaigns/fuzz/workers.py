"""`make fuzz`, `make fuzz-http`: run workers in parallel, show progress, and report the result."""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import orjson
import trio
from attrs import Factory, define, field

from tests.support.tree import ROOT

BUILD = ROOT / "build" / "fuzz"
COVERAGE = re.compile(r"cov: (\d+)")


@define
class Run:
    """`inputs` in several processes. `failed`: a worker's report of its last inputs."""

    kind: str
    inputs: int
    seed: int
    jobs: int
    mutation: str | None = None
    count: int = 0
    seconds: float = 0.0
    outcomes: Counter[str] = Factory(Counter)
    failed: dict[str, Any] | None = None
    _folder: Path = field(init=False)
    _environment: dict[str, str] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        self._folder = BUILD / self.kind / (self.mutation or "server")

    async def play(self) -> None:
        """Run until all inputs were taken or one failed."""
        if self.mutation is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True)
        began, share = trio.current_time(), -(-self.inputs // self.jobs)
        bar = click.progressbar(
            length=share * self.jobs,
            label="inputs",
            show_pos=True,
            hidden=self.mutation is not None,
        )
        with bar, TemporaryDirectory(prefix="fuzz") as worlds:  # workers exit without cleaning up
            self._environment = os.environ | {"TMPDIR": worlds}
            async with trio.open_nursery() as workers:
                for job in range(self.jobs):
                    workers.start_soon(self._work, share, job, bar.update, workers.cancel_scope)
        self.seconds = trio.current_time() - began

    async def _work(
        self, share: int, job: int, show: Callable[[int], None], all_of_them: trio.CancelScope
    ) -> None:
        command = [sys.executable, "-m", "tests.campaigns.fuzz.worker", self.kind]
        command += [str(share), str(self.seed + job), str(self._folder), self.mutation or ""]
        with self._log_of(job).open("w") as log:
            process = await trio.lowlevel.open_process(
                command, stdout=subprocess.PIPE, stderr=log, cwd=ROOT, env=self._environment
            )
            try:
                await self._listen(process, share, job, show)
            finally:
                process.kill()
        if self.failed is not None:
            all_of_them.cancel()

    async def _listen(
        self, process: trio.Process, share: int, job: int, show: Callable[[int], None]
    ) -> None:
        rest, count = b"", 0
        assert process.stdout is not None
        async for data in process.stdout:
            *lines, rest = (rest + data).split(b"\n")
            for told in [orjson.loads(line) for line in lines if line.startswith(b"{")]:
                if "failed" in told:
                    self.failed = told
                    self.count += told["after"] - count
                    return
                count += told["count"]
                self.count += told["count"]
                self.outcomes.update(told["outcomes"])
                show(told["count"])
        if count < share:
            self.failed = {
                "failed": f"worker {job} has ended: see {self._log_of(job)}",
                "inputs": [],
            }

    def coverage(self) -> int:
        """Return the edges of the server's code that the best worker reached."""
        found = [COVERAGE.findall(self._log_of(job).read_text()) for job in range(self.jobs)]
        return max((int(each[-1]) for each in found if each), default=0)

    def _log_of(self, job: int) -> Path:
        return self._folder / f"worker-{job}.log"


def fuzz(kind: str, inputs: int, seed: int, jobs: int) -> int:
    """Fuzz and print the result. Return the exit code."""
    run = Run(kind, inputs, seed, jobs)
    trio.run(run.play)
    if run.failed is not None:
        _tell_of_a_failure(run)
        return 1
    rate = round(run.count / run.seconds)
    click.echo(
        f"{run.count} inputs in {run.seconds / 60:.1f} minutes, {rate} a second: all held\n"
        f"{len(run.outcomes)} different outcomes, {run.coverage()} edges covered"
    )
    for outcome, count in run.outcomes.most_common():
        click.echo(f"  {outcome:>22} {count}")
    return 0


def _tell_of_a_failure(run: Run) -> None:
    from tests.campaigns.fuzz import (
        found,  # imports the server, which a worker may have mutated
    )

    assert run.failed is not None
    click.echo(f"\nafter {run.count} inputs: {run.failed['failed']}")
    if inputs := [each.encode("latin-1") for each in run.failed["inputs"]]:
        path = found.keep(run.kind, inputs, run.failed["failed"])
        click.echo(f"kept as {path.relative_to(ROOT)}:")
        for data in found.read(path)[1]:
            click.echo(f"  {data!r}")


def found_in(kind: str, mutation: str, seed: int, most: int) -> str | None:
    """Run with a mutation. Return the rest of its table row, or None if it is not found."""
    run = Run(kind, most, seed, 1, mutation)
    trio.run(run.play)
    if run.failed is None:
        return None
    return f"{run.count} | {_in_short(run.failed['failed'])}"


def _in_short(why: str) -> str:
    named = re.search(r"\(['\"](.*?)['\"],", why)
    return named[1] if named else why[:60]
