"""The server's CPU time for a request: a ping, and the details of a game.

Fifty connections keep a fixed number of requests in flight each.
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.betting_database import generate
from bench.crowd import Busy, Cast, Crew, Part, gathered, percentiles_ms
from bench.field import Contender, contenders
from bench.question import Plan, command
from bench.sample import Sample
from bench.script import rehearse, requests
from protocol.op import Response

CONNECTIONS = 50
IN_FLIGHT = (4, 1)
WARM_UP_S = 0.2


def ask(plan: Plan) -> Iterator[Sample]:
    """Warm up all contenders, then measure each with every op in every round."""
    with TemporaryDirectory(prefix="toteboard-bench-") as directory, ExitStack() as ends:
        script = Path(directory) / "script.json"
        made = generate(Path(directory) / "generated.db", CONNECTIONS, [(1, 0)])
        rehearse(plan, made, script)
        cast = Cast(voices={"all": made.people})
        started = [
            (contender, ends.enter_context(gathered(contender.port, cast)))
            for contender in ends.enter_context(contenders(plan, made.path, script))
        ]
        asked = requests(made.games[0])
        ops = [
            ("ping", asked.ping, Response.PONG),
            ("get_game_details", asked.details, Response.GAME_DETAILS),
        ]
        for number in range(-1, plan.rounds):
            for in_flight in IN_FLIGHT:
                for name, request, res in ops:
                    title = f"{name}, {CONNECTIONS} x {in_flight} in flight"
                    if not plan.wants(title):
                        continue
                    part = Part("all", [request], res, CONNECTIONS, in_flight)
                    seconds = plan.seconds if number >= 0 else WARM_UP_S
                    for contender, crew in started:
                        figures = list(_figures(contender, crew, Busy([part], seconds)))
                        if number >= 0:
                            for figure, value in figures:
                                yield Sample(f"{title}: {figure}", contender.name, number, value)


def _figures(contender: Contender, crew: Crew, task: Busy) -> Iterator[tuple[str, float]]:
    used = contender.server.cpu_s()
    heard = crew(task)()
    used = contender.server.cpu_s() - used
    yield "CPU a reply, us", used / len(heard.answers) * 1e6
    yield "p99, ms", percentiles_ms(heard.answers)[98]


if __name__ == "__main__":
    sys.exit(command("ops", ask, rounds=5, seconds=1.0)())
