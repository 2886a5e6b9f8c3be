"""Cut the power at moments of a recording, start on what is left, and report violations."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from random import Random
from shutil import rmtree
from typing import Final

import trio
from attrs import frozen
from structlog.testing import capture_logs
from trio.testing import MockClock

from actors.link.encoded_message import without_position
from storage.audit import audit
from storage.database import Database
from storage.errors import DatabaseUnusableError, StorageError
from storage.opening import open_for_reading
from tests.campaigns.power import disk
from tests.campaigns.power.disk import PAGE, SECTOR, Disk, Fate
from tests.campaigns.power.promises import Promises, kept
from tests.campaigns.power.recording import Entry, Synced
from tests.campaigns.sim.play import OUR_BUGS
from tests.support.disks import open_unsynced
from tests.support.world import World

DATABASE: Final = "toteboard.db"
INDEX: Final = DATABASE + "-shm"
"""SQLite's index of the WAL, mapped into memory. Its content after a power cut is arbitrary."""
FATES: Final = "lost", "kept", "in order", "sectors", "pages"
LATER_MS: Final = 60_000
"""The time from the last message before the cut to the next start."""
PATIENCE_S: Final = 60.0
"""The time in which a server has to start and to reply, in simulated seconds."""


class Wrong(StrEnum):
    """The violations that a power cut must not cause."""

    CORRUPT = "corrupt"  # the file, the books or the journals, as `toteboard check` sees them
    LOST = "lost"  # something that a client was told
    INVENTED = "invented"  # something that was never decided
    STUCK = "stuck"  # the server does not start, or detects a bug of its own
    FORGOTTEN = "forgotten"  # it executes a request again, or sends another reply


Finding = tuple[Wrong, str]


@frozen
class Cut:
    """A cut after `entries` of a recording. `seed` determines the random choices."""

    position: int
    seed: str
    fate: str
    starts: bool = True
    """Whether the server is started after the audit."""


@frozen
class Outcome:
    """The result of a cut. `left` is equal for two cuts that left the same files."""

    cut: Cut
    left: bytes
    wrong: list[Finding]


def at_syncs(
    entries: Sequence[Entry], *, start_each: int = 1, random_each: int = 1
) -> Iterator[Cut]:
    """Yield two cuts at each sync, just before it is done.

    One leaves none of the unsynced data on disk, which is hardest for what was told since the last
    sync. The other leaves a random part of it, at every `random_each`-th sync.
    """
    syncs = [position for position, entry in enumerate(entries) if isinstance(entry, Synced)]
    for number, position in enumerate(syncs):
        starts = number % start_each == 0
        yield Cut(position, f"sync {number}", "lost", starts)
        if number % random_each == 0:
            fate = FATES[1:][number // random_each % len(FATES[1:])]
            yield Cut(position, f"sync {number}", fate, starts)


def at_random(
    entries: Sequence[Entry], numbers: Iterable[int], *, start_each: int = 1
) -> list[Cut]:
    """Return cuts at random moments, each determined by its number and the recording."""
    cuts = []
    for number in numbers:
        dice = Random(f"cut {number}")
        position, fate = dice.randint(0, len(entries)), dice.choice(FATES)
        cuts.append(Cut(position, f"random {number}", fate, number % start_each == 0))
    return cuts


def at_the_end(entries: Sequence[Entry]) -> Cut:
    """Return the cut after the last entry, with all unsynced data lost."""
    return Cut(len(entries), "the end", "lost")


def made(
    entries: Sequence[Entry], cuts: Iterable[Cut], database: Path, folder: Path
) -> Iterator[Outcome]:
    """Make each cut and yield its outcome.

    `database`: its final state. `folder`: where the remaining files are written, replaced by each
    cut.
    """
    with closing(open_for_reading(database)) as whole:
        left, promises, played = Disk(), Promises.of(whole), 0
        for cut in sorted(cuts, key=lambda cut: cut.position):
            for entry in entries[played : cut.position]:
                left.take(entry)
                promises.take(entry)
            played = cut.position
            digest = lay_out(folder, cut, left)
            yield Outcome(cut, digest, wrong(folder, cut, promises))


def lay_out(folder: Path, cut: Cut, left: Disk) -> bytes:
    """Write the files that a cut leaves, and return their digest."""
    dice, digest = Random(cut.seed), sha256()
    rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in sorted(left.after(fate_of(cut, left, dice)).items()):
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o600)
        digest.update(sha256(name.encode()).digest() + sha256(content).digest())
    if dice.random() < 0.5:
        (folder / INDEX).write_bytes(dice.randbytes(dice.choice((3, 512, 32_768))))
    return digest.digest()


