"""The message target: bytes go through decode, route and reply, and everything is checked.

An input is a byte that selects the sender (`PEOPLE`), and the message.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from actors.local_edge import LocalEdge
from tests.campaigns.fuzz import judge
from tests.campaigns.fuzz.caller import Message
from tests.campaigns.fuzz.log import faults
from tests.campaigns.fuzz.loop import settled
from tests.campaigns.fuzz.requests import Requests
from tests.campaigns.fuzz.stage import PEOPLE, Life, Worlds
from tests.campaigns.fuzz.target import Target
from tests.campaigns.sim.invariants import (
    balances_are_those_on_disk,
    books_are_right,
    nothing_is_left_in_memory,
    replay_equals_live,
)

LIFETIME = 250
"""Inputs per world. After more, most of its games are closed."""
PAUSE_EVERY, PAUSE_S = 8, 0.06
QUIET_S = 1.0
"""Time after which all delayed messages have been sent."""
LOOKED_AT_FIRST, LOOKED_AT_EVERY = 100, 50
"""Messages of each kind that are checked field by field: the first ones, then one in 50."""


class MessagesTarget(Target[Life]):
    """Runs each input: a byte that selects the sender, and the message."""

    def __init__(self, lifetime: int = LIFETIME) -> None:
        super().__init__(lifetime)
        self._kinds: Counter[str] = Counter()

    @property
    def inputs(self) -> Requests:
        """Return the generator of messages."""
        return Requests(self.worlds.stage.ids)

    def _open(self, folder: Path) -> None:
        self._faults = self._exits.enter_context(faults())
        self.worlds = Worlds(folder)

    def _begin(self) -> Life:
        self._faults.clear()
        life = self.worlds.begin()
        self._commits = life.commits()
        return life

    def _take(self, life: Life, data: bytes) -> None:
        message = data[1:]
        if len(self._taken) % PAUSE_EVERY == 0:
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
        """Let due work be done and its messages arrive."""
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
        assert isinstance(world.server.edge, LocalEdge)
        nothing_is_left_in_memory(world.server, [world.server.edge], len(world.callers))
        replay_equals_live(world.server, world.operator)
        balances_are_those_on_disk(world.server, world.operator)
        books_are_right(world.operator)


def _kind(message: Message) -> str:
    return str(message.get("code", message["res"]))
