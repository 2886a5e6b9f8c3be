"""Make one change to a copy of the file and run the audit of `toteboard check` on it."""

import re
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from attrs import frozen

from storage.audit import audit
from storage.errors import StorageError
from storage.opening import open_database, open_for_reading
from tests.campaigns.corruption.corruption import Corruption
from tests.campaigns.corruption.corruptions import corruptions
from tests.campaigns.corruption.forgeries import forgeries
from tests.support.bookkeeper import seal
from tests.support.tree import ROOT

Kind = tuple[str, str]
"""Where the change is made, and how."""

DOCUMENT: Final = ROOT / "docs" / "explanation" / "reliability.md"


@frozen
class Outcome:
    """The findings, line by line, or None if SQLite refuses the change."""

    corruption: Corruption
    findings: list[str] | None

    @property
    def is_unfound(self) -> bool:
        """Return whether the change was made and not found."""
        return self.findings == []

    @property
    def kind(self) -> Kind:
        """Return where the change was made, and how."""
        return self.corruption.where, self.corruption.how


def listed(path: Path) -> list[Corruption]:
    """List every change that can be made to a file."""
    with closing(sqlite3.connect(path)) as database:
        return [*corruptions(database), *forgeries(database)]


def outcomes(
    path: Path, chosen: Iterable[Corruption], *, sealed: bool = False
) -> Iterator[Outcome]:
    """Make each change to a copy next to the file. If `sealed`, recompute all digests."""
    copy = path.with_name("corrupted.db")
    for each in chosen:
        shutil.copyfile(path, copy)
        is_done = _is_done(copy, each)
        if is_done and sealed:
            _seal(copy)
        yield Outcome(each, _findings(copy) if is_done else None)


def documented() -> set[Kind]:
    """Return the changes that reliability.md lists as not found (table "What has no second
    record")."""
    text = DOCUMENT.read_text().split("### What has no second record")[1].split("\n#")[0]
    rows = re.findall(r"^\| (`.*?) \| (.*?) \|", text, re.MULTILINE)
    return {
        (where, how)
        for places, ways in rows
        for where in re.findall(r"`(.*?)`", places)
        for how in ways.split(", ")
    }


def _is_done(copy: Path, corruption: Corruption) -> bool:
    with closing(sqlite3.connect(copy, isolation_level=None)) as shell:
        shell.execute("PRAGMA ignore_check_constraints = ON")
        try:
            for sql, parameters in corruption.statements:
                shell.execute(sql, parameters)
        except sqlite3.IntegrityError:
            return False
        return True


def _seal(copy: Path) -> None:
    with closing(open_database(copy)) as database, suppress(StorageError):
        seal(database)


def _findings(copy: Path) -> list[str]:
    with closing(open_for_reading(copy)) as database:
        return audit(database)
