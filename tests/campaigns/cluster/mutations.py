"""Bugs of a cluster that the tests must find: `python -m tests.campaigns.cluster.mutations`.

Each one is put into a copy of the tree, and the tests that are named for it must fail there. The
results are in docs/explanation/campaigns.md.
"""

import subprocess
import sys
from pathlib import Path
from shutil import copy, copytree, ignore_patterns
from tempfile import TemporaryDirectory
from typing import Final

import click
from attrs import frozen

from tests.support.tree import FLOORS, ROOT

STORAGE: Final = "tests/storage/cluster"


@frozen
class Mutation:
    """A bug: `old` becomes `new` in a file. `tests` must find it."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


MUTATIONS: Final = (
    Mutation(
        "a record is appended after the COMMIT",
        "storage/cluster/leading.py",
        """            with super().transaction():
                yield
                if self._staged:
                    self._append(rows_record(self._place, latest_version(), self.at, self._staged))
""",
        """            with super().transaction():
                yield
            if self._staged:
                with super().transaction():
                    self._append(rows_record(self._place, latest_version(), self.at, self._staged))
""",
        (f"{STORAGE}/test_leading.py",),
    ),
    Mutation(
        "the server answers before the acknowledgement",
        "storage/cluster/leading.py",
        '            case _:\n                raise LeadershipLostError(f"the engine has not',
        '            case _ if 0:\n                raise LeadershipLostError(f"the engine has not',
        (f"{STORAGE}/test_leading.py",),
    ),
    Mutation(
        "a notice is taken for a yes",
        "storage/cluster/connection.py",
        "        if self._notices:",
        "        if self._notices and not statement:",
        (f"{STORAGE}/test_connection.py", f"{STORAGE}/test_appender.py"),
    ),
    Mutation(
        "the epoch is not looked at",
        "storage/cluster/log.py",
        "WHERE idx = %s AND epoch = %s AND chain = %b)",
        "WHERE idx = %s AND %s::bigint > 0 AND length(%b::bytea) > 0)",
        (f"{STORAGE}/test_log.py", f"{STORAGE}/test_appender.py"),
    ),
    Mutation(
        "a request without a key gets none",
        "actors/edge/following_side.py",
        "        return with_key(frame) if op.changes else frame.text",
        "        return frame.text",
        ("tests/actors/test_takeover.py", "tests/actors/edge", "-k", "takeover or following"),
    ),
    Mutation(
        "the leader's place is not in the transaction",
        "storage/cluster/leading.py",
        "                move_position(self, place)",
        "                pass",
        (f"{STORAGE}/test_leading.py",),
    ),
    Mutation(
        "a follower's place is not in the transaction",
        "storage/position.py",
        "            move_position(database, record.place)",
        "            pass",
        ("tests/storage/test_position.py",),
    ),
    Mutation(
        "a record is applied before it is confirmed",
        "storage/cluster/look.py",
        "if record.idx <= confirmed]",
        "if record.idx <= self.end.idx]",
        (f"{STORAGE}/test_look.py",),
    ),
    Mutation(
        "a leader speaks after its margin",
        "actors/cluster/margin.py",
        "        return self.left_s() <= 0",
        "        return self.left_s() <= -600",
        ("tests/actors/cluster/test_node.py",),
    ),
    Mutation(
        "a node campaigns while another one leads",
        "storage/cluster/lease.py",
        "WHERE epoch = %s AND until <= clock_timestamp() RETURNING",
        "WHERE epoch = %s RETURNING",
        (f"{STORAGE}/test_lease.py",),
    ),
    Mutation(
        "a lost record is not noticed",
        "storage/cluster/appender.py",
        "            return WentBack(self.confirmed.idx)",
        "            return None",
        (f"{STORAGE}/test_appender.py",),
    ),
    Mutation(
        "a changed piece of a copy is taken",
        "actors/link/file_copy.py",
        "    if not hmac.compare_digest(digest, seal.next(kind, data)):",
        "    if len(digest) != len(seal.next(kind, data)):",
        ("tests/actors/link/test_file_copy.py",),
    ),
)


def found_by(mutation: Mutation) -> str | None:
    """Return the first test that fails with a mutation, None if none does."""
    with TemporaryDirectory(prefix="toteboard-mutant-") as folder:
        tree = Path(folder)
        for floor in (*FLOORS, "clients", "tests"):
            copytree(ROOT / floor, tree / floor, ignore=ignore_patterns("node_modules", "vendor"))
        copy(ROOT / "pyproject.toml", tree)
        path = tree / mutation.file
        text = path.read_text()
        assert text.count(mutation.old) == 1, f"{mutation.name}: the code has changed"
        path.write_text(text.replace(mutation.old, mutation.new))
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
        ended = subprocess.run(
            [*command, *mutation.tests], cwd=tree, capture_output=True, text=True, check=False
        )
    failed = [line for line in ended.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return failed[0].split(" - ")[0].partition(" ")[2] if failed else None


@click.command()
@click.option("--match", default="", help="Only mutations whose name has this text.")
def main(match: str) -> None:
    """Make every mutation, and name the test that finds it. Exit with 1 if one is not found."""
    survived = 0
    for mutation in MUTATIONS:
        if match in mutation.name:
            test = found_by(mutation)
            survived += test is None
            click.echo(f"{mutation.name}: {test or 'NOT FOUND'}")
    sys.exit(1 if survived else 0)


if __name__ == "__main__":
    main()
