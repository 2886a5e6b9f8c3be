"""A state machine of games that share their players' money, with commands, time and restarts.

The auditor (`auditor.py`) sees every fact. All invariants hold after every step.
"""

from collections import Counter
from typing import Any, ClassVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from game.commands import (
    AllowAction,
    AllowPool,
    BlockAction,
    BlockPool,
    CancelPool,
    CloseGame,
    Command,
    CreateAndOpenGame,
    CreateGame,
    OpenGame,
    OpenPool,
    PlaceBet,
    RegisterEvent,
    ScratchTarget,
    UpdateGame,
)
from game.facts import Entry, Fact
from game.ledger import ISSUE, available_of, exposure_of, movements, pool_account
from game.limits import RuleLimits
from game.policy import SHIPPED, DeadHeat, Policy, Unbacked
from game.refusals import Refusal
from game.vocabulary import Phase
from storage.journal import read_entry
from tests.support.auditor import Auditor
from tests.support.match import NOW, Accounts, Match

CURRENCIES = ("DON", "DON", "EUR")
"""The currency of each slot. Two slots share their players' money."""
USERS = (1, 2, 3, 4)
POLICIES = SHIPPED | {
    "carry": Policy("carry", unbacked=Unbacked.CARRY),
    "heat": Policy("heat", 1_000, 1, 100, DeadHeat.POOL, Unbacked.CARRY),
}
LIMITS = RuleLimits(pools_per_game=6, policies=POLICIES)
LIVES: tuple[tuple[type[CreateGame], dict[str, int]], ...] = (
    (CreateAndOpenGame, {}),
    (CreateAndOpenGame, {"close_at": 30_000}),
    (CreateAndOpenGame, {"open_at": 1_000, "live_start_at": 2_000}),
    (CreateGame, {"open_at": 500, "close_at": 90_000}),
    (CreateAndOpenGame, {"live_start_at": 5_000, "close_at": 5_000}),
)
"""How the games of a slot begin, one after the other. Times are in ms from their creation."""

slots = st.integers(0, len(CURRENCIES) - 1)
nth = st.integers(0, 11)
users = st.sampled_from(USERS)
amounts = st.one_of(st.integers(1, 9), st.integers(1, 900), st.sampled_from([1, 40_000, 10**14]))
sides = st.integers(0, 1)
paths = st.sampled_from(["argentina", "brazil", "none", "yes", "no", "brazil:7", "argentina:10"])
leaves = st.sampled_from(["argentina:7", "argentina:10", "brazil:7"])
actions = st.sampled_from(["goal", "goal", "yellow-card"])
delays = st.sampled_from([None, 0, 1, 1_000, 1_000, 4_000])
agos = st.sampled_from([0, 0, 0, 0, 1, 7, 500, 3_000, -1_500])
pools = st.sampled_from(
    [
        {"pool_type": type_, "recreate_on_end": again, "is_blocked": blocked} | more
        for type_ in (1, 1, 1, 2, 2, 3, 4)
        for again in (False, True)
        for blocked in (False, False, False, False, True)
        for more in (
            {},
            {"stop_accepting_bets_at": 300},
            {"targets": ("Brazil:7", "Argentina:10")},
            {"targets": ("Brazil",), "finish_at": 3_000, "stop_accepting_bets_at": 1_000},
        )
    ]
)


def has_pools(machine: "MoneyMachine", at_least: int = 1) -> bool:
    return sum(len(match.auditor.pools) for match in machine.games) >= at_least


class Audited(Match):
    """A match whose facts an auditor sees. `owed` is what the 815s report."""

    def __init__(self, owed: Counter[tuple[str, int, str]], **parameters: Any) -> None:
        super().__init__(**parameters)
        self.owed = owed
        self.auditor = Auditor()
        self.auditor.saw(read_entry(self.journal[0]))

    def restart(self) -> None:
        """Discard the state and replay it from the rows."""
        again = self.replayed()
        assert again == self.game, "a replay of the journal is the live game"
        self.game = again

    def _happened(self, fact: Fact, at: int) -> tuple[int, Fact]:
        happened = super()._happened(fact, at)
        self.auditor.saw(Entry(self.game.seq, happened[0], fact))
        for one in movements(fact):
            self.owed[self.game.currency, one.user_id, "available"] += one.available
            self.owed[self.game.currency, one.user_id, "exposure"] += one.exposure
        return happened


