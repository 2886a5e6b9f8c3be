"""The programs on the pages of the documentation."""

import re
from pathlib import Path

from tests.support.tree import ROOT, tracked_files

JS_CLIENT = ROOT / "clients" / "js"


def install_js_client(folder: Path) -> None:
    """Install the client for JavaScript for the programs in a folder, as `npm install` does."""
    packages = folder / "node_modules" / "@toteboard"
    packages.mkdir(parents=True)
    (packages / "client").symlink_to(JS_CLIENT)


def programs(page: str, language: str) -> list[str]:
    """Return the programs, and parts of programs, in a language on a page."""
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / page).read_text(), re.S)


def pages() -> list[str]:
    """Return every page of the repository."""
    tracked = [path.relative_to(ROOT).as_posix() for path in tracked_files()]
    return [page for page in tracked if page.endswith(".md")]


def program_for_browsers() -> str:
    """Return the program without a client library, with the hashing that browsers use."""
    bare, hashing = programs("docs/how-to/write-a-client.md", "js")
    return re.sub(r"^const h = .*\n", hashing, bare, flags=re.M)
