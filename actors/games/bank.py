"""What every player has, live: checks that a stake is covered and sets it aside, at once.

One event loop, so check and reserve without an await in between are one step, whatever game asks.
What is told is what is on disk: a stake in flight is only set aside, and moves when its commit is
done. The accounts are kept by `storage/accounts.py`; what moves them is `game/ledger.py`.
"""

from collections.abc import Iterable
from typing import Any

from attrs import define

from game.ledger import Movement
from protocol import pool_messages
from storage.accounts import Balances
from storage.reads import Reads

Body = dict[str, Any]


@define
class Balance:
    """What a player has in a currency, in hundredths.

    `set_aside`: of the available, what stakes in flight are going to take.
    """

    available: int
    exposure: int
    set_aside: int = 0

    @property
    def current(self) -> int:
        """Available, and at stake."""
        return self.available + self.exposure


class Bank:
    """The balances of everyone who has been asked about since the start."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._balances: dict[tuple[int, str], Balance] = {}

    def balance(self, user_id: int, currency: str) -> Balance:
        """A player's balance, read from the accounts when it is first asked for.

        Whose balance a commit will move must have been asked for before that commit, so that a
        movement is never both read and applied. Raises `StorageError`.
        """
        balance = self._balances.get((user_id, currency))
        if balance is None:
            kept = self._reads.balances(user_id, currency)
            balance = Balance(kept.available, kept.exposure)
            self._balances[user_id, currency] = balance
        return balance

    def look(self, user_id: int, currency: str) -> Balances:
        """What a player has, for a question: nothing is kept. Raises `StorageError`."""
        balance = self._balances.get((user_id, currency))
        if balance is None:
            return self._reads.balances(user_id, currency)
        return Balances(balance.available, balance.exposure)

    def free(self, user_id: int, currency: str) -> int:
        """What a player can stake at this moment, in hundredths."""
        balance = self.balance(user_id, currency)
        return balance.available - balance.set_aside

    def set_aside(self, movements: Iterable[Movement], currency: str) -> None:
        """What is decided but not on disk: stakes can no longer be staked elsewhere.

        Their players' balances are known: see `balance`.
        """
        for movement in movements:
            self._balances[movement.user_id, currency].set_aside += max(0, -movement.available)

    def take_back(self, movements: Iterable[Movement], currency: str) -> None:
        """What was decided could not be stored: the stakes are free again."""
        for movement in movements:
            self._balances[movement.user_id, currency].set_aside -= max(0, -movement.available)

    def move(
        self, movements: Iterable[Movement], currency: str, game_id: str
    ) -> list[tuple[int, Body]]:
        """What was decided is on disk; gives the 815 for each player, as the balance then is."""
        moved = [(m, self._moved(m, currency)) for m in movements]
        return [
            (
                movement.user_id,
                pool_messages.balance_update(
                    currency,
                    current,
                    available,
                    movement.cause,
                    pool_id=movement.pool_id,
                    game_id=game_id,
                ),
            )
            for movement, (current, available) in moved
        ]

    def _moved(self, movement: Movement, currency: str) -> tuple[int, int]:
        """Current and available, after a movement."""
        balance = self._balances[movement.user_id, currency]
        balance.set_aside -= max(0, -movement.available)
        balance.available += movement.available
        balance.exposure += movement.exposure
        return balance.current, balance.available

    def credit(self, user_id: int, currency: str, amount: int) -> Body:
        """An operator's credit is on disk; gives the 815. The balance is known: see `balance`."""
        balance = self._balances[user_id, currency]
        balance.available += amount
        return pool_messages.balance_update(currency, balance.current, balance.available, "credit")
