"""A page that receives thousands of messages a second keeps up, and draws once per frame."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.page.browser import Browser
from tests.page.server import PageServer

PUBLICATIONS = 5000
COUNTING = """
    window.pictures = window.drawings = 0;
    const picture = () => { pictures += 1; requestAnimationFrame(picture); };
    requestAnimationFrame(picture);
    new MutationObserver(() => drawings += 1).observe(
        document.querySelector("main"), {subtree: true, childList: true, characterData: true});
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PageServer]:
    """Yield a server without a limit of chat lines."""
    server = PageServer(tmp_path, "--rate-limit", "0", "--chat-limit", "0")
    server.start()
    yield server
    server.kill()


def test_a_page_keeps_up_and_joins_what_it_draws(browser: Browser, server: PageServer) -> None:
    server.add_user("ann")
    server.add_user("bob")
    game, _ = server.has_a_game()
    browser.sign_in(server, "ann", f"#/g/{game}")
    browser.find("#chat-text")
    browser.runs(COUNTING)
    server.chatters("bob", game, PUBLICATIONS)
    browser.sees(".chat li:last-child", f"bob {PUBLICATIONS}")
    pictures, drawings = browser.runs("return [pictures, drawings]")
    assert 0 < drawings <= 2 * pictures
    assert drawings < PUBLICATIONS / 2
    browser.is_connected()  # never disconnected as lagging
