"""The source tree for packaging tests: the files that git tracks or would track once added."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FLOORS = ("game", "protocol", "storage", "actors", "toteboard")


def tracked_files(*folders: str) -> list[Path]:
    """Return the files below `folders` (all if none is named) that a clone has or will have."""
    # safe.directory makes git accept a checkout that belongs to another user.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"]
    listing = subprocess.run(
        [*command, "--", *folders], cwd=ROOT, check=True, capture_output=True, text=True
    )
    paths = (ROOT / name for name in listing.stdout.split("\0") if name)
    return sorted(path for path in paths if path.is_file())


def tracked_python(*folders: str) -> Iterator[tuple[Path, str]]:
    """Yield the path and the text of each tracked Python file below `folders`."""
    for path in tracked_files(*folders):
        if path.suffix == ".py":
            yield path, path.read_text("utf-8")
