"""The balances of the players, in memory: checks that a stake is covered and reserves it.

All games share one bank on one event loop. So a check and a reservation without an await between
them are one step, whichever game makes them. A balance that a client can see is always on disk: a
stake whose commit is in progress is only reserved, and moves when the commit is done.

The accounts: `storage/accounts.py`. What moves them: `game/ledger.py`.
"""

from collections.abc import Iterable, Mapping, Sequence

from attrs import Factory, define

from actors.clock import Clock
from actors.games.balance_order import BalanceOrder
from actors.games.carries import Carries
from actors.games.restraints import Restraints
from game.ledger import Movement
from game.own_limits import Restraint
from storage.accounts import Balances, MoneyMoved
from storage.payments import InsufficientFundsError
from storage.reads import Reads


@define
class Balance:
    """A user's money in a currency, in hundredths.

    `held` is what an operator's holds set aside. `reserved` is the part of `available` that stakes
    and payments with a commit in progress will take, and `staking` the part of it for stakes.
    `entry_id` is the id of the last entry of the user's statement that the balance includes.
    """

    available: int
    exposure: int
    held: int = 0
    reserved: int = 0
    staking: int = 0
    entry_id: int = 0

    @property
    def current(self) -> int:
        """Available plus exposure plus what is held."""
        return self.available + self.exposure + self.held


@define(eq=False, kw_only=True)
class BalanceChanged:
    """A user's balance after a change, in hundredths, and its cause (contract, section 8, 815)."""

    user_id: int
    currency: str
    current: int
    available: int
    cause: str
    where: Mapping[str, str] = Factory(dict)
    """The `pool_id` and `game_id` of the pool that changed it, if one did."""


class Bank:
    """The balances that were needed since the start. `carries` has the money of no player.

    `order` has the commits that move balances and are in progress, and `restraints` what players
    have set for themselves.
    """

    def __init__(self, reads: Reads, clock: Clock) -> None:
        self.carries = Carries(reads)
        self.restraints = Restraints(reads, clock)
        self.order = BalanceOrder()
        self._reads = reads
        self._balances: dict[tuple[int, str], Balance] = {}

    def balance(self, user_id: int, currency: str) -> Balance:
        """Return a user's balance; read it from the accounts the first time.

        Call this before a commit that moves the balance, so that a movement is not both read and
        added. Raise `StorageError`.
        """
        balance = self._balances.get((user_id, currency))
        if balance is None:
            kept = self._reads.balances(user_id, currency)
            balance = Balance(kept.available, kept.exposure, kept.held)
            balance.entry_id = self._reads.last_entry(user_id, currency)
            self._balances[user_id, currency] = balance
        return balance

    def look(self, user_id: int, currency: str) -> Balances:
        """Return a user's balance for a query: nothing is kept. Raise `StorageError`."""
        balance = self._balances.get((user_id, currency))
        if balance is None:
            return self._reads.balances(user_id, currency)
        return Balances(balance.available, balance.exposure, balance.held)

    def free(self, user_id: int, currency: str) -> int:
        """Return what a user can stake now, in hundredths. Raise `StorageError`."""
        balance = self.balance(user_id, currency)
        return balance.available - balance.reserved

    def restraint(self, user_id: int, currency: str, now: int) -> Restraint | None:
        """Return what a user's own rules say to a stake at `now` (epoch ms).

        Return None if the user has set none, as nearly every user. Raise `StorageError`.
        """
        rules = self.restraints.of(user_id)
        if rules is None:
            return None
        balance, limits = self.balance(user_id, currency), rules.limits.get(currency, {})
        last = balance.entry_id
        return Restraint(
            limits=limits,
            usages=self.restraints.usages(user_id, currency, limits, last, now),
            in_play=balance.exposure,
            pending=balance.staking,
            pause=rules.pause,
        )

    def reserve(self, movements: Sequence[Movement], currency: str) -> None:
        """Reserve stakes that are decided and not committed.

        Raise `StorageError`: a balance cannot be read, and nothing is reserved.
        """
        balances = [self.balance(movement.user_id, currency) for movement in movements]
        for balance, movement in zip(balances, movements, strict=True):
            balance.reserved += max(0, -movement.available)
            if movement.exposure > 0:
                balance.staking += movement.exposure

    def release(self, movements: Iterable[Movement], currency: str) -> None:
        """Free reserved stakes: their commit failed."""
        for movement in movements:
            balance = self._balances[movement.user_id, currency]
            balance.reserved -= max(0, -movement.available)
            balance.staking -= max(0, movement.exposure)

    def move(
        self, movements: Iterable[Movement], currency: str, game_id: str
    ) -> list[BalanceChanged]:
        """Change the balances by movements that are on disk. Return each balance after it.

        A correction may change what a user owes, and no balance.
        """
        return [
            changed
            for movement in movements
            if (changed := self._moved(movement, currency, game_id)) is not None
        ]

    def _moved(self, movement: Movement, currency: str, game_id: str) -> BalanceChanged | None:
        balance = self._balances[movement.user_id, currency]
        balance.entry_id += 1
        if not (movement.available or movement.exposure):
            return None
        balance.reserved -= max(0, -movement.available)
        if movement.exposure > 0:
            balance.staking -= movement.exposure
        balance.available += movement.available
        balance.exposure += movement.exposure
        return BalanceChanged(
            user_id=movement.user_id,
            currency=currency,
            current=balance.current,
            available=balance.available,
            cause=movement.cause,
            where={"pool_id": movement.pool_id, "game_id": game_id},
        )

    def reserve_payments(self, moved: Iterable[MoneyMoved]) -> None:
        """Load the balances that a payment moves, and reserve what it takes.

        Call it before the commit, so that a payment is not both read and added. Raise
        `InsufficientFundsError`, and `StorageError`: then nothing is reserved.
        """
        for one in moved:
            free = self.free(one.user_id, one.currency)
            if free + one.available < 0:
                raise InsufficientFundsError(free, one.currency)
            self.balance(one.user_id, one.currency).reserved += max(0, -one.available)

    def release_payments(self, moved: Iterable[MoneyMoved]) -> None:
        """Free what payments have reserved: they are on disk, or their commit failed."""
        for one in moved:
            self._balances[one.user_id, one.currency].reserved -= max(0, -one.available)

    def pay(self, moved: Iterable[MoneyMoved]) -> list[BalanceChanged]:
        """Change the balances by payments that are on disk. Return each balance after it."""
        return [self._paid(one) for one in moved]

    def _paid(self, one: MoneyMoved) -> BalanceChanged:
        balance = self._balances[one.user_id, one.currency]
        balance.available += one.available
        balance.held += one.held
        balance.entry_id += 1
        return BalanceChanged(
            user_id=one.user_id,
            currency=one.currency,
            current=balance.current,
            available=balance.available,
            cause=one.cause,
        )
