"""Simulate what a power cut leaves on a disk: all synced data, and any part of the rest.

It is as pessimistic as POSIX allows: only a sync makes data durable, and writes reach the disk in
any order. Like SQLite, it assumes two things. A sector is written completely or not at all, and
bytes next to written bytes stay unchanged (SQLite's "powersafe overwrite").
"""

from collections.abc import Callable
from random import Random
from typing import Final

from attrs import Factory, define, frozen

from tests.campaigns.power.recording import (
    Created,
    Entry,
    Linked,
    Removed,
    SyncBegun,
    Synced,
    Truncated,
    Wrote,
)

SECTOR: Final = 512
PAGE: Final = 4096

Change = Wrote | Truncated | Created | Removed


@frozen
class Fate:
    """What becomes of unsynced data.

    `arrives` is called with a change's number, once for each block that the change touches. It
    returns whether that block is on disk.
    """

    block: int
    arrives: Callable[[int], bool]


def lost() -> Fate:
    """Lose all of it."""
    return Fate(PAGE, lambda number: False)


def kept() -> Fate:
    """Keep all of it."""
    return Fate(PAGE, lambda number: True)


def in_order(last: int, dice: Random) -> Fate:
    """Keep all changes before `last`, half of the sectors of that one, and nothing after it."""
    return Fate(SECTOR, lambda number: number < last or (number == last and dice.random() < 0.5))


def scattered(block: int, dice: Random) -> Fate:
    """Keep each block as it was at some moment since the last sync, independently of the others."""
    likely = dice.choice((0.05, 0.5, 0.95))
    return Fate(block, lambda number: dice.random() < likely)


@define(eq=False)
class File:
    """A file. `content` is durable; `pending` is not (numbered changes, in order)."""

    content: bytearray = Factory(bytearray)
    pending: list[tuple[int, Wrote | Truncated]] = Factory(list)

    def after(self, fate: Fate) -> bytearray:
        """Return the content after a power cut."""
        seen, left = bytearray(self.content), bytearray(self.content)
        for number, change in self.pending:
            make(seen, change)
            if isinstance(change, Wrote):
                for start in range(
                    change.offset // fate.block * fate.block,
                    change.offset + len(change.data),
                    fate.block,
                ):
                    if fate.arrives(number):
                        place(left, start, seen[start : start + fate.block])
            elif fate.arrives(number):
                make(left, change)
        return left

    def synced(self, up_to: int) -> None:
        """Make all changes with a lower number durable."""
        while self.pending and self.pending[0][0] < up_to:
            make(self.content, self.pending.pop(0)[1])


@define(eq=False)
class Disk:
    """Files of one folder while they change. `after` can be called at any moment."""

    names: dict[str, File] = Factory(dict)
    """The names that are durable."""
    _seen: dict[str, File] = Factory(dict)
    """The names as processes see them."""
    _renamed: list[tuple[int, str, File | None]] = Factory(list)
    """Names that were created or removed since the folder was synced, with their current file."""
    _begun: dict[tuple[str, int], tuple[File | None, int]] = Factory(dict)
    number: int = 0
    """The number of the next change."""

    def take(self, entry: Entry) -> None:
        """Process an entry."""
        match entry:
            case Wrote(name=name) | Truncated(name=name):
                self._seen[name].pending.append((self.number, entry))
            case Created(name=name):
                self._seen[name] = File()
                self._renamed.append((self.number, name, self._seen[name]))
            case Removed(name=name):
                del self._seen[name]
                self._renamed.append((self.number, name, None))
            case Linked(name=name, new=new):
                self._seen[new] = self._seen[name]
                self._renamed.append((self.number, new, self._seen[name]))
            case SyncBegun(name=name, by=by):
                self._begun[name, by] = self._seen.get(name), self.number
            case Synced(name=name, by=by):
                self._synced(*self._begun.pop((name, by)))
        self.number += isinstance(entry, Wrote | Truncated | Created | Removed | Linked)

    def _synced(self, file: File | None, up_to: int) -> None:
        if file is not None:
            file.synced(up_to)
            return
        while self._renamed and self._renamed[0][0] < up_to:
            _, name, file = self._renamed.pop(0)
            self.names = _renamed(self.names, name, file)

    def unsynced(self) -> list[int]:
        """Return the numbers of the changes that need not be on disk, in order."""
        files = {id(file): file for file in (*self.names.values(), *self._seen.values())}
        numbers = {number for number, _, _ in self._renamed}
        return sorted(numbers.union(n for file in files.values() for n, _ in file.pending))

    def after(self, fate: Fate) -> dict[str, bytearray]:
        """Return the files that a power cut at this moment leaves, by name.

        A change of a name survives only together with the earlier changes of the same name.
        """
        names, stopped = dict(self.names), set[str]()
        for number, name, file in self._renamed:
            if name not in stopped and fate.arrives(number):
                names = _renamed(names, name, file)
            else:
                stopped.add(name)
        return {name: file.after(fate) for name, file in names.items()}

    def seen(self) -> dict[str, bytearray]:
        """Return the files as processes see them now."""
        return {name: file.after(kept()) for name, file in self._seen.items()}


def _renamed(names: dict[str, File], name: str, file: File | None) -> dict[str, File]:
    others = {each: of for each, of in names.items() if each != name}
    return others if file is None else others | {name: file}


def make(content: bytearray, change: Wrote | Truncated) -> None:
    """Apply a change to a file as the operating system does."""
    if isinstance(change, Wrote):
        place(content, change.offset, change.data)
    elif change.size < len(content):
        del content[change.size :]
    else:
        content.extend(bytes(change.size - len(content)))


def place(content: bytearray, start: int, data: bytes | bytearray) -> None:
    """Put bytes at an offset. A gap after the end of the file is filled with zeros."""
    if start > len(content):
        content.extend(bytes(start - len(content)))
    content[start : start + len(data)] = data
