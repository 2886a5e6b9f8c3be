"""What the pools of each source carry over to later pools, in memory, so that it is taken once.

An unbacked winner carries its pool over (`game/policy.py`); the next pool of the same source and
currency takes all of it when it opens. Two games may open a pool while a commit is in progress.
Therefore the changes that are decided and not committed count at once, and each only for the worse:

- What a game takes is missing for all games immediately.
- What a game adds is there for this game immediately, because both changes share its commits. Other
  games see it once it is on disk.

So no commit takes more than is on disk, in whatever order the commits of the games end.

The accounts: `storage/accounts.py`. What changes them: `carry_change` in `game/ledger.py`.
"""

from attrs import Factory, define

from storage.reads import Reads


@define(eq=False)
class Carry:
    """What one source carries over in one currency, in hundredths.

    `uncommitted` is by how much each game will change it.
    """

    on_disk: int
    uncommitted: dict[str, int] = Factory(dict)

    def free(self, game_id: str) -> int:
        """Return what a pool of this game takes if it opens now."""
        others = (change for game, change in self.uncommitted.items() if game != game_id)
        own = self.uncommitted.get(game_id, 0)
        return self.on_disk + own + sum(min(0, change) for change in others)

    def stage(self, game_id: str, change: int) -> None:
        """Count a change that is not committed, or end counting it with its opposite."""
        total = self.uncommitted.pop(game_id, 0) + change
        if total:
            self.uncommitted[game_id] = total

    def commit(self, game_id: str, change: int) -> None:
        """Make a change that was staged and is on disk now."""
        self.stage(game_id, -change)
        self.on_disk += change


class Carries:
    """The carries that were needed since the start. All games share them on one event loop."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._carries: dict[tuple[str, str], Carry] = {}

    def of(self, source_id: str, currency: str) -> Carry:
        """Return a carry; read it from the accounts the first time. Raise `StorageError`.

        Call this before a commit that changes it, so that a change is not both read and added.
        """
        carry = self._carries.get((source_id, currency))
        if carry is None:
            carry = Carry(self._reads.carried(source_id, currency))
            self._carries[source_id, currency] = carry
        return carry
