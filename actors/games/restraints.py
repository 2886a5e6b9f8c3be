"""Players' own limits and breaks, in memory: every bet and chat line asks.

What is on disk is read at the first question, and again for a player who has changed something. A
player who has set nothing costs a bet one look into a dictionary.

For a limit, the entries of the statement are counted, up to the last one that the balances in the
bank include (`Balance.entry_id`). The stakes in play and the stakes that are set aside come from
the same balances. So each stake is counted exactly once, whether its commit is in progress or done.
A count is kept, and only entries that are new are read for the next bet.

The rules: `game/own_limits.py`. The rows: `storage/own_limits.py`.
"""

from attrs import define

from actors.clock import Clock
from game.own_limits import OwnLimits, OwnRules, Period, Usage, refuse_in_break, start_of
from storage.reads import Reads


@define
class _Count:
    """The usage of the entries since `start` (epoch ms), up to the entry `through`."""

    start: int
    through: int
    usage: Usage


class Restraints:
    """What players have set for themselves, and what counts towards it."""

    def __init__(self, reads: Reads, clock: Clock) -> None:
        self._reads, self._clock = reads, clock
        self._users: dict[int, OwnRules] | None = None
        self._changed: set[int] = set()
        self._counts: dict[tuple[tuple[int, str], Period], _Count] = {}

    def changed(self, user_id: int) -> None:
        """Note that a player's rules on disk have changed."""
        self._changed.add(user_id)

    def of(self, user_id: int) -> OwnRules | None:
        """Return a player's rules; None for nearly every player. Raise `StorageError`."""
        if self._users is None:
            self._users = self._reads.own_rules(self._clock.now())
            self._changed.clear()
        if self._changed and user_id in self._changed:
            self._read_again(user_id)
        return self._users.get(user_id)

    def refuse_in_break(self, user_id: int, now: int) -> None:
        """Raise `Refusal` if the player has a break at `now` (epoch ms), and `StorageError`."""
        if (rules := self.of(user_id)) is not None:
            refuse_in_break(rules.pause, now)

    def usages(
        self, user_id: int, currency: str, limits: OwnLimits, last: int, now: int
    ) -> dict[Period, Usage]:
        """Return the usages of the periods of `now` (epoch ms) that have a limit.

        `last` is the id of the last entry to count. Raise `StorageError`.
        """
        limited = {period for (period, _), own in limits.items() if own.at(now).amount is not None}
        return {period: self._usage((user_id, currency), period, last, now) for period in limited}

    def _read_again(self, user_id: int) -> None:
        assert self._users is not None
        rules = self._reads.own_rules_of(user_id)
        if rules is None:
            self._users.pop(user_id, None)
        else:
            self._users[user_id] = rules
        self._changed.discard(user_id)

    def _usage(self, who: tuple[int, str], period: Period, last: int, now: int) -> Usage:
        start = start_of(period, now)
        count = self._counts.get((who, period))
        if count is None or count.start != start:
            count = _Count(start, self._reads.entries_before(*who, start), Usage())
            self._counts[who, period] = count
        if count.through < last:
            new = self._reads.usage_between(*who, (count.through, last), start)
            count.usage = Usage(count.usage.spent + new.spent, count.usage.lost + new.lost)
            count.through = last
        return count.usage
