"""The server's memory for an idle connection that is signed in and subscribed to nothing."""

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.betting_database import generate
from bench.crowd import Cast, Listen, gathered
from bench.field import contenders
from bench.question import Plan, command
from bench.sample import Sample
from bench.script import rehearse

CONNECTIONS = 1_000
CONNECTIONS_PER_USER = 20
SETTLE_S = 0.5


def ask(plan: Plan) -> Iterator[Sample]:
    """Restart all contenders in each round, and open and close some connections to warm up."""
    with TemporaryDirectory(prefix="toteboard-bench-") as directory:
        script = Path(directory) / "script.json"
        people = CONNECTIONS // CONNECTIONS_PER_USER
        made = generate(Path(directory) / "generated.db", people, [(1, 0)])
        rehearse(plan, made, script)
        crowd = Cast(made.people * CONNECTIONS_PER_USER)
        for number in range(plan.rounds):
            with ExitStack() as ends:
                for contender in ends.enter_context(contenders(plan, made.path, script)):
                    with gathered(contender.port, Cast(made.people)) as crew:
                        crew(Listen(0))()
                    time.sleep(SETTLE_S)
                    before = contender.server.rss_kb()
                    with gathered(contender.port, crowd) as crew:
                        crew(Listen(SETTLE_S))()
                        each = (contender.server.rss_kb() - before) / CONNECTIONS
                    yield Sample("idle connection: memory, kB", contender.name, number, each)


if __name__ == "__main__":
    sys.exit(command("memory", ask, rounds=3, seconds=1.0)())
