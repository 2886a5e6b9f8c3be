"""What a receiver of the event stream costs the bets, however it behaves.

Each round starts our server once for each receiver: none, one that answers at once, one that takes
five seconds for each answer, and one that is away. The order turns with the rounds. Bettors bet in
one pool, each with one bet in flight. Reading and posting facts takes processor time, which the
server shares with the receiver here; no commit waits for either.
"""

import multiprocessing
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.bets import BETTORS, WARM_UP_S, Ground
from bench.betting_database import Generated, generate
from bench.crowd import Cast, gathered, percentiles_ms
from bench.field import PATIENCE_S, SETTINGS, ours
from bench.question import Plan, command
from bench.sample import OURS, Sample

NONE, FAST, SLOW, AWAY = "no hook", "a fast receiver", "a slow receiver", "a receiver that is away"
RECEIVERS = (NONE, FAST, SLOW, AWAY)
SLOW_S = 5.0
"""How long a slow receiver takes for an answer, in seconds."""
SECRET = "whsec_" + "MDEy" * 11
_PROCESSES = multiprocessing.get_context("forkserver")

Figures = Iterator[tuple[str, float]]


def ask(plan: Plan) -> Iterator[Sample]:
    """Measure the server with each receiver once in each round."""
    with TemporaryDirectory(prefix="toteboard-bench-") as directory:
        folder = Path(directory)
        made = generate(folder / "generated.db", BETTORS, [(1, 0)])
        for number in range(plan.rounds):
            alone: dict[str, float] = {}
            turn = number % (len(RECEIVERS) - 1)
            hooked = [*RECEIVERS[1 + turn :], *RECEIVERS[1 : 1 + turn]]
            for receiver in (NONE, *hooked):
                for figure, value in _round(plan, made, folder, receiver):
                    yield Sample(f"{receiver}: {figure}", OURS, number, value)
                    first = alone.setdefault(figure, value)
                    if receiver != NONE:
                        yield Sample(f"{receiver}, ratio: {figure}", OURS, number, value / first)


def _round(plan: Plan, made: Generated, folder: Path, receiver: str) -> Figures:
    [(_, pool)] = made.games
    with (
        _settings(folder, receiver) as settings,
        ours(OURS, plan.tree, made.path, settings) as contender,
        gathered(contender.port, Cast(voices={"bettor": made.people})) as crew,
    ):
        ground = Ground(contender, made, crew, plan.seconds)
        ground.bet(pool, WARM_UP_S)
        heard, used = ground.bet(pool, plan.seconds)
        yield "bets a second", len(heard.answers) / heard.took
        yield "p99, ms", percentiles_ms(heard.answers)[98]
        yield "CPU a bet, us", used / len(heard.answers) * 1e6


@contextmanager
def _settings(folder: Path, receiver: str) -> Iterator[dict[str, object]]:
    """Yield the settings of a server with a receiver, which runs in the block."""
    if receiver == NONE:
        yield {**SETTINGS}
        return
    ours_end, theirs = _PROCESSES.Pipe()
    process = _PROCESSES.Process(target=_receive, args=(theirs, receiver), daemon=True)
    process.start()
    try:
        if not ours_end.poll(PATIENCE_S):
            raise TimeoutError("the receiver does not start")
        file = folder / "hook.toml"
        url = f"http://127.0.0.1:{ours_end.recv()}/"
        file.write_text(f'[webhooks.bench]\nurl = "{url}"\nsecret = "{SECRET}"\n')
        yield {**SETTINGS, "config": file}
    finally:
        process.kill()
        process.join()


def _receive(parent: Pipe, receiver: str) -> None:
    """Answer posts until the process is killed. One that is away has closed its port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Receiver) as server:
        port = server.server_port
        _Receiver.takes_s = SLOW_S if receiver == SLOW else 0.0
        if receiver != AWAY:
            parent.send(port)
            server.serve_forever()
    parent.send(port)
    time.sleep(PATIENCE_S)


class _Receiver(BaseHTTPRequestHandler):
    """Answers each post after a while."""

    protocol_version = "HTTP/1.1"
    takes_s = 0.0

    def do_POST(self) -> None:  # the name is the library's
        """Read a post, and answer 204."""
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(self.takes_s)
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


if __name__ == "__main__":
    sys.exit(command("hooks", ask, rounds=3, seconds=3.0)())
