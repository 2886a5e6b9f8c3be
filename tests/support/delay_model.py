"""What must become of bets that wait for the delay of their pool: the contract, without a server.

The model has a game in play whose pools are parimutuel. Times are ms since its beginning, amounts
hundredths. `wall` is the clock that can be set, `elapsed` the one that cannot. Requests with the
same key are interchangeable, because the server may wake them in any order. So an answer belongs to
a `group`: the key, or the number of a request without one.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from attrs import Factory, define, frozen

from game.payout import Outcome, refund, settle
from game.pools import Bet
from game.vocabulary import LARGEST_TIME

TOLERANCE_MS = 1_000
MOST_BETS = 20
MOST_TWINS = 20
ACCEPTED = "356"

Group = tuple[str, object]


@frozen
class Request:
    """A 392 of a user."""

    number: int
    user: str
    pool: str
    target: str
    amount: int
    key: str | None = None

    @property
    def group(self) -> Group:
        """What the answer belongs to."""
        return self.user, self.number if self.key is None else self.key

    def is_repeated_by(self, other: "Request") -> bool:
        """Return whether another request has the same parameters."""
        return (self.pool, self.target, self.amount) == (other.pool, other.target, other.amount)


@frozen
class Answer:
    """An answer to a request of a group: "356", or the code of a refusal."""

    group: Group
    code: str
    is_repeated: bool = False
    at: int | None = None
    """The time of `wall` when it must be sent; None: any time until the end of the step."""


@define
class ModelPool:
    """A pool, open until it `has_ended`. `of_user`: the most that a user may stake."""

    delay: int = 0
    action: str = "goal"
    finish_at: int | None = None
    stop_at: int | None = None
    of_user: int | None = None
    is_blocked: bool = False
    has_ended: bool = False
    block_at: int | None = None
    targets: tuple[str, ...] = ("argentina", "brazil", "none")
    bets: list[Bet] = Factory(list)


@define(eq=False)
class Waiting:
    """A bet that waits. `elapsed` is the clock when it was asked for."""

    request: Request
    asked_at: int
    decides_at: int
    elapsed: int


@define
class DelayModel:
    """The pools of a game, the money of its players, and the bets that wait."""

    pools: dict[str, ModelPool]
    available: dict[str, int]
    wall: int = 0
    elapsed: int = 0
    last_fact_at: int = 0
    phase_refusal: str | None = None
    waiting: list[Waiting] = Factory(list)
    answers: list[Answer] = Factory(list)
    accepted: list[tuple[str, str, int, int]] = Factory(list)
    """Pool, user, amount and time of acceptance of each bet, in order."""
    _leaders: dict[Group, Request] = Factory(dict)
    _twins: dict[Group, list[Request]] = Factory(dict)
    _kept: dict[Group, Request] = Factory(dict)
    _again: list[Request] = Factory(list)
    _action_blocks: dict[str, int] = Factory(dict)

    @property
    def now(self) -> int:
        """The time of the game, which is never before that of its last fact."""
        return max(self.wall, self.last_fact_at)

    def set_aside(self, user: str | None = None) -> int:
        """Return the stakes that wait, of one user or of all."""
        return sum(w.request.amount for w in self.waiting if user in (None, w.request.user))

    # Requests of the players.

    def bet(self, request: Request) -> None:
        """Place a bet, or repeat one."""
        self._wake()
        self._bet(request)
        self._settle_twins()

    def _bet(self, request: Request) -> None:
        group, key = request.group, request.key
        first = self._leaders.get(group) or self._kept.get(group)
        if key is None or first is None:
            self._begin(request)
        elif not first.is_repeated_by(request):
            self._answer(group, "idempotency_conflict")
        elif group in self._kept:
            self._answer(group, ACCEPTED, is_repeated=True)
        elif len(self._twins[group]) >= MOST_TWINS:
            self._answer(group, "limit_reached")
        else:
            self._twins[group].append(request)

    def _begin(self, request: Request) -> None:
        now, pool = self.now, self.pools[request.pool]
        code = self._refusal(request, now)
        if code is not None:
            self._answer(request.group, code)
        elif not pool.delay:
            self._accept(request, now)
        else:
            decides_at = now + pool.delay
            if pool.stop_at is not None:
                decides_at = min(decides_at, pool.stop_at)
            self.waiting.append(Waiting(request, now, decides_at, self.elapsed))
            self._leaders[request.group], self._twins[request.group] = request, []

    def _refusal(self, request: Request, now: int) -> str | None:
        if (code := self._pool_refusal(request, now)) is not None:
            return code
        if request.amount > self.available[request.user] - self.set_aside(request.user):
            return "insufficient_funds"
        mine = [w for w in self.waiting if w.request.user == request.user]
        mine = [w for w in mine if w.request.pool == request.pool]
        pool, user_id = self.pools[request.pool], id_of(request.user)
        staked = sum(bet.amount for bet in pool.bets if bet.user_id == user_id)
        staked += sum(w.request.amount for w in mine) + request.amount
        is_beyond = pool.of_user is not None and staked > pool.of_user
        return "limit_reached" if is_beyond or len(mine) >= MOST_BETS else None

    def _pool_refusal(self, request: Request, now: int) -> str | None:
        pool = self.pools[request.pool]
        if self.phase_refusal is not None:
            return self.phase_refusal
        if pool.has_ended:
            return "pool_resolved"
        if pool.is_blocked or (pool.stop_at is not None and now >= pool.stop_at):
            return "pool_blocked"
        return None if request.target in pool.targets else "unknown_target"

    def _accept(self, request: Request, at: int) -> None:
        self.available[request.user] -= request.amount
        bet = Bet(str(request.number), id_of(request.user), request.target, request.amount, at)
        self.pools[request.pool].bets.append(bet)
        self.accepted.append((request.pool, request.user, request.amount, at))
        self.last_fact_at = max(self.last_fact_at, at)
        if request.key is not None:
            self._kept[request.group] = request
        self._finish(request, ACCEPTED)

    def _finish(self, request: Request, code: str, *, at_any_time: bool = False) -> None:
        """Answer a bet and those that repeat it; after a refusal they begin again."""
        self._answer(request.group, code, at_any_time=at_any_time)
        self._leaders.pop(request.group, None)
        twins = self._twins.pop(request.group, [])
        if code == ACCEPTED:
            for _ in twins:
                self._answer(request.group, ACCEPTED, is_repeated=True)
        else:
            self._again += twins

    def _answer(
        self, group: Group, code: str, *, is_repeated: bool = False, at_any_time: bool = False
    ) -> None:
        at = None if at_any_time else self.wall
        self.answers.append(Answer(group, code, is_repeated, at))

    def _settle_twins(self) -> None:
        again, self._again = self._again, []
        for request in again:
            self._bet(request)
        assert not self._again

    # Requests of the host. Each is a fact.

    def block(self, pool_id: str, at: int | None) -> None:
        """Block a pool now or later (397)."""
        pool = self.pools[pool_id]
        with_plan = at is not None and at > self.now
        pool.block_at = at if with_plan else None
        self._happens(lambda: self._block([] if with_plan else [pool]))

    def block_action(self, action: str, at: int | None) -> None:
        """Block the pools of an action now or later (3975)."""
        self._action_blocks.pop(action, None)
        if at is not None and at > self.now:
            self._action_blocks[action] = at
            self._happens(lambda: None)
        else:
            self._happens(lambda: self._block(self._open_of(action)))

    def allow(self, pool_id: str) -> None:
        """Allow bets in a pool (398)."""
        self.pools[pool_id].is_blocked = False
        self._happens(lambda: None)

    def event(self, action: str, winner: str, *, is_material: bool) -> None:
        """Register an event (395). It decides the pools of its action that have the winner."""

        def decide() -> None:
            for pool in self._open_of(action):
                if winner in pool.targets:
                    self._end(pool, settle(pool.bets, (winner,), void_after=self.now))

        self._happens(decide, refuses_all=is_material)

    def cancel(self, pool_id: str) -> None:
        """Cancel a pool (399)."""
        self._happens(lambda: self._end(self.pools[pool_id], refund(self.pools[pool_id].bets)))

    def scratch(self, pool_id: str, target: str) -> None:
        """Scratch a target (3994). A pool with fewer than two is cancelled."""
        pool = self.pools[pool_id]
        pool.targets = tuple(each for each in pool.targets if each != target)
        gone = [bet for bet in pool.bets if bet.target_id == target]
        pool.bets = [bet for bet in pool.bets if bet.target_id != target]
        self._pay(refund(gone))

        def end_if_alone() -> None:
            if len(pool.targets) < 2:
                self._end(pool, refund(pool.bets))

        self._happens(end_if_alone)

    def close(self) -> None:
        """Close the game (375). It has no pools that the host decides."""
        for pool in self.pools.values():
            if not pool.has_ended:
                self._end(pool, settle(pool.bets, ("none",), void_after=self.now))
        self.phase_refusal = "game_closed"
        self._happens(lambda: None)

    def would_accept(self, request: Request) -> bool:
        """Return whether a bet without a delay would be accepted now."""
        return self._refusal(request, self.now) is None

    def fail(self, request: Request) -> None:
        """Refuse this bet and all that waits: its commit failed."""
        self._answer(request.group, "overloaded", at_any_time=True)
        self._refuse([(each, "overloaded") for each in self.waiting])
        self._settle_twins()

    def stop(self) -> None:
        """Stop the server: refuse all that waits."""
        self.phase_refusal = "overloaded"
        self._happens(lambda: None)

    def _happens(self, change: Callable[[], None], *, refuses_all: bool = False) -> None:
        change()
        self.last_fact_at = self.now
        self._refuse_waiting(refuses_all=refuses_all)
        self._settle_twins()

    def _refuse_waiting(self, *, refuses_all: bool = False) -> None:
        now, refused = self.last_fact_at, []
        for each in self.waiting:
            code = self._pool_refusal(each.request, now)
            if code is not None or refuses_all:
                refused.append((each, code or "pool_blocked"))
        self._refuse(refused)

    def _refuse(self, refused: Sequence[tuple[Waiting, str]]) -> None:
        for each, code in refused:
            self.waiting.remove(each)
            self._finish(each.request, code, at_any_time=code == "overloaded")

    def _open_of(self, action: str) -> list[ModelPool]:
        return [p for p in self.pools.values() if p.action == action and not p.has_ended]

    def _block(self, pools: Sequence[ModelPool]) -> None:
        for pool in pools:
            pool.is_blocked = True

    def _end(self, pool: ModelPool, outcome: Outcome) -> None:
        pool.has_ended = True
        self._pay(outcome)

    def _pay(self, outcome: Outcome) -> None:
        users = {id_of(user): user for user in self.available}
        for one in outcome.settlements:
            self.available[users[one.user_id]] += one.received

    # The passage of time.

    def time_passes(self, ms: int) -> None:
        """Let time pass evenly: all that is due is done in time."""
        end = self.elapsed + ms
        while (at := self._next_at()) is not None and self.elapsed + at - self.wall <= end:
            self._move(at - self.wall)
            self._wake()
        self._move(end - self.elapsed)
        self._wake()

    def the_machine_sleeps(self, ms: int) -> None:
        """Let time pass while nothing can be done."""
        self._move(ms)
        self._wake()

    def the_clock_is_set(self, ms: int) -> None:
        """Set the clock ahead or back."""
        self.wall += ms
        self._wake()

    def _move(self, ms: int) -> None:
        self.elapsed += ms
        self.wall += ms

    def _next_at(self) -> int | None:
        times = [at for at, _ in self._dues()] + [each.decides_at for each in self.waiting]
        late_in = (TOLERANCE_MS + 1 - self._overdue(each) for each in self.waiting)
        return min([*times, *(self.wall + ms for ms in late_in)], default=None)

    def _wake(self) -> None:
        """Do what is due, in the order of its times; at equal times before bets are decided."""
        late = [w for w in self.waiting if self._overdue(w) > TOLERANCE_MS]
        self._refuse([(each, "overloaded") for each in late])
        now = self.now
        while True:
            due = min(self._dues(), key=lambda due: due[0], default=None)
            bet = min(self.waiting, key=lambda each: each.decides_at, default=None)
            if due is not None and due[0] <= (now if bet is None else min(now, bet.decides_at)):
                self.last_fact_at = max(self.last_fact_at, due[0])
                due[1]()
                self._refuse_waiting()
            elif bet is not None and bet.decides_at <= now:
                self._decide(bet, now)
            else:
                break
        self._settle_twins()

    def _decide(self, each: Waiting, now: int) -> None:
        self.waiting.remove(each)
        is_untimely = -self._overdue(each) > TOLERANCE_MS or now - each.decides_at > TOLERANCE_MS
        code = "overloaded" if is_untimely else self._refusal(each.request, each.decides_at)
        if code is None:
            self._accept(each.request, each.decides_at)
        else:
            self._finish(each.request, code, at_any_time=is_untimely)

    def _overdue(self, each: Waiting) -> int:
        """Return how long a bet has waited beyond its delay, by the clock that cannot be set."""
        return self.elapsed - each.elapsed - (each.decides_at - each.asked_at)

    def _dues(self) -> Iterator[tuple[int, Callable[[], None]]]:
        """Yield what is due at which time, in the order for equal times."""
        for pool in self.pools.values():
            if not pool.has_ended and pool.finish_at is not None:
                yield pool.finish_at, partial(self._run_out, pool)
            if not pool.has_ended and pool.block_at is not None:
                yield pool.block_at, partial(self._block_as_planned, pool)
        for action, at in self._action_blocks.items():
            yield at, partial(self._block_action_as_planned, action)

    def _run_out(self, pool: ModelPool) -> None:
        self._end(pool, settle(pool.bets, ("none",), void_after=LARGEST_TIME))

    def _block_as_planned(self, pool: ModelPool) -> None:
        pool.block_at = None
        self._block([pool])

    def _block_action_as_planned(self, action: str) -> None:
        del self._action_blocks[action]
        self._block(self._open_of(action))


def id_of(user: str) -> int:
    """Return a number for a user, for the rules of payouts."""
    return {"ann": 1, "cleo": 2}[user]
