"""`make demo-cluster`: PostgreSQL with two standbys and three nodes, to look at and to break."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import trio

from tests.support.cluster_processes import copied, first_node, found, run_all
from tests.support.engine import Engine
from tests.support.process import Process


def main() -> None:
    """Run the cluster until Ctrl-C."""
    with TemporaryDirectory() as folder, Engine.running(standbys=True) as engine:
        try:
            trio.run(_run, Path(folder), engine)
        except* KeyboardInterrupt:
            click.echo("stopped")


async def _run(folder: Path, engine: Engine) -> None:
    first, url = first_node(folder / "1", "ann"), engine.new_database()
    await found(first, url)
    nodes = [first, *(copied(first, folder / str(number), url) for number in (2, 3))]
    async with run_all(nodes):
        _tell(nodes, engine)
        await trio.sleep_forever()


def _tell(nodes: list[Process], engine: Engine) -> None:
    user_id, key = nodes[0].keys["ann"]
    program = Path(sys.executable).with_name("toteboard")
    click.echo(f"PostgreSQL: {engine.primary.superuser_url}")
    for node in nodes:
        click.echo(f"node {node.options[-1]}: http://127.0.0.1:{node.port}/ pid {node.process.pid}")
    click.echo(f"sign in by key: id {user_id}, key {key}")
    click.echo("look, hand over, or kill -9 a node; Ctrl-C stops everything:")
    for words in ("status", "hand-over"):
        click.echo(f"  {program} cluster {words} --database {nodes[0].database}")


if __name__ == "__main__":
    main()
