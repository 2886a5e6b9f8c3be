"""Durable bets of our server against the limit and against what you would write first.

`limit` is a bare trio program with a group commit (`bench/peers/limit_peer.py`), `usual` is Node
with a commit for each bet (`bench/peers/usual_peer.js`). Both write the same rows as our server, to
a copy of the same database, and reply with the same messages. The same clients bet with all.
"""

import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from attrs import astuple

from bench.betting_database import Generated, generate
from bench.crowd import Busy, Cast, Crew, Part, gathered, percentiles_ms
from bench.field import Contender, ours, peer, present
from bench.line import connected
from bench.question import Plan, command
from bench.sample import BEFORE, DURABLE_PEERS, OURS, Sample
from bench.script import requests, said_of_a_bet
from protocol.op import Response
from storage import journal
from storage.changes import AccountMoved, Change, EntryMade, FactWritten, GameSaved, TransferMade
from storage.opening import open_database

BETTORS = 200
WARM_UP_S = 0.3
TITLE = f"{BETTORS} in flight"


def ask(plan: Plan) -> Iterator[Sample]:
    """Warm up all contenders, then measure each in every round."""
    with TemporaryDirectory(prefix="toteboard-bench-") as directory, ExitStack() as ends:
        made = generate(Path(directory) / "generated.db", BETTORS, [(1, 0)])
        cast = Cast(voices={"bettor": made.people})
        started = [
            (contender, ends.enter_context(gathered(contender.port, cast)))
            for contender in _contenders(plan, made, ends)
        ]
        for number in range(-1, plan.rounds):
            for contender, crew in started:
                seconds = plan.seconds if number >= 0 else WARM_UP_S
                figures = list(_figures(contender, crew, made, seconds))
                if number >= 0:
                    for figure, value in figures:
                        yield Sample(f"{TITLE}: {figure}", contender.name, number, value)


def _contenders(plan: Plan, made: Generated, ends: ExitStack) -> Iterator[Contender]:
    trees = {OURS: plan.tree, BEFORE: plan.against}
    script = bets_script(plan, made)
    for name in present(plan, DURABLE_PEERS):
        if tree := trees.get(name):
            yield ends.enter_context(ours(name, tree, made.path))
            continue
        copy = made.path.with_name(f"{name}.db")
        shutil.copy(made.path, copy)
        path = made.path.with_name(f"{name}.json")
        path.write_bytes(orjson.dumps(script | {"database": str(copy)}))
        yield ends.enter_context(peer(name, path))


def bets_script(plan: Plan, made: Generated) -> dict[str, Any]:
    """Return what the peers send and write: messages, statements and the row of the game.

    The last two columns of that row, `last_seq` and `head`, are the peers' own.
    """
    with (
        ours(OURS, plan.tree, made.path) as server,
        connected(server.port, made.people[:1]) as (line,),
    ):
        messages = said_of_a_bet(requests(made.games[0]), line)
    with closing(open_database(made.path)) as database:
        game = journal.load_game(database, made.games[0][0])
    assert game is not None
    kinds: dict[str, type[Change]] = {"fact": FactWritten, "transfer": TransferMade}
    kinds |= {"account": AccountMoved, "entry": EntryMade, "game": GameSaved}
    return {
        **messages,
        "statements": {name: kind.statement for name, kind in kinds.items()},
        "game_id": game.game_id,
        "game": astuple(journal.game_row(game))[:-2],
        "seq": game.seq,
    }


def _figures(
    contender: Contender, crew: Crew, made: Generated, seconds: float
) -> Iterator[tuple[str, float]]:
    bets = Part("bettor", [requests(made.games[0]).bet], Response.BET_PLACED, BETTORS)
    used = contender.server.cpu_s()
    heard = crew(Busy([bets], seconds))()
    used = contender.server.cpu_s() - used
    percentiles = percentiles_ms(heard.answers)
    yield "bets a second", len(heard.answers) / heard.took
    yield "p50, ms", percentiles[49]
    yield "p99, ms", percentiles[98]
    yield "CPU a bet, us", used / len(heard.answers) * 1e6


if __name__ == "__main__":
    sys.exit(command("durable", ask, rounds=5, seconds=2.0)())
