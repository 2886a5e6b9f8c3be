"""The files of the page that a browser is sent."""

import gzip
from pathlib import Path

from tests.support.tree import ROOT

PAGE = ROOT / "toteboard" / "page"
SENT = (".html", ".css", ".js", ".svg")
NOT_SENT = "node_modules"


def served() -> list[Path]:
    """Everything that a browser loads: ours, and the libraries that `make page` put beside it."""
    paths = (path for path in PAGE.rglob("*") if path.suffix in SENT)
    return sorted(path for path in paths if NOT_SENT not in path.parts)


def compressed(path: Path) -> int:
    """The bytes of a file as a server that compresses sends it."""
    return len(gzip.compress(path.read_bytes(), mtime=0))
