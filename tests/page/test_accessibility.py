"""axe-core finds nothing wrong in any room, in either theme, on a phone and at a desk."""

import pytest

from tests.page.browser import Browser
from tests.page.files import PAGE
from tests.page.server import HOST, PageServer

AXE = PAGE / "node_modules" / "axe-core" / "axe.min.js"
FINDINGS = """
    const done = arguments[arguments.length - 1];
    axe.run(document, {resultTypes: ["violations"]}).then(({violations}) => done(
        violations.map(({id, nodes}) => `${id}: ${nodes.map(({html}) => html.slice(0, 120))}`)));
"""


@pytest.mark.parametrize(("theme", "width"), [("light", 390), ("dark", 1280)])
def test_no_room_has_a_finding(
    browser: Browser, server: PageServer, theme: str, width: int
) -> None:
    server.add_user("ann")
    game, pool = server.has_a_game()
    server.asks("ann", 392, pool_id=pool, target="brazil", amount=5)
    server.asks(HOST, 385, game_id=game, description="Extra time?", pool_type=3, is_hot=True)
    with browser.as_wide_as(width), browser.with_theme(theme):
        browser.sign_in(server, HOST, f"#/g/{game}")
        rooms = {
            f"#/g/{game}": ".pool .runner",
            f"#/desk/{game}": ".line .target:enabled",
            "#/": ".game",
            "#/desk": ".columns",
            "#/account": ".money",
            "#/inspector": ".frames li",
        }
        for room, shown in rooms.items():
            browser.go(room)
            element = browser.find(shown)
            if shown.startswith((".pool", ".line")):
                element.click()
            assert findings(browser) == [], room


def test_the_sign_in_has_no_finding(browser: Browser, server: PageServer) -> None:
    browser.open(server.page)
    browser.press("Sign in", within="header")
    browser.find("dialog [name=username]")
    assert findings(browser) == []


def findings(browser: Browser) -> list[str]:
    """Return what axe-core finds on the page as it is."""
    browser.runs(AXE.read_text("utf-8"))
    found: list[str] = browser.chromium.execute_async_script(FINDINGS)
    return found