class MoneyMachine(RuleBasedStateMachine):
    """Three slots with one game after the other in each, and four players."""

    steps: ClassVar[int] = 0

    @initialize(life=st.integers(0, len(LIVES) - 1))
    def open_the_house(self, life: int) -> None:
        self.now = NOW
        self.life = life
        self.accounts = Accounts()
        self.credited: Counter[str] = Counter()
        self.owed: Counter[tuple[str, int, str]] = Counter()
        for user in USERS:
            self.credit(user, "DON", 50_000)
            self.credit(user, "EUR", 10_000)
        self.games = [self._new_game(currency) for currency in CURRENCIES]
        for slot in range(len(CURRENCIES)):
            self.open_pools(slot, [{}, {"pool_type": 3}], "goal")

    # Commands.

    @rule(
        slot=slots,
        settings=st.lists(pools, min_size=1, max_size=2),
        action=actions,
        policy=st.sampled_from(["plain", "plain", *POLICIES]),
    )
    def open_pools(
        self, slot: int, settings: list[dict[str, Any]], action: str, policy: str = "plain"
    ) -> None:
        for each in settings:
            known: dict[str, Any] = {
                "finish_at": 2_500,
                "description": "Next?",
                "action": action,
                "policy": policy,
            } | each
            times = {name: self.now + at for name, at in known.items() if name.endswith("_at")}
            command = {"game_id": self.games[slot].game.game_id} | known | times
            self._ask(slot, OpenPool(**command))

    @precondition(has_pools)
    @rule(pool=nth, bets=st.lists(st.tuples(users, sides, amounts), min_size=1, max_size=6))
    def many_bet(self, pool: int, bets: list[tuple[int, int, int]]) -> None:
        slot, pool_id = self._pick(pool)
        for user, side, amount in bets:
            self._bet(slot, pool_id, user, side, amount)

    @precondition(has_pools)
    @rule(pool=nth, user=users, side=sides, amount=amounts)
    def one_bets(self, pool: int, user: int, side: int, amount: int) -> None:
        self._bet(*self._pick(pool), user, side, amount)

    @precondition(has_pools)
    @rule(pool=nth, user=users, path=paths)
    def one_bets_on_something(self, pool: int, user: int, path: str) -> None:
        self._bet(*self._pick(pool), user, path, 10)

    @precondition(has_pools)
    @rule(pool=nth, user=users, over=sides)
    def one_bets_everything(self, pool: int, user: int, over: int) -> None:
        slot, pool_id = self._pick(pool)
        self._due(slot)
        everything = self.accounts.available(user, CURRENCIES[slot]) + over
        self._bet(slot, pool_id, user, 0, max(1, everything))

    @rule(slot=slots, action=actions, path=leaves, ago=agos)
    def something_happens(self, slot: int, action: str, path: str, ago: int) -> None:
        self._event(slot, action, path, ago)

    @precondition(has_pools)
    @rule(pool=nth, side=sides, ago=st.one_of(agos, st.sampled_from(["open", "open"])))
    def something_decides_a_pool(self, pool: int, side: int, ago: int | str) -> None:
        """Register an event, now or earlier. Bets after its time are void."""
        slot, pool_id = self._pick(pool)
        window = self.games[slot].auditor.pools[pool_id]
        opened = window.opened
        on = list(opened.targets)[side]
        since = self.now - window.start_at if isinstance(ago, str) else ago
        below = {"argentina": "argentina:7", "brazil": "brazil:7", "none": "brazil:7"}
        self._event(slot, opened.action_id, below.get(on, on), since)

    @rule(slot=slots, action=actions, also=st.lists(leaves, max_size=3).map(tuple))
    def a_dead_heat(self, slot: int, action: str, also: tuple[str, ...]) -> None:
        self._event(slot, action, "brazil:7", 0, *also)

    @precondition(lambda self: has_pools(self, 3))
    @rule(pool=nth, path=paths)
    def scratch(self, pool: int, path: str) -> None:
        slot, pool_id = self._pick(pool)
        self._ask(slot, ScratchTarget(pool_id=pool_id, target=path, reason="injured"))

    @precondition(lambda self: has_pools(self, 4))
    @rule(pool=nth)
    def cancel(self, pool: int) -> None:
        slot, pool_id = self._pick(pool)
        self._ask(slot, CancelPool(pool_id=pool_id))

    @precondition(has_pools)
    @rule(pool=nth, delay=delays, blocks=st.booleans())
    def switch_pool(self, pool: int, delay: int | None, blocks: bool) -> None:
        (slot, pool_id), at = self._pick(pool), self._at(delay)
        if blocks:
            self._ask(slot, BlockPool(pool_id=pool_id, block_at=at))
        else:
            self._ask(slot, AllowPool(pool_id=pool_id, allow_at=at))

    @precondition(has_pools)
    @rule(pool=nth, delay=delays, blocks=st.booleans())
    def switch_action(self, pool: int, delay: int | None, blocks: bool) -> None:
        (slot, pool_id), at = self._pick(pool), self._at(delay)
        match = self.games[slot]
        names = match.game.game_id, match.auditor.pools[pool_id].opened.action_id
        if blocks:
            self._ask(slot, BlockAction(game_id=names[0], action=names[1], block_at=at))
        else:
            self._ask(slot, AllowAction(game_id=names[0], action=names[1], allow_at=at))

    @rule(
        slot=slots,
        name=st.sampled_from(["open_at", "close_at", "close_at", "live_start_at"]),
        delay=st.sampled_from([1, 2_000, 40_000, 40_000, -NOW, -NOW]),
    )
    def postpone(self, slot: int, name: str, delay: int) -> None:
        at = 0 if delay == -NOW else self.now + delay
        if not (name == "open_at" and at == 0):
            change: dict[str, Any] = {"game_id": self.games[slot].game.game_id, name: at}
            self._ask(slot, UpdateGame(**change))

    @precondition(lambda self: any(not match.auditor.is_opened for match in self.games))
    @rule()
    def open_games(self) -> None:
        for slot, match in enumerate(self.games):
            self._ask(slot, OpenGame(game_id=match.game.game_id))

    @precondition(lambda self: any(len(match.journal) > 25 for match in self.games))
    @rule()
    def close_the_longest(self) -> None:
        slot = max(range(len(self.games)), key=lambda slot: len(self.games[slot].journal))
        self._ask(slot, CloseGame(game_id=self.games[slot].game.game_id))

    @rule(user=users, currency=st.sampled_from(sorted(set(CURRENCIES))), amount=amounts)
    def credit(self, user: int, currency: str, amount: int) -> None:
        self.accounts.credit(user, amount, currency)
        self.credited[currency] += amount
        self.owed[currency, user, "available"] += amount

    # The passage of time and restarts.

    @rule(ms=st.sampled_from([1, 1, 7, 100, 300, 300, 1_000, 6_000]))
    def time_passes(self, ms: int) -> None:
        self.now += ms

    @precondition(lambda self: all(match.game.clock <= self.now for match in self.games))
    @rule(ms=st.sampled_from([1, 1, 50, 10_000]))
    def the_clock_is_set_back(self, ms: int) -> None:
        self.now -= ms

    @rule()
    def everybody_wakes_up(self) -> None:
        for slot in range(len(self.games)):
            self._due(slot)

    @rule(slot=slots)
    def restart(self, slot: int) -> None:
        self.games[slot].restart()

    # Invariants.

    @invariant()
    def count(self) -> None:
        type(self).steps += 1

    @invariant()
    def every_currency_sums_to_what_was_credited(self) -> None:
        for currency, credited in self.credited.items():
            held = self._held(currency)
            assert sum(amount for account, amount in held.items() if account != ISSUE) == credited
            assert held[ISSUE] == -credited

    @invariant()
    def no_account_is_below_zero_and_a_pool_holds_what_was_carried_in(self) -> None:
        windows = [window for match in self.games for window in match.auditor.pools.values()]
        carried = {pool_account(w.opened.pool_id): w.opened.carried_in for w in windows}
        for (_, account), amount in self.accounts.balances.items():
            assert amount >= 0 or account == ISSUE or account.startswith("house:")
            assert amount == carried.get(account, 0) or not account.startswith("pool:")

    @invariant()
    def exposure_is_the_open_stakes(self) -> None:
        staked: Counter[tuple[str, str]] = Counter()
        for match in self.games:
            for user, stakes in match.auditor.exposure().items():
                staked[match.game.currency, exposure_of(user)] += stakes
        kept = {key: n for key, n in self.accounts.balances.items() if key[1].endswith("exposure")}
        assert {key: n for key, n in kept.items() if n} == dict(staked)

    @invariant()
    def what_players_are_told_is_what_they_have(self) -> None:
        for (currency, user, what), amount in self.owed.items():
            account = available_of(user) if what == "available" else exposure_of(user)
            assert self.accounts.balances[currency, account] == amount

    def teardown(self) -> None:
        for match in self.games if hasattr(self, "games") else ():
            match.restart()

    # Helpers.

    def _ask(self, slot: int, command: Command, *, by: int = USERS[0]) -> bool:
        """Execute a command and return whether it was accepted. A refusal changes nothing."""
        self._due(slot)
        match = self.games[slot]
        before = match.game.seq, dict(self.accounts.balances)
        try:
            match.do(command, by=by)
        except Refusal:
            assert (match.game.seq, dict(self.accounts.balances)) == before
            return False
        return True

    def _due(self, slot: int) -> None:
        """Act on what is due, as an actor does. Replace a game that is over."""
        match = self.games[slot]
        if match.game.phase is Phase.CLOSED:
            match.restart()
            self.games[slot] = self._new_game(match.game.currency)
        else:
            match.until(self.now)
            late = match.auditor.late(self.now)
            assert match.auditor.is_closed or not late, "what is due has happened"

    def _bet(self, slot: int, pool_id: str, user: int, on: str | int, amount: int) -> None:
        """Check that a bet is accepted exactly if in time, covered and on a valid target."""
        self._due(slot)
        match = self.games[slot]
        window = match.auditor.pools.get(pool_id)
        known = list(window.opened.targets) if window else ["none", "none"]
        target = on if isinstance(on, str) else known[on]
        is_offered = target in known and not (window and target in window.scratched)
        is_covered = amount <= self.accounts.available(user, CURRENCIES[slot])
        is_in_time = match.auditor.takes_bets(pool_id, max(self.now, match.game.clock))
        bet = PlaceBet(pool_id=pool_id, target=target, amount=amount)
        assert self._ask(slot, bet, by=user) == (is_in_time and is_covered and is_offered)

    def _event(self, slot: int, action: str, path: str, ago: int, *also: str) -> None:
        command = RegisterEvent(
            game_id=self.games[slot].game.game_id,
            action_id=action,
            target_id=path,
            happened_at=self.now - ago,
            also=also,
        )
        self._ask(slot, command)

    def _pick(self, nth: int) -> tuple[int, str]:
        """Return one of the unresolved pools, with the slot of its game."""
        there = [
            (slot, pool_id)
            for slot, match in enumerate(self.games)
            for pool_id in match.auditor.pools
        ]
        return there[nth % len(there)]

    def _at(self, delay: int | None) -> int | None:
        return None if delay is None else self.now + delay

    def _held(self, currency: str) -> dict[str, int]:
        balances = self.accounts.balances.items()
        return {account: amount for (kind, account), amount in balances if kind == currency}

    def _new_game(self, currency: str) -> Audited:
        self.life += 1
        kind, times = LIVES[self.life % len(LIVES)]
        return Audited(
            self.owed,
            game_id=str(UUID(int=self.life)),
            now=self.now,
            limits=LIMITS,
            accounts=self.accounts,
            kind=kind,
            currency=currency,
            **{name: self.now + at for name, at in times.items()},
        )
