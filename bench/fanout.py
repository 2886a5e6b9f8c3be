"""Fan-out: the server's CPU time for a delivery, which is one message to one subscriber.

There are four scenes. Lone chat line: one message at a time, the next when every subscriber has
received it. Lone event: the same with events, which our server commits first. Flood: events as fast
as the server can send them, each in its own write. Busy game: so many requests wait at any moment
that one write can carry several publications.
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.betting_database import Generated, generate
from bench.crowd import Busy, Cast, Crew, Lone, Part, Task, gathered
from bench.field import Contender, contenders
from bench.line import Person
from bench.question import Plan, command
from bench.sample import BEFORE, OURS, TRIO, Sample
from bench.script import ADMIN, EVENT, Requests, rehearse, requests
from protocol.op import Response

CHAT, LONE, FLOOD, BUSY = "lone chat line", "lone event", "flood", "busy game"
STAGES = {10: (CHAT,), 100: (CHAT,), 1_000: (CHAT, LONE, FLOOD, BUSY), 5_000: (CHAT, BUSY)}
CONNECTIONS_PER_USER = 20
ADMINS, EVENTS_IN_FLIGHT = 2, 32
BETTORS, BETS_IN_FLIGHT = 40, 2
BETTING_USERS = 4
WARM_UP_S = 0.2

Started = tuple[Contender, Crew]


def ask(plan: Plan) -> Iterator[Sample]:
    """Warm up all contenders, then measure each in every scene of every round."""
    with TemporaryDirectory(prefix="toteboard-bench-") as directory, ExitStack() as ends:
        script = Path(directory) / "script.json"
        people = 1 + BETTING_USERS + max(STAGES) // CONNECTIONS_PER_USER
        made = generate(Path(directory) / "generated.db", people, [(1, 0)])
        rehearse(plan, made, script)
        everybody = ends.enter_context(contenders(plan, made.path, script))
        for size, all_scenes in STAGES.items():
            scenes = [scene for scene in all_scenes if plan.wants(title(scene, size))]
            if not scenes:
                continue
            with stage(everybody, made, size) as started:
                for number in range(-1, plan.rounds):
                    seconds = plan.seconds if number >= 0 else WARM_UP_S
                    for scene in scenes:
                        yield from _turns(started, scene, size, made, seconds, number)


def title(scene: str, size: int) -> str:
    """Return the name of a scene with `size` subscribers, as figures show it."""
    return f"{scene}, {size:,} subscribers"


@contextmanager
def stage(everybody: list[Contender], made: Generated, size: int) -> Iterator[list[Started]]:
    """Give each contender a crowd with `size` subscribers, ready to be measured."""
    asked = requests(made.games[0])
    with ExitStack() as ends:
        started = [
            (each, ends.enter_context(gathered(each.port, cast(made.people, size, asked))))
            for each in everybody
        ]
        become_admin = Busy([Part("admin", [asked.become_admin], ADMIN, ADMINS)], 0)
        for done in [crew(become_admin) for _, crew in started]:
            done()
        yield started


def cast(people: list[Person], size: int, asked: Requests) -> Cast:
    """Return `size` subscribers and the voices that cause publications."""
    # Bettors receive their balance on all their connections, so they are not subscribers.
    host, bettors, others = people[0], people[1 : 1 + BETTING_USERS], people[1 + BETTING_USERS :]
    listeners = (others * CONNECTIONS_PER_USER)[:size]
    voices = {
        "chatter": [host],
        "admin": [host] * ADMINS,
        "bettor": bettors * (BETTORS // len(bettors)),
    }
    return Cast(listeners, voices=voices, join=asked.join, joined_voices=["chatter"])


def task(scene: str, asked: Requests, who: str, seconds: float) -> Task:
    """Return the task of a crowd in a scene."""
    if scene == LONE:
        return Lone(Part("admin", [asked.event], EVENT, 1), seconds)
    if scene == CHAT:
        return Lone(Part("chatter", [asked.chat], Response.TEXT_MESSAGE, 1), seconds)
    if scene == FLOOD:
        return Busy([Part("admin", [asked.event], EVENT, 1)], seconds)
    if who in (OURS, BEFORE):
        events = Part("admin", [asked.event], EVENT, ADMINS, EVENTS_IN_FLIGHT)
        bets = Part("bettor", [asked.bet], Response.BET_PLACED, BETTORS, BETS_IN_FLIGHT)
    else:
        # The peers do not batch publications, so a deeper queue would only add latency.
        events = Part("admin", [asked.event], EVENT, 1, 4)
        bets = Part("bettor", [asked.bet], Response.BET_PLACED, 4)
    return Busy([events, bets], seconds)


def _turns(
    started: list[Started], scene: str, size: int, made: Generated, seconds: float, number: int
) -> Iterator[Sample]:
    asked = requests(made.games[0])
    for contender, crew in started:
        if contender.name == TRIO and scene == BUSY and size > 1_000:
            continue  # it would take a minute for the messages of a second
        used = contender.server.cpu_s()
        heard = crew(task(scene, asked, contender.name, seconds))()
        used = contender.server.cpu_s() - used
        if number >= 0:
            figure = f"{title(scene, size)}: CPU a delivery, us"
            yield Sample(figure, contender.name, number, used / heard.deliveries * 1e6)


if __name__ == "__main__":
    sys.exit(command("fanout", ask, rounds=5, seconds=1.0)())
