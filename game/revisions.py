"""The facts by which a result waits for its confirmation, is taken back, or is corrected.

They are stored as those of `game/facts.py`, whose docstring applies here too. Rules:
`game/results.py`, `game/corrections.py`.
"""

from attrs import Factory, frozen

from game.facts import Fact, Settlement


@frozen(kw_only=True)
class PoolDecided(Fact):
    """Events decided a pool, and its result waits until `confirm_at` (epoch ms).

    `winning_targets` are all winners, in the pool's order. Bets after `void_after` (epoch ms) are
    void. `event_id`: the first of these events. `was_blocked`: whether betting had been blocked.
    """

    kind = "pool_decided"
    pool_id: str
    winning_targets: tuple[str, ...]
    void_after: int
    event_id: str
    confirm_at: int
    was_blocked: bool
    by: int


@frozen(kw_only=True)
class PoolReopened(Fact):
    """A decided pool is open again since `reopened_at` (epoch ms): its event was taken back.

    `is_blocked`: betting is blocked, as it was before the event.
    """

    kind = "pool_reopened"
    pool_id: str
    is_blocked: bool
    reopened_at: int


@frozen(kw_only=True)
class EventTakenBack(Fact):
    """An event did not happen. `current_count` has the target and its parents, without it."""

    kind = "event_taken_back"
    event_id: str
    action_id: str
    target_id: str
    current_count: dict[str, int]
    reason: str
    by: int


@frozen
class Move:
    """What a correction means for one user, in hundredths.

    `amount` moves to the user's available balance, or from it if it is below zero. `points`: the
    change of what the user is entitled to. `owed`: what the user has received beyond that, and the
    house lends, after the correction.
    """

    user_id: int
    amount: int
    points: int
    owed: int


@frozen(kw_only=True)
class PoolCorrected(Fact):
    """A resolved pool has another result. Amounts are hundredths.

    `corrects_seq`: the fact whose result it replaces; that had `previous_winning_target`.
    `resolved_seq`, `resolved_at` (epoch ms): the pool's end. `settlements` and what follows them
    are those of a `PoolResolved` with this result. Bets after `void_after` (epoch ms) are void.
    `moves`: the users for whom something changes. `carry_moved` moves to the carry of the source,
    or from it; `carry_change` is by how much `carried_out` changes. `event_id`: the first event of
    those that decide this result, if an event was taken back; None if an admin decided it.
    """

    kind = "pool_corrected"
    pool_id: str
    description: str
    corrects_seq: int
    previous_winning_target: str | None
    resolved_seq: int
    resolved_at: int
    winning_targets: tuple[str, ...]
    void_after: int
    settlements: tuple[Settlement, ...]
    is_money_return: bool
    prices: dict[str, int] = Factory(dict)
    takeout: int = 0
    breakage: int = 0
    minus: int = 0
    carried_out: int = 0
    moves: tuple[Move, ...]
    carry_moved: int = 0
    carry_change: int = 0
    event_id: str | None = None
    reason: str
    by: int

    @property
    def winners(self) -> tuple[str, ...]:
        """Return all winning targets; none if the pool is cancelled."""
        return self.winning_targets

    @property
    def winning_target(self) -> str | None:
        """Return the first winning target; None if the pool is cancelled."""
        return self.winning_targets[0] if self.winning_targets else None

    @property
    def earned_change(self) -> int:
        """Return by how much takeout, breakage and minus change in favour of the house."""
        return -sum(move.points for move in self.moves) - self.carry_change

    @property
    def lent_change(self) -> int:
        """Return what the house lends; below zero if it receives back what it has lent."""
        users = sum(move.amount - move.points for move in self.moves)
        return users + self.carry_moved - self.carry_change
