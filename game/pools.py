"""The state of a betting pool: its bets, the stakes on each target, and what is planned for it.

Contract, section 7. Adding a bet takes the same time in a large pool as in a small one. Decisions
on pools are in `game/wagering.py`, and payouts in `game/payout.py`.
"""

from attrs import Factory, define, field, frozen

from game.facts import BetPlaced, PoolOpened
from game.revisions import PoolDecided
from game.vocabulary import PoolType


@frozen
class Bet:
    """An accepted bet. `amount` is hundredths, `placed_at` epoch milliseconds."""

    bet_id: str
    user_id: int
    target_id: str
    amount: int
    placed_at: int


def bet_of(fact: BetPlaced, at: int) -> Bet:
    """Return the bet of a fact with this time (epoch ms)."""
    return Bet(fact.bet_id, fact.user_id, fact.target_id, fact.amount, at)


@define
class TargetTotals:
    """The stakes on one target: number of users and hundredths."""

    people: int = 0
    money: int = 0


@define
class Plans:
    """When betting is planned to be blocked and allowed (epoch ms). None: not planned."""

    block_at: int | None = None
    allow_at: int | None = None


@frozen
class PoolSnapshot:
    """A pool's figures at a moment, without its bets. Messages and storage use them."""

    opened: PoolOpened
    start_at: int
    is_blocked: bool
    is_hot: bool
    participants: int
    amount_total: int
    distribution: dict[str, tuple[int, int]]
    """Users and hundredths by target."""
    scratched: tuple[str, ...] = ()
    """The targets that were scratched, in that order."""
    decided: PoolDecided | None = None
    """The result that waits for its confirmation."""


@define(eq=True)
class Pool:
    """An unresolved pool. `players` maps each user to the stakes on each target.

    `decided` is the result that waits for its confirmation, if there is one: the pool is blocked
    meanwhile. `seq` is the position of the latest fact about the pool. The pool changes only with
    `seq`.
    """

    opened: PoolOpened
    start_at: int
    is_blocked: bool
    is_hot: bool
    plans: Plans = Factory(Plans)
    bets: list[Bet] = Factory(list)
    players: dict[int, dict[str, int]] = Factory(dict)
    backing: dict[str, TargetTotals] = Factory(dict)
    amount_total: int = field(default=0)
    scratched: tuple[str, ...] = ()
    decided: PoolDecided | None = None
    seq: int = 0

    @property
    def type(self) -> PoolType:
        """Return the pool's type."""
        return PoolType(self.opened.type)

    def add(self, bet: Bet) -> None:
        """Add an accepted bet."""
        self.bets.append(bet)
        staked = self.players.setdefault(bet.user_id, {})
        backing = self.backing[bet.target_id]
        backing.people += bet.target_id not in staked
        backing.money += bet.amount
        staked[bet.target_id] = staked.get(bet.target_id, 0) + bet.amount
        self.amount_total += bet.amount

    def scratch(self, target_id: str) -> None:
        """Take a target and its bets out of the pool. Takes time with the number of bets."""
        self.scratched += (target_id,)
        self.amount_total -= self.backing[target_id].money
        self.backing[target_id] = TargetTotals()
        self.bets = [bet for bet in self.bets if bet.target_id != target_id]
        for staked in self.players.values():
            staked.pop(target_id, None)
        self.players = {user_id: staked for user_id, staked in self.players.items() if staked}

    def offers(self, target_id: str) -> bool:
        """Return whether this is a target of the pool that was not scratched."""
        return target_id in self.opened.targets and target_id not in self.scratched

    def stakes_of(self, user_id: int) -> int:
        """Return everything that a user has staked, in hundredths."""
        return sum(self.players.get(user_id, {}).values())

    def takes_bets_at(self, now: int) -> bool:
        """Return whether the pool accepts bets at this moment (epoch ms)."""
        stops_at = self.opened.stop_accepting_bets_at
        return not self.is_blocked and (stops_at is None or now < stops_at)

    def snapshot(self) -> PoolSnapshot:
        """Return the current figures."""
        return PoolSnapshot(
            opened=self.opened,
            start_at=self.start_at,
            is_blocked=self.is_blocked,
            is_hot=self.is_hot,
            participants=len(self.players),
            amount_total=self.amount_total,
            distribution={t: (b.people, b.money) for t, b in self.backing.items()},
            scratched=self.scratched,
            decided=self.decided,
        )


def opened_pool(fact: PoolOpened, at: int) -> Pool:
    """Return the pool that a fact with this time (epoch ms) opens."""
    return Pool(
        opened=fact,
        start_at=at,
        is_blocked=fact.is_blocked,
        is_hot=fact.is_hot,
        backing={target: TargetTotals() for target in fact.targets},
    )