def fate_of(cut: Cut, left: Disk, dice: Random) -> Fate:
    """Return what becomes of the unsynced data."""
    match cut.fate:
        case "lost":
            return disk.lost()
        case "kept":
            return disk.kept()
        case "in order":
            return disk.in_order(dice.choice(left.unsynced() or [0]), dice)
        case "sectors":
            return disk.scattered(SECTOR, dice)
    return disk.scattered(PAGE, dice)


def wrong(folder: Path, cut: Cut, promises: Promises) -> list[Finding]:
    """Return the violations after a cut."""
    found = [*wrong_with_the_files(folder, promises)]
    return found if found or not cut.starts else wrong_with_the_server(folder, promises)


def wrong_with_the_files(folder: Path, promises: Promises) -> Iterator[Finding]:
    """Yield the violations in the remaining files, opened as the server opens them."""
    try:
        with closing(open_unsynced(folder / DATABASE)) as database:
            yield from ((Wrong.CORRUPT, line) for line in audit(database))
            there = kept(database)
    except (DatabaseUnusableError, StorageError) as error:
        yield Wrong.CORRUPT, str(error)
        return
    yield from ((Wrong.LOST, str(row)) for row in promises.needed - there)
    yield from ((Wrong.INVENTED, str(row)) for row in there - promises.whole)


def wrong_with_the_server(folder: Path, promises: Promises) -> list[Finding]:
    """Return the violations of a server that is started on these files."""
    with capture_logs() as lines:
        try:
            clock = MockClock(autojump_threshold=0)
            found = trio.run(_started_and_asked, folder, promises, clock=clock)
        except ExceptionGroup as errors:
            found = [(Wrong.STUCK, repr(errors))]
    return found + [(Wrong.STUCK, str(line)) for line in lines if line["event"] in OUR_BUGS]


class Recovered(World):
    """A server on the files that a power cut left."""

    def __init__(self, folder: Path, promises: Promises) -> None:
        super().__init__(folder)
        self.path = folder / DATABASE
        self.epoch = promises.told_at + LATER_MS
        self.keys = {str(user): (user, key) for user, key in promises.session_keys.items()}

    def open_databases(self) -> tuple[Database, Database]:
        """Open without syncs, because there is no further power cut."""
        return open_unsynced(self.path), open_unsynced(self.path)


async def _started_and_asked(folder: Path, promises: Promises) -> list[Finding]:
    """Start the server and repeat the latest acknowledged request under its key."""
    async with Recovered(folder, promises) as world:
        if not promises.done:
            return []
        heard = promises.done[-1]
        assert heard.request is not None
        with trio.fail_after(PATIENCE_S):
            client = await world.connect(str(heard.user_id))
            reply = await client.call(key=heard.key, **heard.request)
            await client.socket.aclose()
    if reply["response_header"].get("repeated") and _body(reply) == _body(heard.message):
        return []
    return [(Wrong.FORGOTTEN, f"{heard.request}: {reply}")]


def _body(message: dict[str, object]) -> dict[str, object]:
    return {
        key: value for key, value in without_position(message).items() if key != "response_header"
    }
