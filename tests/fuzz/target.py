"""What is fuzzed: bytes in, through decode, route and reply, and everything that has to hold.

An input is a byte that says who speaks (`PEOPLE`), and the message. A world takes many, so that
what one leaves behind meets the next; then it is audited and another begins. A failure tells all
the inputs of its world: they bring it about again.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from tests.fuzz import judge
from tests.fuzz.caller import Message
from tests.fuzz.log import faults
from tests.fuzz.loop import settled
from tests.fuzz.stage import PEOPLE, Life, Worlds
from tests.sim.invariants import (
    balances_are_those_on_disk,
    books_are_right,
    nothing_is_left_in_memory,
    replay_equals_live,
)

LIFETIME = 250
"""Inputs that one world takes: after more, most of it is closed."""
PAUSE_EVERY, PAUSE_S = 8, 0.06
QUIET_S = 1.0
"""Until everything that was put off for a moment has been told."""
LOOKED_AT_FIRST, LOOKED_AT_EVERY = 100, 50
"""Of messages of a kind, how many are looked at field by field: that takes its time."""


class Failure(AssertionError):
    """Something did not hold, after these inputs."""

    def __init__(self, inputs: Sequence[bytes], why: str) -> None:
        super().__init__(why)
        self.inputs = inputs


class Target:
    """Call it with one input after another. `outcomes` counts what they came to."""

    def __init__(self, lifetime: int = LIFETIME) -> None:
        self.outcomes: Counter[str] = Counter()
        self._lifetime = lifetime
        self._inputs: list[bytes] = []
        self._kinds: Counter[str] = Counter()

    def __enter__(self) -> Self:
        self._exits = ExitStack()
        folder = self._exits.enter_context(TemporaryDirectory(prefix="fuzz"))
        self._faults = self._exits.enter_context(faults())
        self.worlds = Worlds(Path(folder))
        self._life: Life | None = None
        return self

    def __exit__(self, *_: object) -> None:
        if self._life is not None:
            self._life.end()
        self._exits.close()

    def __call__(self, data: bytes) -> None:
        """Take an input. Raises `Failure`."""
        if len(self._inputs) >= self._lifetime:
            self.finish()
        self._inputs.append(data)
        try:
            self._take(data)
        except BaseException as error:
            raise self._failure(error) from error

    def finish(self) -> None:
        """Audit the world and end it: the next input begins another. Raises `Failure`."""
        if self._life is None:
            return
        try:
            self._audit(self._life)
        except BaseException as error:
            raise self._failure(error) from error
        self._abandon()

    def _failure(self, error: BaseException) -> Failure:
        failure = Failure(tuple(self._inputs), f"{type(error).__name__}: {error}")
        self._abandon()
        return failure

    def _abandon(self) -> None:
        if self._life is not None:
            self._life.end()
            self._life.remove()
        self._life, self._inputs = None, []
        self._faults.clear()

    def _take(self, data: bytes) -> None:
        if self._life is None:
            self._life = self.worlds.begin()
            self._commits = self._life.commits()
        life, message = self._life, data[1:]
        if len(self._inputs) % PAUSE_EVERY == 0:
            self._pause(life, PAUSE_S)
        speaker = life.world.callers[PEOPLE[(data[0] if data else 0) % len(PEOPLE)]]
        speaker.say(message)
        life.do(settled)
        assert not self._faults, ("our own fault", self._faults)
        heard = speaker.heard()
        reply = judge.judged(judge.read(message), heard)
        self._look_at(heard)
        self._hear_everybody(life)
        before, self._commits = self._commits, life.commits()
        if reply["res"] == 666:
            assert self._commits == before, ("something has changed all the same", reply)
        self.outcomes[_kind(reply)] += 1

    def _pause(self, life: Life, seconds: float) -> None:
        """Let what is due be done, and told."""
        life.jump(seconds)
        life.do(settled)
        self._hear_everybody(life)
        self._commits = life.commits()

    def _hear_everybody(self, life: Life) -> None:
        for caller in life.world.callers.values():
            self._look_at(caller.heard())
        assert not self._faults, ("our own fault", self._faults)

    def _look_at(self, messages: Iterable[Message]) -> None:
        for message in messages:
            kind = _kind(message)
            self._kinds[kind] += 1
            count = self._kinds[kind]
            if count <= LOOKED_AT_FIRST or count % LOOKED_AT_EVERY == 0:
                assert judge.is_well_formed(message)

    def _audit(self, life: Life) -> None:
        self._pause(life, QUIET_S)
        world = life.world
        nothing_is_left_in_memory(world.server, len(world.callers))
        replay_equals_live(world.server, world.operator)
        balances_are_those_on_disk(world.server, world.operator)
        books_are_right(world.operator)


def _kind(message: Message) -> str:
    return str(message.get("code", message["res"]))
