"""The page's files and settings, the headers that protect them in browsers, and health."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trio

from storage.changes import NonceSpent
from storage.errors import StorageError
from tests.support.process import PATIENCE_S, toteboard
from tests.support.website import PASSWORD, PORT, Website, answered, website
from toteboard import __version__


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """Return the folder of a built page, with other files that must not be served."""
    folder = tmp_path / "page"
    for name, content in {
        "index.html": "<!doctype html>",
        "style.css": "body {}",
        "app/board.js": "1",
        "vendor/library.js": "2",
        "package.json": "{}",
        "node_modules/library/index.js": "3",
        "README.md": "",
        "__init__.py": "",
        ".secret.js": "",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    (tmp_path / "outside.js").write_text("outside")
    return folder


@pytest.fixture
async def site(tmp_path: Path, page: Path) -> AsyncIterator[Website]:
    async with website(tmp_path, page=page) as opened:
        yield opened


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html"),
        ("/index.html", "text/html"),
        ("/style.css", "text/css"),
        ("/app/board.js", "text/javascript"),
        ("/vendor/library.js", "text/javascript"),
    ],
)
async def test_the_page_is_served(site: Website, path: str, kind: str) -> None:
    answer = await site.http.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(kind)
    assert answer.headers["cache-control"] == "no-cache"
    again = await site.http.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert (await site.http.head(path)).content == b""


@pytest.mark.parametrize(
    "path",
    [
        "/package.json",
        "/node_modules/library/index.js",
        "/README.md",
        "/__init__.py",
        "/.secret.js",
        "/app",
        "/app/",
        "/app/nothing.js",
        "/%2e",
        "/app/%2e%2e",
        "/%2e?query",
        "/%2e%2e/outside.js",
        "/app/..%2f..%2foutside.js",
        "/app/board.js%00",
        "/" + "a" * 3_000 + ".js",
    ],
)
async def test_nothing_else_is(site: Website, path: str) -> None:
    assert (await site.http.get(path)).status_code == 404


@pytest.mark.parametrize("asked", ["x=1-2", "bytes=0-0", "bytes=5-1", "bytes=", "nonsense"])
async def test_a_range_is_ignored(site: Website, asked: str) -> None:
    whole = await site.http.get("/app/board.js")
    answer = await site.http.get("/app/board.js", headers={"Range": asked})
    assert (answer.status_code, answer.content) == (200, whole.content)
    assert answer.headers["accept-ranges"] == "none"
    missing = await site.http.get("/app/nothing.js", headers={"Range": asked})
    assert missing.headers["content-type"] == "application/json"


async def test_a_page_that_is_not_built_says_how_to_build_it(site: Website, page: Path) -> None:
    (page / "vendor" / "library.js").unlink()
    (page / "vendor").rmdir()
    for path in ("/", "/index.html"):
        answer = await site.http.get(path)
        assert answer.status_code == 503
        assert "make page" in answer.text
    assert (await site.http.get("/healthz")).status_code == 200


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("games.example:8080", "ws://games.example:8080/"),
        ("games.example", "ws://games.example/"),
        ("[::1]:9998", "ws://[::1]:9998/"),
        ("x;script-src=*", f"ws://127.0.0.1:{PORT}/"),
        ("a,evil.example", f"ws://127.0.0.1:{PORT}/"),
    ],
)
async def test_a_browser_finds_the_websocket_where_it_found_the_page(
    site: Website, host: str, expected: str
) -> None:
    answer = await site.http.get("/config.json", headers={"Host": host})
    assert answer.json() == {"websocket_url": expected, "version": __version__, "signup": True}
    connect = f"connect-src 'self' {expected.removesuffix('/')};"
    assert connect in answer.headers["content-security-policy"]


async def test_behind_a_proxy_it_finds_what_the_operator_says(tmp_path: Path) -> None:
    async with website(tmp_path, public_url="wss://games.example/live") as site:
        answer = await site.http.get("/config.json")
        assert answer.json()["websocket_url"] == "wss://games.example/live"
        policy = answer.headers["content-security-policy"]
        assert "connect-src 'self' wss://games.example;" in policy


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/nowhere"),
        ("GET", "/readyz"),
        ("POST", "/r/login/"),
        ("DELETE", "/r/login/"),
        ("GET", "/asyncapi.json"),
    ],
)
async def test_every_answer_is_guarded(site: Website, method: str, path: str) -> None:
    headers = (await site.http.request(method, path)).headers
    policy = dict(
        directive.split(" ", 1) for directive in headers["content-security-policy"].split("; ")
    )
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] in ("no-cache", "no-store")
    assert "server" not in headers


@pytest.mark.parametrize(
    "begun",
    [b"", b"GET / HTTP/1.1\r\nHost: h\r\n", b"\r\n"],
    ids=["nothing", "half a head", "an empty line"],
)
async def test_a_head_that_does_not_come_in_time_ends_its_connection(
    tmp_path: Path, begun: bytes
) -> None:
    async with website(tmp_path, head_timeout_s=0.01) as site:
        assert await answered(site, begun, ends=False) == b""


async def test_it_is_ready_from_the_start_to_the_stop(tmp_path: Path) -> None:
    async with website(tmp_path, has_started=False) as site:
        said = [await site.http.get("/readyz")]
        site.side.health.started()
        said.append(await site.http.get("/readyz"))
        site.stop.set()
        said.append(await site.http.get("/readyz"))
        assert [answer.status_code for answer in said] == [503, 200, 503]
        assert [answer.json()["status"] for answer in said] == ["starting", "ready", "stopping"]
        assert (await site.http.get("/healthz")).status_code == 200


async def test_it_is_not_ready_before_it_can_store(site: Website) -> None:
    """A server that started on a full disk admits no client until there is room."""
    site.world.writing.execute("PRAGMA query_only = ON")
    for _ in range(2):
        answer = await site.http.get("/readyz")
        assert (answer.status_code, answer.json()["status"]) == (503, "storage fails")
    site.world.writing.execute("PRAGMA query_only = OFF")
    assert (await site.http.get("/readyz")).status_code == 200


async def test_it_is_not_ready_while_the_storage_fails(site: Website) -> None:
    assert (await site.http.get("/readyz")).status_code == 200
    site.world.writing.execute("PRAGMA query_only = ON")
    with pytest.raises(StorageError):
        await site.world.server.services.writer.commit([NonceSpent(1, "n")])
    for _ in range(2):
        answer = await site.http.get("/readyz")
        assert (answer.status_code, answer.json()["status"]) == (503, "storage fails")
    assert (await site.http.get("/healthz")).status_code == 200
    # No other write is needed: the question itself finds out that the disk works again.
    site.world.writing.execute("PRAGMA query_only = OFF")
    assert (await site.http.get("/readyz")).status_code == 200


async def test_the_document_is_made_once_and_known_by_its_tag(
    site: Website, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("protocol.asyncapi.printed", None)  # it cannot be recreated
    first = await site.http.get("/asyncapi.json")
    tag = first.headers["etag"]
    again = await site.http.get("/asyncapi.json", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (await site.http.get("/asyncapi.json", headers={"If-None-Match": '"x"'})).content


async def test_programs_find_the_protocol_as_the_command_prints_it(site: Website) -> None:
    served = await site.http.get("/asyncapi.json")
    assert served.headers["content-type"] == "application/json"
    with trio.fail_after(PATIENCE_S):
        printed = await toteboard(site.world.path.parent, "asyncapi")
    assert (printed.returncode, printed.stdout) == (0, served.content)


@pytest.mark.parametrize(
    ("settings", "server"),
    [
        (
            {"host": "127.0.0.2"},
            {"host": f"127.0.0.2:{PORT}", "pathname": "/", "protocol": "ws"},
        ),
        (
            {"public_url": "wss://games.example/live"},
            {"host": "games.example", "pathname": "/live", "protocol": "wss"},
        ),
    ],
)
async def test_programs_find_where_the_server_is(
    tmp_path: Path, settings: dict[str, Any], server: dict[str, str]
) -> None:
    async with website(tmp_path, **settings) as site:
        told = (await site.http.get("/asyncapi.json")).json()
        assert list(told["servers"].values()) == [server]


@pytest.mark.parametrize(
    ("method", "path", "status", "allowed"),
    [
        ("GET", "/r/login/", 405, "POST"),
        ("GET", "/r/login", 405, "POST"),
        ("DELETE", "/r/signup/", 405, "POST"),
        ("GET", "/r/nothing/", 404, None),
        ("POST", "/nowhere", 405, "GET, HEAD"),
        ("PUT", "/", 405, "GET, HEAD"),
        ("POST", "/v1/users", 405, "GET, HEAD"),
        ("PATCH", "/r/login", 405, "POST"),
    ],
)
async def test_what_is_not_there_is_refused_in_json(
    site: Website, method: str, path: str, status: int, allowed: str | None
) -> None:
    answer = await site.http.request(method, path)
    assert (answer.status_code, answer.headers.get("allow")) == (status, allowed)
    assert answer.json().keys() == {"code", "text"}


@pytest.mark.parametrize("path", ["/r/login", "/r/login/"])
async def test_a_slash_at_the_end_makes_no_difference(site: Website, path: str) -> None:
    await site.sign_up("ann")
    answer = await site.post(path, {"username": "ann", "password": PASSWORD})
    assert answer.status_code == 200
