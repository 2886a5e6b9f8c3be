"""Backup and restore.

SQLite's VACUUM INTO makes a copy in one read transaction. The copy is one consistent snapshot,
needs no `-wal` and holds no deleted rows. SQLite's backup API would start over at each commit of
the server. A file gets its final name only when it is complete, verified and on disk.

`restore` replaces the file with one rename, so a kill or a power cut leaves the old database or the
new one. It copies the old database aside first. Renaming it instead would leave a moment without a
database.
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
from storage.own_names import refuse_name_of_new_file
from storage.progress import OnProgress, unobserved
from storage.sealing import KeyFile

PIECE_BYTES: Final = 1 << 20
"""Bytes to copy at a time."""


class NotSoundError(StorageError):
    """The copied database does not pass the audit; `findings` has one line for each problem."""

    def __init__(self, path: Path, findings: list[str]) -> None:
        super().__init__(f"{path} does not hold: {'; '.join(findings)}")
        self.findings = findings


def back_up(
    path: Path,
    target: Path,
    on_copy: OnProgress = unobserved,
    on_check: OnProgress = unobserved,
) -> str:
    """Copy the database to `target` and verify the copy; return a summary of it in one line.

    A server may be running. Raise NotSoundError if the copy does not pass the audit, and
    DatabaseUnusableError if `target` exists or cannot be written. Then no file is left.
    """
    refuse_name_of_new_file(target)
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
    """Replace the database with a copy of `source`, upgraded if it is of an older version.

    Return a summary of the new database in one line, and the path to which the old database was
    copied: `<path>.before-<stamp>`, or None if there was none. `on_keep` receives the progress of
    that copy.

    Raise DatabaseUnusableError if a server runs or `source` is not a database of Toteboard, and
    NotSoundError if it does not pass the audit. Then nothing has changed.
    """
    path = real(path)
    if not source.is_file():
        raise DatabaseUnusableError(f"{source} is not a file")
    if path.exists() and path.samefile(source):
        raise DatabaseUnusableError(f"{source} is the database itself")
    with replacement(path) as draft:
        copy_database(source, draft, on_copy)
        with closing(
            open_database(
                draft, lock_held=True, is_copy=True, on_progress=on_upgrade, key_file=key_file
            )
        ) as database:
            held = _verified(database, source, on_check)
        kept = replace(path, draft, stamp, on_keep)
    return held, kept


@contextmanager
def replacement(path: Path) -> Iterator[Path]:
    """Lock a database that no server uses, and yield an empty draft for what shall replace it.

    `path` has no symbolic links. Raise DatabaseUnusableError. If the block fails, nothing changes.
    """
    with (
        _no_file_left_if_it_fails(path),
        ServerLock(path),
        _writing(path),
        private_draft(path) as draft,
    ):
        yield draft


def replace(path: Path, draft: Path, stamp: str, on_keep: OnProgress = unobserved) -> Path | None:
    """Put a finished draft in the place of a database, durably.

    Return the path to which the old database was copied, None if there was none.
    """
    kept = _set_aside(path, path.with_name(f"{path.name}.before-{stamp}"), on_keep)
    put_in_place(draft, path)
    return kept


def _verified(database: Database, source: Path, on_check: OnProgress) -> str:
    """Verify the new database, and move its `-wal` into it. Return its summary."""
    _refuse_unsound(audit(database, on_check), source)
    if not database.checkpoint():
        raise StorageError(f"the copy of {source} is in use")
    return summary(database)


def _refuse_unsound(findings: list[str], path: Path) -> None:
    if findings:
        raise NotSoundError(path, findings)


def _set_aside(path: Path, target: Path, on_keep: OnProgress) -> Path | None:
    """Copy the old database aside, and remove its `-wal`, which SQLite would apply to the new one.

    A database that SQLite cannot open is copied with its `-wal`. Return the path of the copy, None
    if there is no database.
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
def _no_file_left_if_it_fails(path: Path) -> Iterator[None]:
    """Delete the empty file that the lock creates, if there was none and the block fails."""
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
