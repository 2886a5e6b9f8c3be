"""`python -m tests.campaigns.soak`: an hour of a town's life, with a table and a verdict."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

import click
import trio

from storage.store import AddUser
from tests.campaigns.soak import nuisance, people
from tests.campaigns.soak.gauge import Gauge, Sample, judged, table, told
from tests.campaigns.soak.town import Person, Town
from tests.support.process import Process, toteboard
from toteboard.operator.operating import operating

HOSTS, PEOPLE, STALLERS, VANDALS = 4, 80, 6, 2
WEALTH: Final = 10**9
"""A balance, in hundredths."""
OPTIONS: Final = ("--operator-port", "0", "--outbox-size", "50")
IDLE_THREAD_S: Final = 12.0
"""How long trio's idle threads exist: they end after ten seconds without work."""
LEAVING_S: Final = 60.0
"""How long the hosts and the server may take until every client has left."""


@click.command()
@click.option("--minutes", default=60.0, show_default=True)
@click.option("--every", default=60.0, show_default=True, help="Seconds between samples.")
@click.option("--seed", default=1, show_default=True, help="Of what people choose.")
def main(minutes: float, every: float, seed: int) -> None:
    """Let a town play for a while, and report the server's resource use."""
    with TemporaryDirectory(prefix="toteboard-soak-") as folder:
        wrong = trio.run(_run, Path(folder), minutes * 60, every, seed)
    for line in wrong:
        click.echo(f"FAILED: {line}")
    sys.exit(1 if wrong else 0)


async def _run(folder: Path, seconds: float, every: float, seed: int) -> list[str]:
    async with Process(folder, *OPTIONS) as server:
        listening = await server.logged("listening")
        town = Town(listening["url"], listening["http_url"], Random(seed))
        gauge, began = Gauge(server, town.http_url), trio.current_time()
        before = await gauge.sample(0)
        samples: list[Sample] = []
        async with _alive(town, server):
            while (now := trio.current_time() - began) < seconds:
                await trio.sleep(min(every, seconds - now))
                samples.append(await gauge.sample(trio.current_time() - began))
                click.echo(_shown(samples[-1]), err=True)
        after = await _emptied(gauge, began)
        code = await server.stop()
        checked = await toteboard(folder, "check")
    click.echo(table([before, *samples, after]))
    click.echo(f"\n{told(samples)}\n{', '.join(f'{n} {w}' for w, n in sorted(town.done.items()))}")
    click.echo(checked.stdout.decode().strip())
    wrong = judged(before, samples, after) + gauge.wrong + town.findings
    wrong += [f"exit code {code}"] if code else []
    return wrong + (["the books disagree"] if checked.returncode else [])


async def _emptied(gauge: Gauge, began: float) -> Sample:
    """Return the first sample without connections and games, or the latest after the timeout."""
    latest = trio.current_time() + LEAVING_S
    while True:
        await trio.sleep(IDLE_THREAD_S)
        now = trio.current_time()
        sample = await gauge.sample(now - began)
        if now > latest or not (sample.connections or sample.games):
            return sample


@asynccontextmanager
async def _alive(town: Town, server: Process) -> AsyncIterator[None]:
    """Keep everybody active during the block. The hosts leave last."""
    some = _added(server, "person", PEOPLE)
    stallers, vandals = _added(server, "staller", STALLERS), _added(server, "vandal", VANDALS)
    async with trio.open_nursery() as hosts:
        for role in people.hosts(town, _added(server, "host", HOSTS)):
            hosts.start_soon(role)
        async with trio.open_nursery() as others:
            for role in people.others(town, some) + nuisance.roles(town, stallers, vandals):
                others.start_soon(role)
            yield
            others.cancel_scope.cancel()
        town.is_over = True
        hosts.cancel_scope.deadline = trio.current_time() + LEAVING_S


def _added(server: Process, name: str, number: int) -> list[Person]:
    with operating(server.database) as operator:
        added = [
            operator(AddUser(f"{name}-{each}", name == "host", {"DON": WEALTH}, None))
            for each in range(number)
        ]
    return [(user["id"], user["session_key"]) for user in added]


def _shown(sample: Sample) -> str:
    return (
        f"{sample.minute:5.1f} min  {sample.rss_mib:6.1f} MiB  {sample.files:3} files  "
        f"{sample.cpu:4.0%} of a core  {sample.connections:3} connections  {sample.games} games  "
        f"{sample.ops:,} ops  {sample.errors} errors"
    )


if __name__ == "__main__":
    main()
