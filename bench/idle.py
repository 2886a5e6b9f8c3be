"""Ten thousand idle connections: their cost, and their effect on the others.

`python -m bench.idle` takes two minutes. `bench/memory.py` compares the memory of an idle
connection with the peers'. The server has its default settings except for `rate_limit` and
`chat_limit`, which are 0. It pings every 20 seconds.
"""

import multiprocessing
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import click

from bench.betting_database import Generated, generate
from bench.crowd import Cast, Heard, Lone, Part, gathered, percentiles_ms
from bench.field import PATIENCE_S
from bench.idlers import Told, idle
from bench.line import CrowdError, Person
from bench.question import prepare
from bench.script import requests
from bench.server_process import ServerProcess, TooSlowError, serving
from protocol.op import Response

CONNECTIONS_PER_USER: Final = 20
PROCESSES: Final = 4
LISTENERS: Final = 100
"""Subscribers of the one active game."""
LONE_S: Final = 3.0
SETTLE_S: Final = 2.0
STOPPED_S: Final = 10.0
_CONTEXT: Final = multiprocessing.get_context("forkserver")


@click.command()
@click.option("--connections", default=10_000, show_default=True, type=click.IntRange(1))
@click.option("--seconds", default=60.0, show_default=True, help="How long they wait.")
def main(connections: int, seconds: float) -> None:
    """Open idle connections to a server and print what they cost."""
    prepare()
    try:
        for line in figures(connections, seconds):
            click.echo(line)
    except (CrowdError, TooSlowError) as error:
        raise click.ClickException(str(error)) from error


def figures(connections: int, seconds: float) -> Iterator[str]:
    """Yield the lines of the report as they are measured. Raise `CrowdError` or `TooSlowError`."""
    with TemporaryDirectory(prefix="toteboard-bench-") as directory:
        users = -(-connections // CONNECTIONS_PER_USER)
        spoken = 1 + -(-LISTENERS // CONNECTIONS_PER_USER)
        made = generate(Path(directory) / "bench.db", users + spoken, [(1, 0)])
        with serving(made.path, settings={"rate_limit": 0, "chat_limit": 0}) as server:
            server.wait_until_listening(PATIENCE_S)
            yield f"alone: {_lone(server, made)}"
            time.sleep(SETTLE_S)
            before_kb, before_s = server.rss_kb(), server.cpu_s()
            everybody = (made.people[spoken:] * CONNECTIONS_PER_USER)[:connections]
            with idlers(server.port, everybody) as pipes:
                took = max(_told(pipe).connected_s for pipe in pipes)
                busy = server.cpu_s() - before_s
                yield f"{connections:,} let in within {took:.1f} s, {busy:.1f} s of processor time"
                time.sleep(SETTLE_S)
                each = (server.rss_kb() - before_kb) / connections
                yield f"memory: {each:.1f} kB each, {server.rss_kb() / 1_024:.0f} MiB in all"
                yield _waiting(server, seconds)
                yield f"among them: {_lone(server, made)}"
                yield _stopped(server, pipes, connections)


def _waiting(server: ServerProcess, seconds: float) -> str:
    began, used = time.monotonic(), server.cpu_s()
    time.sleep(seconds)
    share = (server.cpu_s() - used) / (time.monotonic() - began)
    return f"while they wait: {share:.1%} of a core, memory {server.rss_kb() / 1_024:.0f} MiB"


def _lone(server: ServerProcess, made: Generated) -> str:
    """Send one message at a time to the subscribers of one game, and report the latency."""
    asked, (host, *others) = requests(made.games[0]), made.people
    listeners = others[: LISTENERS // CONNECTIONS_PER_USER] * CONNECTIONS_PER_USER
    cast = Cast(listeners, (), {"chatter": [host]}, asked.join, ["chatter"])
    with gathered(server.port, cast) as crew:
        used = server.cpu_s()
        heard: Heard = crew(Lone(Part("chatter", [asked.chat], Response.TEXT_MESSAGE, 1), LONE_S))()
        cost = (server.cpu_s() - used) / heard.deliveries * 1e6
    delays = percentiles_ms(heard.delays)
    return (
        f"a lone message to {LISTENERS} subscribers is heard after {delays[49]:.1f} ms (p50), "
        f"{delays[98]:.1f} ms (p99), {cost:.1f} us of processor time a delivery"
    )


def _stopped(server: ServerProcess, pipes: Sequence[Pipe], connections: int) -> str:
    """Stop the server and check that it closes every connection with 1001."""
    took = server.stop(STOPPED_S)
    told = [_told(pipe) for pipe in pipes]
    codes = sum((each.closed_with for each in told[1:]), told[0].closed_with)
    if dict(codes) != {1001: connections}:
        raise CrowdError(f"closed with {dict(codes)}")
    pings = sum(each.pings for each in told)
    return f"{pings:,} pings answered; stopped in {took:.1f} s, all closed with 1001"


@contextmanager
def idlers(port: int, people: Sequence[Person]) -> Iterator[list[Pipe]]:
    """Run processes of idle connections. Each reports when all are connected, and again closed."""
    pipes, children = [], list[Any]()
    try:
        for number in range(PROCESSES):
            ours, theirs = _CONTEXT.Pipe()
            some = people[number::PROCESSES]
            child = _CONTEXT.Process(target=idle, args=(theirs, port, some), daemon=True)
            child.start()
            theirs.close()
            pipes.append(ours)
            children.append(child)
        yield pipes
    finally:
        for child in children:
            child.terminate()
            child.join()


def _told(pipe: Pipe) -> Told:
    try:
        if pipe.poll(5 * PATIENCE_S):
            said = pipe.recv()
            if isinstance(said, Told):
                return said
            raise CrowdError(str(said)) from said
    except EOFError:
        pass
    raise CrowdError("a process of idle connections has failed, or says nothing")


if __name__ == "__main__":
    sys.exit(main())
