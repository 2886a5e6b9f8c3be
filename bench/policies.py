"""What a policy, limits of stakes and a delay of 0 add to the processor time of a bet.

Each round starts our server once. A game has a plain pool and one with all three, and a subscriber,
so that odds are published. The two pools take turns of a fraction of a second, and the order
alternates. Only our server is measured.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from bench.betting_database import Generated, generate
from bench.crowd import Busy, Cast, Crew, Part, gathered
from bench.field import Contender, ours, present
from bench.line import Person, call, connected, request, texts
from bench.question import Plan, command
from bench.sample import BEFORE, OURS, Sample
from protocol.op import Response

BETTORS = 50
SLICE_S = 0.15
SLICES_A_SECOND = 8
"""Turns of each pool for each second of the plan."""
WARM_UP_S = 0.5

PLAIN = "plain pool"
FULL = "pool with a policy, limits and delay 0"
SETTINGS = {
    "policy": "us",
    "min_stake": 0.01,
    "max_stake": 1_000_000,
    "max_stake_per_user": 100_000_000,
    "bet_delay": 0,
}

Figures = Iterator[tuple[str, float]]


def ask(plan: Plan) -> Iterator[Sample]:
    """Measure every contender once in each round, with a new server process."""
    trees = {OURS: plan.tree, BEFORE: plan.against}
    with TemporaryDirectory(prefix="toteboard-bench-") as directory:
        # The host bets nothing, and a user watches.
        made = generate(Path(directory) / "generated.db", BETTORS + 2, [(1, 0)])
        for number in range(plan.rounds):
            for name in present(plan):
                if tree := trees.get(name):
                    with ours(name, tree, made.path) as contender:
                        for figure, value in _round(plan, contender, made):
                            yield Sample(figure, name, number, value)


def _round(plan: Plan, contender: Contender, made: Generated) -> Figures:
    host, watcher, *bettors = made.people
    [(game_id, [plain])] = made.games
    pools = {PLAIN: plain, FULL: _full_pool(contender, host, game_id)}
    join = request("join_game", game_id=game_id)
    with gathered(contender.port, Cast([watcher], join=join, voices={"bettor": bettors})) as crew:
        yield from _costs(contender, crew, pools, round(SLICES_A_SECOND * plan.seconds))


def _full_pool(contender: Contender, host: Person, game_id: str) -> str:
    """Open the pool that has everything, and return its id."""
    become = request("become_an_admin_for_game", game_id=game_id)
    wanted = {"game_id": game_id, "description": "Who scores?", "action": "goal"} | SETTINGS
    pool = request("create_and_open_betting_pool", **wanted)
    with connected(contender.port, [host]) as (line,):
        call(line, become, Response.BECOME_AN_ADMIN_FOR_GAME_SUCCESS)
        [opened] = texts(call(line, pool, Response.BETTING_POOL_OPENED))
    return str(orjson.loads(opened)["pool_id"])


def _costs(contender: Contender, crew: Crew, pools: dict[str, str], turns: int) -> Figures:
    """Bet in the pools in turn. Yield the cost of a bet in each, and their ratio."""

    def bet(pool_id: str, seconds: float) -> tuple[float, int]:
        wanted = {"pool_id": pool_id, "target": "brazil", "amount": 1}
        bets = [request("place_bet_in_betting_pool", **wanted)]
        used = contender.server.cpu_s()
        heard = crew(Busy([Part("bettor", bets, Response.BET_PLACED, BETTORS)], seconds))()
        return contender.server.cpu_s() - used, len(heard.answers)

    used, placed = dict.fromkeys(pools, 0.0), dict.fromkeys(pools, 0)
    for pool_id in pools.values():
        bet(pool_id, WARM_UP_S)
    for turn in range(turns):
        for name in list(pools)[:: 1 if turn % 2 else -1]:
            cpu_s, bets = bet(pools[name], SLICE_S)
            used[name] += cpu_s
            placed[name] += bets
    costs = {name: used[name] / placed[name] for name in pools}
    for name, cost in costs.items():
        yield f"{name}: CPU a bet, us", cost * 1e6
    yield f"{FULL} against a plain one: CPU a bet, ratio", costs[FULL] / costs[PLAIN]


if __name__ == "__main__":
    sys.exit(command("policies", ask, rounds=5, seconds=3.0)())
