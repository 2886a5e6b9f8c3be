"""A storage that is slow, full or failing, as the seed decides, over a real database file."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import trio
from attrs import define

from storage.changes import Change
from storage.database import Database
from storage.errors import StorageError
from tests.campaigns.dice import Dice
from tests.support.disks import open_unsynced

Result = TypeVar("Result")


@define(eq=False)
class Disk:
    """`slow_s`: the longest duration of a commit. The other fields: how likely each call fails."""

    dice: Dice
    slow_s: float = 0.0
    commits_fail: float = 0.0
    reads_fail: float = 0.0
    is_dead: bool = False

    def heal(self) -> None:
        """Work without faults from now on."""
        self.slow_s = self.commits_fail = self.reads_fail = 0.0

    async def perform(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """Do the writer's work in a random time. It cannot be cancelled half-way."""
        before, after = (self.slow_s * self.dice.random() for _ in range(2))
        with trio.CancelScope(shield=True):
            await trio.sleep(before)
            result = work(*arguments)
            await trio.sleep(after)
        return result

    def read(self) -> None:
        """Raise `StorageError` if this read fails."""
        self._refuse_if_dead()
        if self.dice.happens(self.reads_fail):
            raise StorageError("disk I/O error")

    def taken(self, rows: int) -> int:
        """Return how many rows of a commit fit: all, unless the disk is full."""
        self._refuse_if_dead()
        return (
            self.dice.randint(0, max(rows, 1) - 1) if self.dice.happens(self.commits_fail) else rows
        )

    def _refuse_if_dead(self) -> None:
        if self.is_dead:
            raise StorageError("the process has been killed")


class FaultyDatabase(Database):
    """The database file, as a server sees it through a `Disk`."""

    def __init__(self, path: Path, disk: Disk) -> None:
        whole = open_unsynced(path)
        super().__init__(whole._connection, whole.key_file)
        self._disk = disk

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        self._disk.read()
        return super().rows(sql, parameters)

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> dict[str, Any] | None:
        self._disk.read()
        return super().row(sql, parameters)

    def put(self, changes: Iterable[Change]) -> None:
        changes = list(changes)
        taken = self._disk.taken(len(changes))
        super().put(changes[:taken])
        if taken < len(changes):
            raise StorageError("database or disk is full")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._disk.taken(1)
        with super().transaction():
            yield
