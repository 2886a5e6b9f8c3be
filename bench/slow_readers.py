"""Subscribers that stop reading: their effect on the others, and their cost in memory.

The benchmark publishes to a thousand subscribers, first with none and then with two hundred of
them stalled. It then publishes until the server closes the stalled connections as `lagging`. They
reconnect with `since` and check that nothing is missing. Only our server is measured.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from attrs import frozen

from bench.betting_database import Generated, generate
from bench.crowd import Busy, Cast, Crowd, Heard, Lone, Part, gathered, percentiles_ms
from bench.field import SETTINGS, Contender, ours, present
from bench.line import CrowdError, Line, Person, connected, request, texts, wait
from bench.question import Plan, command
from bench.sample import BEFORE, OURS, Sample
from bench.script import ADMIN, EVENT, requests
from bench.server_process import ServerProcess
from protocol.op import Response

SUBSCRIBERS, STALLED = 1_000, 200
CONNECTIONS_PER_USER = 20
ADMINS, EVENTS_IN_FLIGHT = 2, 32
LEAST_S = 5.0
"""The shortest scene. It has hundreds of messages, so that p99 is not a single value."""
FILL_S = 1.0
"""How long each fill publishes, to fill the buffers of the stalled connections."""
OUTBOX = 200
"""The setting `outbox_size` for the reconnect scene: a replay covers what the stalled missed."""
FILLS = 60
"""The most fills until all stalled connections are closed."""


def ask(plan: Plan) -> Iterator[Sample]:
    """Measure without and with stalled readers, then the reconnect, each on a new server."""
    with TemporaryDirectory(prefix="toteboard-bench-") as directory:
        people = 1 + SUBSCRIBERS // CONNECTIONS_PER_USER
        made = generate(Path(directory) / "generated.db", people, [(1, 0)])
        trees = {OURS: plan.tree, BEFORE: plan.against}
        for number in range(plan.rounds):
            for name in present(plan):
                if tree := trees.get(name):
                    yield from _round(plan, name, tree, made, number)
                    yield from _return(name, tree, made, number)


def _round(plan: Plan, name: str, tree: Path, made: Generated, number: int) -> Iterator[Sample]:
    p99s, sizes = {}, {}
    for stalled in sorted((0, STALLED), reverse=bool(number % 2)):  # cancels slow drift
        with ours(name, tree, made.path) as contender:
            p99s[stalled], sizes[stalled] = _life(
                contender, made, stalled, max(plan.seconds, LEAST_S)
            )
        yield Sample(
            f"{stalled} of 1,000 stalled: p99 of the others, ms", name, number, p99s[stalled]
        )
    rise = p99s[STALLED] / p99s[0]
    yield Sample("200 of 1,000 stalled: p99 of the others, ratio", name, number, rise)
    each = (sizes[STALLED] - sizes[0]) / STALLED
    yield Sample("stalled reader: memory, kB", name, number, each)


def _life(
    contender: Contender, made: Generated, stalled: int, seconds: float
) -> tuple[float, float]:
    """Return the p99 delay of the others in ms, and the server's memory in kB."""
    asked, host = requests(made.games[0]), made.people[0]
    everybody = made.people[1:] * CONNECTIONS_PER_USER
    voices = {"chatter": [host], "admin": [host] * ADMINS}
    cast = Cast(everybody[stalled:], everybody[:stalled], voices, asked.join, ["chatter"])
    with gathered(contender.port, cast) as crew:
        crew(Busy([Part("admin", [asked.become_admin], ADMIN, ADMINS)], 0))()
        events = Part("admin", [asked.event], EVENT, ADMINS, EVENTS_IN_FLIGHT)
        crew(Busy([events], FILL_S))()
        heard = crew(Lone(Part("chatter", [asked.chat], Response.TEXT_MESSAGE, 1), seconds))()
        return percentiles_ms(heard.delays)[98], contender.server.rss_kb()


def _return(name: str, tree: Path, made: Generated, number: int) -> Iterator[Sample]:
    """Publish until the server closes the stalled connections, then let them reconnect."""
    (game_id, _), asked, host = made.games[0], requests(made.games[0]), made.people[0]
    everybody = made.people[1:] * CONNECTIONS_PER_USER
    stalled = everybody[:STALLED]
    cast = Cast(everybody[STALLED:], stalled, {"admin": [host]}, asked.join)
    closed = 0
    with (
        ours(name, tree, made.path, {**SETTINGS, "outbox_size": OUTBOX}) as contender,
        gathered(contender.port, cast) as crew,
    ):
        server = contender.server
        assert isinstance(server, ServerProcess)
        crew(Busy([Part("admin", [asked.become_admin], ADMIN, 1)], 0))()
        before = most = server.rss_kb()
        events = Busy([Part("admin", [asked.event], EVENT, 1)], FILL_S)
        for _ in range(FILLS):
            crew(events)()
            most = max(most, server.rss_kb())
            if (closed := len(server.lines("subscriber_lagging"))) >= STALLED:
                break
        back = crew(ComeBack(contender.port, stalled, game_id))().deliveries
    yield Sample("200 stalled until closed: closed as lagging", name, number, closed)
    yield Sample("200 stalled until closed: back without a gap", name, number, back)
    each = (most - before) / STALLED
    yield Sample("200 stalled until closed: memory each, at most, kB", name, number, each)


@frozen
class ComeBack:
    """The stalled connections read what is left, reconnect and receive what they missed."""

    port: int
    people: Sequence[Person]
    game_id: str

    def __call__(self, crowd: Crowd) -> Heard:
        """Run the task on a crowd.

        Return the number of connections that are back as deliveries. Raise `CrowdError` if one has
        missed anything.
        """
        for line, person in zip(crowd.stalled, self.people, strict=True):
            known = _followed(_messages(_read_to_the_end(line)))
            with connected(self.port, [person]) as (again,):
                again.socket.sendall(request("join_game", game_id=self.game_id, since=known))
                again.socket.sendall(request("get_game_details", game_id=self.game_id))
                self._told_everything(again, known)
        return Heard(deliveries=len(crowd.stalled))

    def _told_everything(self, line: Line, since: int) -> None:
        """Check that each event since `since` has arrived as a message of its own."""
        heard = wait(line, Response.GAME_DETAILS)
        last = next(
            each["seq"] for each in _messages(heard) if each["res"] == Response.GAME_DETAILS
        )
        while _followed(told := _messages(heard), since) < last:
            heard += line.take()
        if sum(each["res"] == EVENT for each in told) != last - since:
            raise CrowdError(f"not told of every event between {since} and {last}")


def _read_to_the_end(line: Line) -> bytes:
    heard = b""
    with suppress(CrowdError, ConnectionResetError):
        while True:
            heard += line.take()
    return heard


def _messages(heard: bytes) -> list[dict[str, Any]]:
    """The whole messages; the last may have been cut off."""
    found = []
    for text in texts(heard):
        with suppress(orjson.JSONDecodeError):
            found.append(orjson.loads(text))
    return found


def _followed(messages: Sequence[dict[str, Any]], known: int | None = None) -> int:
    """The position after these. Raises `CrowdError` if something is missing between them."""
    for message in messages:
        if "prev_seq" in message:
            known = message["prev_seq"] if known is None else known
            if message["prev_seq"] > known:
                raise CrowdError(f"something was missed between {known} and {message}")
            known = max(known, message["seq"])
    return known or 0


if __name__ == "__main__":
    sys.exit(command("slow_readers", ask, rounds=3, seconds=2.0)())
