"""Copies of the database that an operator makes and goes back to: backup and restore.

A copy is made by SQLite's VACUUM INTO, in one read transaction: it is of one moment, needs no
`-wal`, and holds no deleted rows. SQLite's backup API would begin again at each commit of the
server. A file gets its final name only when it is whole, verified and on disk.

`restore` replaces the file by one rename: a kill or a power cut leaves the old or the new database.
The old one is copied aside before, rather than renamed: between two renames there would be none.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from storage.audit import audit, summary
from storage.database import Database
from storage.errors import DatabaseUnusableError, StorageError
from storage.files import private_draft, publish, put_in_place, sync
from storage.lock import ServerLock, real
from storage.opening import copy_database, fold_wal, open_database, open_for_reading
from storage.progress import OnProgress, unobserved
from storage.sealing import KeyFile

PIECE_BYTES: Final = 1 << 20
"""Bytes of a file that are copied at a time."""


class NotSoundError(StorageError):
    """What was copied does not pass the audit; `findings` has a line for each thing."""

    def __init__(self, path: Path, findings: list[str]) -> None:
        super().__init__(f"{path} does not hold: {'; '.join(findings)}")
        self.findings = findings


def back_up(
    path: Path,
    target: Path,
    on_copy: OnProgress = unobserved,
    on_check: OnProgress = unobserved,
) -> str:
    """Copy the database, verify the copy, and give it its name; return what is in it, in a line.

    A server may run. Raise NotSoundError if the copy does not pass the audit, DatabaseUnusableError
    if there is a file `target` or it cannot be written; then nothing is left of it.
    """
    if target.is_symlink() or target.exists():
        raise DatabaseUnusableError(f"{target} exists: name a new file")
    with _writing(target), private_draft(target) as draft:
        with closing(open_for_reading(path)) as database:
            database.copy_into(draft, on_copy)
        with closing(open_for_reading(draft)) as copy:
            _refuse_unsound(audit(copy, on_check), path)
            held = summary(copy)
        publish(draft, target)
    return held


def restore(
    path: Path,
    source: Path,
    key_file: KeyFile,
    stamp: str,
    on_copy: OnProgress = unobserved,
    on_upgrade: OnProgress = unobserved,
    on_check: OnProgress = unobserved,
    on_keep: OnProgress = unobserved,
) -> tuple[str, Path | None]:
    """Put a copy of `source` in the place of the database.

    An older version's is upgraded. Return what is in it, in a line, and where the database that was
    there is kept: `<path>.before-<stamp>`, None if there was none. `on_keep` is told of the latter.

    Raise DatabaseUnusableError if a server runs or `source` is no database of toteboard's, and
    NotSoundError if it does not pass the audit: then nothing has changed.
    """
    path = real(path)
    if not source.is_file():
        raise DatabaseUnusableError(f"{source} is no file")
    if path.exists() and path.samefile(source):
        raise DatabaseUnusableError(f"{source} is the database itself")
    with (
        _none_made_if_it_fails(path),
        ServerLock(path),
        _writing(path),
        private_draft(path) as draft,
    ):
        copy_database(source, draft, on_copy)
        with closing(
            open_database(
                draft, lock_held=True, is_copy=True, on_progress=on_upgrade, key_file=key_file
            )
        ) as database:
            held = _made_sound(database, source, on_check)
        kept = _set_aside(path, path.with_name(f"{path.name}.before-{stamp}"), on_keep)
        put_in_place(draft, path)
    return held, kept


def _made_sound(database: Database, source: Path, on_check: OnProgress) -> str:
    """Verify what is to be the database, and leave it without a `-wal`."""
    _refuse_unsound(audit(database, on_check), source)
    if not database.checkpoint():
        raise StorageError(f"the copy of {source} is in use")
    return summary(database)


def _refuse_unsound(findings: list[str], path: Path) -> None:
    if findings:
        raise NotSoundError(path, findings)


def _set_aside(path: Path, target: Path, on_keep: OnProgress) -> Path | None:
    """Copy the database that is to be replaced; leave no `-wal`, which the new one would meet.

    A database that SQLite cannot open, a reason to restore, is copied with its `-wal`.
    """
    if not path.exists() or not path.stat().st_size:
        return None
    with suppress(StorageError):
        fold_wal(path)
    wal = path.with_name(f"{path.name}-wal")
    for file in filter(Path.exists, (wal, path)):
        kept = target.with_name(target.name + file.name.removeprefix(path.name))
        with private_draft(kept) as draft:
            _copy_file(file, draft, on_keep)
            publish(draft, kept)
    wal.unlink(missing_ok=True)
    sync(path.parent)
    return target


def _copy_file(file: Path, empty: Path, on_progress: OnProgress) -> None:
    total = file.stat().st_size
    with file.open("rb") as source, empty.open("r+b") as target:
        while piece := source.read(PIECE_BYTES):
            target.write(piece)
            on_progress(target.tell(), total)


@contextmanager
def _none_made_if_it_fails(path: Path) -> Iterator[None]:
    """The lock needs a file; if there was none and nothing comes of it, there is none."""
    existed = path.exists()
    try:
        yield
    except BaseException:
        if not existed and path.exists() and not path.stat().st_size:
            path.unlink()
        raise


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError as error:
        raise DatabaseUnusableError(f"{error.filename} exists: name a new file") from error
    except OSError as error:
        raise DatabaseUnusableError(f"cannot write {target}: {error.strerror or error}") from error
