"""Serves the files of a page, and nothing else from its folder.

The players' page is in `toteboard/page/`, the operator's in `toteboard/operator_page/`. The
operator's page uses the libraries of the players' page, and the modules in `BORROWED`.
"""

import os
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

PAGE_FOLDER: Final = Path(__file__).parents[1] / "page"
OPERATOR_FOLDER: Final = Path(__file__).parents[1] / "operator_page"
VENDOR: Final = "vendor"
"""The folder of the libraries that the page uses: fetched by its build, not in the repository."""
BORROWED: Final = frozenset({"/app/labels.js", "/app/money.js"})
"""Modules of the players' page that the operator's imports: both read amounts and word refusals
alike."""
SERVED: Final = frozenset(
    {"", ".css", ".html", ".ico", ".js", ".json", ".map", ".png", ".svg", ".txt"}
)
TOOLS: Final = ("package.json", "package-lock.json", "node_modules")
NOT_BUILT: Final = (
    "The page is not built: its libraries are missing. Run `make page` in the folder from which\n"
    "this server was installed, and reload. Everything else works without the page.\n"
)


class Page(StaticFiles):
    """Serves a folder, with index.html for `/`. `libraries`: the folder of `vendor`, if another."""

    def __init__(self, folder: Path, libraries: Path | None = None) -> None:
        super().__init__(directory=folder, html=True, check_dir=False)
        self._folder, self._libraries = folder, libraries or folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to a request, and ignore that it asks for a range (RFC 9110, section 14.2).

        Starlette would refuse a range of an unknown unit, which a server must ignore.
        """
        fields = [field for field in scope["headers"] if field[0] != b"range"]
        await super().__call__({**scope, "headers": fields}, receive, send)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file, or instructions if the page is not built. Raise HTTPException (404)."""
        parts = path.split(os.sep)
        if path == "." and scope["path"] != "/":
            raise HTTPException(404)  # such as /. for which Starlette would redirect to a folder
        is_index = path in (".", "index.html")
        if is_index and not self._is_built():
            return PlainTextResponse(NOT_BUILT, 503)
        suffix = "" if is_index else Path(path).suffix
        if parts[0] in TOOLS or suffix not in SERVED or _is_hidden(parts, is_index):
            raise HTTPException(404)
        answer = await super().get_response(path, scope)
        answer.headers["Accept-Ranges"] = "none"
        return answer

    async def check_config(self) -> None:
        """Accept a missing folder, which serves nothing."""

    def _is_built(self) -> bool:
        return (self._folder / "index.html").is_file() and (self._libraries / VENDOR).is_dir()


def _is_hidden(parts: list[str], is_index: bool) -> bool:
    return not is_index and any(part.startswith((".", "__")) for part in parts)


def operator_page() -> ASGIApp:
    """Return the operator's page, as an ASGI application."""
    own, libraries = Page(OPERATOR_FOLDER, PAGE_FOLDER), Page(PAGE_FOLDER)

    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        is_of_players = scope["path"].startswith(f"/{VENDOR}/") or scope["path"] in BORROWED
        await (libraries if is_of_players else own)(scope, receive, send)

    return page
