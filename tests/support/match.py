"""Play a match with pools and players on the pure rules, with the work of the actor and the bank.

The journal is kept as rows, as storage keeps it.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
from attrs import asdict

from game.commands import (
    CancelPool,
    CloseGame,
    Command,
    CorrectPool,
    CreateAndOpenGame,
    CreateGame,
    OpenPool,
    PlaceBet,
    RegisterEvent,
    TakeBackEvent,
    UpdateGame,
)
from game.context import DecisionContext
from game.decide import decide, decide_creation
from game.due import wake_at, with_carry
from game.facts import BetPlaced, Entry, Fact, PoolOpened, PoolResolved
from game.ledger import ISSUE, Transfer, available_of, carry_of, exposure_of, transfers
from game.limits import RuleLimits
from game.pools import Pool
from game.refusals import Refusal
from game.state import Game, apply, create, replay
from storage.journal import fact_row, read_entry
from tests.support.past_results import past_in
from tests.support.play import next_due

SOURCE = "5a1c0ab7-e45e-4c4b-8e6f-9d5f1f2f3a4b"
GAME = "6ab7e4c0-5e2c-4b6e-9f5d-1f2f3a4b5c6d"
NOW = 1_800_000_000_000
HOST, ANN, BEN, CAT = 1, 2, 3, 4
ACTIONS = ("Goal", "Yellow Card")
TARGETS = ("Argentina:7", "Argentina:10", "Brazil:7")
EVENT, TIME, BINARY, BINARY_TIME = 1, 2, 3, 4


class Accounts:
    """All balances by currency and account. Only credits and transfers change them."""

    def __init__(self) -> None:
        self.balances: Counter[tuple[str, str]] = Counter()

    def credit(self, user_id: int, hundredths: int, currency: str = "DON") -> None:
        """Credit a user, as an operator does."""
        self.move([Transfer(ISSUE, available_of(user_id), hundredths, "credit")], currency)

    def move(self, moved: Iterable[Transfer], currency: str) -> None:
        for each in moved:
            self.balances[currency, each.debit] -= each.amount
            self.balances[currency, each.credit] += each.amount

    def available(self, user_id: int, currency: str = "DON") -> int:
        return self.balances[currency, available_of(user_id)]

    def exposure(self, user_id: int, currency: str = "DON") -> int:
        return self.balances[currency, exposure_of(user_id)]


class Match:
    """A game that is open unless the creation parameters say otherwise. Times are in epoch ms.

    Every player starts with 1,000.00 if no accounts are passed.
    """

    def __init__(
        self,
        *,
        game_id: str = GAME,
        now: int = NOW,
        limits: RuleLimits | None = None,
        accounts: Accounts | None = None,
        kind: type[CreateGame] = CreateAndOpenGame,
        **parameters: Any,
    ) -> None:
        self.now = now
        self.limits = limits or RuleLimits()
        self.accounts = accounts or _rich()
        names = {"game_name": "Argentina - Brazil", "actions": ACTIONS, "targets": TARGETS}
        command = kind(source_id=SOURCE, **(names | parameters))
        fact = decide_creation(command, game_id, self._occasion(HOST))
        self.game = create(Entry(1, now, fact))
        self.journal = [asdict(fact_row(self.game, Entry(1, now, fact)))]

    # Commands, and the passage of time.

    def do(self, command: Command, *, by: int = HOST, **circumstances: Any) -> list[Fact]:
        """Act on what is due, before and after the command. Raise `Refusal`."""
        self.until(self.now)
        is_about_results = isinstance(command, CorrectPool | TakeBackEvent)
        past = past_in(self.entries(), command, self.game) if is_about_results else None
        if past is not None:
            users = {user_id for pool in past.pools for user_id in pool.received}
            free = {each: self.accounts.available(each, self.game.currency) for each in users}
            circumstances = {"past": past, "free": free} | circumstances
        facts = list(decide(self.game, command, self._occasion(by, **circumstances)))
        for fact in facts:
            self._happened(fact, self.now)
        return facts

    def refused(self, command: Command, *, by: int = HOST, **circumstances: Any) -> Refusal:
        """Return the refusal of a command, and check that nothing has changed."""
        self.until(self.now)
        before = self.replayed()
        with pytest.raises(Refusal) as caught:
            self.do(command, by=by, **circumstances)
        assert self.game == before
        return caught.value

    def until(self, now: int) -> list[tuple[int, Fact]]:
        """Let time pass until `now`. Return the facts that became due, each with its time."""
        self.now = now
        happened: list[tuple[int, Fact]] = []
        while (at := wake_at(self.game)) is not None and at <= now:
            due = next_due(self.game, now)
            assert due is not None, "a game that wakes up has something to do"
            facts = with_carry(due.facts(), self.carry)
            happened += [self._happened(fact, due.at) for fact in facts]
            assert len(happened) < 1_000, "time alone goes round in circles"
        return happened

    @property
    def carry(self) -> int:
        """What the pools of the source carry over in the game's currency, in hundredths."""
        return self.accounts.balances[self.game.currency, carry_of(self.game.source_id)]

    def wait(self, ms: int) -> list[tuple[int, Fact]]:
        """Let `ms` milliseconds pass."""
        return self.until(self.now + ms)

    def entries(self) -> list[Entry]:
        """Return the facts of the journal, read back from its rows."""
        return [read_entry(row) for row in self.journal]

    def replayed(self) -> Game:
        """Return the replay of the journal."""
        return replay(self.entries())

    # Shorthand.

    def pool(self, type_: int = EVENT, **parameters: Any) -> str:
        """Open a pool and return its id."""
        [fact] = self.do(opening(type_, **parameters))
        assert isinstance(fact, PoolOpened)
        return fact.pool_id

    def bet(self, user: int, amount: int, target: str, pool_id: str) -> str:
        """Place a bet (`amount` in hundredths) and return its id."""
        [fact] = self.do(PlaceBet(pool_id=pool_id, target=target, amount=amount), by=user)
        assert isinstance(fact, BetPlaced)
        return fact.bet_id

    def event(self, target: str, action: str = "goal", at: int | None = None) -> list[Fact]:
        """Register an event and return all facts that it causes."""
        return self.do(event(target, action, at))

    def resolved(self, target: str, action: str = "goal", at: int | None = None) -> PoolResolved:
        """Register an event that ends one pool, and return the result."""
        [fact] = [f for f in self.event(target, action, at) if isinstance(f, PoolResolved)]
        return fact

    def __getitem__(self, pool_id: str) -> Pool:
        return self.game.pools[pool_id]

    def _occasion(self, by: int, **circumstances: Any) -> DecisionContext:
        available = self.accounts.available(by, self.game.currency) if hasattr(self, "game") else 0
        known: dict[str, Any] = {
            "now": self.now,
            "user_id": by,
            "limits": self.limits,
            "available": available,
            "carry": self.carry if hasattr(self, "game") else 0,
        }
        return DecisionContext(**(known | circumstances))

    def _happened(self, fact: Fact, at: int) -> tuple[int, Fact]:
        entry = Entry(self.game.seq + 1, max(at, self.game.clock), fact)
        self.accounts.move(transfers(fact, self.game.source_id), self.game.currency)
        apply(self.game, entry)
        self.journal.append(asdict(fact_row(self.game, entry)))
        return entry.at, fact


def opening(type_: int = EVENT, **parameters: Any) -> OpenPool:
    """Return a 385, on the next goal by default."""
    known: dict[str, Any] = {"game_id": GAME, "description": "Who is next?", "action": "goal"}
    return OpenPool(**(known | {"pool_type": type_} | parameters))


def event(target: str, action: str = "goal", at: int | None = None) -> RegisterEvent:
    """Return a 395."""
    return RegisterEvent(game_id=GAME, action_id=action, target_id=target, happened_at=at)


def update(**parameters: Any) -> UpdateGame:
    """Return a 373."""
    return UpdateGame(game_id=GAME, **parameters)


def cancelling(pool_id: str, reason: str | None = None) -> CancelPool:
    """Return a 399."""
    return CancelPool(pool_id=pool_id, reason=reason)


def kinds(facts: Iterable[Fact | tuple[int, Fact]]) -> list[str]:
    """Return the kinds of the facts, in order."""
    return [(fact[1] if isinstance(fact, tuple) else fact).kind for fact in facts]


CLOSE = CloseGame(game_id=GAME)


def _rich() -> Accounts:
    accounts = Accounts()
    for user in (HOST, ANN, BEN, CAT):
        accounts.credit(user, 100_000)
    return accounts
