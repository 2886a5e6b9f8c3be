"""A betting pool as it stands: what is staked on which target, by whom, and what is planned for it.

Contract, section 7. Placing a bet costs the same however many there are. Who may do what with a
pool is `game/wagering.py`, how it ends `game/payout.py`.
"""

from attrs import Factory, define, field, frozen

from game.facts import BetPlaced, PoolOpened
from game.vocabulary import PoolType


@frozen
class Bet:
    """A bet that was accepted; `amount` in hundredths, `placed_at` in epoch ms."""

    bet_id: str
    user_id: int
    target_id: str
    amount: int
    placed_at: int


def bet_of(fact: BetPlaced, at: int) -> Bet:
    """The bet that a fact at a time (epoch ms) makes."""
    return Bet(fact.bet_id, fact.user_id, fact.target_id, fact.amount, at)


@define
class TargetTotals:
    """What is staked on one target: how many users, how many hundredths."""

    people: int = 0
    money: int = 0


@define
class Plans:
    """When betting is to be blocked and allowed (epoch ms, None: not planned): a timer each."""

    block_at: int | None = None
    allow_at: int | None = None


@frozen
class PoolSnapshot:
    """A pool's figures at a moment, without its bets: what messages tell and storage keeps."""

    opened: PoolOpened
    start_at: int
    is_blocked: bool
    is_hot: bool
    participants: int
    amount_total: int
    distribution: dict[str, tuple[int, int]]
    """People and money by target."""


@define(eq=True)
class Pool:
    """An unresolved pool. `players` maps users to what they staked on which target.

    `seq` is the position of the latest fact that names it: the pool is the same as long as that is.
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
    seq: int = 0

    @property
    def type(self) -> PoolType:
        """The pool's type."""
        return PoolType(self.opened.type)

    def add(self, bet: Bet) -> None:
        """A bet was accepted."""
        self.bets.append(bet)
        staked = self.players.setdefault(bet.user_id, {})
        backing = self.backing[bet.target_id]
        backing.people += bet.target_id not in staked
        backing.money += bet.amount
        staked[bet.target_id] = staked.get(bet.target_id, 0) + bet.amount
        self.amount_total += bet.amount

    def takes_bets_at(self, now: int) -> bool:
        """Whether a bet may be placed at this moment (epoch ms), as far as the pool goes."""
        stops_at = self.opened.stop_accepting_bets_at
        return not self.is_blocked and (stops_at is None or now < stops_at)

    def snapshot(self) -> PoolSnapshot:
        """The figures as they are now."""
        return PoolSnapshot(
            opened=self.opened,
            start_at=self.start_at,
            is_blocked=self.is_blocked,
            is_hot=self.is_hot,
            participants=len(self.players),
            amount_total=self.amount_total,
            distribution={t: (b.people, b.money) for t, b in self.backing.items()},
        )


def open_pool(fact: PoolOpened, at: int) -> Pool:
    """The pool that a fact opens at a time (epoch ms)."""
    return Pool(
        opened=fact,
        start_at=at,
        is_blocked=fact.is_blocked,
        is_hot=fact.is_hot,
        backing={target: TargetTotals() for target in fact.targets},
    )
