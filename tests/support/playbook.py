"""Conversations as tables. The same playbook runs on the pure rules and through sockets.

A line has a time, a user with a request, and the expected messages for each user:

    00:05 ann 3702 targets=Argentina,Brazil:7 -> 3402; ann bob.2: 342

`bob.2` is another connection of bob. `time` stands for no user: a timer acts. `hangs-up` can stand
in place of an op. The value `@00:30` is the time of that moment. A user who is not named receives
nothing. A code can be more specific: `342:game_closed` (the status), `666:not_joined` (the error's
code). The ids of source and game are filled in. ann is the host and owns the source.
"""

import re
import shlex
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Any

import trio
from attrs import Factory, define, frozen

from game.commands import Command, CreateGame, GameCommand
from game.context import DecisionContext
from game.decide import decide, decide_creation
from game.facts import Entry, Fact
from game.refusals import Refusal
from game.rights import refuse_without
from game.state import Game, apply, create
from protocol import replies
from protocol.codec import Frame, read_command
from protocol.errors import error_reply
from protocol.limits import Limits
from protocol.op import Op, Response
from protocol.ops import BY_CODE
from protocol.publications import publication
from tests.support.play import next_due
from toteboard_client import Client

HOST = "ann"
TIME = "time"
HANGS_UP = "hangs-up"
PATIENCE_S = 30.0
PRESENCE = {
    str(code)
    for code in (Response.USER_JOINED_GAME, Response.USER_LEFT_GAME, Response.GAME_PRESENCE)
}
TOLD_ALONE = {str(int(Response.BECOME_AN_ADMIN_FOR_GAME_SUCCESS))}

_LINE = re.compile(r"(\d\d):(\d\d)\s+(.*?)\s*->\s*([^;]*?)\s*((?:;[^;]*)*)$")
Message = dict[str, Any]


@frozen
class Step:
    """One line. `at` is in milliseconds after the beginning."""

    at: int
    who: str
    what: str
    parameters: dict[str, str]
    reply: str
    told: dict[str, list[str]]

    @property
    def user(self) -> str:
        """Return the user of the connection."""
        return self.who.split(".")[0]


def read(text: str) -> list[Step]:
    """Parse the steps of a playbook. `#` begins a comment."""
    lines = (line.split(" #")[0].strip() for line in text.splitlines())
    return [_step(line) for line in lines if line]


def _step(line: str) -> Step:
    match = _LINE.fullmatch(line)
    assert match is not None, f"not a line of a playbook: {line}"
    minutes, seconds, asked, reply, audiences = match.groups()
    who, *words = shlex.split(asked)
    told: dict[str, list[str]] = {}
    for audience in filter(None, audiences.split(";")):
        names, _, codes = audience.partition(":")
        told |= {name: codes.replace(",", " ").split() for name in names.split()}
    parameters = dict(word.split("=", 1) for word in words[1:])
    at = _millis(minutes, seconds)
    return Step(at, who, words[0] if words else "", parameters, reply, told)


def _millis(minutes: str, seconds: str) -> int:
    return (int(minutes) * 60 + int(seconds)) * 1_000


def filled(step: Step, ids: dict[str, str], moment: Callable[[int], int]) -> dict[str, str]:
    """Return the parameters to send. `moment` turns a playbook's time into epoch ms."""
    names = BY_CODE[int(step.what)].parameters
    given = {name: value for name, value in ids.items() if name in names}
    for name, value in step.parameters.items():
        at = re.fullmatch(r"@(\d\d):(\d\d)", value)
        given[name] = str(moment(_millis(*at.groups()))) if at else value
    return given


def is_said(expected: str, message: Message) -> bool:
    """Return whether a message matches an expected code of a playbook."""
    code, _, more = expected.partition(":")
    return int(code) == message["res"] and more in ("", message.get("status"), message.get("code"))


def as_expected(expected: Iterable[str], messages: Iterable[Message]) -> bool:
    """Return whether the messages match the expected codes, in order."""
    wanted, heard = list(expected), list(messages)
    return len(wanted) == len(heard) and all(map(is_said, wanted, heard))


# On the pure rules.


