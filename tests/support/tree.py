"""The source tree as the packaging tests see it: what git tracks, or would once it is added."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FLOORS = ("game", "protocol", "storage", "actors", "toteboard")


def tracked_files(*folders: str) -> list[Path]:
    """The files below `folders` (all when none is named) that a clone has or will have."""
    # A checkout that somebody else owns is still ours to read: hence safe.directory.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"]
    listing = subprocess.run(
        [*command, "--", *folders], cwd=ROOT, check=True, capture_output=True, text=True
    )
    paths = (ROOT / name for name in listing.stdout.split("\0") if name)
    return sorted(path for path in paths if path.is_file())


def tracked_python(*folders: str) -> Iterator[tuple[Path, str]]:
    """Each tracked Python file below `folders`, as its path and its text."""
    for path in tracked_files(*folders):
        if path.suffix == ".py":
            yield path, path.read_text("utf-8")
