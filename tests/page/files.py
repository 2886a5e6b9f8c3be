"""The files of the page that a browser loads."""

import gzip
from pathlib import Path

from tests.support.tree import ROOT

PAGE = ROOT / "toteboard" / "page"
SENT = (".html", ".css", ".js", ".svg")
NOT_SENT = "node_modules"


def served() -> list[Path]:
    """Return all files that a browser loads: ours, and the libraries that `make page` installs."""
    paths = (path for path in PAGE.rglob("*") if path.suffix in SENT)
    return sorted(path for path in paths if NOT_SENT not in path.parts)


def compressed(path: Path) -> int:
    """Return how many bytes a compressing server sends for a file."""
    return len(gzip.compress(path.read_bytes(), mtime=0))