@define
class Rules:
    """The rules alone, without actors, storage and sockets. They begin at `start` (epoch ms)."""

    start: int
    limits: Limits = Factory(Limits)
    game: Game | None = None
    users: dict[str, int] = Factory(dict)

    def play(self, steps: Iterable[Step]) -> None:
        """Play all steps that the rules handle. Subscriptions and queries are skipped."""
        for step in steps:
            if step.what == HANGS_UP:
                continue
            due = self._advance(self.start + step.at)
            if step.who == TIME:
                self._is_published(step, due)
            elif issubclass(BY_CODE[int(step.what)].command, CreateGame | GameCommand):
                assert not due, f"{step} comes after something that no line tells of"
                self._ask(step)

    def _ask(self, step: Step) -> None:
        now = self.start + step.at
        ids = {"source_id": "source", "game_id": "game"}
        op = BY_CODE[int(step.what)]
        given = filled(step, ids, lambda at: self.start + at)
        try:
            op, command = read_command(op, Frame(given), now)
            if not isinstance(command, CreateGame | GameCommand):
                return
            reply, published = self._decided(step, op, command, now)
        except Refusal as refusal:
            reply, published = error_reply(refusal, op=op.code, game_id="game"), []
        assert is_said(step.reply, reply), (step, reply)
        self._is_published(step, published)

    def _decided(
        self, step: Step, op: Op, command: CreateGame | GameCommand, now: int
    ) -> tuple[Message, list[Message]]:
        subject = getattr(command, "username", None)
        context = DecisionContext(
            now=now,
            user_id=self._id(step.user),
            limits=self.limits,
            subject_id=subject and self._id(subject),
        )
        refuse_without(
            op.right,
            is_source_admin=step.user == HOST,
            is_game_admin=self.game is not None and context.user_id in self.game.admins,
            is_subject=subject == step.user,
        )
        facts = self._facts(command, context)
        published = [*self._happen(facts, now)]
        assert self.game is not None
        shared = [body for body in published if body["res"] == op.shared]
        if shared:
            return shared[0], published
        return replies.done(self.game, command, facts, now=now, subject_name=subject), published

    def _facts(self, command: Command, context: DecisionContext) -> Sequence[Fact]:
        if (untimely := command.wrong_at(context.now)) is not None:
            raise untimely
        if isinstance(command, CreateGame):
            return [decide_creation(command, "game", context)]
        assert self.game is not None
        return decide(self.game, command, context)

    def _advance(self, now: int) -> list[Message]:
        published: list[Message] = []
        while self.game and (due := next_due(self.game, now)) is not None:
            published += self._happen(due.facts(), due.at)
        return published

    def _happen(self, facts: Iterable[Fact], at: int) -> Iterator[Message]:
        for fact in facts:
            entry = Entry(1 if self.game is None else self.game.seq + 1, at, fact)
            if self.game is None:
                self.game = create(entry)
            else:
                apply(self.game, entry)
            if (body := publication(self.game, entry)) is not None:
                yield body

    def _is_published(self, step: Step, published: list[Message]) -> None:
        """Check that every subscriber receives the same messages, if there are subscribers."""
        for codes in step.told.values():
            of_facts = [code for code in codes if code not in PRESENCE | TOLD_ALONE]
            assert as_expected(of_facts, published), (step, published)

    def _id(self, user: str) -> int:
        return self.users.setdefault(user, len(self.users) + 1)


# Through sockets.


@frozen
class Stage:
    """What a playbook needs of a running server.

    `moment` turns a playbook's time into epoch ms. `until` waits for that time if time is
    simulated.
    """

    connect: Callable[[str], Awaitable[Client]]
    moment: Callable[[int], int]
    until: Callable[[int], Awaitable[None]]


@define
class Line:
    """One connection: its user, and the position that it knows."""

    client: Client
    known: int = 0

    async def hear(self, at_least: int = 0) -> list[Message]:
        """Receive all messages, and wait until there are `at_least` so many."""
        heard: list[Message] = []
        with trio.fail_after(PATIENCE_S):
            while len(heard) < at_least:
                heard.append(await self.client.receive())
            await self.client.send(1)
            while (message := await self.client.receive())["res"] != Response.PONG:
                heard.append(message)
        for message in heard:
            self._note_position(message)
        return heard

    def _note_position(self, message: Message) -> None:
        if message["res"] == Response.GAME_JOINED:
            self.known = message["seq"]  # a client that sends `since` starts from that position
        assert message.get("prev_seq", 0) <= self.known, ("something was missed", message)
        assert message.get("seq", self.known) >= self.known, ("a watermark fell", message)
        self.known = message.get("seq", self.known)


class Conversation:
    """Plays every line over connections and checks every message of every connection."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._lines: dict[str, Line] = {}
        self._ids: dict[str, str] = {}

    async def play(self, steps: Iterable[Step]) -> None:
        """Play all steps."""
        host = await self._line(HOST)
        source = await host.client.call(365, source_name="the source of the playbook")
        self._ids["source_id"] = source["source_id"]
        for step in steps:
            await self._play(step)

    async def _play(self, step: Step) -> None:
        await self._stage.until(step.at)
        if step.what == HANGS_UP:
            await self._lines.pop(step.who).client.socket.aclose()
        elif step.who != TIME:
            await self._ask(step)
        for name, line in self._lines.items():
            expected = [step.reply] * (name == step.who) + step.told.get(name, [])
            heard = await line.hear(at_least=len(expected))
            assert as_expected(expected, heard), (name, step, heard)
            for message in heard:
                self._ids.setdefault("game_id", message.get("game_id", ""))

    async def _ask(self, step: Step) -> None:
        line = await self._line(step.who)
        parameters: Message = {**filled(step, self._ids, self._stage.moment)}
        await line.client.send(int(step.what), **parameters)

    async def _line(self, name: str) -> Line:
        if name not in self._lines:
            self._lines[name] = Line(await self._stage.connect(name.split(".")[0]))
        return self._lines[name]
